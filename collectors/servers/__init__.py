"""The backends' own servers and their exporters."""
