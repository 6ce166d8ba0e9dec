"""Every figure of Observability (RFC view 7) that the OTel Collector counts."""

from __future__ import annotations

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, MINUTES_5, Line, Table, among, field
from tests.ground_truth.model_readings import TrafficModel

SIGNALS = (("spans", "traces"), ("metric_points", "metrics"), ("log_records", "logs"))
READ_SECONDS = 5.0


def _of(signal: str, what: str) -> sums.Part:
    return lambda model: model["pipeline"][signal][what]


def _sum(what: str) -> sums.Part:
    return lambda model: sum(model["pipeline"][signal][what] for signal, _ in SIGNALS)


def _left(model: TrafficModel) -> int:
    return int(_sum("sent")(model)) + int(_sum("failed")(model))


def _exported(signal: str, name: str) -> Line:
    one = among("signals", name=name)("exported_count")
    return Line(f"{name} exported", sums.increase(_of(signal, "sent")), MINUTES_5, f"ob-{name}",
                lambda answer: one(answer["exports"]))  # fmt: skip


OBSERVABILITY = Table(
    "Observability", "/observability", "/api/observability", 30.0,
    (
        *(_exported(signal, name) for signal, name in SIGNALS),
        Line("export errors", sums.increase(_sum("failed")), MINUTES_5, "ob-errors", field("exports", "errors_count")),
        Line("share of errors", sums.share(_sum("failed"), _left), MINUTES_5, "ob-errors-also",
             field("exports", "error_ratio")),
        *(Line(f"{name} queued", sums.now(_of(signal, "queued")), INSTANT,
               served=among("exporters", signal=name)("queued_count")) for signal, name in SIGNALS),
    ),
    "otel", READ_SECONDS,
)  # fmt: skip
