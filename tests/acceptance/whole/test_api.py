"""What a running dashboard answers under /api keeps to its description, and a generated client can read it."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.acceptance.running_dashboard import RunningDashboard, fetch
from tests.web.client import generated

NAMES = {
    "/api/patterns/{name}": "nats",
    "/api/namespaces/{name}": "user-platform",
    "/api/follow/{figure}": "sh-thr-total",
}


def described(running_dashboard: RunningDashboard) -> dict[str, Any]:
    reported: dict[str, Any] = fetch(f"{running_dashboard.address}/api/openapi.json")
    return reported


@pytest.mark.browser
def test_every_answer_keeps_to_its_schema(running_dashboard: RunningDashboard) -> None:
    description = described(running_dashboard)
    incident = fetch(f"{running_dashboard.address}/api/incidents")["incidents"][0]["id"]
    names = NAMES | {"/api/incidents/{name}": incident}
    for path, said in description["paths"].items():
        if "get" not in said:
            continue
        name = urllib.parse.quote(names.get(path, ""))
        answer = fetch(running_dashboard.address + re.sub(r"{\w+}", name, path))
        schema = said["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer, {**schema, "components": description["components"]})
        assert answer["now_seconds"] >= answer["written_at_seconds"] > 0


@pytest.mark.browser
def test_a_generated_client_reads_the_health_of_a_running_dashboard(
    running_dashboard: RunningDashboard, tmp_path: Path
) -> None:
    client = generated(described(running_dashboard), tmp_path)
    with client("client").Client(base_url=running_dashboard.address) as asking:
        health = client("api.default.health").sync(client=asking)
        pattern = client("api.default.pattern").sync("nats", client=asking)
        nothing = client("api.default.pattern").sync("oracle", client=asking)
    assert health.status == "DEGRADED"
    assert health.requests_per_second > 1000
    assert pattern.health.status == "DEGRADED"
    assert nothing.error == "not_found"
