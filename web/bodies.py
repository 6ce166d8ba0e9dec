"""What a page says at one instant, held until it is time again: figures by the page's beat, charts by their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

from aggregators.overview.overall import Judgement
from components.props import Props
from pages.shared.judges import SLACK_SECONDS
from pages.shared.selections import DRAWN, Present, asks_for, called
from store.snapshot import Snapshot
from web.hub_payload import DRAWN_PROPERTY, FIGURE_SECONDS


class Body(NamedTuple):
    """A page's properties, when they were worked out, what stood then that may not wait for the next time, and when
    its charts were drawn.
    """

    at: float
    mark: Hashable
    props: Props
    drawn_at: float


def worked_out(
    known: Body | None,
    mark: Hashable,
    update: Callable[..., Props],
    snapshot: Snapshot,
    now: float,
    judged: Judgement,
    selection: Mapping[str, str],
    beside: Present | None,
) -> Body:
    """A page anew; see `called`. Charts, which are sent only so often, stay as they are until it is time to draw."""
    held = known and asks_for(update, DRAWN) and 0.0 <= now - known.drawn_at < FIGURE_SECONDS - SLACK_SECONDS
    props = called(update, snapshot, now, judged, selection, beside, drawn=not held)
    if known is None or not held:
        return Body(now, mark, props, now)
    charts = {name: value for name, value in known.props.items() if DRAWN_PROPERTY in value}
    return Body(now, mark, {**charts, **props}, known.drawn_at)
