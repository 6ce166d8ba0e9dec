"""View hud-itself: page and text."""
