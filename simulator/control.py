"""The control endpoint: inject and clear faults, read the model's own figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from simulator.faults.active_faults import FaultBoard
from simulator.faults.catalogue import FaultError
from simulator.servers.ground_truth import figures
from simulator.sockets.http import Request, Response, json_response
from simulator.traffic.traffic_model import TrafficModel


class Control:
    """GET /faults, /books, /addresses, /requests; POST /faults; DELETE /faults and /faults/<id>."""

    def __init__(
        self,
        traffic_model: TrafficModel,
        board: FaultBoard,
        clock: Callable[[], float],
        addresses: Callable[[], dict[str, Any]],
        asked: Callable[[], dict[str, int]],
    ) -> None:
        self._traffic_model, self._board, self._clock, self._addresses = traffic_model, board, clock, addresses
        self._asked = asked

    def __call__(self, request: Request) -> Response:
        """Answer, or say in words what was wrong."""
        if request.path == "/faults" or request.path.startswith("/faults/"):
            return self._faults(request)
        if request.method == "GET" and request.path == "/books":
            return json_response(figures(self._traffic_model, self._clock()))
        if request.method == "GET" and request.path == "/addresses":
            return json_response(self._addresses())
        if request.method == "GET" and request.path == "/requests":
            return json_response(self._asked())
        return _refused(f"no {request.method} {request.path} here: /faults, /books, /addresses, /requests", 404)

    def _faults(self, request: Request) -> Response:
        id_ = request.path.removeprefix("/faults").strip("/")
        if request.method == "GET" and not id_:
            return json_response(self._board.catalogue())
        if request.method == "POST" and not id_:
            return self._inject(request.body)
        if request.method == "DELETE" and not id_:
            return json_response({"cleared": self._board.clear()})
        if request.method == "DELETE":
            found = self._board.remove(id_)
            return json_response({"cleared": 1}) if found else _refused(f"no active fault {id_}", 404)
        return _refused(f"{request.method} is not offered here: GET, POST, DELETE", 405)

    def _inject(self, body: bytes) -> Response:
        try:
            fault = self._board.add(json.loads(body))
        except ValueError as error:
            return _refused(f"not JSON: {error}", 400)
        except FaultError as error:
            return _refused(str(error), 400)
        return json_response(fault.reported(), 201)


def _refused(words: str, status: int) -> Response:
    return json_response({"error": words}, status)
