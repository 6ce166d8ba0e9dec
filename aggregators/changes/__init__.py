"""What changed: what was seen to change, as events, and the list of everything that did."""
