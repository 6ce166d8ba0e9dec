"""Nothing that the single file leaves out is asked for: the whole house works where those modules are not."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
CONTENTS: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "single_file" / "contents.py"))

WITHOUT = """
import importlib, json, sys

left_out, below, needed, rooms, plugin = json.loads(sys.argv[1])

class LeftOut:
    def find_spec(self, name, path=None, target=None):
        if name in left_out or (name.startswith(tuple(below)) and name != needed):
            raise ModuleNotFoundError(f"{name} is not in the single file", name=name)

sys.meta_path.insert(0, LeftOut())
for room in rooms:
    importlib.import_module(room)

import apprise
from app import server
from pages.report.document import Chart, Document, Section
from pages.report.html import html
from pages.report.pdf import pdf

assert apprise.Apprise.instantiate(plugin) is not None
chart = Chart("a", [0.0, 1.0], [("b", [0.0, 1.0])], str, 0.0, 1.0)
report = Document("a", "b", (Section("c", (chart,)),))
assert "<svg" in html(report, "") and pdf(report).startswith(b"%PDF")
browser = server.test_client()
scripts = [part.split('"')[0] for part in browser.get("/").text.split('src="')[1:]]
for path in [*scripts, "/api/openapi.json"]:
    assert browser.get(path).status_code == 200, path
json.dump(scripts, sys.stdout)
"""


def rooms() -> list[str]:
    """Every module of ours that it holds; pages want the application first."""
    files = [file for room in CONTENTS["ROOMS"] for file in (ROOT / room).rglob("*.py") if file.name != "__main__.py"]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return ["app", *(name.removesuffix(".__init__") for name in names), "collectors.__main__", "simulator.__main__"]


def test_nothing_that_is_left_out_is_asked_for(tmp_path: Path) -> None:
    left_out = CONTENTS["LEFT_OUT"]
    below = [*CONTENTS["PLOTLY"], *(f"{name}." for name in left_out)]
    given = json.dumps([left_out, below, CONTENTS["PLOTLY_KEPT"], rooms(), "json://127.0.0.1/"])
    environment = {**os.environ, "HUD_CACHE_DIR": str(tmp_path), "HUD_SUPERVISE_COLLECTOR": "false"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, given], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    paths = [path.removeprefix("/_dash-component-suites/") for path in json.loads(done.stdout)]
    entries = [(path, "", "DATA") for path in paths]
    assert CONTENTS["files"](entries) == entries


def test_a_file_for_debuggers_stays_outside() -> None:
    entries = [("dash/dcc/dash_core_components.js.map", "", "DATA"), ("dash/dcc/dash_core_components.js", "", "DATA")]
    assert CONTENTS["files"](entries) == entries[1:]


def test_plugins_are_found_by_names_of_files(tmp_path: Path) -> None:
    found = CONTENTS["names"](["apprise.plugins", "apprise.plugins.slack", "apprise.plugins.fcm.oauth"], tmp_path)
    assert [name for name, _, _ in found] == ["apprise/plugins/slack.py"]
