"""`python -m simulator`: run the simulated Prism until asked to stop; its addresses are one JSON line on stdout."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from model.process.malloc_tuning import bound_heaps
from simulator.ports import PortsError, choose, from_addresses
from simulator.prism import Prism
from simulator.signoz.server import VERSION, SigNoz
from simulator.sockets.listener import PortInUseError
from simulator.traffic.crowd import crowded_scenario
from simulator.traffic.traffic_model import TrafficModel

ABOUT = "Run the simulated Prism until asked to stop; its addresses are one JSON line on stdout."


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m simulator", description=ABOUT)
    made.add_argument(
        "--ports", choices=("rfc", "free", "auto"), default="rfc", help="the RFC's ports, free ones, or either"
    )
    made.add_argument("--ports-from", metavar="JSON", help="the addresses that an earlier run printed, to use again")
    made.add_argument("--host", default="127.0.0.1", help="where to listen")
    made.add_argument("--seed", type=int, default=50, help="of the traffic model")
    made.add_argument("--namespaces", type=int, default=15, help="how many namespaces have traffic")
    made.add_argument("--topics", type=int, default=4, help="how many topics have traffic")
    made.add_argument("--patterns", type=int, default=4, help="how many pattern processes serve, 4 or more")
    made.add_argument("--proxies", type=int, default=1, help="how many proxies share the traffic")
    made.add_argument("--hostile-names", action="store_true", help="add names with markup, quotes, 300 characters …")
    made.add_argument("--failed-logins", type=int, default=0, help="how many logins failed in the day before the start")
    made.add_argument(
        "--past",
        type=float,
        default=24.0,
        metavar="HOURS",
        help="how long it has lived already, 0 to 24; 0 for not at all",
    )
    made.add_argument("--signoz-key", default="", help="the key that the SigNoz stand-in asks for")
    made.add_argument("--signoz-version", default=VERSION, help="the version it says it is; before v0.87 without v5")
    made.add_argument("--supervised", action="store_true", help="stop when stdin ends")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT or (supervised) the end of stdin. Returns the exit status: 2 when a port is in use."""
    options = parser().parse_args(arguments)
    bound_heaps()
    ending, end = _endings()
    try:
        scenario = crowded_scenario(
            max(1, options.namespaces), max(1, options.topics), options.patterns, options.hostile_names
        )
        again, patterns = options.ports_from, scenario.patterns
        ports = (
            from_addresses(again, patterns) if again else choose(options.ports, options.host, patterns, options.proxies)
        )
        traffic_model = TrafficModel(
            scenario,
            options.seed,
            time.time(),
            failed_logins=max(0, options.failed_logins),
            past_hours=min(max(0.0, options.past), 24.0),
        )
        signoz = SigNoz(traffic_model, time.time, options.signoz_key, options.signoz_version)
        prism = Prism(traffic_model, options.host, ports, time.time, signoz)
        prism.open()
    except (PortInUseError, PortsError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.supervised:
        threading.Thread(target=_watch_stdin, args=(end,), daemon=True).start()
    print(json.dumps(prism.addresses()), flush=True)
    os.read(ending, 1)
    prism.close()
    return 0


def _endings() -> tuple[int, int]:
    """A pipe that can be read once SIGTERM or SIGINT came, whichever thread they reached; and its writing end.

    A Python handler alone would not do: it runs in the main thread, which a signal to another thread does not wake.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return reading, writing


def _watch_stdin(end: int) -> None:
    """The parent holds the other end: when it dies, so do we."""
    while os.read(0, 4096):
        pass
    os.write(end, b"\0")


if __name__ == "__main__":
    sys.exit(main())
