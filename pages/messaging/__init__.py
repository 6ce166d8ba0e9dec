"""View messaging: page and text."""
