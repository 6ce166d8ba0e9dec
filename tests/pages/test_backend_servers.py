"""Backends' own servers on the Backends page: whose connections they are, each state said, nothing made up."""

from __future__ import annotations

import json
from typing import Any

from dash._utils import to_json

from model.sources import ErrorKind
from model.status import Status
from model.targets import Target
from pages.backends.page import update, view_model
from store.snapshot import snapshot_of
from tests.aggregators.servers import NOW, Reads, snapshot


def shown(reported: Any) -> str:
    """The card as JSON text."""
    return str(json.loads(to_json(update(reported, NOW)["bk-servers"]))["children"])


def test_without_a_server_there_is_no_card() -> None:
    assert update(snapshot_of([]), NOW)["bk-servers"] == {"children": []}


def test_server_connections_are_called_what_they_are_and_fill_no_pool() -> None:
    reads = Reads("redis")
    reads.at(0.5, backend_connections=7.0, backend_connections_max=100.0)
    view = view_model(snapshot([reads]), NOW)
    (panel,) = view.servers
    assert panel.lines[0].title == "Server connections (all clients)"
    assert [measure.value for measure, _ in panel.lines[0].figures] == [7.0, 100.0]
    assert view.rows == []
    assert "never Prism's pool" in shown(snapshot([reads]))
    assert view.status.status is Status.HEALTHY


def test_the_worst_server_is_named_and_its_last_figures_look_old() -> None:
    down, well = Reads("redis"), Reads("nats")
    down.at(20.0, backend_connections=7.0)
    well.at(0.5)
    state = down.state(ErrorKind.DOWN, "connection refused", 20.0)
    reported = snapshot([down, well], {state.key: state})
    view = view_model(reported, NOW)
    assert view.status.status is Status.UNHEALTHY
    assert view.says == "cache server: down for 20 s: connection refused"
    assert [one.name for one in view.servers] == ["cache", "events"]
    assert "is-stale" in shown(reported)


def test_a_server_never_reached_shows_no_number_at_all() -> None:
    reads = Reads("postgres")
    state = reads.state(ErrorKind.UNAUTHENTICATED, "password authentication failed", 5.0)
    view = view_model(snapshot([], {state.key: state}), NOW)
    figures = [measure.value for line in view.servers[0].lines for measure, _ in line.figures]
    assert figures
    assert set(figures) == {None}
    assert view.servers[0].reason == "it answers: unauthenticated: password authentication failed"


def test_hostile_names_are_text_and_servers_of_one_name_have_ids_of_their_own() -> None:
    odd = "<script>alert(1)</script> “🚀”" + "x" * 300
    one, other = (Reads("redis", Target(odd, f"redis://127.0.0.1:{port}")) for port in (1, 2))
    one.at(0.5)
    other.at(0.5)
    panels = view_model(snapshot([one, other]), NOW).servers
    assert len({panel.key for panel in panels}) == 2
    assert all(" " not in panel.key and "." not in panel.key for panel in panels)
    assert "<script>" in shown(snapshot([one, other]))  # a text, which Dash escapes
