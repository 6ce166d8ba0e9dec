"""Reads SigNoz: span durations by operation, open alerts and their edges (RFC views 1 and 2; contracts external A)."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.alerting.alert_transitions import EdgeBook
from collectors.alerting.listed_alerts import Listed
from collectors.core.contract import Clock, PartialReadError
from collectors.core.redact import address_of, instance_of, redact
from collectors.signoz import query_v3, query_v5
from collectors.signoz.alert_history import RuleHistory
from collectors.signoz.alerts import KIND, open_alerts
from collectors.signoz.auth_failure_counts import LOGIN_WINDOWS, LoginCounts
from collectors.signoz.auth_failures import FailedLogins
from collectors.signoz.auth_spans import Attributes
from collectors.signoz.client import AbsentRouteError, NoDataError, SignozClient
from collectors.signoz.compliance import Compliance
from collectors.signoz.coverage import Coverage
from collectors.signoz.ingest import NewestSpans, Stats
from collectors.signoz.results import COUNT, ERRORS, QUANTILES, Figures
from collectors.signoz.throttled_queries import Question, RareQuestions
from model.series import Event, Scrape
from model.settings import AuthSpans, SourceOptions
from model.slo import SLO
from model.sources import CollectError


class SignozCollector:
    """One SigNoz. Alerts come first: they are cheap, and answered when the traces' database is in trouble."""

    source = "signoz"

    def __init__(
        self,
        url: str,
        key: str,
        version: str,
        options: SourceOptions,
        auth_spans: AuthSpans | None = None,
        slo: SLO | None = None,
    ) -> None:
        self.instance = instance_of(url)
        self.address = address_of(url)
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
        self._client = SignozClient(url, key, version, options)
        self._edges = EdgeBook(self.instance, KIND)
        self._history = RuleHistory()
        attributes = Attributes(auth_spans or AuthSpans())
        self._logins = FailedLogins(attributes, self.instance)
        counts = (LoginCounts(attributes, *window) for window in LOGIN_WINDOWS)
        compliance = [Compliance(slo.threshold_seconds)] if slo else []
        questions: list[Question] = [NewestSpans(), Coverage(), Stats(), self._logins, *counts, *compliance]
        self._rare = RareQuestions(self._client, questions)

    def restore(self, events: Iterable[Event]) -> None:
        """Take over the edges that an earlier run told, so that none is told twice."""
        told = tuple(events)
        self._edges.restore(told)
        self._logins.restore(told)

    def collect(self, now: Clock) -> Scrape:
        """Alerts, edges, operations. Raises CollectError; PartialReadError when only the alerts could be read."""
        self._client.begin()
        try:
            alerts = open_alerts(self._client, self._edges.open)
            scrape = Scrape(self.source, self.instance, now())
            alerts.add_to(scrape, self.source)
            failure = self._add_edges(scrape, alerts) or self._add_figures(scrape)
            self._rare.add(scrape, ask=failure is None)
            scrape.events += self._logins.taken()
            if failure is not None:
                raise PartialReadError(failure.kind, failure.detail, scrape)
        except CollectError:
            self._client.forget()
            raise
        scrape.time = now()
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _add_edges(self, scrape: Scrape, alerts: Listed) -> CollectError | None:
        """What began and ended; from the alerts alone when the history cannot be read."""
        failure = None
        try:
            edges = self._history.edges(self._client, scrape.time)
            scrape.events += self._edges.told_by_history(edges, alerts.alerts)
        except CollectError as error:
            failure = error
        scrape.events += self._edges.seen(alerts, scrape.time)
        return failure

    def _add_figures(self, scrape: Scrape) -> CollectError | None:
        try:
            figures = self._figures(scrape.time)
        except CollectError as error:
            return error
        for told, values in figures.items():
            operation = redact(told, 200)
            for name, family in ((COUNT, "signoz_operation_spans"), (ERRORS, "signoz_operation_error_spans")):
                if name in values:
                    scrape.add(family, values[name], operation=operation)
            for name in QUANTILES:
                if name in values:
                    scrape.add("signoz_operation_duration_seconds", values[name], operation=operation, quantile=name)
        return None

    def _figures(self, now: float) -> Figures:
        try:
            if self._client.speaks() == "v5":
                try:
                    return query_v5.figures(self._client.post(query_v5.PATH, query_v5.request(now)))
                except AbsentRouteError:
                    if self._client.pinned:
                        raise
                    self._client.fall_back()
            return query_v3.figures(self._client.post(query_v3.PATH, query_v3.request(now)))
        except NoDataError:
            return {}
