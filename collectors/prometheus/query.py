"""The one question a Prometheus is asked: the families of every kind of source, and when each target was scraped.

All of it in one query, so that values and their times are of the same instant; and as of a moment ago, since a server
may look up the parts of a query side by side while it takes in a scrape: a fifth too much was seen in a rate over 5 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from collectors.prometheus.target_kinds import Behind
from model.figures.promql import quoted

STAMP = "hud_stamp"
"""The label of series whose values are the times of the last scrape; its value is the series that they are of."""
UP, SCRAPED_IN = "up", "scrape_duration_seconds"
PARTS = "(_bucket|_sum|_count)?"
SKEW_SECONDS = 2.0
"""Clocks that differ by less are taken for equal: it may as well be the way of the answer."""
SETTLED, SETTLED_IN_PARTS = "200ms", "2s"
"""A scrape bears the time of its beginning; so much later the whole of it has been taken in. VictoriaMetrics shows the
parts of one up to some seconds after each other.
"""


def question(
    kinds: Iterable[Behind], aliases: Iterable[str], matchers: str, stamped: Sequence[str] = (), settled: str = SETTLED
) -> str:
    """`aliases`: further names that stand for families. `stamped`: names of which targets without `up` have one.

    `settled`: as of how long ago it is asked.
    """
    ago = f" offset {settled}"
    more = f",{matchers}" if matchers else ""
    names = [UP, SCRAPED_IN]
    for kind in kinds:
        names += kind.names
    names += [f"{re.escape(alias)}{PARTS}" for alias in aliases]
    wanted = "|".join(dict.fromkeys(names))
    terms = [f'{{__name__=~"{quoted(wanted)}"{more}}}{ago}']
    for kind in kinds:
        terms += [
            f'({{__name__="{name}"{more}}}{ago} and on (job, instance) {{__name__="{mark}"{more}}}{ago})'
            for name, mark in kind.joined
        ]
    terms.append(_stamp(f'timestamp({{__name__="{UP}"{more}}}{ago})', UP))
    terms += [
        _stamp(f'max by (job, instance) (timestamp({{__name__="{quoted(name)}"{more}}}{ago}))', name)
        for name in stamped
    ]
    return " or ".join(terms)


def _stamp(times: str, of: str) -> str:
    return f'label_replace({times}, "{STAMP}", "{quoted(of)}", "instance", ".*")'
