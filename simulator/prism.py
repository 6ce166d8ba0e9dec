"""The whole simulated Prism: one set of books, and every listener that answers from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.control import Control
from simulator.faults.active_faults import FaultBoard
from simulator.past.families import PROXY
from simulator.past.scrapes import Target
from simulator.past.telemetry import DEX, OTEL
from simulator.ports import addresses
from simulator.servers.admin import AdminApi
from simulator.servers.alertmanager import Alertmanager
from simulator.servers.dex import DexIssuer, DexTelemetry
from simulator.servers.health import LIFECYCLE, STANDARD, PatternHealth
from simulator.servers.launcher import SERVICE as LAUNCHER
from simulator.servers.launcher import Launcher
from simulator.servers.otel import OtelHealth, OtelMetrics
from simulator.servers.prometheus import Prometheus
from simulator.servers.proxy import ProxyMetrics
from simulator.signoz.server import SigNoz
from simulator.sockets.exposition import Share
from simulator.sockets.grpc_servers import GrpcSource, HandlersOf
from simulator.sockets.http import App, HttpSource
from simulator.sockets.listener import PortInUseError
from simulator.traffic.effects import Mode, Transport
from simulator.traffic.traffic_model import TrafficModel

BEAT_SECONDS = 0.2
"""How often time is looked at when nobody reads: a restart loop must close and open its port by itself."""

Source = HttpSource | GrpcSource


class Prism:
    """Opens everything on `ports` (by listener name, see ports.RFC_PORTS) and closes it again.

    Until `open` is called nothing listens, and the sources answer only who asks them in this process.
    """

    def __init__(
        self,
        traffic_model: TrafficModel,
        host: str,
        ports: Mapping[str, int],
        clock: Callable[[], float],
        signoz: SigNoz | None = None,
    ) -> None:
        self.traffic_model, self.host = traffic_model, host
        self.board = FaultBoard(traffic_model, clock, self.apply)
        self._clock = clock
        self._lock = threading.Lock()
        self._opened, self._stopped = False, threading.Event()
        self._control = HttpSource(
            "control", host, ports["control"], Control(traffic_model, self.board, clock, self.addresses, self.asked)
        )
        apps: dict[str, App] = {
            **_proxies(traffic_model, clock, [name for name in ports if name.partition(" ")[0] == "proxy"]),
            "admin": AdminApi(traffic_model, clock),
            "signoz": signoz or SigNoz(traffic_model, clock),
            "otel metrics": OtelMetrics(traffic_model, clock),
            "otel health": OtelHealth(traffic_model, clock),
            "dex": DexIssuer(lambda: str(self.addresses()["dex_issuer"]), lambda: traffic_model.effects.auth.dex),
            "dex telemetry": DexTelemetry(traffic_model, clock),
            "alertmanager": Alertmanager(traffic_model, clock),
            "prometheus": Prometheus(traffic_model.past, clock, self._scraped),
        }
        self.sources: dict[str, Source] = {name: HttpSource(name, host, ports[name], app) for name, app in apps.items()}
        for name in traffic_model.processes:
            health = PatternHealth(name, traffic_model, clock)
            self._add_grpc(f"pattern:{name}", ports, health.handlers, (LIFECYCLE, STANDARD))
        launcher = Launcher(traffic_model, clock, lambda: self.addresses()["patterns"])
        self._add_grpc("launcher", ports, launcher.handlers, (LAUNCHER,))

    def _add_grpc(self, name: str, ports: Mapping[str, int], handlers: HandlersOf, services: tuple[str, ...]) -> None:
        self.sources[name] = GrpcSource(name, self.host, ports[name], handlers, services)

    def _scraped(self) -> list[Target]:
        """What a Prometheus beside it scrapes; Dex goes by its issuer's address, as by everybody."""
        at = {name: f"{self.host}:{source.port}" for name, source in self.sources.items()}
        proxies = [name for name in at if name.partition(" ")[0] == "proxy"]
        found = [
            Target("prism-proxy", at[name], PROXY, Share(number, len(proxies))) for number, name in enumerate(proxies)
        ]
        return [*found, Target("otel-collector", at["otel metrics"], OTEL), Target("dex", at["dex"], DEX)]

    def asked(self) -> dict[str, int]:
        """HTTP requests so far, by the name of the source."""
        return {name: one.asked for name, one in self.sources.items() if isinstance(one, HttpSource)}

    def addresses(self) -> dict[str, Any]:
        """Where everything listens."""
        ports = {name: source.port for name, source in self.sources.items()}
        return addresses(self.host, {**ports, "control": self._control.port})

    def open(self) -> None:
        """Listen everywhere. Raises PortInUseError when a port is taken; nothing is left open then."""
        self._opened = True
        try:
            for source in (*self.sources.values(), self._control):
                source.open()
        except PortInUseError:
            self.close()
            raise
        threading.Thread(target=self._beat, name="beat", daemon=True).start()

    def close(self) -> None:
        """Stop everything."""
        self._stopped.set()
        with self._lock:
            closing = [threading.Thread(target=one.close) for one in (*self.sources.values(), self._control)]
            for thread in closing:
                thread.start()
            for thread in closing:
                thread.join()

    def apply(self) -> None:
        """Make every listener behave as the books say."""
        with self._lock:
            if not self._opened or self._stopped.is_set():
                return
            for name, source in self.sources.items():
                try:
                    source.apply(self.transport(name))
                except PortInUseError:
                    continue  # somebody took the port while it was closed: tried again at the next beat

    def transport(self, name: str) -> Transport:
        """How the listener of this name is to behave, as the books say."""
        process = self.traffic_model.processes.get(name.removeprefix("pattern:"))
        if process is not None and not process.up:
            return Transport(Mode.DOWN)
        effects = self.traffic_model.effects
        return effects.transports.get(name) or effects.transport(name.split(" ")[0] if process is None else name)

    def _beat(self) -> None:
        while not self._stopped.wait(BEAT_SECONDS):
            self.traffic_model.advance(self._clock())
            self.board.tick()
            self.board.tick()
            self.apply()


def _proxies(traffic_model: TrafficModel, clock: Callable[[], float], names: Sequence[str]) -> dict[str, App]:
    """A proxy for each name, which serve the traffic in equal shares."""
    return {name: ProxyMetrics(traffic_model, clock, Share(at, len(names))) for at, name in enumerate(names)}
