"""`python -m simulator`: run the simulated Prism until told to stop; its addresses are one JSON line on stdout."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from simulator.books import Books
from simulator.listener import PortInUseError
from simulator.ports import PortsError, choose, from_addresses
from simulator.prism import Prism
from simulator.scene import default_scene
from simulator.signoz import VERSION, SigNoz

_ENDINGS = {signal.SIGTERM, signal.SIGINT}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    made.add_argument(
        "--ports", choices=("rfc", "free", "auto"), default="rfc", help="the RFC's ports, free ones, or either"
    )
    made.add_argument("--ports-from", metavar="JSON", help="the addresses that an earlier run printed, to use again")
    made.add_argument("--host", default="127.0.0.1", help="where to listen")
    made.add_argument("--seed", type=int, default=50, help="of the traffic model")
    made.add_argument("--namespaces", type=int, default=15, help="how many namespaces have traffic")
    made.add_argument("--topics", type=int, default=4, help="how many topics have traffic")
    made.add_argument("--signoz-key", default="", help="the key that the SigNoz stand-in asks for")
    made.add_argument("--signoz-version", default=VERSION, help="the version it says it is; before v0.87 without v5")
    made.add_argument("--supervised", action="store_true", help="stop when stdin ends")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT or (supervised) the end of stdin. Returns the exit status: 2 when a port is in use."""
    options = parser().parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # before any thread: a signal another thread takes wakes nobody
    try:
        ports = from_addresses(options.ports_from) if options.ports_from else choose(options.ports, options.host)
        scene = default_scene(max(1, options.namespaces), max(1, options.topics))
        books = Books(scene, options.seed, time.time())
        signoz = SigNoz(books, time.time, options.signoz_key, options.signoz_version)
        prism = Prism(books, options.host, ports, time.time, signoz)
        prism.open()
    except (PortInUseError, PortsError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.supervised:
        threading.Thread(target=_watch_stdin, daemon=True).start()
    print(json.dumps(prism.addresses()), flush=True)
    signal.sigwait(_ENDINGS)
    prism.close()
    return 0


def _watch_stdin() -> None:
    """The parent holds the other end: when it dies, so do we."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
