"""docs/extend.md to the letter, in a copy of the tree: a view is a page and a line, a source a module and a record."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
COPIED = ("model", "store", "collectors", "aggregators", "components", "pages", "web", "hud", "docs", "proto")
LINKED = ("assets", "tests", "simulator", "bench", "pyproject.toml")
SECRET = "opensesame"
NAMED = {"PROXY_METRICS_URL": "", "SIGNOZ_API_URL": "", "ADMIN_API_URL": ""}
LOOK = """
import json, time
from aggregators.overview.settings import settings as settings_answer
from aggregators.overview.unseen import unseen
from collectors.build import build_collectors
from collectors.core.source_states import Attempt, SourceStates
from collectors.core.contract import key_of
from collectors.settings_report import reported
from model.settings_file import load_settings
from model.sources import CollectError, ErrorKind
from pages.settings import text
from pages.shared.page_shell import shell_view
from store.snapshot import snapshot_of

settings = load_settings()
(one,) = build_collectors(settings)
now = time.time()
scrape = one.collect(lambda: now)
states = SourceStates([one])
states.enter([Attempt(key_of(one), now, 0.01, scrape)])
meta = {"collector_alive_at": now, "settings": reported(settings, settings)}
snapshot = snapshot_of([scrape], sources=states.states.values(), meta=meta)
for _ in range(3):
    states.enter([Attempt.failed(key_of(one), now, 0.01, CollectError(ErrorKind.DOWN, "refused"))])
lost = snapshot_of([scrape], sources=states.states.values(), meta=meta)
answer = settings_answer(snapshot, now)
print(json.dumps({
    "values": {series.name: value for series, value in zip(scrape.series, scrape.values, strict=True)},
    "dots": [(dot.name, dot.kind) for dot in shell_view(snapshot, now).sources],
    "rows": [text.source(row, {}).cells["source"]["v"] for row in answer.sources],
    "settings": {row.name: row.value for row in answer.settings},
    "unseen": unseen(lost, now, ()),
    "interval": one.interval_seconds,
}))
"""


SERVE = """
import json
import dash
from app import app, rail
from model.series import Kind, Scrape
from model.sources import SourceState
from pages.shared.judges import judgement
from pages.shared.page_shell import shell_props
from store.snapshot import snapshot_of
from tests.acceptance.pages import PAGES
from web.api.answers import routes
from web.api.openapi import document
from web.api.kept_answer import encoded

NOW = 1_790_000_000.0
scrapes = [Scrape("admin_metrics", "admin:9090", NOW - 10 + 5 * number) for number in range(3)]
for one in scrapes:
    one.add("prism_admin_raft_state", 2.0)
    one.add("prism_admin_raft_term", 7.0)
    one.add("prism_admin_raft_leader_changes_total", 1.0, Kind.COUNTER)
state = SourceState("admin_metrics@admin:9090", "admin_metrics", "admin:9090", "x", 5.0).succeeded(NOW, 0.01, 3)
snapshot = snapshot_of(scrapes, sources=[state], meta={"collector_alive_at": NOW})
page = next(one for one in dash.page_registry.values() if one.get("view") == "control-plane")
judged = judgement(snapshot, NOW)
(route,) = (one for one in routes() if one.view == "control-plane")
with app.server.test_client() as client:
    opened = client.get("/control-plane")
    described = client.get("/api/openapi.json").get_json()
verdict = judged.of("control-plane")
print(json.dumps({
    "opened": opened.status_code,
    "rail": [(item.view, item.name, item.href) for item in rail()][-1],
    "mark": str(shell_props(snapshot, NOW, judged)["rail-control-plane"]["children"][0]),
    "verdict": [verdict.status.value, verdict.reason],
    "said": str(page["update"](snapshot, NOW)["cp-term"]["children"]),
    "nobody": judgement(snapshot_of([], meta={"collector_alive_at": NOW}), NOW).of("control-plane").status.value,
    "answer": json.loads(encoded(route, (), snapshot, NOW, judged)),
    "described": sorted(described["paths"]["/api/control-plane"]["get"]),
    "callbacks": [name for name in app.callback_map if "control-plane-head" in name and "cp-term" in name],
    "looked at": "/control-plane" in PAGES,
}))
"""


def blocks() -> dict[str, str]:
    """The examples of the page by the file that their first line names."""
    text = (ROOT / "docs/extend.md").read_text(encoding="utf-8")
    return dict(re.findall(r"```python\n# (\S+)\n(.*?)```", text, re.DOTALL))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one more view and one more source, and nothing else changed by hand."""
    made = tmp_path_factory.mktemp("extended")
    for name in COPIED:
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    for name in LINKED:
        (made / name).symlink_to(ROOT / name)
    added = blocks()
    _add_view(made, added)
    (made / "collectors/json_health.py").write_text(added["collectors/json_health.py"], encoding="utf-8")
    registry = made / "model/catalogue/source_kinds.py"
    imports, record = added["model/catalogue/source_kinds.py"].split("\n\n")
    head, rest = registry.read_text(encoding="utf-8").split("from model.catalogue.source_kind import", 1)
    before, after = rest.split("\n)\n\n", 1)
    registry.write_text(
        f"{head}{imports}\nfrom model.catalogue.source_kind import{before}\n{record.rstrip()}\n)\n\n{after}",
        encoding="utf-8",
    )
    return made


def _add_view(made: Path, added: dict[str, str]) -> None:
    """The page, and the line that names it."""
    (made / "pages/control_plane").mkdir()
    (made / "pages/control_plane/page.py").write_text(added["pages/control_plane/page.py"], encoding="utf-8")
    head, rest = (ROOT / "app.py").read_text(encoding="utf-8").split("\nPAGES = (\n", 1)
    named, after = rest.split("\n)\n", 1)
    line = added["app.py"].rstrip()
    (made / "app.py").write_text(f"{head}\nPAGES = (\n{named}\n{line}\n)\n{after}", encoding="utf-8")


@pytest.fixture
def health() -> Iterator[str]:
    """The address of a page that says that all is well."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"status": "ok", "latency_ms": 3}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://hud:{SECRET}@127.0.0.1:{server.server_address[1]}/health"
        server.shutdown()
        thread.join()


def run(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in the tree, where nothing but `environment` names a source."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**clean, **NAMED, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_check_visits_it_and_says_no_password(tree: Path, health: str) -> None:
    done = run(tree, "-m", "collectors", "--check", JSON_HEALTH_URL=health)
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("json_health "))
    assert re.split(r"\s{2,}", row)[2:] == ["yes", "HTTP", "yes", "2: json_health_latency_seconds, json_health_ok"]
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("nonsense", ["nonsense", "redis://127.0.0.1:1", f"hud:{SECRET}@nonsense"])
def test_nonsense_is_refused_by_the_name_of_the_setting(tree: Path, nonsense: str) -> None:
    done = run(tree, "-m", "collectors", "--check", JSON_HEALTH_URL=nonsense)
    assert done.returncode == 2
    assert re.fullmatch(r"setting JSON_HEALTH_URL: .* is not an http:// or https:// address\n", done.stderr)
    assert SECRET not in done.stderr


def test_its_cadence_is_set_like_that_of_any_other(tree: Path, health: str, tmp_path: Path) -> None:
    file = tmp_path / "hud.toml"
    for seconds, status in (("9", 0), ('"often"', 1)):
        file.write_text(f"[sources.json_health]\ninterval_seconds = {seconds}\ntimeout_seconds = 1\n", encoding="utf-8")
        done = run(tree, "-c", LOOK, JSON_HEALTH_URL=health, HUD_CONFIG=str(file))
        assert done.returncode == status, done.stderr
        if status == 0:
            assert json.loads(done.stdout)["interval"] == 9.0
        else:
            assert "setting sources.json_health.interval_seconds" in done.stderr


def test_it_is_read_and_shown_by_its_label(tree: Path, health: str) -> None:
    done = run(tree, "-c", LOOK, JSON_HEALTH_URL=health)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["values"] == {"json_health_ok": 1.0, "json_health_latency_seconds": 0.003}
    assert said["dots"] == [["shop", "healthy"]]
    assert said["rows"] == ["shop"]
    assert said["settings"]["json_health_url"].endswith("/health")
    assert said["unseen"] == ["The shop's health page cannot be reached: whether the shop is well is not seen"]
    assert SECRET not in done.stdout


def test_the_docs_say_it_once_they_are_generated(tree: Path) -> None:
    assert run(tree, "-m", "docs.generate").returncode == 0
    connect, metrics = ((tree / "docs" / name).read_text(encoding="utf-8") for name in ("connect.md", "metrics.md"))
    assert "| `JSON_HEALTH_URL` | the shop's health page | none |" in connect
    assert "| `json_health` | Health page of the shop | 2 | 1 |" in connect
    section = metrics.partition("## Health page of the shop\n")[2].partition("\n## ")[0]
    assert textwrap.dedent(section).count("| `json_health_") == 2


def test_a_ninth_view_is_a_page_and_a_line(tree: Path) -> None:
    done = run(tree, "-c", SERVE)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["opened"] == 200
    assert said["rail"] == ["control-plane", "Control plane", "/control-plane"]
    assert said["verdict"] == ["HEALTHY", ""]
    assert "mark-healthy" in said["mark"]
    assert said["nobody"] == "UNKNOWN"
    assert "7" in said["said"]
    assert (said["answer"]["term_count"], said["answer"]["role"]) == (7.0, "leader")
    assert "summary" in said["described"]
    assert len(said["callbacks"]) == 1
    assert said["looked at"]
