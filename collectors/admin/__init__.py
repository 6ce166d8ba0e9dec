"""The Admin API and prism-admin's metrics."""
