"""The document tells Dash's renderer what Dash itself would tell it."""

from __future__ import annotations

import json

import pytest
from dash import Dash

import app
from model.settings import Settings


def told(html: str) -> dict[str, object]:
    """The facts in the script element, of which one is another for each page that is opened."""
    facts: dict[str, object] = json.loads(html.removesuffix("</script>").partition(">")[2])
    assert facts.pop("end_id")
    return facts


def test_the_facts_are_those_of_dash_and_cannot_end_their_script(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_first = app.server.before_request_funcs
    monkeypatch.setitem(asked_first, None, [one for one in asked_first[None] if one != app.runtime.start])
    monkeypatch.setattr(app.runtime, "_settings", Settings())
    app.server.test_client().get("/healthz")  # Dash sets itself up at the first request
    with app.server.test_request_context("/"):
        ours, theirs = app.app._generate_config_html(), Dash._generate_config_html(app.app)
    assert told(ours) == told(theirs)
    assert "validation_layout" not in told(ours)  # 20 kB of every document
    assert ours.partition(">")[0] == theirs.partition(">")[0]
    assert not set("<>/") & set(ours.removesuffix("</script>").partition(">")[2])
