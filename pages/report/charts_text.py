"""The charts of the report: latency, requests, errors, and where the incidents began."""

from __future__ import annotations

from aggregators.overview.report import Report
from aggregators.overview.report_series import ReportLines
from components import format as fmt
from pages.report.document import Block, Chart, Words, clean

MOST_MARKS = 8
LEAST_APART = 0.025
"""Of the window: marks that stand nearer would not be legible."""


def charts(found: Report, lines: ReportLines, until: float) -> list[Block]:
    """One under the other, on the same axis of time."""
    marks = _marks(found)
    span = {"since": found.since, "until": until}
    requests = [(clean(name) or "–", one) for name, one in lines.throughput]
    note = "a gap was not read. Upright lines are where the incidents above began, by their number."
    return [
        Chart("Latency", lines.times, (("P50", lines.p50), ("P99", lines.p99)), _latency, **span, marks=marks),
        Chart("Requests per second", lines.times, requests, _number, **span, marks=marks),
        Chart("Errors per minute", lines.error_times, (("errors", lines.errors),), _number, **span, marks=marks),
        Words(f"Each point is {fmt.duration(lines.step_seconds)}; {note}"),
    ]


def _marks(found: Report) -> list[tuple[float, str]]:
    """Where the incidents began, by their number; those that stand too near each other as one."""
    begun = sorted((one.started, at) for at, one in enumerate(found.incidents[:MOST_MARKS], 1))
    marks: list[tuple[float, str]] = []
    for time, at in begun:
        if marks and time - marks[-1][0] < found.seconds * LEAST_APART:
            marks[-1] = marks[-1][0], f"{marks[-1][1]}, {at}"
        else:
            marks.append((time, f"{at}"))
    return marks


def _latency(seconds: float) -> str:
    return fmt.latency(seconds).text if seconds > 0 else "0"


def _number(value: float) -> str:
    return fmt.count(value).text if value > 0 else "0"
