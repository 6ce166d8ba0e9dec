"""The rule about telemetry that does not get through: by the judgement of each exporter that Observability shows."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.observability.queues import Exporter
from model.number_text import listed
from model.status import Status


def telemetry_exporter(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each exporter of a collector, by the worst of its signals; while its collector is not read it stays as it was."""
    signals: dict[tuple[str, str], list[Exporter]] = {}
    for one in facts.exporters:  # the worst first
        signals.setdefault((one.exporter, one.collector), []).append(one)
    for (name, collector), found in signals.items():
        worst, known = found[0], all(one.status is not Status.UNKNOWN for one in found)
        bad = worst.status in (Status.DEGRADED, Status.UNHEALTHY)
        alike = [one.signal for one in found if one.status is worst.status and one.signal]
        of = f" ({listed(alike)})" if alike else ""
        words = rule.words.format(exporter=f"{name}{of}", collector=collector, reason=worst.reason)
        figure = max(one.fill.value or 0.0 for one in found)
        yield Condition(f"exporter {name} of {collector}", bad, known and not bad, words, figure=figure)


FINDERS: Finders = {telemetry_exporter.__name__: telemetry_exporter}
