"""HTTP requests with deadlines, size limits and typed errors."""
