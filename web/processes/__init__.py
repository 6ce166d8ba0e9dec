"""What runs the web: gunicorn's worker, a server for one operator, and who looks after a collector."""
