"""The simulated Prism that is read when no source is configured: a child process, met only over its sockets."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from model.settings import Settings

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "simulator", "--supervised")
START_SECONDS = 20.0
RESTART_SECONDS = 15.0
"""Long enough to see what the dashboard says of a Prism that is gone, and to start another one in its place."""
LOOK_SECONDS = 0.2
CONNECT_SECONDS = 0.5
PATIENCE_SECONDS = 0.5

log = logging.getLogger("hud.embedded")


class EmbeddedError(Exception):
    """The simulated Prism did not start; the message says why."""


class EmbeddedPrism:
    """Starts the simulator, starts it again on the same ports when it ends, and takes it along when this process ends.

    The child ends with its standard input, so it does not outlive a collector that was killed.
    """

    def __init__(
        self,
        stop: threading.Event,
        *,
        command: Sequence[str] = COMMAND,
        restart_seconds: float = RESTART_SECONDS,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self._stop = stop
        self._command = tuple(command)
        self._restart_seconds = restart_seconds
        self._start_seconds = start_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self.addresses: Mapping[str, Any] = {}

    def start(self, before: Mapping[str, Any] | None = None, past_hours: float = 0.0) -> Mapping[str, Any]:
        """Start it where it was `before`, else on the RFC's ports, else on free ones; it has lived `past_hours` then.
        Returns its addresses.

        The same ports make the same sources: their history goes on. Raises EmbeddedError.
        """
        past = ("--past", f"{past_hours:g}")
        self.addresses = self._again_at(before, *past) or self._spawn("--ports", "auto", *past)
        self._thread = threading.Thread(target=self._watch, name="hud-embedded", daemon=True)
        self._thread.start()
        return self.addresses

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def close(self) -> None:
        """End the child. `stop` must be set before."""
        if self._thread is not None:
            self._thread.join(2 * LOOK_SECONDS + CONNECT_SECONDS)
        self._end()

    def _watch(self) -> None:
        child = self._child
        while not self._stop.wait(LOOK_SECONDS):
            if child is not None and child.poll() is None:
                continue
            log.warning("the simulated Prism ended; it starts again in %.0f s", self._restart_seconds)
            self._end()
            while not self._stop.wait(self._restart_seconds) and not self._started_again():
                pass
            child = self._child

    def _started_again(self) -> bool:
        """False when somebody else listens there now: then that one is read."""
        if _listens(str(self.addresses.get("proxy_metrics_url", ""))):
            return False
        try:
            self._spawn("--ports-from", json.dumps(self.addresses), "--past", "0")
        except EmbeddedError as error:
            log.warning("the simulated Prism cannot start again: %s", error)
            return False
        log.info("the simulated Prism runs again")
        return True

    def _again_at(self, before: Mapping[str, Any] | None, *more: str) -> Mapping[str, Any] | None:
        if not before or _listens(str(before.get("proxy_metrics_url", ""))):
            return None
        try:
            return self._spawn("--ports-from", json.dumps(before), *more)
        except EmbeddedError:
            if self._stop.is_set():
                raise
            return None  # somebody has one of its ports

    def _spawn(self, *arguments: str) -> Mapping[str, Any]:
        # A session of its own: Ctrl-C reaches this process only, which then ends the child in order.
        child = subprocess.Popen(
            [*self._command, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._child = child
        try:
            return self._addresses_from(child)
        except EmbeddedError:
            self._end()
            raise

    def _addresses_from(self, child: subprocess.Popen[bytes]) -> Mapping[str, Any]:
        """Its one JSON line, awaited for `start_seconds`."""
        assert child.stdout is not None
        descriptor = child.stdout.fileno()
        line = b""
        deadline = time.monotonic() + self._start_seconds
        while not line.endswith(b"\n"):
            if time.monotonic() > deadline or self._stop.is_set():
                raise EmbeddedError(f"no addresses within {self._start_seconds:.0f} s")
            if not select.select([descriptor], [], [], LOOK_SECONDS)[0]:
                continue
            part = os.read(descriptor, 65536)
            if not part:
                raise EmbeddedError("it ended before it said where it listens")
            line += part
        try:
            addresses = json.loads(line)
        except ValueError:
            addresses = None
        if not isinstance(addresses, dict):
            raise EmbeddedError("it did not say where it listens")
        return addresses

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def settings_for(settings: Settings, addresses: Mapping[str, Any]) -> Settings:
    """The settings, reading the simulated Prism at `addresses`."""
    targets = [f"{name}={address}" for name, address in addresses["patterns"].items()]
    return settings.model_copy(
        update={
            "proxy_metrics_url": [addresses["proxy_metrics_url"]],
            "signoz_api_url": addresses["signoz_api_url"],
            "admin_api_url": addresses["admin_api_url"],
            "pattern_health_targets": targets,
            "otel_metrics_url": addresses.get("otel_metrics_url", ""),
            "otel_health_url": addresses.get("otel_health_url", ""),
            "dex_issuer_url": addresses.get("dex_issuer", ""),
            "dex_telemetry_url": addresses.get("dex_telemetry_url", ""),
            "alertmanager_url": addresses.get("alertmanager_url", ""),
        }
    )


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT_SECONDS):
            return True
    except OSError:
        return False
