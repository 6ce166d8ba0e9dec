"""Spoilt answers: what is spoilt, how, and who reads it."""
