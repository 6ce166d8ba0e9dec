"""gunicorn for `app:server`: a worker holds its live connections on one thread, and starts no collector."""

import ctypes
import gc
import importlib
import signal
import sys
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from model.settings import SettingsError, load_settings

sys.modules.setdefault("IPython", None)  # type: ignore[arg-type]  # Dash loads a notebook's machinery where it finds it
hud = importlib.import_module("app")

M_ARENA_MAX, M_TRIM_THRESHOLD = -8, -1
if hasattr(ctypes.CDLL(None), "mallopt"):  # glibc: a heap per thread, and heaps kept for later, cost memory here
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 256 * 1024)

try:
    settings = load_settings()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
raw_env = ["HUD_SUPERVISE_COLLECTOR=false"]  # the Procfile runs one beside the web
worker_class = "gthread"
threads = 16  # for requests only: a live connection gives its thread back at once
worker_connections = 1000
keepalive = 5
graceful_timeout = 1  # every request is short; an idle browser must not hold up a restart
preload_app = True  # what is imported before the fork is shared by all workers
control_socket_disable = True


def pre_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """Keep the collector of garbage away from shared pages, so that they stay shared."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: ThreadWorker) -> None:
    """Start what runs, after the fork; and let go of every connection as soon as the worker is told to leave."""
    hud.runtime.start()
    leave = signal.getsignal(signal.SIGTERM)

    def hang_up(number: int, frame: FrameType | None) -> None:
        hud.runtime.hang_up()
        for connection in worker.keepalived_conns:
            connection.timeout = 0.0
        if callable(leave):
            leave(number, frame)

    signal.signal(signal.SIGTERM, hang_up)


def worker_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Say goodbye to the browsers, which then look for the next worker."""
    hud.runtime.stop()
