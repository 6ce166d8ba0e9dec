"""Which answers are served under /api: the one that each page words, and lists of all patterns, incidents, changes and
places.

The series that a page's charts draw are no part of it: they are as long as the window that the page's address asks
for, and a program that wants a metric's past has it from where the dashboard reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args, get_type_hints

import dash

from aggregators.changes.changes import recent_changes
from aggregators.incidents.incidents import incidents
from aggregators.overview.report import report
from aggregators.overview.system_health import all_patterns
from pages.shared.places import place_links
from pages.shared.selections import EVERYWHERE, selection_of

Answer = Callable[..., Any]
"""`(snapshot, now, **selection)` to a frozen dataclass; to None when nothing of that name is known."""

ALWAYS_SECONDS = 1.0
"""Ages advance, so an answer is worked out again after this long even when nothing is new."""


@dataclass(frozen=True)
class Route:
    """One address. `inside` is the name that stands in its path, '' for none; `query` what may follow the '?'."""

    name: str
    path: str
    answer: Answer
    refresh_seconds: float
    inside: str
    query: tuple[str, ...]
    view: str = ""
    """The view whose page words the same answer."""

    @property
    def rule(self) -> str:
        """The path as Flask wants it: a name may hold slashes."""
        return self.path.replace("{", "<path:").replace("}", ">")

    @property
    def kind(self) -> type:
        """The dataclass that it answers with."""
        said: type = get_type_hints(self.answer)["return"]
        return next((one for one in get_args(said) if one is not type(None)), said)


PATTERNS = "/api/patterns"
"""An answer that no page has to itself: the links to all patterns' own answers."""
INCIDENTS = "/api/incidents"
"""And all incidents with theirs."""
CHANGES = "/api/changes"
"""What changed, as the pages list it, further back."""
PLACES = "/api/places"
"""Everything that can be gone to by its name."""
REPORT = "/api/report"
"""What /report words."""
HEALTH = "/api/health"
"""The answer of the page at /."""
BEATS = {
    HEALTH: 1.0,
    PATTERNS: 1.0,
    f"{PATTERNS}/{{name}}": 1.0,
    "/api/alerts": 0.0,
    INCIDENTS: 0.0,
    CHANGES: 1.0,
    PLACES: 5.0,
    REPORT: 5.0,
}
"""How often an answer is worked out where not as often as its page is drawn; alerts wait for nothing."""


def routes() -> tuple[Route, ...]:
    """Every route; a page's has the page's own path, below /api."""
    found = [route("patterns", PATTERNS, all_patterns, BEATS[PATTERNS])]
    found.append(route("incidents", INCIDENTS, incidents, BEATS[INCIDENTS]))
    found.append(route("changes", CHANGES, recent_changes, BEATS[CHANGES]))
    found.append(route("places", PLACES, place_links, BEATS[PLACES]))
    found.append(route("report", REPORT, report, BEATS[REPORT]))
    for page in dash.page_registry.values():
        if "answer" in page:
            path = "/api" + re.sub(r"<(\w+)>", r"{\1}", page["path_template"] or page["path"])
            name, path = ("health", HEALTH) if page["path"] == "/" else (page["view"], path)
            beat = BEATS.get(path, page["refresh_seconds"])
            found.append(replace(route(name, path, page["answer"], beat), view=page["view"]))
    return tuple(sorted(found, key=lambda one: one.path))


def route(name: str, path: str, answer: Answer, refresh_seconds: float) -> Route:
    """The route of `answer`: its parameters after the snapshot and the time are the name in the path, and the query."""
    takes = selection_of(answer)
    inside = next(iter(re.findall(r"\{(\w+)\}", path)), "")
    query = tuple(one for one in (*takes, *EVERYWHERE) if one != inside)
    return Route(name, path, answer, refresh_seconds, inside, query)
