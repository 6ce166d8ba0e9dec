"""Known vulnerabilities of what the locks name, asked of OSV in one question: `python .ci/audit.py`.

Ends with 1 when one is known that ACCEPTED does not explain. Where OSV cannot be reached nothing is known, which is
said and is no failure: a build without a network must not depend on it.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from sbom import ENTRY

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
OSV = os.environ.get("OSV_URL", "https://api.osv.dev") + "/v1/querybatch"
TIMEOUT_SECONDS = 20.0
ACCEPTED: dict[str, str] = {}
"""Identifier of a vulnerability, and why it does not matter here."""

Package = tuple[str, str]


def packages() -> list[Package]:
    """(name, version) of everything that is locked."""
    return sorted({(name, version) for lock in LOCKS for name, version, _ in ENTRY.findall(lock.read_text())})


def known(asked: list[Package]) -> list[tuple[Package, str]]:
    """Each vulnerability with its package. Raises OSError, ValueError where there is no answer."""
    queries = [{"package": {"ecosystem": "PyPI", "name": name}, "version": version} for name, version in asked]
    wish = urllib.request.Request(OSV, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(wish, timeout=TIMEOUT_SECONDS) as answer:
        results = json.load(answer)["results"]
    if len(results) != len(asked):
        raise ValueError(f"{len(results)} answers to {len(asked)} questions")
    return [(one, found["id"]) for one, said in zip(asked, results, strict=True) for found in said.get("vulns") or ()]


def main() -> int:
    """0 when nothing is known, or nobody could be asked."""
    asked = packages()
    try:
        found = [(one, name) for one, name in known(asked) if name not in ACCEPTED]
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError) as error:
        print(f"{OSV} gives no answer ({error}): whether something is known is not known")
        return 0
    for (name, version), identifier in found:
        print(f"{name} {version}: {identifier} (https://osv.dev/vulnerability/{identifier})")
    print(f"{len(asked)} packages, {len(found)} known vulnerabilities")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
