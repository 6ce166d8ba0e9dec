"""The OTel collector's and Dex's families before the start, as `servers.otel` and `servers.dex` expose them."""

from __future__ import annotations

import numpy as np

from simulator.past.families import Build, Rows, constant
from simulator.past.instants import Instants
from simulator.servers.otel import CPU_BEFORE, CPU_CORES, EXPORTERS, MEMORY_BYTES, SCOPE, TARGET
from simulator.sockets.exposition import Share
from simulator.traffic.pipeline import QUEUE_CAPACITY


def _signals(books: Instants, share: Share) -> Rows:
    for signal, (exporter, data_type) in EXPORTERS.items():
        taken, lost = books.signal(signal)
        sender = {"exporter": exporter, **SCOPE}
        receiver = {"receiver": "otlp", "transport": "grpc", **SCOPE}
        none = np.zeros_like(taken)
        yield f"otelcol_receiver_accepted_{signal}_total", receiver, taken
        yield f"otelcol_receiver_refused_{signal}_total", receiver, none
        yield f"otelcol_exporter_sent_{signal}_total", sender, taken - lost
        yield f"otelcol_exporter_send_failed_{signal}_total", sender, lost
        yield f"otelcol_exporter_enqueue_failed_{signal}_total", sender, none
        queue = {"exporter": exporter, "data_type": data_type, **SCOPE}
        yield "otelcol_exporter_queue_size", queue, none
        yield "otelcol_exporter_queue_capacity", queue, none + QUEUE_CAPACITY


def _collector(books: Instants, share: Share) -> Rows:
    yield "otelcol_process_uptime_seconds_total", {}, books.up_seconds
    yield "otelcol_process_cpu_seconds_total", {}, CPU_BEFORE + books.up_seconds * CPU_CORES
    yield "otelcol_process_memory_rss_bytes", {}, constant(books, MEMORY_BYTES)
    yield "target_info", TARGET, constant(books, 1)


def _dex(books: Instants, share: Share) -> Rows:
    for handler, method, count in (("/token", "post", books.refreshes), ("/keys", "get", books.misses)):
        yield "http_requests_total", {"code": "200", "handler": handler, "method": method}, count
    yield "process_start_time_seconds", {}, constant(books, books.past.proxy_started)
    yield "process_resident_memory_bytes", {}, constant(books, 38.0 * 1024 * 1024)
    yield "dex_build_info", {"version": "v2.37.0"}, constant(books, 1)


OTEL: tuple[Build, ...] = (_signals, _collector)
DEX: tuple[Build, ...] = (_dex,)
