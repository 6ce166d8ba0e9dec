"""Authentication, authorization, keys and Dex (RFC view 6)."""
