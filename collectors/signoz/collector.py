"""Reads SigNoz: span durations by operation, open alerts and their edges (RFC views 1 and 2; contracts external A)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.alerting.alert_transitions import AlertTransitions
from collectors.alerting.listed_alerts import Listed
from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector, PartialReadError
from collectors.core.redact import redact
from collectors.http.transport import share_of_time
from collectors.signoz import query_v3, query_v5
from collectors.signoz.alert_history import RuleHistory
from collectors.signoz.alerts import KIND, open_alerts
from collectors.signoz.auth_failure_counts import LOGIN_WINDOWS, AuthFailureCounts
from collectors.signoz.auth_failures import AuthFailures
from collectors.signoz.auth_spans import Attributes
from collectors.signoz.backend_spans import BackendSpans
from collectors.signoz.client import AbsentRouteError, NoDataError, SignozClient
from collectors.signoz.compliance import Compliance
from collectors.signoz.coverage import Coverage
from collectors.signoz.envelopes import V3_PATH, V5_PATH
from collectors.signoz.ingest import NewestSpans, Stats
from collectors.signoz.request_spans import RequestSpans
from collectors.signoz.results import COUNT, ERRORS, QUANTILES, Figures
from collectors.signoz.throttled_queries import FAILED, MAX_DETAIL, Question, RareQuestions
from model.series import Event, Kind, Scrape
from model.settings import AuthSpans, Settings, SourceOptions
from model.slo import SLO
from model.sources import CollectError, ErrorKind

HISTORY, HISTORY_SHARE = "alert history", 0.4
ALERTS_SHARE = 0.6
SILENT = (ErrorKind.DOWN, ErrorKind.UNAUTHENTICATED, ErrorKind.WRONG_PROTOCOL)
"""After these nothing else is asked: there is nobody, or nobody for us."""


class SignozCollector(Configured):
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
        super().__init__(url, options)
        self._client = SignozClient(url, key, version, options)
        self._edges = AlertTransitions(self.instance, KIND)
        self._history = RuleHistory()
        attributes = Attributes(auth_spans or AuthSpans())
        self._logins = AuthFailures(attributes, self.instance)
        counts = (AuthFailureCounts(attributes, *window) for window in LOGIN_WINDOWS)
        compliance = [Compliance(slo.threshold_seconds)] if slo else []
        questions: list[Question] = [
            NewestSpans(), BackendSpans(), Coverage(), Stats(), self._logins, *counts, *compliance,
        ]  # fmt: skip
        self._rare = RareQuestions(self._client, questions)
        self._requests = RareQuestions(self._client, [RequestSpans(attributes)])

    def restore(self, events: Iterable[Event]) -> None:
        """Take over the edges that an earlier run reported, so that none is reported twice."""
        reported = tuple(events)
        self._edges.restore(reported)
        self._logins.restore(reported)

    def collect(self, now: Clock) -> Scrape:
        """Alerts, edges, operations. Raises CollectError; PartialReadError when one of alerts and operations came."""
        self._client.begin()
        scrape = Scrape(self.source, self.instance, now())
        failure = self._add_alerts(scrape, now)
        unread = self._add_figures(scrape) if _answers(failure) else failure
        self._requests.add(scrape, ask=unread is None)
        self._rare.add(scrape, ask=unread is None)
        scrape.events += self._logins.taken()
        failure = failure or unread
        if failure is not None:
            self._client.forget()
            raise PartialReadError(failure.kind, failure.detail, scrape) if scrape.series else failure
        scrape.time = now()
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _add_alerts(self, scrape: Scrape, now: Clock) -> CollectError | None:
        """What is open, and what began and ended; without the list nothing is known to have ended. A list that does
        not come costs a share of the time, and none of the figures.
        """
        try:
            with share_of_time(ALERTS_SHARE):
                alerts = open_alerts(self._client, self._edges.open)
        except CollectError as error:
            return error
        scrape.time = now()
        alerts.add_to(scrape, self.source)
        self._add_edges(scrape, alerts)
        return None

    def _add_edges(self, scrape: Scrape, alerts: Listed) -> None:
        """From the history, in a share of the time; from the alerts alone when it cannot be read, which it says."""
        try:
            with share_of_time(HISTORY_SHARE):
                edges = self._history.edges(self._client, scrape.time)
            scrape.events += self._edges.reported_by_history(edges, alerts.alerts)
        except CollectError as error:
            detail = redact(str(error), MAX_DETAIL)
            scrape.add("signoz_question_info", 1.0, Kind.INFO, question=HISTORY, state=FAILED, detail=detail)
        scrape.events += self._edges.seen(alerts, scrape.time)

    def _add_figures(self, scrape: Scrape) -> CollectError | None:
        try:
            figures = self._figures(scrape.time)
        except CollectError as error:
            return error
        for reported, values in figures.items():
            operation = redact(reported, 200)
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
                    return query_v5.figures(self._client.post(V5_PATH, query_v5.request(now)))
                except AbsentRouteError:
                    if self._client.pinned:
                        raise
                    self._client.fall_back()
            return query_v3.figures(self._client.post(V3_PATH, query_v3.request(now)))
        except NoDataError:
            return {}


def _answers(failure: CollectError | None) -> bool:
    """Whether queries may still be answered where the alerts came, or failed like this."""
    return failure is None or isinstance(failure, AbsentRouteError) or failure.kind not in SILENT


def configured(settings: Settings, reported: Iterable[Event] = ()) -> Iterator[Collector]:
    """The SigNoz, going on from the alerts that it reported before."""
    one = SignozCollector(
        settings.signoz_api_url,
        settings.signoz_api_key,
        settings.signoz_api_version,
        settings.sources.signoz,
        settings.auth_spans,
        settings.slo,
    )
    one.restore(reported)
    yield one
