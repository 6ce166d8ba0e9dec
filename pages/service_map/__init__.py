"""View service map: page, drawing and text."""
