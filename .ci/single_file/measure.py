"""The size of the single file, and how long it takes until it serves its first page: `measure.py FILE`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

GOAL_BYTES, GOAL_SECONDS = 90_000_000, 3.0
PATIENCE_SECONDS = 60.0


def first_page(program: Path, folder: Path) -> float:
    """Seconds from its start until `/` is served. Raises RuntimeError where it never is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "PROXY_METRICS_URL": "http://127.0.0.1:1/",
        "HUD_PORT": str(port),
        "HUD_CACHE_DIR": str(folder / "store"),
        "PATH": os.environ.get("PATH", ""),
    }
    began = time.monotonic()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program], cwd=folder, env=settings, stdout=quiet, stderr=quiet)
    try:
        while time.monotonic() - began < PATIENCE_SECONDS and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    page.read()
                    return time.monotonic() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError(f"{program} served no page")
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    """0 when it serves a page; the goals are said beside the figures."""
    program = Path(sys.argv[1]).resolve()
    size = program.stat().st_size
    print(f"{program.name}: {size / 1e6:.1f} MB (goal: {GOAL_BYTES / 1e6:.0f} MB)")
    with tempfile.TemporaryDirectory() as folder:
        seconds = [first_page(program, Path(folder)) for _ in range(3)]
    print(f"first page after {min(seconds):.1f} s, at worst {max(seconds):.1f} s (goal: {GOAL_SECONDS:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
