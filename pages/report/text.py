"""The report's answer as a document: what broke first, alerts, charts, changes, and what was not seen."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.alerts.alerts import Alert
from aggregators.changes.change import Change
from aggregators.incidents.incident import SAMPLES, Incident, Onset
from aggregators.overview.report import Report
from aggregators.overview.report_series import ReportLines
from components import format as fmt
from pages.report.charts_text import charts
from pages.report.document import Block, Document, Section, Table, Words, clean
from pages.shared.incident_text import SURENESS

MOST_STEPS = 12


def document(found: Report, lines: ReportLines, now: float) -> Document:
    """What the report of `found` says; `now` is when it was written."""
    until = found.since + found.seconds
    simulated = " Of a simulated Prism." if found.simulated else ""
    return Document(
        title=f"Prism on {fmt.iso(until)[:10]}, {fmt.clock(found.since, now)} to {fmt.clock(until, now)}",
        about=f"{fmt.lasting(found.seconds)}: {fmt.many(len(found.incidents) + found.incidents_more, 'incident')}, "
        f"{fmt.many(len(found.alerts) + found.alerts_more, 'alert')}, "
        f"{fmt.many(len(found.changes.changes) + found.changes.more, 'change')}. "
        f"Written {fmt.iso(now)} by Prism HUD; times are UTC.{simulated}",
        sections=(
            Section("What broke first", tuple(_incidents(found, now))),
            Section("Alerts", (_alerts(found, now),)),
            Section("Requests", tuple(charts(found, lines, until))),
            Section("What changed", (_changes(found, now),)),
            Section("What the HUD did not see", tuple(_unseen(found, lines, now))),
        ),
    )


def _incidents(found: Report, now: float) -> list[Block]:
    if not found.incidents:
        return [Words("No incident in this window.")]
    blocks: list[Block] = []
    for at, one in enumerate(found.incidents, 1):
        head = Words(f"{at}. {clean(one.headline)}", strong=True)
        blocks += [head, Words(_standing(one, now)), Words(_cause(one))]
        if len(one.steps) > 1:
            blocks.append(_steps(one, now))
    if found.incidents_more:
        blocks.append(Words(f"and {found.incidents_more:,} more"))
    return blocks


def _standing(one: Incident, now: float) -> str:
    ended = f"over at {fmt.clock(one.resolved_at, now)}" if one.resolved_at is not None else "not over yet"
    return (
        f"{one.severity.value.capitalize()}, since {fmt.clock(one.started, now)}, "
        f"{fmt.duration(one.duration_seconds)}, {ended}. {fmt.many(len(one.alerts), 'alert')} of one cause."
    )


def _cause(one: Incident) -> str:
    cause = one.cause
    return clean(f"{SURENESS[cause.sureness].capitalize()} {cause.component} first: {cause.words}. Why: {cause.why}.")


def _steps(one: Incident, now: float) -> Table:
    more = f"and {len(one.steps) - MOST_STEPS:,} more components" if len(one.steps) > MOST_STEPS else ""
    rows = [_step(step, now) for step in one.steps[:MOST_STEPS]]
    heads = ("Left its range", "Component", "Seen by", "Evidence")
    return Table("In which order", heads, rows, "Nothing left its normal range.", more)


def _step(step: Onset, now: float) -> tuple[str, ...]:
    seen = "its figures" if step.seen_by == SAMPLES else "an alert"
    kind = "" if step.component.startswith(step.kind.value) else f"{step.kind.value} "
    return fmt.clock(step.time, now), clean(kind + step.component), seen, clean(step.words)


def _alerts(found: Report, now: float) -> Table:
    rows = [_alert(one, now) for one in found.alerts]
    heads = ("Began", "Lasted", "Severity", "Of", "Words")
    return Table("Alerts, the newest first", heads, rows, "No alert in this window.", _more(found.alerts_more))


def _alert(one: Alert, now: float) -> tuple[str, ...]:
    lasted = fmt.duration(one.duration_seconds) + ("" if one.resolved_at is not None else ", not over")
    return fmt.clock(one.started, now), lasted, one.severity.value, clean(one.component), clean(one.words)


def _changes(found: Report, now: float) -> Table:
    rows = [_change(one, now) for one in found.changes.changes]
    heads = ("When", "What", "Words")
    return Table("Changes, the newest first", heads, rows, "No change was seen.", _more(found.changes.more))


def _change(one: Change, now: float) -> tuple[str, ...]:
    return fmt.clock(one.time, now), one.kind.value, clean(one.words)


def _unseen(found: Report, lines: ReportLines, now: float) -> list[Block]:
    rows = [(fmt.clock(one.time, now), clean(one.words)) for one in found.gaps]
    blocks: list[Block] = [
        Words(_gaps(lines)),
        Table("Sources lost and found in this window", ("When", "Words"), rows, "No source was lost or found."),
    ]
    return [*blocks, *(Words(f"Now: {clean(one)}.") for one in found.unseen)]


def _gaps(lines: ReportLines) -> str:
    """How much of the window has no figures."""
    missing = sum(values is None for values in _any_line(lines))
    if not lines.times or missing == len(lines.times):
        return "No request figures were kept of this window."
    if not missing:
        return "Request figures were read throughout."
    return f"Request figures are missing for {fmt.lasting(missing * lines.step_seconds)} of this window."


def _any_line(lines: ReportLines) -> Sequence[float | None]:
    return lines.throughput[0][1] if lines.throughput else (None,) * len(lines.times)


def _more(count: int) -> str:
    return f"and {count:,} more" if count else ""
