"""What SigNoz reports what arrived there, and of the traces' completeness (view 7): questions asked on slow clocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.series.availability import Availability
from aggregators.series.window import Window, newest_reads
from model.measure import Count, Measure, Ratio, Timestamp
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

QUESTION = "signoz_question_info"
NEWEST, OBSERVED, COVERAGE = (
    "signoz_newest_span_timestamp_seconds",
    "signoz_signal_last_observed_timestamp_seconds",
    "signoz_trace_coverage_traces",
)
START, END = "signoz_trace_coverage_start_seconds", "signoz_trace_coverage_end_seconds"
NOT_ASKED = "not asked yet"
SAMPLED = (
    "Counted over the traces that SigNoz keeps: where the sampling keeps slow and failed requests more often, this is "
    "a share of that sample, not of all requests."
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Traces that miss one kind of span, and their share of all traces of the window."""

    part: str
    traces: Count
    share: Ratio


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many traces of the window hold a proxy, a pattern and a backend span. `note` says what limits it."""

    traces: Count
    complete: Count
    complete_share: Ratio
    incomplete: Count
    incomplete_share: Ratio
    gaps: tuple[Gap, ...]
    window_start: Timestamp
    window_end: Timestamp
    note: str


def answer_state(snapshot: Snapshot, now: float, question: str) -> tuple[str, str]:
    """How a question was answered last ('' when it was not asked yet) and the detail."""
    for one in newest_reads(snapshot, now, QUESTION, "signoz"):
        if one.label("question") == question:
            return one.label("state"), one.label("detail")
    return "", ""


def answered(snapshot: Snapshot, now: float, question: str, family: str) -> Window:
    """The newest figures that a rare question brought; without any its availability says why it brought none."""
    window = Window.newest(snapshot, now, family)
    availability = window.availability
    if availability.reading is not Reading.NOT_REPORTED or availability.note.startswith("no signoz"):
        return window
    state, detail = answer_state(snapshot, now, question)
    if state == "failed":
        return replace(window, availability=replace(availability, reading=Reading.ERROR, note=detail))
    words = {
        "not offered": f"not offered by this SigNoz version ({detail})" if detail else "not offered by this version",
        "no data": f"no span reports it: {detail}",
        "answered": "SigNoz has nothing of it",
    }
    return replace(window, availability=replace(availability, note=words.get(state, NOT_ASKED)))


def newest_spans(snapshot: Snapshot, now: float) -> tuple[Availability, dict[str, float]]:
    """When the newest span of each service began, seconds since 1970."""
    window = answered(snapshot, now, "newest span", NEWEST)
    return window.availability, {one.label("service"): one.value for one in window.last()}


def last_observed(snapshot: Snapshot, now: float) -> dict[str, Measure]:
    """When SigNoz observed the newest row of traces, metrics and logs."""
    window = answered(snapshot, now, "stats", OBSERVED)
    reported = {one.label("signal"): one.value for one in window.last()}
    nothing = Measure.not_reported(Unit.TIMESTAMP, "SigNoz holds no row of it")
    return {name: window.measure(Unit.TIMESTAMP, reported.get(name), nothing) for name in ("traces", "metrics", "logs")}


def coverage(snapshot: Snapshot, now: float) -> Coverage:
    """The last answered window. Shares are of its traces: none of them is no traffic, never 100 %."""
    window = answered(snapshot, now, "coverage", COVERAGE)
    reported = {one.label("part"): one.value for one in window.last()} if window.reports else {}
    total = sum(reported.values()) if reported else None

    def count(value: float | None) -> Measure:
        return window.measure(Unit.COUNT, value)

    def share(value: float | None) -> Measure:
        return window.measure(Unit.RATIO, value / total if value is not None and total else None)

    def instant(family: str) -> Measure:
        edge = next((one.value for one in newest_reads(snapshot, now, family)), None)
        return window.measure(Unit.TIMESTAMP, edge)

    complete = reported.get("complete", 0.0) if reported else None
    missing = total - complete if total is not None and complete is not None else None
    gaps = tuple(
        Gap(part, count(value), share(value))
        for part in ("backend", "pattern", "proxy")
        for value in (reported.get(f"{part}_missing", 0.0) if reported else None,)
    )
    return Coverage(
        traces=count(total),
        complete=count(complete),
        complete_share=share(complete),
        incomplete=count(missing),
        incomplete_share=share(missing),
        gaps=gaps,
        window_start=instant(START),
        window_end=instant(END),
        note=SAMPLED,
    )
