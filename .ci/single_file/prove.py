"""Proof that the single file needs nothing else: `prove.py FILE` runs it in a root that holds it alone, in every way.

The root has /tmp, /proc and four devices beside it: no C library, no shell, no certificates. Each process is asked over
HTTP from outside.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.processes import free_port, sources, wait_ready  # noqa: E402  # a script of the tree

PATIENCE_SECONDS = 120.0
INSIDE = """set -e
for one in null zero random urandom; do : > dev/$one; mount --bind /dev/$one dev/$one; done
mount --rbind /proc proc
exec chroot . /prism-dashboard "$@"
"""
OWN_MOUNTS = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
APART = [*OWN_MOUNTS, "sh", "-c", INSIDE, "sh"]
NOTIFIED = "json://127.0.0.1:9/"
"""An address that a plugin of Apprise's has to know."""


def main() -> int:
    """0 when all of it works, or no root can be made. Raises OSError, RuntimeError or CalledProcessError."""
    if subprocess.run([*OWN_MOUNTS, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("not proved: this machine lets nobody make a root of his own (unshare --mount)")
        return 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        for name in ("tmp", "proc", "dev"):
            (root / name).mkdir()
        shutil.copy2(sys.argv[1], root / "prism-dashboard")
        assert "prism-dashboard collector" in said(root, "--help")
        simulator = stack.enter_context(running(root, "simulator", "--ports", "free", "--past", "0", stdout=True))
        assert simulator.stdout is not None
        settings = {**sources(json.loads(simulator.stdout.readline())), "HUD_NOTIFY_URLS": NOTIFIED}
        print(said(root, "--check", settings=settings))
        for commands in ([""], ["web"], ["collector", "web"]):
            print(f"{' and '.join(commands) or 'alone'}: {served(root, commands, settings)} answers")
    return 0


def served(root: Path, commands: list[str], settings: Mapping[str, str]) -> int:
    """How many addresses answered, once there are figures."""
    port = free_port()
    own = {"HUD_PORT": str(port), "HUD_CACHE_DIR": f"/tmp/{port}"}
    if len(commands) > 1:
        own["HUD_SUPERVISE_COLLECTOR"] = "false"
    with ExitStack() as stack:
        for command in commands:
            stack.enter_context(running(root, *filter(None, [command]), settings={**settings, **own}))
        address = f"http://127.0.0.1:{port}"
        wait_ready(address)
        return visited(address)


def visited(address: str) -> int:
    """Asks for the page with all its scripts, every answer that needs no name, and the report in both forms."""
    page = asked(f"{address}/").decode()
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    described = json.loads(asked(f"{address}/api/openapi.json"))["paths"]
    answers = [path for path, ways in described.items() if "get" in ways and "{" not in path]
    for path in [*parts, *answers, "/metrics", "/report"]:
        asked(address + path)
    assert asked(f"{address}/report?format=pdf").startswith(b"%PDF")
    return len(parts) + len(answers) + 4


def asked(address: str) -> bytes:
    """What is there. Raises HTTPError."""
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        return bytes(answer.read())


def said(root: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> str:
    """What it says until it ends well."""
    command = [*APART, *arguments]
    return subprocess.run(command, cwd=root, env=around(settings), stdout=subprocess.PIPE, text=True, check=True).stdout


@contextmanager
def running(
    root: Path, *arguments: str, settings: Mapping[str, str] | None = None, stdout: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """One of its processes; it has to end when it is asked to."""
    out = subprocess.PIPE if stdout else subprocess.DEVNULL
    process = subprocess.Popen([*APART, *arguments], cwd=root, env=around(settings), stdout=out, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def around(settings: Mapping[str, str] | None) -> dict[str, str]:
    """Its environment: nothing of ours but the way to the programs that make the root."""
    return {"PATH": os.environ["PATH"], **(settings or {})}


if __name__ == "__main__":
    sys.exit(main())
