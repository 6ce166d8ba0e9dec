"""`python -m collectors --check`: can every configured source be read, what is reported there, and what will be
missing?

Each source is visited once, with the calls that reading it takes anyway and no other. The store is not touched, so a
check may run beside a collector.
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collectors.build import build_collectors
from collectors.check.advice import next_step
from collectors.check.alias_suggestions import alias_lines, related
from collectors.check.visit import Visit, capped, visit_all
from collectors.core.contract import key_of
from collectors.core.probe import Speech
from collectors.quiet_default import QuietDefault
from model.catalogue import BY_NAME
from model.catalogue.source_kinds import BY_KIND
from model.needs import NEEDS, SETTINGS, Need
from model.process.file_limits import allowed, collector_files, shortage, web_files
from model.settings import Settings
from model.sources import ErrorKind

USEFUL, USELESS = 0, 1
"""Exit status: something useful can be read, nothing can."""
WIDTH = 110
SHOWN_FAMILIES, SHOWN_RELATED = 3, 8
HEADINGS = ("source", "address", "reachable", "protocol", "authenticated", "families recognised")
_WIDEST = (14, 44, 9, 28, 13, 50)


@dataclass(frozen=True, slots=True)
class Checked:
    """The words for the terminal, and the exit status."""

    lines: tuple[str, ...]
    status: int


def check(settings: Settings) -> Checked:
    """Visit every source once, and say what was found."""
    if not settings.configured:
        words = ("No source is configured: the dashboard would read a simulated Prism, and say so on every page.", "")
        return Checked((*words, f"Next: {next_step((), settings)}"), USEFUL)
    began = time.monotonic()
    collectors = build_collectors(capped(settings))
    tried = {key_of(one) for one in collectors if isinstance(one, QuietDefault)}
    every = visit_all(collectors, settings)
    visits = [one for one in every if one.key not in tried or one.error is None]
    took = time.monotonic() - began
    plural = "" if len(visits) == 1 else "s"
    parts: list[Sequence[str]] = [
        [f"{len(visits)} source{plural} configured, each visited once, in {took:.1f} s."],
        table(visits) if visits else [],
        _not_configured([one for one in every if one not in visits]),
        _trouble(visits),
        _files(settings, len(collectors)),
        _histograms(visits),
        _related(visits),
        _unfilled(visits),
    ]
    lines = [line for part in parts if part for line in (*part, "")]
    useful = any(one.known for one in visits)
    return Checked((*lines, f"Next: {next_step(visits, settings)}"), USEFUL if useful else USELESS)


def table(visits: Sequence[Visit]) -> list[str]:
    """A row for each source."""
    rows = [HEADINGS, *map(_row, visits)]
    widths = [min(_WIDEST[at], max(len(row[at]) for row in rows)) for at in range(len(HEADINGS))]
    return ["  ".join(_fitted(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(one: Visit) -> tuple[str, ...]:
    return (one.source, one.address, one.reachable, _spoken(one), one.authenticated, _recognised(one.known))


def _spoken(one: Visit) -> str:
    """What it was asked in, or what speaks there instead."""
    if one.error is not ErrorKind.WRONG_PROTOCOL:
        return one.protocol if one.reachable != "no" else "-"
    heard = {Speech.HTTP2: "gRPC", Speech.HTTP1: "HTTP", Speech.TLS: "TLS"}.get(
        one.heard or Speech.OTHER, "something else"
    )
    asked = one.protocol
    if asked.startswith("gRPC") and heard == "gRPC":
        return f"HTTP/2, not {asked}"
    return f"{heard}, not {asked}" if not asked.startswith(heard) else f"{asked}, of something else"


def _recognised(known: Iterable[str]) -> str:
    names = sorted(known)
    if not names:
        return "0"
    return f"{len(names)}: {', '.join(names)}"


def _fitted(cell: str, width: int) -> str:
    return (cell if len(cell) <= width else cell[: width - 1] + "…").ljust(width)


def _not_configured(idle: Sequence[Visit]) -> list[str]:
    """Defaults that nobody named, and at which nobody answers as what should be there: no fault."""
    lines = [f"  {one.source}: not configured (default {one.address} tried: {_tried(one)})" for one in idle]
    return ["What nobody named and is not at its default address:", *lines] if lines else []


def _tried(one: Visit) -> str:
    return f"{one.error.value if one.error else ''}, {one.detail}".strip(", ")


def _trouble(visits: Sequence[Visit]) -> list[str]:
    reported = [f"  {one.key}: {one.error.value}: {one.detail}" for one in visits if one.error is not None]
    slow = [
        f"  {one.key}: took {one.took_seconds:.1f} s; its timeout is {one.timeout_seconds:g} s "
        f"(timeout_seconds under [sources.{one.source}])"
        for one in visits
        if one.error is None and one.took_seconds > one.timeout_seconds
    ]
    return [*(["What could not be read:", *reported] if reported else []), *(["What was slow:", *slow] if slow else [])]


def _files(settings: Settings, sources: int) -> list[str]:
    """Where the system lets a process have fewer files open than it is set up to hold."""
    web, collector = web_files(settings.max_sockets), collector_files(sources)
    short = (
        shortage("the web process", web, allowed(), "lower HUD_MAX_SOCKETS"),
        shortage("the collector", collector, allowed(), "name fewer sources"),
    )
    return [line for one in short for line in textwrap.wrap(one, WIDTH)]


def _histograms(visits: Sequence[Visit]) -> list[str]:
    """A sentence for each family whose buckets cannot be worked with, or not all of them."""
    lines: list[str] = []
    for one in visits:
        for family, reason, some in one.unusable:
            words = f"{one.key}: {family}: {'of some of its series ' if some else ''}{reason}"
            lines += textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False)
    return ["Histograms that cannot be used:", *lines] if lines else []


def _related(visits: Sequence[Visit]) -> list[str]:
    """Unknown names, and the lines that would map them."""
    lines: list[str] = []
    for one in visits:
        names = [name for name, _ in related(one)]
        if names:
            more = len(names) - SHOWN_RELATED
            words = f"{', '.join(names[:SHOWN_RELATED])}{f' and {more} others' if more > 0 else ''}"
            lines += textwrap.wrap(f"{one.key}: {words}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    if not lines:
        return []
    offered = alias_lines(visits)
    if offered:
        lines += ["  If these mean the same, put this into hud.toml:", *(f"    {line}" for line in offered)]
    return ["Names that the dashboard does not know but that look related:", *lines]


def unfilled(visits: Sequence[Visit]) -> list[Need]:
    """The widgets that nothing read will fill."""
    known = set().union(*(one.filling for one in visits))
    whole = {one.source for one in visits if one.error is None and BY_KIND[one.source].over_several_reads}
    return [
        need
        for need in NEEDS
        if not any(family in known or BY_NAME[family].source in whole for family in need.families)
    ]


def _unfilled(visits: Sequence[Visit]) -> list[str]:
    """By page and by the settings that name what would fill them."""
    missing: dict[tuple[str, str], list[Need]] = {}
    for need in unfilled(visits):
        missing.setdefault((need.page, _settings_of(need)), []).append(need)
    lines = []
    for (page, settings), needs in missing.items():
        everything = len(needs) == sum(need.page == page for need in NEEDS)
        widgets = "everything" if everything else ", ".join(need.widget for need in needs)
        families = list(dict.fromkeys(name for need in needs for name in need.families))
        more = len(families) - SHOWN_FAMILIES
        others = f" and {more} others" if more > 0 else ""
        words = f"{page}: {widgets}; by {settings}: {', '.join(families[:SHOWN_FAMILIES])}{others}"
        lines += textwrap.wrap(
            words,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    head = f'{len(unfilled(visits))} of {len(NEEDS)} panels will say "not reported"; what would fill them:'
    return [head, *lines] if lines else []


def _settings_of(need: Need) -> str:
    """Which settings name the sources of its families."""
    return " or ".join(dict.fromkeys(SETTINGS[BY_NAME[name].source] for name in need.families))
