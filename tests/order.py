"""Writes which files take long, as a run of all tests measured it. `python -m tests.order report.xml` (JUnit's)."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import MEASURED, TESTS, together

LONG_SECONDS = 2.0
"""What is shorter fills the gaps in any order."""


def file_of(classname: str) -> str:
    """The file of a test from JUnit's name of its module, and of a class in it."""
    parts = classname.split(".")
    while parts and not TESTS.parent.joinpath(*parts).with_suffix(".py").is_file():
        parts.pop()
    return "/".join(parts) + ".py"


def measured(report: Path) -> dict[str, float]:
    """Seconds of each file, or folder that shares a dashboard, its servers' starts and ends with them."""
    found: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        found[together(file_of(case.attrib["classname"]))] += float(case.attrib["time"])  # type: ignore[assignment]
    return {name: seconds for name, seconds in found.items() if seconds >= LONG_SECONDS}


def main() -> int:
    """Write the file that tests/conftest.py reads."""
    rows = sorted(measured(Path(sys.argv[1])).items(), key=lambda row: (-row[1], row[0]))
    MEASURED.write_text("".join(f"{seconds:.0f} {name}\n" for name, seconds in rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
