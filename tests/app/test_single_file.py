"""The single file becomes the process that its arguments name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
ENTRY = ROOT / ".ci" / "single_file" / "entry.py"


def said(*arguments: str, **settings: str) -> tuple[int, str]:
    """How it ends, and what it says."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, str(ENTRY), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], "prism-dashboard collector"),
        (["simulator", "--help"], "--hostile-names"),
        (["-m", "simulator", "--help"], "--hostile-names"),
        (["collector", "--help"], "--check"),
    ],
)
def test_it_is_each_of_the_processes(arguments: list[str], words: str) -> None:
    status, text = said(*arguments)
    assert (status, words in text) == (0, True), text


def test_another_name_is_refused_in_words() -> None:
    status, text = said("dashboard")
    assert (status, "--help says what there is" in text) == (1, True), text


@pytest.mark.parametrize("arguments", [[], ["web"], ["--check"]], ids=["alone", "web", "check"])
def test_a_wrong_setting_stops_each_with_its_name(arguments: list[str]) -> None:
    status, text = said(*arguments, HUD_PORT="many")
    assert status != 0
    assert "HUD_PORT" in text
