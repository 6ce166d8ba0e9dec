"""Fault experiments: which faults to inject, who is to blame, and who suffers rightly."""
