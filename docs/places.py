"""Where each widget of `model.needs` stands, as the tests hold it against the pages and docs/coverage.md says it."""

from __future__ import annotations

from model.needs import NEEDS

NEEDS_NOTHING = frozenset({"sh-alerts", "pf-target"})
"""Widgets that say something whatever is read: a list of our own alerts, a setting."""
NEEDS_NOTHING_ON = ("/alerts", "/settings")


def filled_by(path: str, element: str) -> tuple[str, ...]:
    """The families of which one fills what is shown there; none where nothing has to."""
    return next((one.families for one in NEEDS if (one.path, one.element) == (path, element)), ())
