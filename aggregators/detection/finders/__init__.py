"""The finders: per rule a function that says how each component stands at one instant."""
