"""The Admin HTTP API of the RFC: GET /api/v1/namespaces, /api/v1/namespaces/<name>, /health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from simulator.sockets.http import NOT_FOUND, Request, Response, json_response
from simulator.traffic.scenario import NamespaceSpec
from simulator.traffic.traffic_model import TrafficModel

LIST = "/api/v1/namespaces"


class AdminApi:
    """Namespaces as configured; one of them may be asked for by name."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._traffic_model, self._clock = traffic_model, clock
        self._backends = {spec.name: spec.backend for spec in traffic_model.scenario.patterns}

    def __call__(self, request: Request) -> Response:
        """Read-only: anything but GET is refused."""
        if request.method != "GET":
            return json_response({"error": "method not allowed"}, 405)
        if request.path in ("/health", "/ready"):
            up_seconds = int(self._clock() - self._traffic_model.started)
            return json_response({"status": "healthy", "version": "0.3.0", "uptime": f"{up_seconds}s"})
        if request.path == LIST:
            return json_response({"namespaces": [self._entry(spec) for spec in self.namespaces()]})
        if request.path.startswith(LIST + "/"):
            name = unquote(request.path.removeprefix(LIST + "/"))
            found = next((spec for spec in self.namespaces() if spec.name == name), None)
            return json_response(self._entry(found)) if found else json_response({"error": "no such namespace"}, 404)
        return NOT_FOUND

    def namespaces(self) -> list[NamespaceSpec]:
        """The scenario's namespaces, or as many as the namespace_count fault wants; invented ones get no traffic."""
        known = list(self._traffic_model.scenario.namespaces)
        wanted = self._traffic_model.effects.namespace_count
        if wanted is None:
            return known
        extra = (
            NamespaceSpec(
                f"idle-{number:04d}",
                "Created, not yet used",
                f"team-idle-{number:04d}@example.com",
                "2025-11-05T09:00:00Z",
                100,
                0.0,
                ("memstore",),
            )
            for number in range(len(known) + 1, wanted + 1)
        )
        return [*known[:wanted], *extra]

    def _entry(self, spec: NamespaceSpec) -> dict[str, Any]:
        limits = zip(("max_read_rps", "max_write_rps"), spec.limits or (), strict=False)
        return {
            "name": spec.name,
            "description": spec.description,
            "owner": spec.owner,
            "created_at": spec.created_at,
            "patterns": list(spec.patterns),
            "max_rps": spec.max_rps,
            "status": "active",
            "backends": [self._backends[pattern] for pattern in spec.patterns],
            "quota": dict(limits),
        }
