"""Collectors of every kind at a port, and the one read that must fail in time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from collectors.admin.namespaces import AdminCollector
from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.core.contract import Collector
from collectors.dex.discovery import DexCollector
from collectors.patterns.pattern import PatternCollector
from collectors.proxy.metrics import ProxyCollector
from collectors.signoz.collector import SignozCollector
from model.settings import Aliases, SourceOptions
from model.sources import CollectError
from tests.collectors.conftest import Talk
from tests.patience import patience

TIMEOUT = 0.4
"""Seconds that a read may take where nothing else runs."""
MAX_BYTES = 256 * 1024
HTML = b"<!doctype html>\n<html><body>not what you wanted</body></html>"
SETTINGS_FRAME = bytes.fromhex("00001204000000000000030000006400040000ffff000500004000")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def options() -> SourceOptions:
    """A read may take TIMEOUT seconds of a machine with time to spare, so that a prompt answer is never a late one."""
    return SourceOptions(interval_seconds=1.0, timeout_seconds=TIMEOUT * patience(), max_bytes=MAX_BYTES)


Build = Callable[[int], Collector]
HTTP_BUILDS: dict[str, Build] = {
    "proxy": lambda port: ProxyCollector(f"http://127.0.0.1:{port}/metrics", options(), Aliases()),
    "admin": lambda port: AdminCollector(f"http://127.0.0.1:{port}", options()),
    "alertmanager": lambda port: AlertmanagerCollector(f"http://127.0.0.1:{port}", options()),
    "dex": lambda port: DexCollector(f"http://127.0.0.1:{port}/dex", "", options()),
    "signoz": lambda port: SignozCollector(f"http://127.0.0.1:{port}", "", "auto", options()),
}
ALL_BUILDS: dict[str, Build] = {
    **HTTP_BUILDS,
    "patterns": lambda port: PatternCollector("redis", f"127.0.0.1:{port}", options()),
}


def failure(collector: Collector) -> CollectError:
    """The error of one read, which must come in time: on a crowded machine in as much more of it."""
    began, crowded = time.monotonic(), patience()
    try:
        with pytest.raises(CollectError) as caught:
            collector.collect(time.time)
    finally:
        collector.close()
    assert time.monotonic() - began < (TIMEOUT * 1.5 + 0.5) * 2 * max(crowded, patience())
    assert len(caught.value.detail) <= 300
    return caught.value


def say(said: bytes) -> Talk:
    return lambda connection: connection.sendall(said)
