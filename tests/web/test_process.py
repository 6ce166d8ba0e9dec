"""The web process as an operator meets it: start, refusals, stop, and what it says of itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.processes import free_port, procfile
from model.series import Kind, Scrape, Series
from model.sources import CollectError, ErrorKind, SourceState
from store.incoming import frames_of
from store.writer import Writer
from tests.heaps import heaps
from tests.patience import patience
from tests.web.servers import ROOT, Site

pytestmark = pytest.mark.server
Start = Callable[..., Site]


def app(port: int) -> list[str]:
    return [sys.executable, "app.py"]


def procfile_web(port: int) -> list[str]:
    return procfile("web")


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings for a web process that starts no collector, on a store of its own."""
    port = free_port()
    yield {"HUD_PORT": str(port), "HUD_CACHE_DIR": str(tmp_path / "cache"), "HUD_SUPERVISE_COLLECTOR": "false"}


@pytest.fixture(scope="module", params=["alone", "procfile"])
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The web process, started in both ways and shared by the tests that only ask."""
    command = app if request.param == "alone" else procfile_web
    cache = tmp_path_factory.mktemp("web") / "cache"
    settings = {"HUD_PORT": str(free_port()), "HUD_CACHE_DIR": str(cache), "HUD_SUPERVISE_COLLECTOR": "false"}
    site = Site(command(0), int(settings["HUD_PORT"]), folder=ROOT, **settings)
    site.wait("/healthz")
    yield site
    site.stop()


def answer(address: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=5) as said:
            return said.status, said.read().decode("utf-8", "replace"), dict(said.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def descendants(pid: int) -> list[int]:
    children = [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]
    return children + [one for child in children for one in descendants(child)]


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings}
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20
    )


def printed(script: str) -> str:
    """What a script prints in a Python of its own."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def test_importing_the_application_starts_nothing_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, threading, os, json, app\n"
        "heavy = ('plotly.express', 'plotly.graph_objs._scatter', 'grpc', 'pyarrow', 'matplotlib', 'collectors')\n"
        "sockets = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') "
        "if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "print(json.dumps([threading.active_count(), [one for one in heavy if one in sys.modules], "
        "[one for one in sockets if one.startswith('socket')]]))"
    )
    threads, heavy, sockets = json.loads(printed(script))
    assert threads == 1
    assert heavy == []
    assert sockets == []


def test_before_a_fork_dash_is_set_up_and_nothing_is_started() -> None:
    script = (
        "import json, threading, app\n"
        "from web.processes.before_fork import set_up\n"
        "before = dict(app.app._got_first_request)\n"
        "set_up(app.server)\n"
        "print(json.dumps([before, app.app._got_first_request, threading.active_count(), app.runtime._hub is None]))"
    )
    before, after, threads, idle = json.loads(printed(script))
    assert not any(before.values())
    assert all(after.values())
    assert (threads, idle) == (1, True)


def test_alone_dash_is_set_up_before_anybody_can_ask() -> None:
    script = (
        "import json, app\n"
        "from web.processes.standalone import listen\n"
        "listen(app.server, '127.0.0.1', 0).server_close()\n"
        "print(json.dumps([app.app._got_first_request, app.runtime._hub is None]))"
    )
    after, idle = json.loads(printed(script))
    assert all(after.values())
    assert idle


def test_a_taken_port_is_one_line_with_the_port_and_the_setting(beside: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(beside["HUD_PORT"]))):
        done = run(**beside)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert beside["HUD_PORT"] in done.stderr
    assert "HUD_PORT" in done.stderr


def test_a_wrong_setting_stops_the_start_with_its_name(beside: dict[str, str]) -> None:
    done = run(**beside | {"HUD_PORT": "eighty"})
    assert done.returncode == 2
    assert "HUD_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_stops_gunicorn_too(beside: dict[str, str]) -> None:
    environment = {**os.environ, **beside, "PROXY_METRICS_URL": "nonsense"}
    done = subprocess.run(procfile_web(0), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert "PROXY_METRICS_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", [app, procfile_web])
def test_it_leaves_within_a_second_when_asked_to(
    command: Callable[[int], list[str]], number: signal.Signals, beside: dict[str, str]
) -> None:
    site = Site(command(0), int(beside["HUD_PORT"]), folder=ROOT, **beside)
    site.wait("/healthz")
    answer(site.address)
    began = time.monotonic()
    site.process.send_signal(number)
    _, said = site.process.communicate(timeout=10)
    assert time.monotonic() - began < 1.0 * patience()
    assert "Traceback" not in said
    assert site.process.returncode == 0


def test_gunicorn_leaves_the_collector_to_somebody_else_where_it_is_told_so(beside: dict[str, str]) -> None:
    site = Site(procfile_web(0), int(beside["HUD_PORT"]), folder=ROOT, **beside)
    try:
        site.wait("/healthz")
        assert answer(f"{site.address}/readyz")[0] == 503
        assert len(descendants(site.process.pid)) == 1, "a web worker"
        assert not (Path(beside["HUD_CACHE_DIR"])).exists(), "nobody writes a store"
    finally:
        site.stop()


def test_without_data_it_is_up_but_not_ready_and_says_why(web: Site) -> None:
    assert answer(f"{web.address}/healthz")[:2] == (200, "ok\n")
    status, words, _ = answer(f"{web.address}/readyz")
    assert status == 503
    assert words.splitlines() == ["the collector has not started yet", "no source has been read yet"]


def test_with_data_it_is_ready_and_reports_of_each_source(web: Site) -> None:
    now = time.time()
    proxy = SourceState("proxy@a:1", "proxy", "a:1", "http://a:1/metrics", 1.0).succeeded(now, 0.012, 1)
    admin = SourceState('admin@"b\\', "admin", '"b\\', "http://b", 5.0)
    admin = admin.failed(now, 1.0, CollectError(ErrorKind.TIMED_OUT, "no answer"))
    series = Series("process_open_fds", (("instance", "a:1"),), Kind.GAUGE)
    writer = Writer.open(Path(web.settings["HUD_CACHE_DIR"]))
    try:
        writer.commit(
            now,
            frames_of([Scrape("proxy", "a:1", now, [series], array("d", [3.0]))]),
            {one.key: one for one in (proxy, admin)},
        )
        writer.beat(now)
        assert answer(f"{web.address}/readyz")[:2] == (200, "ready\n")
        families = {one.name: one for one in text_string_to_metric_families(answer(f"{web.address}/metrics")[1])}
    finally:
        writer.close()
    reported = {sample.labels["instance"]: sample.value for sample in families["hud_source_success"].samples}
    assert reported == {"a:1": 1.0, '"b\\': 0.0}
    assert {sample.labels["instance"] for sample in families["hud_source_age_seconds"].samples} == {"a:1"}
    assert families["hud_source_duration_seconds"].samples[0].value == 0.012
    assert families["hud_collector_up"].samples[0].value == 1.0
    assert families["hud_live_connections"].samples[0].value == 0.0
    assert families["process_resident_memory_bytes"].samples[0].value > 1e6


def test_documents_are_asked_for_again_and_scripts_are_kept_for_a_year_compressed(web: Site) -> None:
    _, document, headers = answer(web.address)
    assert headers["Cache-Control"] == "no-cache"
    assert "script-src 'self' 'sha256-" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "https://" not in document.replace("https:\\u002f\\u002fdash-version", ""), "nothing comes from elsewhere"
    scripts = [part.split('"')[0] for part in document.split('<script src="')[1:]]
    assert scripts
    for path in scripts:
        status, _, headers = answer(web.address + path, **{"Accept-Encoding": "gzip"})
        assert status == 200
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable", path
        assert headers.get("Content-Encoding") == "gzip" or int(headers["Content-Length"]) < 500, path


def test_what_a_page_is_made_of_is_not_sent_again_to_who_has_it(web: Site) -> None:
    path = "/_dash-dependencies"
    status, body, headers = answer(web.address + path)
    assert (status, body != "", headers["Cache-Control"]) == (200, True, "no-cache")
    for encoding in ("gzip", "zstd"):
        asked = {"Accept-Encoding": encoding}
        mark = answer(web.address + path, **asked)[2]["ETag"]
        assert answer(web.address + path, **asked, **{"If-None-Match": mark})[:2] == (304, "")


def laid_out(web: Site, **headers: str) -> dict[str, dict[str, object]]:
    """The properties of what has an id in the layout, by it."""
    found: dict[str, dict[str, object]] = {}

    def keep(one: dict[str, object]) -> dict[str, object]:
        if "id" in one:
            found[str(one["id"])] = one
        return one

    status, body, kept = answer(f"{web.address}/_dash-layout", **headers)
    assert (status, kept["Cache-Control"]) == (200, "no-cache")
    json.loads(body, object_hook=keep)
    return found


def test_many_who_read_at_once_leave_no_heap_each(web: Site) -> None:
    with ThreadPoolExecutor(12) as pool:
        assert [status for status, _, _ in pool.map(answer, [f"{web.address}/_dash-layout"] * 60)] == [200] * 60
    pids = [web.process.pid, *descendants(web.process.pid)]
    assert [heaps(pid) for pid in pids] == [0] * len(pids)


@pytest.mark.parametrize(
    ("address", "view", "selection"),
    [
        ("/", "system-health", {}),
        ("/performance?range=15m", "performance", {"range": "15m"}),
        ("/namespaces/a%2Fb?proxy=p", "namespace", {"name": "a/b", "proxy": "p"}),
    ],
)
def test_the_layout_holds_the_page_that_the_document_is_of(
    web: Site, address: str, view: str, selection: dict[str, str]
) -> None:
    found = laid_out(web, Referer=web.address + address)
    chosen = found[f"{view}-selection"]["data"]
    assert isinstance(chosen, dict)
    assert {name: value for name, value in chosen.items() if value} == selection
    path, question, query = address.partition("?")
    assert {"pathname": path, "search": question + query}.items() <= found["_pages_location"].items()
    assert found["_pages_store"]["data"]


@pytest.mark.parametrize("address", ["", "/nowhere", "/patterns/"])
def test_a_page_that_no_document_names_is_left_to_the_callback(web: Site, address: str) -> None:
    found = laid_out(web, **({"Referer": web.address + address} if address else {}))
    assert "top-status" in found
    assert found["_pages_content"]["children"] is None
    assert "pathname" not in found["_pages_location"]


def test_the_chart_library_is_the_one_that_plotly_draws_for(web: Site) -> None:
    facts = answer(web.address)[1].split('id="live-facts">')[1].split("</script>")[0]
    status, text, headers = answer(web.address + json.loads(facts)["charts"])
    version = printed("from plotly.offline import get_plotlyjs_version as v; print(v())").strip()
    assert status == 200
    assert f"v{version}" in text[:200]
    assert "immutable" in headers["Cache-Control"]
