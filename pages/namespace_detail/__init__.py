"""View namespace detail: page and text."""
