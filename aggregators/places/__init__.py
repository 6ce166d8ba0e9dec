"""Everything that can be gone to by its name."""
