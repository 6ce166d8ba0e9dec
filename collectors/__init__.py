"""One file per source: fetch, convert to base units, stop."""
