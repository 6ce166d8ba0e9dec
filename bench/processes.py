"""The real processes: a simulated Prism, and the dashboard as the Procfile starts it."""

from __future__ import annotations

import atexit
import json
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PORTS = (20_000, 32_000)
HISTORY_LOADED, LOADED_SECONDS = "history of what is read directly", 180.0


def free_port() -> int:
    """A port nobody listens on, and that nobody else who asks here is given while this process lives.

    It lies below those of outgoing connections, one of which might else take it before its server does.
    """
    while True:
        port = random.randrange(*PORTS)
        if _claimed(port) and _bindable(port):
            return port


def _claimed(port: int) -> bool:
    """Take a name for it that only one process can have, and that the system frees when the process ends."""
    claim = socket.socket(socket.AF_UNIX)
    atexit.register(claim.close)
    try:
        claim.bind(f"\0hud-port-{port}")
    except OSError:
        claim.close()
        return False
    return True


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def sources(addresses: Mapping[str, Any]) -> dict[str, str]:
    """The environment by which a dashboard reads a simulated Prism at `addresses`; nothing for what it has not."""
    given = {
        "PATTERN_HEALTH_TARGETS": ",".join(f"{name}={address}" for name, address in addresses["patterns"].items()),
        "PROXY_METRICS_URL": addresses.get("proxy_metrics_url"),
        "ADMIN_API_URL": addresses.get("admin_api_url"),
        "SIGNOZ_API_URL": addresses.get("signoz_api_url"),
        "OTEL_METRICS_URL": addresses.get("otel_metrics_url"),
        "OTEL_HEALTH_URL": addresses.get("otel_health_url"),
        "DEX_ISSUER_URL": addresses.get("dex_issuer"),
        "DEX_TELEMETRY_URL": addresses.get("dex_telemetry_url"),
        "ALERTMANAGER_URL": addresses.get("alertmanager_url"),
    }
    return {name: str(address) for name, address in given.items() if address}


@contextmanager
def simulated_prism(*options: str) -> Iterator[dict[str, Any]]:
    """A simulator on free ports without a past, with further `options` of its command line; gives its addresses."""
    command = [sys.executable, "-m", "simulator", "--ports", "free", "--past", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        _stop(process)
        process.stdout.close()


@contextmanager
def dashboard(
    addresses: Mapping[str, Any], log: Path = Path(os.devnull), /, **extra: str
) -> Iterator[tuple[str, list[int]]]:
    """The Procfile's process and those it starts, reading `addresses`; gives the dashboard's address and its pid.

    With HUD_SUPERVISE_COLLECTOR=false there are two: the web's, and that of a collector beside it.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as cache, log.open("ab") as said:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **sources(addresses),
            "HUD_PORT": str(port),
            "HUD_CACHE_DIR": cache,
            **extra,
        }
        beside = environment.get("HUD_SUPERVISE_COLLECTOR", "").lower() in ("false", "0")
        commands = [procfile("web"), *([collector_command()] if beside else [])]
        processes = [subprocess.Popen(one, cwd=ROOT, env=environment, stderr=said) for one in commands]
        try:
            address = f"http://127.0.0.1:{port}"
            wait_ready(address)
            yield address, [process.pid for process in processes]
        finally:
            for process in processes:
                _stop(process)


@contextmanager
def dashboard_with_past(addresses: Mapping[str, Any], **extra: str) -> Iterator[tuple[str, list[int]]]:
    """The same beside the simulated Prism's Prometheus, once the history that this remembers is loaded."""
    with tempfile.TemporaryDirectory(prefix="hud-bench-log-") as folder:
        log = Path(folder) / "log"
        with dashboard(addresses, log, PROMETHEUS_URL=addresses["prometheus_url"], **extra) as running:
            wait_said(log, HISTORY_LOADED, LOADED_SECONDS)
            yield running


def wait_said(log: Path, words: str, seconds: float) -> None:
    """Until a process has logged `words`; RuntimeError when it has not."""
    deadline = time.monotonic() + seconds
    while words not in log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"nobody said {words!r} within {seconds:.0f} s")
        time.sleep(0.2)


def procfile(name: str, *arguments: str) -> list[str]:
    """The Procfile's command of `name`, flags and all, with this interpreter and further `arguments`."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    python, *rest = shlex.split(next(line for line in lines if line.startswith(f"{name}:")).partition(":")[2])
    if python != "python":
        raise ValueError(f"the Procfile's {name} is not started by python: {python}")
    return [sys.executable, *rest, *arguments]


def collector_command(*arguments: str) -> list[str]:
    """A collector's own command, as the units in deploy/ start it, with this interpreter and further `arguments`."""
    return [sys.executable, "-OO", "-m", "collectors", *arguments]


def wait_ready(address: str, seconds: float = 30.0) -> None:
    """Until /readyz says yes; RuntimeError with what it said last. A crowded machine gets as much more time."""
    deadline = time.monotonic() + seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    said = "nothing"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                return
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
        except OSError as error:
            said = str(error)
        time.sleep(0.1)
    raise RuntimeError(f"the dashboard was not ready within {seconds:.0f} s; /readyz said: {said}")


def _stop(process: subprocess.Popen[Any]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tree(pids: list[int]) -> set[int]:
    """These processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:
            continue
        children.setdefault(int(text.rsplit(")", 1)[1].split()[1]), []).append(int(entry.parent.name))
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(children.get(pid, []))
    return found


def pss_bytes(pid: int) -> int:
    """A process's proportional share of memory; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(text.split("\nPss:")[1].split()[0]) * 1024


def rss_bytes(pid: int) -> int:
    """A process's resident memory; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, with the children that it has waited for; 0 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
