"""Failed token checks as the tracing backend reports them: counted by group, or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from simulator.signoz.spans import Clause, QueryError, Span, chosen
from simulator.traffic.auth_log import AuthLog, Crowd, FailedCheck
from simulator.traffic.timestamps import rfc3339

NAME = "prism.auth.verify"
MOST_ROWS = 10_000
_NANOSECONDS = "180000"


@cache
def spans_of(crowd: Crowd) -> tuple[Span, ...]:
    """What all failed checks of each have in common; where no token named a user there is no such attribute."""
    return tuple(
        Span(
            {
                "service.name": "prism-proxy",
                "name": NAME,
                "kind_string": "Internal",
                "isRoot": "false",
                "isEntryPoint": "false",
                "has_error": "true",
                "status_code_string": "Error",
                "reason": one.reason,
                "client.address": one.address,
                **({"enduser.id": one.user} if one.user else {}),
            },
            at,
        )
        for at, one in enumerate(crowd)
    )


def asks_for(clauses: Sequence[Clause]) -> bool:
    """True when a query is about token checks and nothing else."""
    return any(one.key == "name" and one.op == "=" and one.value == NAME for one in clauses)


def matching(crowd: Crowd, clauses: Sequence[Clause]) -> list[Span]:
    """The groups of spans that satisfy the clauses; all of them failed."""
    rest = [one for one in clauses if one.key != "has_error"]
    for one in clauses:
        wanted = str(one.value).lower() in ("true", "1")
        if one.key == "has_error" and wanted == (one.op == "!="):
            return []
    return chosen(spans_of(crowd), rest)


def grouped(
    log: AuthLog, clauses: Sequence[Clause], groups: Sequence[str], window: tuple[float, float]
) -> Iterator[tuple[tuple[str, ...], Callable[[str, str], float]]]:
    """Each group that has spans: its labels, and what an aggregate comes to for it."""
    counts = log.counts(*window)
    found: dict[tuple[str, ...], list[Span]] = {}
    for span in matching(log.crowd, clauses):
        if counts[span.flow]:
            found.setdefault(tuple(span.fields.get(key, "") for key in groups), []).append(span)
    for labels, spans in found.items() if groups or found else {(): list[Span]()}.items():
        yield labels, _aggregates(spans, counts)


def _aggregates(spans: Sequence[Span], counts: NDArray[np.int64]) -> Callable[[str, str], float]:
    def value(function: str, argument: str) -> float:
        if function == "count":
            return float(sum(counts[span.flow] for span in spans))
        if function == "count_distinct":
            return float(len({span.fields[argument] for span in spans if argument in span.fields}))
        raise QueryError(f"{function} of {NAME} is not kept here")

    return value


def newest(
    log: AuthLog, clauses: Sequence[Clause], window: tuple[float, float], limit: int
) -> list[tuple[str, dict[str, str]]]:
    """The newest spans: when, and all that they carry."""
    wanted = {span.flow: span for span in matching(log.crowd, clauses)}
    found = (check for check in log.newest(*window) if check.who in wanted)
    return [_row(check, wanted[check.who]) for check in islice(found, min(limit or 100, MOST_ROWS))]


def _row(check: FailedCheck, span: Span) -> tuple[str, dict[str, str]]:
    own = f"{0xA17E << 48 | check.number:016x}"
    reported = {**span.fields, "span_id": own, "trace_id": f"{check.number:016x}{own}", "duration_nano": _NANOSECONDS}
    return rfc3339(check.time), reported
