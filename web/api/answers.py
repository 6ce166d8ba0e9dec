"""Which answers are served under /api: those of System Health, and that of every page that registered one."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

import dash

from aggregators.overview.pattern import pattern
from aggregators.overview.system_health import all_alerts, all_patterns, system_health

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

    @property
    def rule(self) -> str:
        """The path as Flask wants it: a name may hold slashes."""
        return self.path.replace("{", "<path:").replace("}", ">")

    @property
    def kind(self) -> type:
        """The dataclass that it answers with."""
        said: type = get_type_hints(self.answer)["return"]
        return next((one for one in get_args(said) if one is not type(None)), said)

    @property
    def title(self) -> str:
        """What it answers, in one line."""
        return (self.answer.__doc__ or self.name).strip().partition("\n")[0].rstrip(".")


_SYSTEM_HEALTH: tuple[tuple[str, str, Answer, float], ...] = (
    ("health", "/api/health", system_health, 1.0),
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
            found[path] = route(page["view"], path, page["answer"], beat)
    return tuple(sorted(found.values(), key=lambda one: one.path))


def route(name: str, path: str, answer: Answer, refresh_seconds: float) -> Route:
    """The route of `answer`: its parameters after the snapshot and the time are the name in the path, and the query."""
    takes = list(inspect.signature(answer).parameters)[2:]
    inside = next(iter(re.findall(r"\{(\w+)\}", path)), "")
    query = tuple(one for one in takes if one != inside)
    return Route(name, path, answer, refresh_seconds, inside, query)
