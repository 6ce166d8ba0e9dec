"""`hud.frame` and `hud.events` over a known world: figures, metrics as read, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from aggregators.requests.traffic import traffic_series
from hud import tables
from hud.cell import address_of
from hud.figures import FIGURES
from hud.samples import samples
from model.series import Event, Severity
from store.snapshot import Snapshot
from tests.aggregators.virtual_prism import VirtualPrism

POOLS = "prism_pool_connections_active"


@pytest.fixture(scope="module")
def world() -> VirtualPrism:
    one = VirtualPrism()
    for _ in range(120):
        one.tick()
    return one


@pytest.fixture(scope="module")
def snapshot(world: VirtualPrism) -> Snapshot:
    return world.snapshot()


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(("window", "step"), [(300.0, 5.0), (3600.0, 60.0)])
def test_every_figure_has_times_in_utc_and_named_columns(
    world: VirtualPrism, snapshot: Snapshot, name: str, window: float, step: float
) -> None:
    found = FIGURES[name].table(snapshot, world.now, window, step)
    assert isinstance(found.index, pd.DatetimeIndex)
    assert str(found.index.tz) == "UTC"
    assert found.index.is_monotonic_increasing
    assert found.index[-1] <= pd.Timestamp(world.now, unit="s", tz="UTC")
    assert all(isinstance(one, str) and one for one in found.columns)
    assert all(kind == "float64" for kind in found.dtypes)


def test_requests_are_those_of_the_page(world: VirtualPrism, snapshot: Snapshot) -> None:
    found = FIGURES["requests"].table(snapshot, world.now, 300.0, 5.0)
    drawn = traffic_series(snapshot, world.now, 300.0, 5.0)
    assert found["read"].dropna().tolist() == [one for one in drawn.read if one is not None]
    assert found["read"].dropna().iloc[-1] == pytest.approx(400)
    assert found["read"].isna().any()  # before it was read: a gap, not zero


def test_a_metric_has_a_column_per_series_and_a_row_per_read(world: VirtualPrism, snapshot: Snapshot) -> None:
    found = samples(snapshot, world.now, POOLS, 60.0)
    assert found is not None
    assert len(found) == 61
    assert found.columns.names[0] == "source"
    by_backend = found.T.groupby("backend").sum().T.iloc[-1]
    assert by_backend.to_dict() == {"redis": 7.0, "postgresql": 3.0, "nats": 1.0}
    assert found.attrs == {"unit": "count", "reading": "value", "note": ""}


def test_a_histogram_gives_its_buckets(world: VirtualPrism, snapshot: Snapshot) -> None:
    found = samples(snapshot, world.now, "prism_request_duration_seconds", 60.0)
    assert found is not None
    assert "+Inf" in found.columns.get_level_values("le")


def test_a_metric_that_nobody_reports_has_no_columns_and_says_why(world: VirtualPrism, snapshot: Snapshot) -> None:
    found = samples(snapshot, world.now, "prism_launcher_processes", 60.0)
    absent = samples(snapshot, world.now, "prism_jwks_cache_hits_total", 60.0)
    assert found is None
    assert absent is not None
    assert absent.empty
    assert absent.T.groupby("source").sum().empty
    assert absent.attrs["reading"] == "not reported"
    assert "would fill it" in absent.attrs["note"]


@pytest.mark.parametrize("name", ["", "request", "prism_requests_totals", "requests\n", "__class__"])
def test_an_unknown_frame_is_refused_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot, name: str
) -> None:
    monkeypatch.setattr(tables, "_snapshot", lambda: snapshot)
    with pytest.raises(ValueError, match=r"accepted: requests, latency, errors, .* prism_requests_total"):
        tables.frame(name, "5m")


@pytest.mark.parametrize("window", ["", "1", "h", "-1h", "0m", "25h", "2d", "1 h", "1h\n", "9999999s", "1w"])
def test_a_window_is_a_day_at_the_most(window: str) -> None:
    with pytest.raises(ValueError, match="a number and s, m, h or d"):
        tables.seconds_of(window)
    assert [tables.seconds_of(one) for one in ("90s", "15m", "24h", "1d")] == [90.0, 900.0, 86400.0, 86400.0]


def test_events_are_rows_with_all_their_labels() -> None:
    labels = (("component", "redis"), ("state", "firing"))
    found = tables.events_frame([Event(1.5, "alert", Severity.WARNING, labels, "full")])
    assert found.index.tolist() == [pd.Timestamp("1970-01-01 00:00:01.5", tz="UTC")]
    assert found.iloc[0].to_dict() == {
        "kind": "alert",
        "severity": "warning",
        "component": "redis",
        "state": "firing",
        "message": "full",
        "labels": dict(labels),
    }
    assert list(tables.events_frame([]).columns) == list(found.columns)


@pytest.mark.parametrize(
    ("view", "chosen", "address"),
    [
        ("system-health", {}, "/?embed=1"),
        ("backends", {"range": "1h"}, "/backends?embed=1&range=1h"),
        ("namespace", {"name": "a/b c", "proxy": "p&q"}, "/namespaces/a%2Fb%20c?embed=1&proxy=p%26q"),
    ],
)
def test_a_view_has_its_address(view: str, chosen: dict[str, str], address: str) -> None:
    assert address_of(view, chosen) == address


@pytest.mark.parametrize(
    ("view", "chosen", "words"),
    [
        ("backend", {}, "there is no view 'backend'; accepted: alerts, backends"),
        ("backends", {"range": "2h"}, "range '2h'; accepted: 5m, 15m"),
        ("backends", {"colour": "red"}, "backends takes no colour; accepted: range, proxy"),
        ("system-health", {"range": "1h"}, "system-health takes no range; accepted: proxy"),
        ("namespace", {}, "namespace is of one name: say which"),
    ],
)
def test_what_a_view_does_not_take_is_refused(view: str, chosen: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        address_of(view, chosen)
