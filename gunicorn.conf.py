"""gunicorn for `app:server`: a worker holds its live connections on one thread, and one more is the collector."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

sys.path.insert(0, str(Path(__file__).parent))  # wherever it is started from

from model.process.file_limits import make_room, shortage, web_files
from model.process.malloc_tuning import bound_heaps, fill_holes, settle
from model.settings import SettingsError
from model.settings_file import load_settings
from web.front.forwarded import networks
from web.processes import gunicorn_collector
from web.processes.before_fork import set_up
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
worker_class = "web.processes.gunicorn_worker.Worker"
threads = 16  # for requests only: a live connection gives its thread back at once
worker_connections = 4000
keepalive = 5
graceful_timeout = 1  # every request is short; an idle browser must not hold up a restart
workers = int(os.environ.get("WEB_CONCURRENCY") or 1) + settings.supervise_collector
preload_app = True  # whoever follows a worker that ended is there in half a second: it imports nothing
timeout = 5  # a worker that hangs is replaced; it shows every second that it does not
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where a slow disk cannot make it look hung
control_socket_disable = True
forwarded_allow_ips = ""  # gunicorn would believe all on this machine; web/front/ asks HUD_TRUSTED_PROXIES

GENERATION = object()
"""Of the workers that are started with what was read here; made anew when gunicorn is asked to read it again."""


def _collect() -> int:
    return int(importlib.import_module("collectors.__main__").main(["--wait"], settings, next_turn=lambda: 1))


def _app() -> Any:
    """The application: imported in the parent, which runs nothing of it."""
    return importlib.import_module("app")


def on_starting(server: Arbiter) -> None:
    """Let the workers, which inherit it, hold as many connections as they are set up for."""
    wanted = web_files(settings.max_sockets, worker_connections)
    short = shortage("each web process", wanted, make_room(wanted), "lower HUD_MAX_SOCKETS")
    if short:
        server.log.warning(short)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """What every worker does first is done here once; and garbage is looked for nowhere in what they share."""
    if settings.supervise_collector:
        importlib.import_module("collectors.__main__")
        importlib.import_module("collectors.before_fork").prepare(settings)
        gunicorn_collector.seat(worker, server.WORKERS.values(), GENERATION)
    _app().runtime.configure(settings.model_copy(update={"supervise_collector": False}))
    set_up(_app().server)
    settle()
    fill_holes()


def post_fork(server: Arbiter, worker: Worker) -> None:
    """The worker that collects does so instead of serving."""
    if worker.collects:
        sys.exit(gunicorn_collector.run(worker, server.LISTENERS, _collect))


def post_worker_init(worker: Worker) -> None:
    """Start what runs, after the fork; and let go of every connection when the worker leaves."""
    sys.setswitchinterval(SWITCH_SECONDS)
    runtime = _app().runtime
    worker.hang_up = runtime.hang_up
    worker.proxies = networks(settings.trusted_proxies)
    runtime.start()
    worker.notify()


def worker_exit(server: Arbiter, worker: Worker) -> None:
    """Say goodbye to the browsers, which then look for the next worker."""
    _app().runtime.stop()
