"""What is configured, as rows and lines of the Settings page."""

from __future__ import annotations

from aggregators.overview.settings import DEFAULT, Limits, Setting, standard
from aggregators.series.source_rows import SourceRow
from aggregators.series.sources import OK, SLOW, WAITING
from components import format as fmt
from components.format import Style
from components.lists.grid import Cell, GridColumn, GridRow, cell, text_cell
from model.measure import Measure
from model.series import Unit
from pages.shared import source_text

SOURCE_COLUMNS = (
    GridColumn("source", "Source", flex=2),
    GridColumn("state", "State", "status", flex=3),
    GridColumn("address", "Address", flex=3, minor=True),
    GridColumn("age", "Last good read", "number", flex=2),
    GridColumn("interval", "Every", "number", minor=True),
    GridColumn("took", "Took", "number", minor=True),
    GridColumn("samples", "Samples", "number", flex=2, minor=True),
    GridColumn("failures", "Failures in a row", "number", flex=2, minor=True),
)
WHENCE = GridColumn("whence", "From", flex=2, minor=True)
SETTING_COLUMNS = (GridColumn("name", "Setting", flex=3), GridColumn("value", "Value", flex=4), WHENCE)
LIMIT_COLUMNS = (
    GridColumn("rule", "Detection", flex=3),
    GridColumn("severity", "Severity", flex=2, minor=True),
    GridColumn("raised", "Raised at", "number", flex=2),
    GridColumn("cleared", "Cleared at", "number", flex=2),
    GridColumn("held", "Good for", "number", flex=2, minor=True),
    WHENCE,
    GridColumn("reads", "Reads", flex=5, minor=True),
    GridColumn("why", "Why there", flex=6, minor=True),
)
UNTRIED = "it has not been read yet"
NEVER = "it has never answered"


def source(row: SourceRow, names: dict[str, str]) -> GridRow:
    """One source."""
    kind = source_text.source_kind(row)
    tried = row.word != WAITING
    age = Measure.not_reported(Unit.SECONDS, NEVER) if row.age_seconds is None else _seconds(row.age_seconds)
    took = _seconds(row.duration_seconds) if tried else Measure.not_reported(Unit.SECONDS, UNTRIED)
    samples = Measure.of(float(row.samples), Unit.COUNT)
    known = row.age_seconds is not None
    return GridRow(
        row.key,
        {
            "source": text_cell(source_text.source_line(row, names).name),
            "state": _state(row, kind),
            "address": text_cell(row.address),
            "age": cell(age, Style.DURATION),
            "interval": _chosen(_seconds(row.interval_seconds)),
            "took": cell(took),
            "samples": cell(samples if known else Measure.not_reported(Unit.COUNT, NEVER)),
            "failures": cell(Measure.of(float(row.failures), Unit.COUNT)),
        },
        f"row-{kind}",
    )


def _state(row: SourceRow, kind: str) -> Cell:
    """Its word, and how long it has been so; sorts the lost ones highest."""
    words = "read" if row.word == OK else "slow" if row.word == SLOW else source_text.source_words(row)
    note = f"{words}: {row.detail}" if row.detail else source_text.source_words(row)
    rank = len(source_text.TROUBLE) - source_text.TROUBLE.index(kind)
    return {"v": rank, "x": words, "n": words, "k": kind, "t": note}


def _seconds(value: float) -> Measure:
    return Measure.of(value, Unit.SECONDS)


def setting(one: Setting) -> GridRow:
    """One setting."""
    cells = {"name": text_cell(one.name), "value": text_cell(one.value), "whence": text_cell(one.whence)}
    return GridRow(one.name, cells)


def limits(one: Limits) -> GridRow:
    """One detection; a fact has no figures: it is so, or it is not."""
    unit = Unit(one.unit) if one.unit else None
    votes, of = one.votes
    counted = "" if of == 1 else f" in {votes} of {of} looks"
    usual = f"the dashboard's own: {' and '.join(f'{value:g}' for value in standard(one.rule))}"
    return GridRow(
        one.rule,
        {
            "rule": text_cell(one.title, one.rule),
            "severity": text_cell(one.severity.value),
            "raised": _limit(one.raise_at, unit, f"raised{counted}"),
            "cleared": _limit(one.clear_at, unit, "cleared"),
            "held": _chosen(_seconds(one.clear_seconds)),
            "whence": text_cell("configured", usual) if one.overridden else text_cell(DEFAULT),
            "reads": text_cell(one.reads),
            "why": text_cell(one.why),
        },
    )


def _limit(value: float, unit: Unit | None, note: str) -> Cell:
    if unit is None:
        return {"v": value, "n": "yes" if value else "no", "t": f"{note}: a plain fact"}
    return {**_chosen(Measure.of(value, unit)), "t": note}


def _chosen(measure: Measure) -> Cell:
    """A value that somebody chose, without the zeros of a measurement."""
    return {**(made := cell(measure)), "n": fmt.without_zeros(made["n"])}
