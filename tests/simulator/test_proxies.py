"""Several simulated proxies share one traffic: what they report adds up to the whole, each of them coherent."""

from __future__ import annotations

from collections import defaultdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from simulator.servers.proxy import ProxyMetrics
from simulator.sockets.exposition import Share
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
WHOLE_FAMILIES = ("prism_requests", "prism_request_duration_seconds", "prism_pubsub_published", "prism_pool_errors")


def _samples(model: TrafficModel, share: Share) -> dict[tuple[str, str], float]:
    text = ProxyMetrics(model, lambda: START + 60.0, share).text(START + 60.0).decode()
    found: dict[tuple[str, str], float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found[one.name, str(sorted(one.labels.items()))] = one.value
    return found


@pytest.mark.parametrize("number", [2, 3, 20])
def test_the_shares_of_all_proxies_add_up(number: int) -> None:
    model = TrafficModel(default_scenario(), 1, START)
    whole = _samples(model, Share())
    parts = [_samples(model, Share(at, number)) for at in range(number)]
    for (name, labels), value in whole.items():
        if name.startswith(WHOLE_FAMILIES):
            assert sum(part[name, labels] for part in parts) == pytest.approx(value), (name, labels)
    for part in parts:
        for (name, labels), active in part.items():
            if name == "prism_pool_connections_active":
                idle, most = part[name.replace("active", "idle"), labels], part[name.replace("active", "max"), labels]
                assert active + idle <= most


def test_each_pattern_is_run_by_one_proxy() -> None:
    model = TrafficModel(default_scenario(), 1, START)
    parts = [_samples(model, Share(at, 3)) for at in range(3)]
    run = [labels for part in parts for name, labels in part if name == "prism_pattern_restarts_total"]
    assert sorted(run) == sorted(set(run))
    assert len(run) == len(model.processes)
