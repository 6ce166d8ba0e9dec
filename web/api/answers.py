"""Which answers are served under /api: those of System Health, and that of every page that registered one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args, get_type_hints

import dash

from aggregators.overview.overall import Judgement
from aggregators.overview.pattern import pattern
from aggregators.overview.system_health import SystemHealth, all_alerts, all_patterns, system_health
from pages.shared.selections import selection_of
from store.snapshot import Snapshot

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


def health(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> SystemHealth:
    """The figures of the banner and of the panels."""
    return system_health(snapshot, now, judged.whole if judged else None)


_SYSTEM_HEALTH: tuple[tuple[str, str, Answer, float], ...] = (
    ("health", "/api/health", health, 1.0),
    ("patterns", "/api/patterns", all_patterns, 1.0),
    ("alerts", "/api/alerts", all_alerts, 0.0),
    ("pattern", "/api/patterns/{name}", pattern, 1.0),
)
"""Name, path, answer and beat; alerts wait for none."""


def routes() -> tuple[Route, ...]:
    """Every route; a page's has the page's own path, below /api."""
    found = {path: route(name, path, answer, beat) for name, path, answer, beat in _SYSTEM_HEALTH}
    for page in dash.page_registry.values():
        if callable(page.get("answer")):
            path = "/api" + re.sub(r"<(\w+)>", r"{\1}", page["path_template"] or page["path"])
            beat = found[path].refresh_seconds if path in found else page["refresh_seconds"]
            found[path] = replace(route(page["view"], path, page["answer"], beat), view=page["view"])
    return tuple(sorted(found.values(), key=lambda one: one.path))


def route(name: str, path: str, answer: Answer, refresh_seconds: float) -> Route:
    """The route of `answer`: its parameters after the snapshot and the time are the name in the path, and the query."""
    takes = selection_of(answer)
    inside = next(iter(re.findall(r"\{(\w+)\}", path)), "")
    query = tuple(one for one in takes if one != inside)
    return Route(name, path, answer, refresh_seconds, inside, query)
