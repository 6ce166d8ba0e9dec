"""docs/notebook.ipynb runs as it stands, in a real kernel; its view is live in a browser and its numbers change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from bench.processes import free_port
from tests.patience import patience, until

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "notebook.ipynb"
RUN = """
import json, sys
import nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], 4)
client = NotebookClient(book, timeout=240, resources={"metadata": {"path": sys.argv[2]}})
with client.setup_kernel():
    for at, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            client.execute_cell(cell, at)
    print(json.dumps(book), flush=True)
    for line in sys.stdin:
        at = int(line)
        print(json.dumps(client.execute_cell(book.cells[at], at)), flush=True)
"""
"""A process of its own: what Jupyter warns of is no fault of ours."""


class Kernel:
    """The example, run once; `again` runs one of its cells another time and gives that."""

    def __init__(self, folder: Path) -> None:
        environment = {
            **os.environ,
            "HUD_PORT": str(free_port()),
            "HUD_CACHE_DIR": str(folder / "cache"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(EXAMPLE), str(EXAMPLE.parent)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.book = self._answer()

    def again(self, at: int) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{at}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        with self._process:  # closes its pipes: it has read all lines
            pass
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    one = Kernel(tmp_path_factory.mktemp("notebook"))
    yield one
    one.stop()


def cell(book: Any, words: str) -> int:
    """Where the cell stands that says `words`."""
    return next(at for at, one in enumerate(book["cells"]) if words in "".join(one["source"]))


def said(one: Any) -> str:
    return "".join(out["data"]["text/plain"] for out in one["outputs"] if "data" in out)


@pytest.mark.server
def test_it_stands_executed_and_names_no_machine() -> None:
    book = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    code = [one for one in book["cells"] if one["cell_type"] == "code"]
    assert [one["execution_count"] for one in code] == list(range(1, len(code) + 1))
    assert all(one["outputs"] for one in code[1:])
    assert all(out["output_type"] != "error" for one in code for out in one["outputs"])
    assert not any(place in EXAMPLE.read_text(encoding="utf-8") for place in ("/root", "/home", "/tmp"))


@pytest.mark.server
@pytest.mark.parametrize("words", ['hud.frame("requests"', 'hud.frame("prism_pool_connections_active"'])
def test_a_cell_says_something_else_when_it_runs_again(kernel: Kernel, words: str) -> None:
    at = cell(kernel.book, words)
    seen = {said(kernel.book["cells"][at])}

    def changed() -> bool:
        seen.add(said(kernel.again(at)))
        return len(seen) > 2 and any(character.isdigit() for character in max(seen, key=len))

    until(changed, lambda: f"it always says {seen}", 60.0, pause=1.0)


@pytest.mark.server
def test_a_view_stands_alone_and_says_that_it_is_live(kernel: Kernel, chromium: Browser) -> None:
    shown = said(kernel.book["cells"][cell(kernel.book, "hud.show(")])
    address = shown.partition("address='")[2].partition("'")[0]
    context = chromium.new_context(viewport={"width": 900, "height": 560}, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("() => document.documentElement.dataset.live === 'live'", timeout=30_000 * patience())
    for gone in (".rail", ".brand", ".top-status", "#theme-switch", ".skip"):
        assert not page.locator(gone).is_visible(), gone
    assert page.locator("#live-state").inner_text() == "Live"
    assert page.locator("#live-age").is_visible()
    assert page.locator("#top-simulated").is_visible()
    assert page.locator("h1").bounding_box()["y"] < 80  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    for _ in range(2):
        before = page.inner_text("#live-age")
        page.wait_for_function(
            "before => document.querySelector('#live-age').innerText !== before",
            arg=before,
            timeout=5000 * patience(),
        )
    page.locator("#bk-ranges label", has_text="15m").click()
    page.wait_for_function("() => location.search.includes('range=15m')", timeout=5000 * patience())
    assert "embed=1" in page.url
    context.close()
