"""docs/performance.md says what was measured, and that what was not is not known."""

from __future__ import annotations

from typing import Any

from docs.performance import CLAIMS, performance_page

MACHINE = {"cores": 2, "memory_bytes": 2**34, "python": "3.11.7", "system": "Linux 6.1 x86_64"}


def stored(**found: dict[str, float]) -> dict[str, dict[str, Any]]:
    return {"quick": {"machine": MACHINE, "found": found}}


def test_each_figure_stands_beside_what_is_wanted_in_its_unit() -> None:
    page = performance_page(stored(memory={"pss_bytes": 170 * 2.0**20}, ingest={"speedup": 8.0}))
    assert "| 170 MiB | ≤ 180 MiB | yes | quick |" in page
    assert "| 8 × | ≥ 10 × | no | quick |" in page
    assert page.count("not measured") == len(CLAIMS) - 2
    assert "2 cores, 16 GiB, Python 3.11.7" in page


def test_the_thorough_run_of_a_bench_goes_before_the_quick_look() -> None:
    both = stored(memory={"pss_bytes": 170 * 2.0**20}, ingest={"speedup": 8.0}) | {
        "whole": {"machine": MACHINE, "found": {"memory": {"pss_bytes": 200 * 2.0**20}}}
    }
    page = performance_page(both)
    assert "| 200 MiB | ≤ 180 MiB | no | whole |" in page
    assert "| 8 × | ≥ 10 × | no | quick |" in page
    assert "Nothing has been measured" in performance_page({})
