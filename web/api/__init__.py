"""The answers as JSON under /api, and their OpenAPI description."""
