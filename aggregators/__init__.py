"""Pure functions from a snapshot to answers; no clock, no fetch."""
