from __future__ import annotations

import pytest
import requests

from simulator.prism import Prism


def control(prism: Prism, path: str) -> str:
    return str(prism.addresses()["control_url"]) + path


def test_the_catalogue_says_what_each_fault_does_and_takes(prism: Prism) -> None:
    reported = requests.get(control(prism, "/faults"), timeout=5).json()
    by_name = {fault["fault"]: fault for fault in reported["faults"]}
    assert by_name["latency"]["params"] == {"factor": {"default": 20.0, "from": 0.1, "to": 1000.0, "whole": False}}
    assert "pattern:nats" in by_name["source_down"]["targets"]
    assert by_name["pattern_crash"]["targets"] == ["memstore", "redis", "nats", "postgresql"]
    assert reported["active"] == []


def test_a_fault_is_made_seen_and_cleared(prism: Prism) -> None:
    made = requests.post(control(prism, "/faults"), json={"fault": "latency", "target": "redis"}, timeout=5)
    assert (made.status_code, made.json()["params"]) == (201, {"factor": 20.0})
    active = requests.get(control(prism, "/faults"), timeout=5).json()["active"]
    assert [one["id"] for one in active] == [made.json()["id"]]
    assert requests.delete(control(prism, f"/faults/{made.json()['id']}"), timeout=5).json() == {"cleared": 1}
    assert requests.delete(control(prism, "/faults"), timeout=5).json() == {"cleared": 0}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'{"fault":"none"}'])
def test_bad_requests_are_answered_400_with_words(prism: Prism, body: bytes) -> None:
    answer = requests.post(control(prism, "/faults"), data=body, timeout=5)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


def test_unknown_paths_ids_and_methods_are_said_so(prism: Prism) -> None:
    assert requests.get(control(prism, "/nothing"), timeout=5).status_code == 404
    assert requests.delete(control(prism, "/faults/f999"), timeout=5).status_code == 404
    assert requests.put(control(prism, "/faults"), timeout=5).status_code == 405


def test_the_addresses_are_those_that_were_printed(prism: Prism) -> None:
    assert requests.get(control(prism, "/addresses"), timeout=5).json() == prism.addresses()


def test_the_books_agree_with_themselves_and_with_the_proxy(prism: Prism) -> None:
    traffic_model = requests.get(control(prism, "/books"), timeout=5).json()
    totals = traffic_model["totals"]
    for group in ("namespaces", "patterns", "operations"):
        assert sum(one["requests"] for one in traffic_model[group].values()) == totals["requests"]
        assert sum(one["error"] for one in traffic_model[group].values()) == totals["error"]
    assert sum(totals["histogram"]) == totals["requests"] == traffic_model["auth"]["allowed"]
    assert traffic_model["patterns"]["nats"]["status"] == "DEGRADED"
    redis = traffic_model["pools"]["redis"]
    assert (redis["backend"], redis["active"], redis["idle"], redis["max"], redis["waiting"]) == ("redis", 7, 1, 10, 0)
    assert redis["errors"] == {"refused": 0, "timeout": 0, "reset": 0}
    assert sum(redis["acquire_histogram"]) == redis["acquisitions"] > 0
    for pool in traffic_model["pools"].values():
        assert sum(pool["query_histogram"]) == pool["queries"]
    for topic in traffic_model["topics"].values():
        assert topic["published"] * topic["subscribers"] == topic["delivered"] + topic["dropped"] + topic["pending"]


def test_the_admin_api_lists_fifteen_namespaces_and_as_many_as_wanted(prism: Prism) -> None:
    url = prism.addresses()["admin_api_url"] + "/api/v1/namespaces"
    listed = requests.get(url, timeout=5).json()["namespaces"]
    assert len(listed) == 15
    assert listed[0] == {
        "name": "user-platform",
        "description": "User platform data",
        "owner": "team-user-platform@example.com",
        "created_at": "2025-10-15T09:00:00Z",
        "patterns": ["redis", "nats"],
        "max_rps": 10000,
        "status": "active",
        "backends": ["redis", "nats"],
        "quota": {},
    }
    assert requests.get(f"{url}/payments", timeout=5).json()["max_rps"] == 5000
    assert requests.get(f"{url}/nobody", timeout=5).status_code == 404
    assert requests.post(url, timeout=5).status_code == 405
    for count in (20, 3):
        requests.post(control(prism, "/faults"), json={"fault": "namespace_count", "value": count}, timeout=5)
        assert len(requests.get(url, timeout=5).json()["namespaces"]) == count
