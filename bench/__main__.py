"""`python -m bench NAME [options]`: a table, and last one line of JSON with the figures and the machine."""

from __future__ import annotations

import argparse
import sys

from bench import api, bytes, detection, faults, freshness, fuzz, memory, pages, store
from bench.hostile import restart
from bench.report import report

BENCHES = {
    "api": api,
    "bytes": bytes,
    "detection": detection,
    "faults": faults,
    "freshness": freshness,
    "fuzz": fuzz,
    "memory": memory,
    "pages": pages,
    "restart": restart,
    "store": store,
}


def main() -> int:
    """Run one bench. Returns 1 when it counts `failures`."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, module in BENCHES.items():
        module.options(names.add_parser(name, help=module.__doc__))
    arguments = parser.parse_args()
    rows, metrics = BENCHES[arguments.name].run(arguments)
    report(arguments.name, rows, metrics)
    return 1 if metrics.get("failures") else 0


if __name__ == "__main__":
    sys.exit(main())
