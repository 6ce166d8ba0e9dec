"""gunicorn for `app:server`: a worker holds its live connections on one thread, and starts no collector."""

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

sys.path.insert(0, str(Path(__file__).parent))  # wherever it is started from

from model.process.file_limits import make_room, shortage, web_files
from model.process.malloc_tuning import bound_heaps
from model.settings import SettingsError
from model.settings_file import load_settings
from web.front.forwarded import networks
from web.processes.gunicorn_worker import Worker

sys.modules.setdefault("IPython", None)  # type: ignore[arg-type]  # Dash loads a notebook's machinery where it finds it

SWITCH_SECONDS = 0.0005
"""A short request waits so long for each thread that has much to do; with Python's own 5 ms `/healthz` took twice as
long under attack (`python -m bench attack`)."""

bound_heaps()

try:
    settings = load_settings()
    settings.refuse_open_door()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
raw_env = ["HUD_SUPERVISE_COLLECTOR=false"]  # the Procfile runs one beside the web
worker_class = "web.processes.gunicorn_worker.Worker"
threads = 16  # for requests only: a live connection gives its thread back at once
worker_connections = 4000
keepalive = 5
graceful_timeout = 1  # every request is short; an idle browser must not hold up a restart
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
preload_app = True  # whoever follows a worker that ended is there in half a second: it imports nothing
timeout = 5  # a worker that hangs is replaced; it shows every second that it does not
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where a slow disk cannot make it look hung
control_socket_disable = True
forwarded_allow_ips = ""  # gunicorn would believe all on this machine; web/front/ asks HUD_TRUSTED_PROXIES


def _runtime() -> Any:
    """What runs in this worker. The application is imported by then; only the parent of a single worker never does."""
    return importlib.import_module("app").runtime


def on_starting(server: Arbiter) -> None:
    """Let the workers, which inherit it, hold as many connections as they are set up for."""
    wanted = web_files(settings.max_sockets, worker_connections)
    short = shortage("each web process", wanted, make_room(wanted), "lower HUD_MAX_SOCKETS")
    if short:
        server.log.warning(short)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Keep the collector of garbage away from shared pages, so that they stay shared."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """Start what runs, after the fork; and let go of every connection when the worker leaves."""
    sys.setswitchinterval(SWITCH_SECONDS)
    runtime = _runtime()
    worker.hang_up = runtime.hang_up
    worker.proxies = networks(settings.trusted_proxies)
    runtime.start()
    worker.notify()
    # Dash sets itself up at the first request, and is not safe for two of them at once: it gets one before any arrives.
    importlib.import_module("app").server.test_client().get("/healthz")
    worker.notify()


def worker_exit(server: Arbiter, worker: Worker) -> None:
    """Say goodbye to the browsers, which then look for the next worker."""
    _runtime().stop()
