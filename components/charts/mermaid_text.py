"""Flow diagrams as Mermaid text: boxes and arrows from left to right, drawn by assets/diagram.js.

Names come from outside, so none of them is ever part of the text: a stand-in of the same width is, and diagram.js sets
the words when the drawing is done. Boxes are n0, n1, … whatever they are called. The second line of a box is its
figure, for which room is kept: the text, and so the drawing, stays the same while only figures change.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDE_COLUMNS, NARROW_COLUMNS = 22, 11
"""How much of a name is shown on a wide and on a narrow screen; a wide sign takes two columns."""
PLAIN_SIGNS = frozenset(" ._-:,+")
STAND_IN = "o"
KEPT_MARKS = frozenset("\u200d\ufe0f")
"""They join emoji, and turn nothing around."""
NAMELESS = "(no name)"


@dataclass(frozen=True)
class Box:
    """One box: its name, a figure below it (`room` is as wide as that gets), a word of trouble, and its looks.

    `looks` are style classes: what it is (publisher, topic, …) and how it fares (degraded, …). A name that is `ours`
    is not cut. A box with an `href` is a link, which `label` says for those who do not see it.
    """

    name: str
    figure: str = ""
    room: str = ""
    word: str = ""
    looks: tuple[str, ...] = ()
    ours: bool = False
    href: str = ""
    label: str = ""

    def title(self, columns: int) -> str:
        """Its name in at most so many columns."""
        return self.name if self.ours else cut(self.name, columns)


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their places in the list; a `broken` one is dotted."""

    start: int
    end: int
    broken: bool = False


@dataclass(frozen=True)
class Diagram:
    """What is drawn: Mermaid's text, the lines that each box says, and of those that are links (address, label)."""

    text: str
    lines: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def flowchart(boxes: Sequence[Box], arrows: Sequence[Arrow], columns: int = WIDE_COLUMNS) -> Diagram:
    """The diagram of `boxes`, whose names are cut to `columns`."""
    text = ["flowchart LR"]
    text += [f'n{at}["{_label(box, columns)}"]' for at, box in enumerate(boxes)]
    text += _ways(arrows)
    looks: dict[str, list[str]] = {}
    for at, box in enumerate(boxes):
        for look in box.looks:
            looks.setdefault(look, []).append(f"n{at}")
    text += [f"class {','.join(names)} {look}" for look, names in looks.items()]
    said = ((box.title(columns), box.figure, box.word) for box in boxes)
    lines = {f"n{at}": tuple(filter(None, parts)) for at, parts in enumerate(said)}
    links = {f"n{at}": (box.href, box.label or box.name) for at, box in enumerate(boxes) if box.href}
    return Diagram("\n".join(text), lines, links)


def _ways(arrows: Sequence[Arrow]) -> list[str]:
    """The arrows as text. What several boxes need alike meets in a joint, or lines would lie behind boxes; and arrows
    to where others lead, too, come last, since Mermaid lays out the first ones first.
    """
    needs: dict[int, set[tuple[int, bool]]] = {}
    for one in arrows:
        needs.setdefault(one.start, set()).add((one.end, one.broken))
    alike: dict[tuple[tuple[int, bool], ...], list[int]] = {}
    for start, ends in needs.items():
        alike.setdefault(tuple(sorted(ends)), []).append(start)
    met = [(starts, ends) for ends, starts in alike.items() if len(starts) * len(ends) > len(starts) + len(ends)]
    joined = {start for starts, _ in met for start in starts}
    lines = [(f"n{one.start}", one.end, one.broken) for one in arrows if one.start not in joined]
    lines += [(f"j{at}", end, broken) for at, (_, ends) in enumerate(met) for end, broken in ends]
    count = Counter(end for _, end, _ in lines)
    text = [f"j{at}(( ))" for at in range(len(met))]
    text += [f"n{start} --- j{at}" for at, (starts, _) in enumerate(met) for start in starts]
    text += [
        f"{start} {'-.->' if broken else '-->'} n{end}"
        for start, end, broken in sorted(lines, key=lambda line: count[line[1]] > 1)
    ]
    return text + [f"class j{at} joint" for at in range(len(met))]


def _label(box: Box, columns: int) -> str:
    figure = box.figure and max(box.room, box.figure, key=len)
    return "<br/>".join(stand_in(line) for line in (box.title(columns), figure, box.word) if line)


def diagram_value(wide: Diagram, narrow: Diagram, empty: str = "") -> dict[str, Any]:
    """The property `diagram` of a slot: one for each width, or the words that stand where there is nothing to draw."""
    if empty:
        return {"empty": empty}
    return {"wide": _drawn(wide), "narrow": _drawn(narrow)}


def _drawn(one: Diagram) -> dict[str, Any]:
    said = {"text": one.text, "lines": {box: list(lines) for box, lines in one.lines.items()}}
    return said | ({"links": {box: list(link) for box, link in one.links.items()}} if one.links else {})


def cut(name: str, columns: int) -> str:
    """A name in at most so many columns, with an ellipsis where it was cut; marks that steer text are taken out."""
    clean = " ".join("".join(one for one in name if _shows(one)).split()) or NAMELESS
    if sum(map(_columns, clean)) <= columns:
        return clean
    kept, used = "", 0
    for one in clean:
        used += _columns(one)
        if used > columns - 1:
            break
        kept += one
    return kept.rstrip("\u200d ") + "…"


def _shows(sign: str) -> bool:
    return sign in KEPT_MARKS or sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _columns(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def stand_in(text: str) -> str:
    """Text about as wide that means nothing to Mermaid: of ASCII only letters, digits and harmless signs are kept."""
    return "".join(one if one.isalnum() or ord(one) > 126 or one in PLAIN_SIGNS else STAND_IN for one in text)
