"""Prism read through a Prometheus, live and of the day before."""
