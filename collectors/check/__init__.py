"""`python -m collectors --check`: one visit to every configured source."""
