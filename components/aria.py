"""Attributes for assistive technology; Dash takes those with a hyphen by keyword only."""

from __future__ import annotations

from typing import Any

DECORATION: dict[str, Any] = {"aria-hidden": "true"}
"""For what is reported in words beside it."""


def labelled_by(heading: str) -> dict[str, Any]:
    """A region named by its heading's id."""
    return {"aria-labelledby": heading}


def label(words: str) -> dict[str, Any]:
    """A name that is not on screen."""
    return {"aria-label": words}


def data(**attributes: str) -> dict[str, Any]:
    """`data-…` attributes, for the browser's scripts."""
    return {f"data-{name}": value for name, value in attributes.items()}


POLITE: dict[str, Any] = {"aria-live": "polite"}
"""For a region whose changes are read out when the reader pauses."""
