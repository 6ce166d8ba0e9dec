"""From a figure into SigNoz: the same window, the same narrowing, and nothing where nobody said where it is."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aggregators.follow.follow import follow
from model.catalogue.signoz import PROXY_SERVICE
from tests.aggregators.tenants import NOW, Tenant, world

BASE = "https://signoz.example/ui"


def links(figure: str, name: str = "", range: str = "", base: str = BASE) -> list[str]:
    snapshot = world([Tenant("shop", 10.0)], meta={"signoz_public_url": base})
    return [one.href for one in follow(snapshot, NOW, figure, name=name, range=range).spans]


def asked(address: str) -> Any:
    """The query as SigNoz takes it out of its two wrappings."""
    return json.loads(unquote(parse_qs(urlsplit(address).query)["compositeQuery"][0]))["builder"]["queryData"][0]


def seconds(address: str) -> float:
    said = parse_qs(urlsplit(address).query)
    return (int(said["endTime"][0]) - int(said["startTime"][0])) / 1000


def test_traces_and_service_are_those_of_the_proxy_over_the_window_of_the_figure() -> None:
    traces, service = links("se-success")
    assert traces.startswith(f"{BASE}/traces-explorer?")
    assert service.startswith(f"{BASE}/services/{PROXY_SERVICE}?")
    assert (seconds(traces), seconds(service)) == (3600.0, 3600.0)
    assert asked(traces)["filter"]["expression"] == f"service.name = '{PROXY_SERVICE}'"
    assert seconds(links("pf-flow-chart", range="6h")[0]) == 21600.0
    assert seconds(links("sh-rps")[0]) == 300.0


def test_a_namespace_is_a_condition_whatever_it_is_called() -> None:
    for name in ("shop", "o'brien", "back\\slash", "a&b=c#d", "\U0001f984"):
        query = asked(links("nd-errors", name=name)[0])
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        assert f"attribute.namespace = '{escaped}'" in query["filter"]["expression"]
        assert query["filter"]["expression"].endswith("has_error = true")
        assert [one["value"] for one in query["filters"]["items"]] == [PROXY_SERVICE, name, True]


def test_what_has_no_spans_or_no_address_leads_nowhere() -> None:
    assert links("rs-memory") == links("sh-rps", base="") == []
    assert links("ob-complete") != []
