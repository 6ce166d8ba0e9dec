"""Where a figure of a page comes from: what the page /follow/<figure> words and /api/follow/{figure} serves."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aggregators.follow.trail import Asked, Trail, trail
from aggregators.requests.proxies import proxies
from components.heading import step_seconds, window_seconds
from components.lists.table import page_href
from model.figures.parts import FIGURES
from model.needs import Need
from store.snapshot import Snapshot

LABELS = {"/patterns": "pattern", "/namespaces": "namespace"}
"""What a page below these is of, as its series call it."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A figure by the id of its element, the words for it, the page that shows it, and the way back to its sources."""

    figure: str
    known: bool
    title: str
    page: str
    href: str
    trail: Trail


NOWHERE = Followed("", False, "", "", "/", Trail((), (), ()))


def follow(snapshot: Snapshot, now: float, figure: str, name: str = "", range: str = "", hide: str = "") -> Followed:
    """Where the figure called so comes from: families, series, sources, PromQL. `name` is of its page's namespace or
    pattern, `range` the window of its chart.
    """
    need = FIGURES.get(figure)
    if need is None:
        return NOWHERE
    label = label_of(need)
    window = window_seconds(range)
    alone = proxies(snapshot, now)[:1] if snapshot.left_out else ()
    asked = Asked("".join(alone), label, name if label else "", window, step_seconds(window), bool(hide))
    return Followed(figure, True, need.widget, need.page, back(need, name, range), trail(snapshot, now, need, asked))


def label_of(need: Need) -> str:
    """The label by which a figure's page is narrowed; '' for a page of everything."""
    return LABELS.get(need.path.rpartition("/")[0], "")


def back(need: Need, name: str, range: str) -> str:
    """The address of the page that shows the figure."""
    path = need.path
    if label_of(need):
        path = page_href(path.rpartition("/")[0], name) if name else "/"
    return f"{path}?{urlencode({'range': range})}" if range else path
