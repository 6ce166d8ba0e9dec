"""What several pages share: the page shell, charts, text."""
