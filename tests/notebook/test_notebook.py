"""The dashboard inside a notebook: a real Jupyter server, a real kernel, a real browser, numbers that change."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page
from playwright.sync_api import TimeoutError as PatienceLost

from bench.processes import free_port
from tests.patience import patience, until, until_served

pytestmark = [pytest.mark.browser, pytest.mark.server]
ROOT = Path(__file__).parent.parent.parent
CELL = "from app import app\napp.run(jupyter_mode='inline')"


def notebook(cell: str) -> str:
    code: dict[str, object] = {
        "cell_type": "code",
        "id": "one",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": cell,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": [code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


class Jupyter:
    """A Jupyter server with one notebook; `dashboard` is where that notebook serves the HUD."""

    def __init__(self, folder: Path) -> None:
        self.port, self.dashboard = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        (folder / "hud.ipynb").write_text(notebook(CELL))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HUD_PORT": str(self.dashboard),
            "HUD_CACHE_DIR": str(folder / "cache"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        command = [
            *(sys.executable, "-m", "notebook", "--no-browser", "--allow-root", f"--port={self.port}"),
            *("--IdentityProvider.token=", "--ServerApp.password=", f"--notebook-dir={folder}"),
        ]
        self._process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        until_served(f"{self.address}/api/status", self._process)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    one = Jupyter(tmp_path)
    one.wait()
    yield one
    one.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    yield context.new_page()
    context.close()


def embedded(page: Page, port: int) -> Frame:
    """The cell's output, once it is there."""
    deadline = time.monotonic() + 60 * patience()
    while time.monotonic() < deadline:
        for frame in page.frames:
            if f":{port}/" in frame.url:
                return frame
        page.wait_for_timeout(200)
    raise AssertionError("the cell never showed the dashboard: " + page.inner_text("body")[-2000:])


def run_first_cell(page: Page) -> None:
    """As a person would: Jupyter drops the key when its session is not quite ready, so look whether the cell runs."""
    for _ in range(10):
        if accept := page.query_selector(".jp-Dialog .jp-mod-accept"):  # such as its question for the kernel
            accept.click()
            page.wait_for_timeout(500)
            continue
        with suppress(PatienceLost):  # a question came up meanwhile
            page.click(".jp-CodeCell .cm-content", timeout=3000)
            page.keyboard.press("Control+Enter")
        for _ in range(15):
            page.wait_for_timeout(200)
            if page.inner_text(".jp-CodeCell .jp-InputPrompt").strip() != "[ ]:":
                return
    raise AssertionError("Jupyter never ran the cell")


def gone(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return False
    return True


def test_a_cell_shows_the_live_dashboard_and_its_numbers_change(jupyter: Jupyter, page: Page) -> None:
    page.goto(f"{jupyter.address}/notebooks/hud.ipynb")
    page.wait_for_selector(".jp-CodeCell .cm-content", timeout=40_000 * patience())
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=60_000 * patience())
    run_first_cell(page)
    frame = embedded(page, jupyter.dashboard)
    frame.wait_for_function("() => document.documentElement.dataset.live === 'live'", timeout=30_000 * patience())
    frame.wait_for_function("() => /\\d k?\\/s|\\dk/.test(document.body.innerText)", timeout=10_000 * patience())
    numbers = "document.querySelector('#page').innerText"
    for _ in range(3):
        before = frame.evaluate(numbers)
        frame.wait_for_function(f"before => {numbers} !== before", arg=before, timeout=5000 * patience())
    jupyter.stop()
    until(lambda: gone(jupyter.dashboard), lambda: "the dashboard outlived its notebook")
