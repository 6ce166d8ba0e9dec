"""One namespace: how it is configured, how much of that it uses, and its busiest operations (view 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.alerts.alerts import Alert, alerts
from aggregators.changes.changes import ChangeSpan, change_spans
from aggregators.namespaces.config import Config, Configured, configured
from aggregators.namespaces.figures import figures
from aggregators.namespaces.flows import RATE_SECONDS
from aggregators.namespaces.operations import OperationUse, PatternUse, operation_uses, operations, pattern_uses
from aggregators.namespaces.row import NamespaceRow, limit_measure, row, use_measure
from aggregators.patterns.launcher import launched_namespaces
from aggregators.requests.attribution import NAMESPACE
from aggregators.requests.labels import REQUESTS
from aggregators.requests.operations import READ, WRITE
from aggregators.requests.spans import Spans, all_spans
from aggregators.series.availability import TWO_READS
from aggregators.series.grouping import VALUE
from aggregators.series.label_filter import with_label
from aggregators.series.sources import read_until
from aggregators.series.window import Window
from model.measure import Measure, PerSecond, Ratio, Timestamp
from model.series import Unit
from store.snapshot import Snapshot

TOP = 10
UNLISTED = "the Admin API does not list this namespace"


@dataclass(frozen=True, slots=True)
class Allowance:
    """A configured limit of requests, what is asked of it (last 15 s), and how much of it that uses."""

    limit_per_second: PerSecond
    per_second: PerSecond
    use_ratio: Ratio


@dataclass(frozen=True, slots=True)
class NamespaceDetail:
    """`known` is False when neither the Admin API nor any traffic nor a launcher reports it.

    `owner` and `admin_status` are '' where nobody reports them, and `config_note` says why. `reads` and `writes` have
    limits where those are limited apart. `operations` are the busiest of `operations_known`; `alerts` are of 24 hours,
    `changes` of the last 10 minutes, hour and day.
    """

    known: bool
    namespace: NamespaceRow
    age_seconds: float | None
    success_ratio: Ratio
    owner: str
    admin_status: str
    created: Timestamp
    config_note: str
    patterns: tuple[PatternUse, ...]
    all_requests: Allowance
    reads: Allowance
    writes: Allowance
    operations: tuple[OperationUse, ...]
    operations_known: int
    alerts: tuple[Alert, ...]
    changes: tuple[ChangeSpan, ...]


def namespace_detail(snapshot: Snapshot, now: float, name: str) -> NamespaceDetail:
    """The namespace called `name`."""
    narrowed, config = with_label(snapshot, "namespace", name), configured(snapshot, now)
    spans = all_spans(snapshot, now)
    at = spans.at if spans else read_until(snapshot, now, "proxy")
    total = _total(snapshot, now, spans)
    reported = replace(figures(narrowed, now, whole=snapshot), ready=total is not None)
    found, listed = operations(reported.seen, at), config.by_name.get(name)
    launched = launched_namespaces(snapshot, now)
    one, uses = row(name, config, reported, total, launched.get(name, ())), operation_uses(found, reported)

    def allowance(kind: str, limit: float | None) -> Allowance:
        rate = reported.availability.measure(
            Unit.PER_SECOND,
            found.per_second(kind) if reported.ready else None,
            Measure.not_reported(Unit.PER_SECOND, TWO_READS),
        )
        most = limit_measure(config, listed, limit)
        return Allowance(most, rate, use_measure(rate, most))

    return NamespaceDetail(
        known=bool(name) and (listed is not None or bool(reported.asked.requests) or name in launched),
        namespace=one,
        age_seconds=reported.availability.age_seconds,
        success_ratio=_complement(one.error_ratio),
        owner=listed.owner if listed else "",
        admin_status=listed.status if listed else "",
        created=_created(config, listed),
        config_note=_config_note(config, listed),
        patterns=pattern_uses(listed, found.used()),
        all_requests=Allowance(one.max_per_second, one.per_second, one.use_ratio),
        reads=allowance(READ, listed.read_limit if listed else None),
        writes=allowance(WRITE, listed.write_limit if listed else None),
        operations=uses[:TOP],
        operations_known=len(uses),
        alerts=tuple(alert for alert in alerts(snapshot, now) if alert.component == NAMESPACE + name),
        changes=change_spans(snapshot, now, NAMESPACE + name),
    )


def _total(snapshot: Snapshot, now: float, spans: Spans | None) -> float | None:
    """All requests per second; None before two reads."""
    window = spans.window(REQUESTS, RATE_SECONDS) if spans else Window.of(snapshot, now, REQUESTS, RATE_SECONDS)
    everything = window.rates()
    return float(everything[VALUE].sum()) if len(everything) else None


def _complement(error: Measure) -> Measure:
    """The success ratio, in the state of the error ratio."""
    return error if error.value is None else replace(error, value=1.0 - error.value)


def _created(config: Configured, listed: Config | None) -> Measure:
    why = Measure.not_reported(Unit.TIMESTAMP, _config_note(config, listed) or config.unsaid)
    return config.availability.measure(Unit.TIMESTAMP, listed.created if listed else None, why)


def _config_note(config: Configured, listed: Config | None) -> str:
    """Why there is no configuration to show; '' when there is."""
    if not config.reports:
        return config.availability.note
    return "" if listed else UNLISTED
