"""As much of PromQL as whoever reads a day of Prism asks: selectors, `offset`, `or`, `and on`, `timestamp`,
`label_replace`, `max by`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.past.families import Labels, Values
from simulator.past.past import Floats
from simulator.past.scrapes import NAME, Matcher, Scrapes, Vector

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_:][\w:]*)|(\d+(?:ms|[smhd]))|(=~|!~|!=|[=(){},]))')
_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_ESCAPES = {"n": "\n", "t": "\t"}
Signature = frozenset[tuple[str, str]]
Select = Callable[[Sequence[Matcher]], Vector]


class PromQLError(Exception):
    """The expression is not one, or is more than this server understands."""


class _Asked(NamedTuple):
    """What an expression is worked out over."""

    scrapes: Scrapes
    times: Floats


def evaluate(query: str, scrapes: Scrapes, times: Floats) -> Vector:
    """The value of `query` at each of `times`. Raises PromQLError, TooManyError."""
    parser = _Parser(query, _Asked(scrapes, times))
    try:
        found = parser.either()
    except re.error as error:
        raise PromQLError(f"error parsing regexp: {error}") from None
    parser.end()
    return found


class _Parser:
    """Works out what it reads, as it reads it."""

    def __init__(self, query: str, asked: _Asked) -> None:
        self._asked = asked
        self._tokens = _tokens(query)

    def either(self) -> Vector:
        """Terms joined by `or`."""
        found = self._both()
        while self._peek() == "or":
            self._take("or")
            found = _union(found, self._both())
        return found

    def end(self) -> None:
        """Refuse whatever is left."""
        if self._tokens:
            raise PromQLError(f"unexpected {self._tokens[0]!r}")

    def _both(self) -> Vector:
        found = self._unary()
        while self._peek() == "and":
            self._take("and")
            self._take("on")
            found = _matching(found, self._names(), self._unary())
        return found

    def _unary(self) -> Vector:
        if self._peek() == "(":
            return self._inside()
        if self._peek() == "{":
            return self._selector("")
        word = self._word()
        if word == "timestamp":
            return _timestamp(self._inside())
        if word == "label_replace":
            return self._label_replace()
        if word == "max":
            self._take("by")
            return _largest(self._names(), self._inside())
        if self._peek() == "(":
            raise PromQLError(f"unknown function with name {word!r}")
        return self._selector(word)

    def _inside(self) -> Vector:
        self._take("(")
        found = self.either()
        self._take(")")
        return found

    def _selector(self, name: str) -> Vector:
        matchers = [Matcher(NAME, "=", name)] if name else []
        if self._peek() == "{":
            self._take("{")
            while self._peek() != "}":
                label, test = self._word(), self._take("=", "!=", "=~", "!~")
                matchers.append(Matcher(label, test, self._text()))
                if self._peek() != "}":
                    self._take(",")
            self._take("}")
        if not matchers:
            raise PromQLError("vector selector must contain at least one non-empty matcher")
        return self._asked.scrapes.select(matchers, self._asked.times - self._offset())

    def _offset(self) -> float:
        if self._peek() != "offset":
            return 0.0
        self._take("offset")
        match = re.fullmatch(r"(\d+)(\w+)", self._peek())
        if match is None:
            raise PromQLError(f"unexpected {self._peek() or 'end of input'!r} in offset, expected duration")
        self._take(self._peek())
        return int(match[1]) * _UNITS[match[2]]

    def _label_replace(self) -> Vector:
        self._take("(")
        found = self.either()
        target, replacement, source, pattern = (self._argument() for _ in range(4))
        self._take(")")
        wanted = re.compile(pattern)
        labels = [_replaced(one, target, replacement, wanted.fullmatch(one.get(source, ""))) for one in found.labels]
        return Vector(labels, found.values, found.stamps)

    def _argument(self) -> str:
        self._take(",")
        return self._text()

    def _names(self) -> tuple[str, ...]:
        self._take("(")
        names = []
        while self._peek() != ")":
            names.append(self._word())
            if self._peek() != ")":
                self._take(",")
        self._take(")")
        return tuple(names)

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, *wanted: str) -> str:
        if self._peek() not in wanted:
            raise PromQLError(f"unexpected {self._peek() or 'end of input'!r}, expected {' or '.join(wanted)}")
        return self._tokens.pop(0)

    def _word(self) -> str:
        if not re.match(r"[A-Za-z_:]", self._peek()):
            raise PromQLError(f"unexpected {self._peek() or 'end of input'!r}, expected a name")
        return self._tokens.pop(0)

    def _text(self) -> str:
        if not self._peek().startswith('"'):
            raise PromQLError(f"unexpected {self._peek() or 'end of input'!r}, expected a string")
        return re.sub(r"\\(.)", lambda sign: _ESCAPES.get(sign[1], sign[1]), self._tokens.pop(0)[1:-1])


def _tokens(query: str) -> list[str]:
    found, at, text = [], 0, query.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise PromQLError(f"unexpected character: {text[at:].lstrip()[:1]!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


def _timestamp(found: Vector) -> Vector:
    values: list[Values] = [np.where(np.isnan(one), np.nan, found.stamps) for one in found.values]
    return Vector([_unnamed(labels) for labels in found.labels], values, found.stamps)


def _unnamed(labels: Labels) -> Labels:
    return {key: value for key, value in labels.items() if key != NAME}


def _signature(labels: Labels, on: Sequence[str] | None = None) -> Signature:
    return frozenset((key, value) for key, value in labels.items() if (key in on if on is not None else key != NAME))


def _present(found: Vector, on: Sequence[str] | None = None) -> dict[Signature, NDArray[np.bool_]]:
    """(T,) where some series of each signature has a value."""
    known: dict[Signature, NDArray[np.bool_]] = {}
    for labels, values in zip(found.labels, found.values, strict=True):
        signature, has = _signature(labels, on), ~np.isnan(values)
        known[signature] = known[signature] | has if signature in known else has
    return known


def _union(left: Vector, right: Vector) -> Vector:
    """All of the left, and of the right what has no equal there at a step."""
    known, found = _present(left), Vector([*left.labels], [*left.values], left.stamps)
    for labels, values in zip(right.labels, right.values, strict=True):
        there = known.get(_signature(labels))
        found.labels.append(labels)
        found.values.append(values if there is None else np.where(there, np.nan, values))
    return found


def _matching(left: Vector, on: Sequence[str], right: Vector) -> Vector:
    """Of the left what has an equal on the right at a step."""
    known, found = _present(right, on), Vector([], [], left.stamps)
    for labels, values in zip(left.labels, left.values, strict=True):
        there = known.get(_signature(labels, on))
        if there is not None:
            found.labels.append(labels)
            found.values.append(values if there.all() else np.where(there, values, np.nan))
    return found


def _largest(by: Sequence[str], found: Vector) -> Vector:
    groups: dict[Signature, list[Values]] = {}
    for labels, values in zip(found.labels, found.values, strict=True):
        groups.setdefault(_signature(labels, by), []).append(values)
    return Vector([dict(one) for one in groups], [np.fmax.reduce(values) for values in groups.values()], found.stamps)


def _replaced(labels: Labels, target: str, replacement: str, match: re.Match[str] | None) -> Labels:
    if match is None:
        return labels
    value = re.sub(r"\$(\d+)", lambda sign: match[int(sign[1])] or "", replacement)
    return {**labels, target: value} if value else {key: own for key, own in labels.items() if key != target}
