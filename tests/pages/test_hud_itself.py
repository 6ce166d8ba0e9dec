"""The HUD itself: every promise beside its target, in its own unit, and what is not known is said so."""

from __future__ import annotations

from collections.abc import Callable

from aggregators.overview.promises import PAINTS
from components import ids
from pages.hud_itself import page
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.overview.test_promises import NOW, web

Build = Callable[..., Snapshot]


def cells(snapshot: Snapshot, row: str) -> dict[str, str]:
    rows = page.update(snapshot, NOW)[f"hi-promises{ids.DATA}"]["data"]["rows"]
    found = next(one for one in rows if one["id"] == row)
    return {key: f"{one.get('n')} {one.get('u', '')}".strip() for key, one in found.items() if isinstance(one, dict)}


def test_each_promise_stands_beside_what_was_measured() -> None:
    late = snapshot_of([web(NOW - 600), web(NOW - 1, fast=PAINTS, slow=PAINTS, opened=3600.0, had=3599.0)])
    pixel, websocket, memory = (cells(late, name) for name in ("pixel", "websocket", "backend"))
    assert (pixel["target"], pixel["state"]) == ("≤ 2 s", "DEGRADED")
    assert pixel["hour"].endswith(" s")
    assert (websocket["target"], websocket["hour"]) == ("≥ 99.9 %", "99.97 %")
    assert (memory["target"], memory["hour"]) == ("≤ 256 MiB", "220 MiB")
    assert "missed: change to pixel" in str(page.update(late, NOW)["hi-says"])


def test_nothing_is_claimed_before_anything_was_measured() -> None:
    said = cells(snapshot_of([]), "pixel")
    assert (said["hour"], said["state"]) == ("–", "UNKNOWN")
    assert page.update(snapshot_of([]), NOW)[f"hi-hours{ids.DATA}"]["data"]["rows"] == []


def test_a_promise_that_is_not_judged_says_why() -> None:
    few = snapshot_of([web(NOW - 600), web(NOW - 1, fast=3)])
    said = cells(few, "pixel")
    assert said["state"] == "UNKNOWN"
    assert f"3 that were measured; {PAINTS} are judged" in said["says"]
