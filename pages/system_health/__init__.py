"""View system health: page and text."""
