"""Alerts: the rules, the list, its history, those of other tools."""
