"""gunicorn for `app:server`: a worker holds its live connections on one thread, and starts no collector."""

import ctypes
import gc
import importlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

sys.path.insert(0, str(Path(__file__).parent))  # wherever it is started from

from model.settings import SettingsError
from model.settings_file import load_settings

sys.modules.setdefault("IPython", None)  # type: ignore[arg-type]  # Dash loads a notebook's machinery where it finds it

M_ARENA_MAX, M_TRIM_THRESHOLD = -8, -1
if hasattr(ctypes.CDLL(None), "mallopt"):  # glibc: a heap per thread, and heaps kept for later, cost memory here
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 256 * 1024)

try:
    settings = load_settings()
    settings.refuse_open_door()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
raw_env = ["HUD_SUPERVISE_COLLECTOR=false"]  # the Procfile runs one beside the web
worker_class = "web.gunicorn_worker.Worker"
threads = 16  # for requests only: a live connection gives its thread back at once
worker_connections = 4000
keepalive = 5
graceful_timeout = 1  # every request is short; an idle browser must not hold up a restart
# What is imported before the fork is shared by several workers; a single one shares it with nobody but its idle parent,
# and every page that the worker then writes to would be held twice.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
preload_app = workers > 1
control_socket_disable = True


def _runtime() -> Any:
    """What runs in this worker. The application is imported by then; only the parent of a single worker never does."""
    return importlib.import_module("app").runtime


def pre_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """Keep the collector of garbage away from shared pages, so that they stay shared."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: ThreadWorker) -> None:
    """Start what runs, after the fork; and let go of every connection as soon as the worker is asked to leave."""
    runtime = _runtime()
    runtime.start()
    # Dash sets itself up at the first request, and is not safe for two of them at once: it gets one before any arrives.
    importlib.import_module("app").server.test_client().get("/healthz")
    leave = signal.getsignal(signal.SIGTERM)

    def hang_up(number: int, frame: FrameType | None) -> None:
        runtime.hang_up()
        for connection in (*worker.keepalived_conns, *worker.pending_conns):
            connection.timeout = 0.0
        if callable(leave):
            leave(number, frame)

    signal.signal(signal.SIGTERM, hang_up)


def worker_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Say goodbye to the browsers, which then look for the next worker."""
    _runtime().stop()
