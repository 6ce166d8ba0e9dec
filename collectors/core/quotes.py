"""The very lines of a source's last scrape, kept while somebody wants to see those of a family, and only then.

Nothing is read twice for it: who wants a family's lines is written down, and the next scrapes leave them here on their
way into the parser. A source that does not answer in lines of metrics leaves its whole answers, under the family ''.
Bounded in lines, characters and families; credentials are taken out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from collectors.core.answers import ANSWERS
from collectors.core.redact import redact
from model.catalogue import BY_NAME
from model.catalogue.servers import OF_SERVERS
from model.catalogue.source_kinds import BY_KIND

WANTED_SECONDS = 300.0
"""So long after they were last asked for no lines are kept any more."""
MOST_FAMILIES, MOST_LINES, MOST_CHARACTERS = 12, 200, 400
"""Wanted at a time, of a family and source, and of a line."""
MOST_IN_ALL = 128 * 1024
PARTS = ("", "_bucket", "_sum", "_count")
WHOLE = ""
"""The name under which whole answers are kept, which is no family's."""

Named = Callable[[str], str]
"""The catalogue's name of a sample line, '' of one that is none."""


class Quotes:
    """`asked` gives the families that were asked for since the last time. Safe to use from the sources' threads."""

    def __init__(self, asked: Callable[[], Collection[str]] = tuple) -> None:
        self._asked = asked
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._lines: dict[str, dict[str, Any]] = {}
        self._is_new = False

    def look(self, now: float) -> None:
        """Take up what is asked for; let go of what nobody wants any more."""
        fresh = [name for name in self._asked() if name in BY_NAME]
        with self._lock:
            self._until |= dict.fromkeys(fresh, now + WANTED_SECONDS)
            kept = [name for name, until in self._until.items() if until >= now][-MOST_FAMILIES:]
            self._until = {name: self._until[name] for name in kept}
            if not kept and self._lines:
                self._lines, self._is_new = {}, True

    def news(self) -> Mapping[str, Any] | None:
        """What is kept, by the sources' keys, as plain JSON; None while that is what it was."""
        with self._lock:
            is_new, self._is_new = self._is_new, False
            return dict(self._lines) if is_new else None

    @contextmanager
    def reading(self, key: str, now: Callable[[], float]) -> Iterator[None]:
        """For the time of one read of the source `key`: what it offers may be kept."""
        names = {f"{name}{part}": name for name in list(self._until) for part in PARTS}
        token = _READING.set((lambda lines, named: self._take(key, now(), names, lines, named)) if names else None)
        answers: list[str] | None = [] if reports(key, names.values()) else None
        whole = ANSWERS.set(answers)
        try:
            yield
        finally:
            _READING.reset(token)
            ANSWERS.reset(whole)
            if answers:
                self._keep(key, {"time": now(), "lines": {WHOLE: answers}, "left_out": {}})

    def _take(self, key: str, now: float, names: Mapping[str, str], lines: Sequence[str], named: Named) -> None:
        found: dict[str, list[str]] = {}
        for line in lines:
            family = names.get(named(line))
            if family is not None:
                found.setdefault(family, []).append(line)
        kept = {family: [redact(one, MOST_CHARACTERS) for one in said[:MOST_LINES]] for family, said in found.items()}
        left = {family: len(said) - MOST_LINES for family, said in found.items() if len(said) > MOST_LINES}
        if kept:
            self._keep(key, {"time": now, "lines": kept, "left_out": left})

    def _keep(self, key: str, entry: dict[str, Any]) -> None:
        with self._lock:
            others = sum(_size(one) for source, one in self._lines.items() if source != key)
            if others + _size(entry) <= MOST_IN_ALL:
                self._lines[key], self._is_new = entry, True


def reports(key: str, families: Iterable[str]) -> bool:
    """Whether a source of this key could report one of these families in another form than lines of metrics."""
    kind = BY_KIND.get(key.partition("@")[0])
    if kind is None or kind.exposition:
        return False
    return any(BY_NAME[one].source in (kind.name, OF_SERVERS if kind.server else kind.name) for one in families)


_READING: ContextVar[Callable[[Sequence[str], Named], None] | None] = ContextVar("reading", default=None)


def offer(lines: Sequence[str], named: Named) -> None:
    """Lines as a source gave them; kept where somebody wants to see some of them."""
    take = _READING.get()
    if take is not None:
        take(lines, named)


def _size(entry: Mapping[str, Any]) -> int:
    return sum(len(line) for lines in entry["lines"].values() for line in lines)
