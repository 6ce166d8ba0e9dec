"""What the dashboard says of itself: to Prometheus, and to its own store."""
