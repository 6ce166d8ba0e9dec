"""One line of Prometheus text or OpenMetrics, taken apart with care; the fast path in parser.py avoids this."""

from __future__ import annotations

import re
from typing import NamedTuple

from collectors.core.timestamps import to_epoch
from collectors.exposition.naming import Pairs

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL_NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TAIL = (
    r"(?:(?<=\})[ \t]*|[ \t]+)(?P<value>[+-]?[0-9A-Za-z.+-]+)"
    r"(?:[ \t]+(?P<at>-?[\d.]+(?:[eE][+-]?\d+)?))?[ \t\r]*(?:#[ \t].*)?$"
)
_STRICT = re.compile(rf"(?P<key>(?P<name>{_NAME})?[ \t]*(?:\{{(?P<labels>(?:[^\"{{}}]|{_QUOTED})*)\}})?){_TAIL}")
_ODD = re.compile(rf"(?P<key>(?P<name>{_NAME})\{{(?P<labels>.*)\}}){_TAIL}")
_LABEL = re.compile(
    rf"[ \t]*(?:(?P<name>{_LABEL_NAME}|{_QUOTED})[ \t]*=[ \t]*)?\"(?P<value>(?:[^\"\\]|\\.)*)\"[ \t]*(?:,|$)"
)
_ODD_LABEL = re.compile(rf'[ \t]*(?P<name>{_LABEL_NAME})="(?P<value>.*?)"[ \t]*(?:,[ \t]*(?={_LABEL_NAME}="|$)|$)')
_TYPE = re.compile(rf"#[ \t]+TYPE[ \t]+(?P<family>{_QUOTED}|[^\s\"]+)[ \t]+(?P<word>\S+)[ \t\r]*$")
MAX_CHARACTERS = 64 * 1024
_ESCAPE = re.compile(r'\\([\\n"])')
_MEANT = {"\\": "\\", "n": "\n", '"': '"'}


class Line(NamedTuple):
    """A sample line. `key` is its text up to the value; the same key is the same series.

    `at` is the sample's own time in seconds since 1970, None when it carries none that can be used.
    """

    key: str
    name: str
    pairs: Pairs
    value: float
    at: float | None = None


def parse_line(line: str) -> Line | None:
    """A sample line without surrounding blanks, or None when it is not one.

    A name outside Prometheus' old alphabet stands quoted among the labels: `{"my.metric",a="b"} 1`. A label value with
    bare quotes inside, as Prism's launcher can write (contracts 4.3), is read as meant.
    """
    if len(line) > MAX_CHARACTERS:
        return None
    for whole, label in ((_STRICT, _LABEL), (_ODD, _ODD_LABEL)):
        match = whole.match(line)
        if match is None:
            continue
        found = _named(match["name"] or "", match["labels"] or "", label)
        if found is None:
            continue
        try:
            return Line(match["key"], *found, float(match["value"]), to_epoch(match["at"]))
        except ValueError:
            return None
    return None


def _named(name: str, text: str, label: re.Pattern[str]) -> tuple[str, Pairs] | None:
    """(metric name, labels). Exactly one name must be there, before the braces or quoted among the labels."""
    pairs = _pairs(text, label)
    if pairs is None:
        return None
    names = [name] if name else []
    names += [value for one, value in pairs if not one]
    if len(names) != 1 or not names[0]:
        return None
    return names[0], [pair for pair in pairs if pair[0]]


def _pairs(text: str, label: re.Pattern[str]) -> Pairs | None:
    """Labels in their order. A quoted metric name has no label's name: ''."""
    pairs: Pairs = []
    at = 0
    while text[at:].strip():
        match = label.match(text, at)
        if match is None or match.end() == at:
            return None
        name = _unquoted(match["name"] or "")
        if match["name"] is not None and not name:
            return None
        pairs.append((name, _meant(match["value"])))
        at = match.end()
    return pairs


def name_of(line: str) -> str:
    """The metric name at the beginning of a sample line, roughly: nothing is checked."""
    if line[:1] != "{":
        return line.partition("{")[0].partition(" ")[0]
    parsed = parse_line(line.strip())
    return parsed.name if parsed else ""


def type_of(comment: str) -> tuple[str, str] | None:
    """(family, type word) of a `# TYPE` line; None for any other comment."""
    match = _TYPE.match(comment)
    return (_unquoted(match["family"]), match["word"].lower()) if match else None


def _unquoted(name: str) -> str:
    return _meant(name[1:-1]) if name[:1] == '"' else name


def _meant(text: str) -> str:
    return _ESCAPE.sub(lambda found: _MEANT[found[1]], text)
