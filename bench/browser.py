"""The Chromium that tests, benches and screenshots drive; `python -m bench.browser` succeeds when there is one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell is the same browser without its windows: a page costs half the processor time."""


def executable() -> str | None:
    """The system's browser; None leaves it to Playwright, which takes its own if it was installed.

    Each is asked for its version: Ubuntu's chromium-browser is a stub that only says where to find a snap.
    """
    found = (path for path in map(shutil.which, NAMES) if path)
    return next((path for path in found if _runs(path)), None)


def _runs(path: str) -> bool:
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def main() -> int:
    """0 when there is a browser to drive."""
    if executable():
        return 0
    with sync_playwright() as playwright:
        return 0 if Path(playwright.chromium.executable_path).exists() else 1


if __name__ == "__main__":
    sys.exit(main())
