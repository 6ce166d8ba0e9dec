"""The ways to read SigNoz' answers."""

from __future__ import annotations

from bench.fuzzing import seeds
from bench.fuzzing.reading import (
    JSON_TYPE,
    OPTIONS,
    SIGNOZ,
    Read,
    Reader,
    check_times,
    collected,
    storable,
)
from collectors.signoz.alert_history import RuleHistory
from collectors.signoz.auth_failure_counts import AuthFailureCounts
from collectors.signoz.auth_failures import AuthFailures
from collectors.signoz.auth_spans import Attributes
from collectors.signoz.client import SignozClient
from collectors.signoz.collector import SignozCollector
from collectors.signoz.compliance import Compliance
from collectors.signoz.coverage import Coverage
from collectors.signoz.ingest import NewestSpans, Stats
from collectors.signoz.request_spans import EDGES, RequestSpans
from collectors.signoz.throttled_queries import Question
from model.series import Scrape
from model.settings import AuthSpans
from model.sources import CollectError

_COLUMNS = [
    *({"columnType": "group"} for _ in range(3)),
    *({"columnType": "aggregation", "aggregationIndex": at} for at in range(2 + len(EDGES))),
]
_REQUESTS = seeds.written(
    seeds.results({"queryName": "A", "columns": _COLUMNS, "data": [["redis", None, "Get", 9, "1", *[8] * len(EDGES)]]})
)


def signoz_readers() -> list[Reader]:
    """All of them: alerts, rules, both query APIs, spans, services, statistics."""
    others = {
        "/api/v1/alerts": seeds.SIGNOZ_ALERTS[0],
        "history": seeds.SIGNOZ_HISTORY[0],
        "/api/v1/rules": seeds.SIGNOZ_RULES[0],
        "/v5/": seeds.V5_FIGURES[0],
        "/v3/": seeds.V3_FIGURES[0],
    }
    spans, groups = AuthFailures(_attributes(), "signoz:8080"), "failed logins counted"
    counted = [AuthFailureCounts(_attributes(), "10m", 600.0, 30.0) for _ in range(2)]
    newest = NewestSpans()
    services = {'"scalar"': seeds.V5_SERVICES[0]}
    return [
        Reader("SigNoz version", _version(), seeds.VERSIONS, JSON_TYPE, 1),
        Reader("SigNoz alerts", collected(_signoz("v5")), seeds.SIGNOZ_ALERTS, JSON_TYPE, 5, "/api/v1/alerts", others),
        Reader("SigNoz rules", _history(), seeds.SIGNOZ_RULES, JSON_TYPE, 2, "GET /api/v1/rules", others),
        Reader("SigNoz history", _history(), seeds.SIGNOZ_HISTORY, JSON_TYPE, 3, "history", others),
        Reader("SigNoz v5 figures", collected(_signoz("v5")), seeds.V5_FIGURES, JSON_TYPE, 3, "/v5/", others),
        Reader("SigNoz v3 figures", collected(_signoz("v3")), seeds.V3_FIGURES, JSON_TYPE, 3, "/v3/", others),
        Reader("v5 failed logins", _logins(spans, "v5"), seeds.V5_SPANS, JSON_TYPE),
        Reader("v3 failed logins", _logins(spans, "v3"), seeds.V3_SPANS, JSON_TYPE),
        Reader(f"v5 {groups}", asked(counted[0], "v5"), seeds.V5_GROUPS, JSON_TYPE),
        Reader(f"v3 {groups}", asked(counted[1], "v3"), seeds.V3_GROUPS, JSON_TYPE),
        Reader("requests by spans", _requests(), _REQUESTS, JSON_TYPE),
        Reader("compliance", asked(Compliance(0.01), "v5"), seeds.V5_HOURS, JSON_TYPE),
        Reader("trace coverage", asked(Coverage(), "v5"), seeds.V5_TRACES, JSON_TYPE),
        Reader(
            "services with spans",
            _afresh(newest),
            seeds.V5_SERVICES,
            JSON_TYPE,
            1,
            '"scalar"',
            {"/v5/": seeds.V5_NEWEST[0]},
        ),
        Reader("newest spans", _afresh(newest), seeds.V5_NEWEST, JSON_TYPE, 2, '"raw"', services),
        Reader("SigNoz statistics", asked(Stats(), "v5"), seeds.STATS, JSON_TYPE, 1),
    ]


def asked(question: Question, version: str) -> Read:
    """One answer to a question to SigNoz, which begins anew once it is answered or has failed."""
    client = SignozClient(SIGNOZ, "", version, OPTIONS)

    def read(now: float) -> None:
        client.begin()
        scrape = Scrape("signoz", "signoz:8080", now)
        try:
            found = question.ask(client, now)
        except CollectError:
            question.forget()
            raise
        if found is not None:
            question.forget()
            for family, value, labels, kind in found:
                scrape.add(family, value, kind, **dict(labels))
        storable(scrape)

    return read


def _signoz(version: str) -> SignozCollector:
    return SignozCollector(SIGNOZ, "", version, OPTIONS)


def _attributes() -> Attributes:
    return Attributes(AuthSpans())


def _version() -> Read:
    client = SignozClient(SIGNOZ, "", "auto", OPTIONS)

    def read(now: float) -> None:
        client.forget()
        client.begin()
        client.speaks()

    return read


def _history() -> Read:
    """The rules and their history, asked for anew each time."""
    client = SignozClient(SIGNOZ, "", "v5", OPTIONS)

    def read(now: float) -> None:
        client.begin()
        check_times(at for at, _, _ in RuleHistory().edges(client, now))

    return read


def _requests() -> Read:
    """Of one step; each time as if for the first."""

    def read(now: float) -> None:
        asked(RequestSpans(_attributes()), "v5")(now)

    return read


def _logins(question: AuthFailures, version: str) -> Read:
    ask = asked(question, version)

    def read(now: float) -> None:
        ask(now)
        storable(Scrape("signoz", "signoz:8080", now, events=question.taken()))

    return read


def _afresh(question: NewestSpans) -> Read:
    """Which services there are, and then their spans."""
    ask = asked(question, "v5")

    def read(now: float) -> None:
        ask(now)
        ask(now)

    return read
