"""Incidents: alerts that have one cause, what broke first, and the declared map of what depends on what."""
