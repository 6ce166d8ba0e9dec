"""prism.launcher.PatternLauncher's read-only methods, with pids, addresses and restart counts that are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc

from model.status import Phase, Status
from proto import launcher_pb2
from simulator.sockets.grpc_servers import GrpcSource, Handler
from simulator.traffic.traffic_model import TrafficModel

SERVICE = "prism.launcher.PatternLauncher"
_STATES = {
    Phase.RUNNING: launcher_pb2.STATE_RUNNING,
    Phase.FAILED: launcher_pb2.STATE_FAILED,
    Phase.STOPPING: launcher_pb2.STATE_TERMINATING,
    Phase.STOPPED: launcher_pb2.STATE_TERMINATED,
}


Processes = Sequence[launcher_pb2.PatternInfo]


def _listed(known: Processes, asked: launcher_pb2.ListPatternsRequest) -> launcher_pb2.ListPatternsResponse:
    chosen = [one for one in known if asked.pattern_name in ("", one.pattern_name) and asked.state in (0, one.state)]
    return launcher_pb2.ListPatternsResponse(patterns=chosen, total_count=len(known))


def _health(known: Processes, asked: launcher_pb2.HealthRequest) -> launcher_pb2.HealthResponse:
    states = [one.state for one in known]
    return launcher_pb2.HealthResponse(
        healthy=launcher_pb2.STATE_FAILED not in states,
        total_processes=len(known),
        running_processes=states.count(launcher_pb2.STATE_RUNNING),
        terminating_processes=states.count(launcher_pb2.STATE_TERMINATING),
        failed_processes=states.count(launcher_pb2.STATE_FAILED),
        isolation_distribution={"None": len(known), "Namespace": 0, "Session": 0},
        processes=known if asked.include_processes else [],
        uptime_seconds=int(max(one.uptime_seconds for one in known)),
    )


def _status(known: Processes, asked: launcher_pb2.GetProcessStatusRequest) -> launcher_pb2.GetProcessStatusResponse:
    found = next((one for one in known if one.process_id == asked.process_id), None)
    return launcher_pb2.GetProcessStatusResponse(process=found, not_found=found is None)


class Launcher:
    """Answers from the books; `addresses` gives each pattern's host:port."""

    def __init__(
        self, traffic_model: TrafficModel, clock: Callable[[], float], addresses: Callable[[], Mapping[str, str]]
    ) -> None:
        self._traffic_model, self._clock, self._addresses = traffic_model, clock, addresses

    def handlers(self, source: GrpcSource) -> Sequence[Handler]:
        """The three methods that change nothing."""

        def unary(answer: Callable[..., Any], request: Any, response: Any) -> grpc.RpcMethodHandler[Any, Any]:
            def paused(asked: Any, context: grpc.ServicerContext) -> Any:
                source.pause(context, lambda: False)
                return answer(self.processes(), asked)

            return grpc.unary_unary_rpc_method_handler(paused, request.FromString, response.SerializeToString)

        pb = launcher_pb2
        methods = {
            "ListPatterns": unary(_listed, pb.ListPatternsRequest, pb.ListPatternsResponse),
            "Health": unary(_health, pb.HealthRequest, pb.HealthResponse),
            "GetProcessStatus": unary(_status, pb.GetProcessStatusRequest, pb.GetProcessStatusResponse),
        }
        return (grpc.method_handlers_generic_handler(SERVICE, methods),)

    def processes(self) -> list[launcher_pb2.PatternInfo]:
        """Every pattern's process at this instant."""
        addresses = self._addresses()
        with self._traffic_model.lock:
            self._traffic_model.advance(self._clock())
            return [self._process(name, addresses.get(name, "")) for name in self._traffic_model.processes]

    def _process(self, name: str, address: str) -> launcher_pb2.PatternInfo:
        traffic_model, process = self._traffic_model, self._traffic_model.processes[name]
        unhealthy = traffic_model.status(name) == Status.UNHEALTHY
        return launcher_pb2.PatternInfo(
            pattern_name=name,
            process_id=f"shared:{name}",
            state=_STATES.get(process.phase(traffic_model.at), launcher_pb2.STATE_STARTING),
            address=address,
            healthy=not unhealthy,
            uptime_seconds=int(traffic_model.at - process.started) if process.up else 0,
            last_error=process.message(Status.UNHEALTHY, False) if unhealthy else "",
            error_count=int(unhealthy),
            restart_count=process.restarts,
            pid=process.pid if process.up else 0,
        )
