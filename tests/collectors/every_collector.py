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
MAX_BYTES = 256 * 1024
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=TIMEOUT, max_bytes=MAX_BYTES)
HTML = b"<!doctype html>\n<html><body>not what you wanted</body></html>"
SETTINGS_FRAME = bytes.fromhex("00001204000000000000030000006400040000ffff000500004000")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

Build = Callable[[int], Collector]
HTTP_BUILDS: dict[str, Build] = {
    "proxy": lambda port: ProxyCollector(f"http://127.0.0.1:{port}/metrics", OPTIONS, Aliases()),
    "admin": lambda port: AdminCollector(f"http://127.0.0.1:{port}", OPTIONS),
    "alertmanager": lambda port: AlertmanagerCollector(f"http://127.0.0.1:{port}", OPTIONS),
    "dex": lambda port: DexCollector(f"http://127.0.0.1:{port}/dex", "", OPTIONS),
    "signoz": lambda port: SignozCollector(f"http://127.0.0.1:{port}", "", "auto", OPTIONS),
}
ALL_BUILDS: dict[str, Build] = {
    **HTTP_BUILDS,
    "patterns": lambda port: PatternCollector("redis", f"127.0.0.1:{port}", OPTIONS),
}


def failure(collector: Collector) -> CollectError:
    """The error of one read, which must come in time."""
    began = time.monotonic()
    try:
        with pytest.raises(CollectError) as caught:
            collector.collect(time.time)
    finally:
        collector.close()
    assert time.monotonic() - began < (TIMEOUT * 1.5 + 0.5) * patience()
    assert len(caught.value.detail) <= 300
    return caught.value


def say(said: bytes) -> Talk:
    return lambda connection: connection.sendall(said)
