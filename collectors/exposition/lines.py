"""One line of Prometheus text or OpenMetrics, taken apart with care; the fast path in exposition.py avoids this."""

from __future__ import annotations

import re
from typing import NamedTuple

from collectors.exposition.naming import Pairs

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_TAIL = r"[ \t]+(?P<value>[^\s{}\"]+)(?:[ \t]+-?[\d.]+(?:[eE][+-]?\d+)?)?[ \t\r]*(?:#[ \t].*)?$"
_STRICT = re.compile(rf'(?P<key>(?P<name>{_NAME})[ \t]*(?:\{{(?P<labels>(?:[^"{{}}]|"(?:[^"\\]|\\.)*")*)\}})?){_TAIL}')
_ODD = re.compile(rf"(?P<key>(?P<name>{_NAME})\{{(?P<labels>.*)\}}){_TAIL}")
_LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)')
_ODD_LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)="(.*?)"[ \t]*(?:,[ \t]*(?=[a-zA-Z_][a-zA-Z0-9_]*="|$)|$)')
MAX_CHARACTERS = 64 * 1024
_ESCAPE = re.compile(r'\\([\\n"])')
_MEANT = {"\\": "\\", "n": "\n", '"': '"'}


class Line(NamedTuple):
    """A sample line. `key` is its text up to the value; the same key is the same series."""

    key: str
    name: str
    pairs: Pairs
    value: float


def parse_line(line: str) -> Line | None:
    """A sample line without surrounding blanks, or None when it is not one.

    A label value with bare quotes inside, as Prism's launcher can write (contracts 4.3), is read as meant.
    """
    if len(line) > MAX_CHARACTERS:
        return None
    for whole, label in ((_STRICT, _LABEL), (_ODD, _ODD_LABEL)):
        match = whole.match(line)
        if match is None:
            continue
        pairs = _pairs(match["labels"] or "", label)
        if pairs is None:
            continue
        try:
            return Line(match["key"], match["name"], pairs, float(match["value"]))
        except ValueError:
            return None
    return None


def _pairs(text: str, label: re.Pattern[str]) -> Pairs | None:
    pairs: Pairs = []
    at = 0
    while text[at:].strip():
        match = label.match(text, at)
        if match is None or match.end() == at:
            return None
        pairs.append((match[1], _ESCAPE.sub(lambda found: _MEANT[found[1]], match[2])))
        at = match.end()
    return pairs


def type_of(comment: str) -> tuple[str, str] | None:
    """(family, type word) of a `# TYPE` line; None for any other comment."""
    words = comment.split()
    if len(words) == 4 and words[0] == "#" and words[1] == "TYPE":
        return words[2], words[3].lower()
    return None
