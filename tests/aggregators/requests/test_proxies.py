"""One of several proxies alone, and all of them beside each other."""

from __future__ import annotations

from array import array

import pytest

from aggregators.performance.fleet import fleet
from aggregators.requests.proxies import only, proxies
from aggregators.requests.traffic import traffic
from model.series import Kind, Scrape, Series, labels_of
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0
BOUNDS = (0.001, 0.01, 0.1)


def _scrape(proxy: str, at: float, good: float, bad: float, slow: float = 0.0) -> Scrape:
    own = {"instance": proxy, "namespace": "a", "pattern": "redis", "operation": "KeyValue.Get"}
    counted = {"success": good, "error": bad}
    series = [Series("prism_requests_total", labels_of({**own, "status": how}), Kind.COUNTER) for how in counted]
    values = list(counted.values())
    for bound in (*map(str, BOUNDS), "+Inf"):
        series.append(Series("prism_request_duration_seconds_bucket", labels_of({**own, "le": bound}), Kind.COUNTER))
        values.append(good + bad - (slow if bound in ("0.001", "0.01") else 0.0))
    return Scrape("proxy", proxy, at, series, array("d", values))


def site(*found: tuple[str, float, float, float]) -> Snapshot:
    """(proxy, requests, failures, slow ones) a second, for a minute."""
    scrapes = [
        _scrape(name, NOW - 60 + second, second * (requests - bad), second * bad, second * slow)
        for name, requests, bad, slow in found
        for second in range(61)
    ]
    states = [
        SourceState(f"proxy@{name}", "proxy", name, f"http://{name}", 1.0, last_success=NOW, last_attempt=NOW)
        for name, *_ in found
    ]
    return snapshot_of(scrapes, sources=states)


def test_the_site_is_the_sum_and_one_proxy_alone_is_its_share() -> None:
    both = site(("a:1", 10.0, 0.0, 0.0), ("b:1", 30.0, 3.0, 0.0))
    assert proxies(both, NOW) == ("a:1", "b:1")
    assert traffic(both, NOW).per_second.value == pytest.approx(40.0)
    assert traffic(both, NOW).error_ratio.value == pytest.approx(3 / 40), "sums over sums, not the mean of two ratios"
    alone = only(both, NOW, "b:1")
    assert traffic(alone, NOW).per_second.value == pytest.approx(30.0)
    assert traffic(alone, NOW).error_ratio.value == pytest.approx(0.1)
    assert list(alone.sources) == ["proxy@b:1"]
    assert only(both, NOW, "") is both


def test_of_a_proxy_that_nobody_knows_nothing_is_reported() -> None:
    found = traffic(only(site(("a:1", 10.0, 0.0, 0.0)), NOW, "z:9"), NOW)
    assert found.per_second.value is None
    assert found.requests.value is None


def test_the_fleet_is_ranked_by_trouble_with_what_is_unlike_said() -> None:
    rows = fleet(site(("a:1", 10.0, 0.0, 0.0), ("b:1", 10.0, 2.0, 0.0), ("c:1", 20.0, 0.0, 5.0)), NOW)
    assert [(row.name, row.unlike) for row in rows] == [("b:1", "more errors"), ("c:1", "slower"), ("a:1", "")]
    assert [row.share.value for row in rows] == pytest.approx([0.25, 0.5, 0.25])
    assert sum(row.share.value or 0.0 for row in rows) == pytest.approx(1.0)


def test_one_alone_has_no_peers_to_be_unlike() -> None:
    (row,) = fleet(site(("a:1", 10.0, 5.0, 5.0)), NOW)
    assert row.unlike == ""
    assert row.share.value == pytest.approx(1.0)
