"""What serves: hub, feed, runtime, sockets, supervisor, health endpoints."""
