"""`python -m bench NAME [options]`: a table, and last one line of JSON with the figures and the machine."""

from __future__ import annotations

import argparse
import sys

from bench import all, api, detection, faults, freshness, fuzz, pages
from bench.collecting import big, cost, endurance, fleet, ingest, memory, store
from bench.hostile import attack, hosts, restart
from bench.report import report
from bench.viewers import browser, bytes, fanout, load, painting, peers, replay, weight

BENCHES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(all, api, attack, big, browser, bytes, cost, detection, endurance, fanout, faults, fleet, freshness),
        *(fuzz, hosts, ingest, load, memory, pages, painting, peers, replay, restart, store, weight),
    )
}


def main() -> int:
    """Run one bench. Returns 1 when it counts `failures`."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, module in BENCHES.items():
        own = names.add_parser(name, help=module.__doc__)
        module.options(own)
        if hasattr(module, "QUICK_OPTIONS"):
            words = f"a look: {' '.join(module.QUICK_OPTIONS)}; what is said besides wins"
            own.add_argument("--quick", action="store_true", help=words)
    arguments = parser.parse_args(_spelt_out(sys.argv[1:]))
    rows, metrics = BENCHES[arguments.name].run(arguments)
    report(arguments.name, rows, metrics)
    return 1 if metrics.get("failures") else 0


def _spelt_out(said: list[str]) -> list[str]:
    """The options with those that `--quick` stands for, before the others."""
    quick = getattr(BENCHES.get(said[0] if said else ""), "QUICK_OPTIONS", ())
    return [said[0], *quick, *said[1:]] if quick and "--quick" in said else said


if __name__ == "__main__":
    sys.exit(main())
