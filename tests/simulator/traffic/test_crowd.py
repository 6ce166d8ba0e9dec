"""More of everything, and hostile names: the figures still agree, and small draws keep their distribution."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from simulator.ports import PortsError, addresses, choose, from_addresses
from simulator.servers.ground_truth import figures
from simulator.servers.proxy import ProxyMetrics
from simulator.traffic.crowd import HOSTILE_NAMES, crowded_scenario
from simulator.traffic.draws import FEW_CELLS, poisson
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


@pytest.fixture(scope="module")
def crowd() -> Iterator[TrafficModel]:
    traffic_model = TrafficModel(crowded_scenario(300, 20, 50, hostile=True), 3, START, history=False)
    for second in range(1, 31):
        traffic_model.advance(START + second)
    yield traffic_model


def test_without_wishes_it_is_the_default_scene() -> None:
    assert crowded_scenario() == default_scenario()


def test_there_are_as_many_as_asked_for_and_every_hostile_name_once_more() -> None:
    scenario = crowded_scenario(300, 20, 50, hostile=True)
    hostile = len(HOSTILE_NAMES)
    assert (len(scenario.namespaces), len(scenario.topics)) == (300 + hostile, 20 + hostile)
    assert set(HOSTILE_NAMES) <= {spec.name for spec in scenario.namespaces}
    assert set(HOSTILE_NAMES) <= {topic.name for topic in scenario.topics}
    assert set(HOSTILE_NAMES) <= {name for topic in scenario.topics for name, _ in topic.subscribers}
    names = [spec.name for spec in scenario.patterns]
    assert len(names) == len(set(names)) > 50
    assert len({spec.port for spec in scenario.patterns}) == len(names)
    assert any("<script>" in name for name in names)
    assert max(map(len, names)) == 300


def test_every_added_pattern_is_asked_by_a_namespace_that_names_it() -> None:
    scenario = crowded_scenario(15, 4, 50)
    asked = {(flow.namespace, flow.pattern) for flow in scenario.flows}
    assert asked == {(spec.name, pattern) for spec in scenario.namespaces for pattern in spec.patterns}
    assert {pattern for _, pattern in asked} == {spec.name for spec in scenario.patterns}


def test_in_a_crowd_all_figures_agree(crowd: TrafficModel) -> None:
    reported = figures(crowd, START + 30)
    requests = reported["totals"]["requests"]
    assert requests == sum(reported["totals"]["histogram"]) > 8000 * 30
    for group in ("namespaces", "patterns", "operations"):
        assert sum(one["requests"] for one in reported[group].values()) == requests
    assert sum(one["success"] + one["error"] for one in reported["flows"]) == requests
    assert all(one["success"] + one["error"] == sum(one["histogram"]) for one in reported["flows"])
    assert reported["auth"]["allowed"] == requests
    published = sum(one["success"] for one in reported["flows"] if one["operation"] == "PubSub.Publish")
    assert sum(one["published"] for one in reported["topics"].values()) == published
    for topic in reported["topics"].values():
        known = topic["delivered"] + topic["dropped"] + topic["pending"]
        assert known == topic["published"] * topic["subscribers"]
    json.dumps(reported)


def test_the_exposition_of_a_crowd_says_what_the_books_say(crowd: TrafficModel) -> None:
    text = ProxyMetrics(crowd, lambda: START + 30).text(START + 30)
    reported = [line for line in text.decode().splitlines() if line.startswith("prism_requests_total{")]
    assert sum(int(line.rpartition(" ")[2]) for line in reported) == int(crowd.requests().sum())
    for name in HOSTILE_NAMES:
        written = name.replace("\\", "\\\\").replace('"', '\\"')
        assert f'prism_requests_total{{namespace="{written}"'.encode() in text


def test_logins_that_failed_before_the_start_are_in_the_counters_and_reported_one_by_one() -> None:
    traffic_model = TrafficModel(crowded_scenario(hostile=True), 3, START, history=False, failed_logins=5000)
    assert sum(traffic_model.auth.failures.values()) == 5000
    reported = list(traffic_model.auth_log.newest(START - 86400, START))
    assert len(reported) == int(traffic_model.auth_log.counts(START - 86400, START).sum()) == 5000
    users = {traffic_model.auth_log.crowd[one.who].user for one in reported}
    assert set(HOSTILE_NAMES) <= users
    traffic_model.advance(START + 10)
    later = sum(traffic_model.auth.failures.values()) - 5000
    assert sum(1 for _ in traffic_model.auth_log.newest(START, START + 10)) == later > 0


def test_ports_of_added_patterns_are_reported_and_can_be_used_again() -> None:
    scenario = crowded_scenario(15, 4, 8, hostile=True)
    ports = choose("rfc", "127.0.0.1", scenario.patterns)
    assert ports["pattern:pattern-005"] == 50091
    assert len(set(ports.values())) == len(ports)
    line = json.dumps(addresses("127.0.0.1", ports))
    assert from_addresses(line, scenario.patterns) == ports
    with pytest.raises(PortsError, match="unknown pattern:pattern-005"):
        from_addresses('{"patterns": {"pattern-005": "h:1"}}')


def test_rare_events_drawn_together_have_the_expected_mean_and_spread() -> None:
    rng = np.random.default_rng(1)
    expected = np.full((FEW_CELLS // 10 + 1, 10), 0.02)
    expected[0] = (0.0, 0.001, 0.01, 0.05, 0.19, 0.2, 0.5, 1.0, 5.0, 50.0)
    drawn = np.array([poisson(rng, expected) for _ in range(4000)])
    error = 5 * np.sqrt(expected / 4000) + 1e-12
    assert (np.abs(drawn.mean(axis=0) - expected) <= error).mean() > 0.9999
    assert (drawn[:, 0, 0] == 0).all()
    assert drawn[:, 0].var(axis=0) == pytest.approx(expected[0], rel=0.25, abs=0.002)
