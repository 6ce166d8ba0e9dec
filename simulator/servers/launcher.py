"""prism.launcher.PatternLauncher's read-only methods, with pids, addresses and restart counts that are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


class Launcher:
    """Answers from the books; `addresses` gives each pattern's host:port."""

    def __init__(
        self, traffic_model: TrafficModel, clock: Callable[[], float], addresses: Callable[[], Mapping[str, str]]
    ) -> None:
        self._traffic_model, self._clock, self._addresses = traffic_model, clock, addresses

    def handlers(self, source: GrpcSource) -> Sequence[Handler]:
        """The three methods that change nothing."""

        def paused(context: grpc.ServicerContext) -> list[launcher_pb2.PatternInfo]:
            source.pause(context, lambda: False)
            return self.processes()

        def list_patterns(
            request: launcher_pb2.ListPatternsRequest, context: grpc.ServicerContext
        ) -> launcher_pb2.ListPatternsResponse:
            known = paused(context)
            chosen = [
                one
                for one in known
                if request.pattern_name in ("", one.pattern_name) and request.state in (0, one.state)
            ]
            return launcher_pb2.ListPatternsResponse(patterns=chosen, total_count=len(known))

        def health(request: launcher_pb2.HealthRequest, context: grpc.ServicerContext) -> launcher_pb2.HealthResponse:
            known = paused(context)
            states = [one.state for one in known]
            return launcher_pb2.HealthResponse(
                healthy=launcher_pb2.STATE_FAILED not in states,
                total_processes=len(known),
                running_processes=states.count(launcher_pb2.STATE_RUNNING),
                terminating_processes=states.count(launcher_pb2.STATE_TERMINATING),
                failed_processes=states.count(launcher_pb2.STATE_FAILED),
                isolation_distribution={"None": len(known), "Namespace": 0, "Session": 0},
                processes=known if request.include_processes else [],
                uptime_seconds=int(max(one.uptime_seconds for one in known)),
            )

        def process_status(
            request: launcher_pb2.GetProcessStatusRequest, context: grpc.ServicerContext
        ) -> launcher_pb2.GetProcessStatusResponse:
            found = next((one for one in paused(context) if one.process_id == request.process_id), None)
            return launcher_pb2.GetProcessStatusResponse(process=found, not_found=found is None)

        return (
            grpc.method_handlers_generic_handler(
                SERVICE,
                {
                    "ListPatterns": grpc.unary_unary_rpc_method_handler(
                        list_patterns,
                        launcher_pb2.ListPatternsRequest.FromString,
                        launcher_pb2.ListPatternsResponse.SerializeToString,
                    ),
                    "Health": grpc.unary_unary_rpc_method_handler(
                        health,
                        launcher_pb2.HealthRequest.FromString,
                        launcher_pb2.HealthResponse.SerializeToString,
                    ),
                    "GetProcessStatus": grpc.unary_unary_rpc_method_handler(
                        process_status,
                        launcher_pb2.GetProcessStatusRequest.FromString,
                        launcher_pb2.GetProcessStatusResponse.SerializeToString,
                    ),
                },
            ),
        )

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
