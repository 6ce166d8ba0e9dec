"""The proxies in front: what they say of a request, and the path below which browsers see the dashboard."""
