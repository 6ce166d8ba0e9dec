"""The words of the house: what a sample, an event, a status, a threshold and a setting are."""
