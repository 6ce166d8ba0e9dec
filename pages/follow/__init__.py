"""From a figure to where it comes from."""
