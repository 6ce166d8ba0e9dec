"""A real Alertmanager, and what Prometheus and an operator report it."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.processes import free_port
from tests.servers.process import Server

CONFIG = """
route: {receiver: none, group_wait: 1s}
receivers: [{name: none}]
inhibit_rules:
  - source_matchers: ['alertname = PatternDown']
    target_matchers: ['severity = warning']
    equal: [pattern]
"""


class AlertmanagerProcess(Server):
    """A single one. PatternDown inhibits warnings of the same pattern."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (home / "am.yml").write_text(CONFIG)
        command = ("prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data",
                   "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{self.port}")  # fmt: skip
        super().__init__(command, home, self._answers)

    def post(self, path: str, body: Any) -> Any:
        """Report it something of its API v2."""
        request = urllib.request.Request(
            f"{self.url}/api/v2/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            said = answer.read()
            return json.loads(said) if said else None

    def fire(self, name: str, severity: str, ended: bool = False, **labels: str) -> None:
        """Send an alert, as Prometheus does; `ended` resolves it."""
        alert: dict[str, Any] = {
            "labels": {"alertname": name, "severity": severity, **labels},
            "annotations": {"summary": f"words of {name}"},
            "startsAt": stamp(-60),
        }
        self.post("alerts", [alert | ({"endsAt": stamp(-1)} if ended else {})])

    def silence(self, name: str) -> str:
        """As an operator does."""
        matcher = {"name": "alertname", "value": name, "isRegex": False, "isEqual": True}
        wish = {"matchers": [matcher], "startsAt": stamp(0), "endsAt": stamp(600), "createdBy": "t", "comment": "t"}
        return str(self.post("silences", wish)["silenceID"])

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/-/ready", timeout=2).close()
        except OSError:
            return False
        return True


def stamp(seconds: float) -> str:
    """So many seconds from now, as it writes times."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
