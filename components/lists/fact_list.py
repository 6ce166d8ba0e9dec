"""Named figures below each other, each with a second figure, a note or a bar where it has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dash import html

from components import aria
from components.format import Style
from components.measure import figure, figure_name, figure_props
from components.props import Props
from model.measure import Measure

A = TypeVar("A")


@dataclass(frozen=True)
class Said:
    """What a line says: `share` (0…1) fills its bar, which `kind` (degraded, unhealthy) colours."""

    measure: Measure
    style: Style = Style.PLAIN
    noun: str = ""
    also: Measure | None = None
    also_noun: str = ""
    share: Measure | None = None
    kind: str = ""
    note: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Fact(Generic[A]):
    """A line. `name` is its id, `value` what it says of an answer.

    `also` adds a second figure `<name>-also`, `bar` a bar `<name>-bar`. An `optional` one is only there when it has
    something to say.
    """

    name: str
    title: str
    value: Callable[[A], Said]
    also: bool = False
    bar: bool = False
    optional: bool = False


def fact_list(facts: Sequence[Fact[A]]) -> html.Dl:
    """The static tree."""
    return html.Dl([_row(fact) for fact in facts], className="facts-list")


def _row(fact: Fact[A]) -> html.Div:
    reported: list[Any] = [figure(fact.name)]
    if fact.also:
        reported += [" ", html.Span(figure(f"{fact.name}-also"), className="also")]
    inside: list[Any] = [figure_name(fact.name, fact.title), html.Dd(reported, className="reported")]
    if fact.bar:
        inside.append(html.Dd(id=f"{fact.name}-bar", className="progress", **aria.DECORATION))
    inside.append(html.Dd(id=f"{fact.name}-note", className="note"))
    return html.Div(inside, id=f"{fact.name}-row", className="fact", hidden=fact.optional)


def fact_props(facts: Sequence[Fact[A]], answer: A) -> Props:
    """What the lines say of an answer."""
    props: Props = {}
    for fact in facts:
        one = fact.value(answer)
        props[fact.name] = figure_props(one.measure, one.style, one.noun)
        props[f"{fact.name}-note"] = {"children": one.note, "title": one.note}
        props[f"{fact.name}-row"] = {"hidden": one.hidden}
        if fact.also and one.also is not None:
            known = one.also.value is not None
            props[f"{fact.name}-also"] = figure_props(one.also, noun=one.also_noun) if known else {"children": []}
        if fact.bar:
            props[f"{fact.name}-bar"] = _bar(one.share, one.kind)
    return props


def _bar(share: Measure | None, kind: str) -> dict[str, Any]:
    """Without a share there is no bar, only its room."""
    if share is None or share.value is None:
        return {"children": [], "className": "progress invisible"}
    width = f"{min(1.0, max(0.0, share.value)) * 100:.1f}%"
    look = f"progress row-{kind}" if kind else "progress"
    return {"children": html.Span(style={"width": width}, className="progress-bar"), "className": look}
