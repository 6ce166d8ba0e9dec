"""Faults: the catalogue, which are active, their effects."""
