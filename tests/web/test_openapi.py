"""The description of /api is OpenAPI 3.1, and names everything that is served."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
import jsonschema
import pytest
from openapi_spec_validator import validate

import app
from bench.processes import ROOT, procfile
from model.measure import Measure, Ratio, Seconds
from model.series import Unit
from model.status import Status
from tests.web.client import generated
from web.api.alert_action import AlertAction
from web.api.answers import route, routes
from web.api.json_answer import plain
from web.api.openapi import document
from web.api.schema import Shapes, UndeclaredUnitError, schemas


@dataclass(frozen=True)
class Row:
    """A row."""

    name: str
    age: Seconds
    share: Ratio


@dataclass(frozen=True)
class Whole:
    """A whole answer."""

    status: Status
    since: float | None
    p99: Seconds
    rows: tuple[Row, ...]
    notes: dict[str, str]
    pair: tuple[int, str]


def schema_of(kind: type) -> dict[str, Any]:
    shape = Shapes().answer("WholeAnswer", kind)
    reference, definitions = schemas([shape])
    return {**reference[shape], "components": {"schemas": definitions}}


def an_answer(p99: Measure) -> dict[str, Any]:
    row = Row("<b>", Measure.of(1.0, Unit.SECONDS), Measure.no_traffic(Unit.RATIO))
    answer = Whole(Status.DEGRADED, None, p99, (row,), {"a": "b"}, (1, "x"))
    head = {"now_seconds": 1.0, "version": 3, "written_at_seconds": 0.5}
    reported = {**head, **plain(answer)}
    return {**reported, "pair": list(reported["pair"])}


def operations(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in said["paths"].values() for operation in path.values()]


def test_the_description_is_valid_and_names_every_page_that_answers() -> None:
    said = document(routes())
    validate(said)
    assert said["openapi"].startswith("3.1")
    pages = {page["path"] for page in dash.page_registry.values() if page.get("answer") and not page["path_template"]}
    served = app.app.server.url_map
    assert {"/api/health", "/api/patterns", "/api/patterns/{name}", "/api/alerts"} <= set(said["paths"])
    assert {f"/api{path}" for path in pages if path != "/"} <= set(said["paths"])
    rules = {rule.rule.replace("<path:", "{").replace(">", "}") for rule in served.iter_rules()}
    assert set(said["paths"]) | {"/api/openapi.json"} <= rules
    ids = [one["operationId"] for one in operations(said)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "p99",
    [
        Measure.of(0.1, Unit.SECONDS),
        Measure.not_reported(Unit.SECONDS, "why"),
        Measure.of(0.1, Unit.SECONDS).stale(7.0),
    ],
)
def test_what_is_reported_keeps_to_its_schema(p99: Measure) -> None:
    jsonschema.validate(an_answer(p99), schema_of(Whole))


@pytest.mark.parametrize(
    "broken", [{"p99_seconds": "fast"}, {"status": "FINE"}, {"more": 1}, {"rows": [{"name": "x"}]}, {"version": None}]
)
def test_the_schema_refuses_what_is_reported_otherwise(broken: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**an_answer(Measure.of(0.1, Unit.SECONDS)), **broken}, schema_of(Whole))


def test_a_figure_that_declares_no_unit_is_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Bare:
        p99: Measure

    globals()["Bare"] = Bare
    with pytest.raises(UndeclaredUnitError, match=r"Bare\.p99"):
        Shapes().answer("BareAnswer", Bare)


def test_parameters_of_an_answer_are_those_of_its_address() -> None:
    def answer(snapshot: Any, now: float, name: str, size: str = "") -> Row | None:
        """One row.

        More words.
        """

    one = route("namespace", "/api/namespaces/{name}", answer, 10.0)
    assert (one.inside, one.query, one.rule) == ("name", ("size", "proxy", "at"), "/api/namespaces/<path:name>")
    assert one.kind is Row
    said = document([one], lambda named: named.__doc__)["paths"]["/api/namespaces/{name}"]["get"]
    assert said["summary"] == "One row"
    reported = said["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in reported] == [
        ("name", "path", True),
        ("size", "query", False),
        ("proxy", "query", False),
        ("at", "query", False),
    ]


def texts(schema: Any) -> list[str]:
    """Every summary and description in a document."""
    if isinstance(schema, list):
        return [text for one in schema for text in texts(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema[name] for name in ("summary", "description") if isinstance(schema.get(name), str)]
    return own + [text for one in schema.values() for text in texts(one)]


def test_every_answer_and_every_type_in_it_is_described() -> None:
    said = document(routes())
    assert all(one["summary"] for one in operations(said))
    undescribed = [name for name, schema in said["components"]["schemas"].items() if not schema.get("description")]
    assert undescribed == []
    assert all(texts(said))


@pytest.mark.server
def test_without_docstrings_the_description_is_the_same_byte_for_byte() -> None:
    script = "import app, sys; sys.stdout.buffer.write(app.server.test_client().get('/api/openapi.json').data)"
    web = procfile("web")
    flags = web[1 : web.index("-m")]
    assert "-OO" in flags
    plain, stripped = (
        subprocess.run([sys.executable, *chosen, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
        for chosen in ([], flags)
    )
    assert len(json.loads(plain)["paths"]) == len(routes()) + 1, "and what an operator may do"
    assert stripped == plain


def test_nothing_that_runs_reads_a_docstring() -> None:
    rooms = ("model", "store", "collectors", "aggregators", "components", "pages", "web", "simulator", "hud")
    files = [*ROOT.glob("*.py"), *(file for room in rooms for file in (ROOT / room).rglob("*.py"))]
    assert len(files) > 200
    readers = [str(file) for file in files if re.search(r"(?<!, )__doc__(?!=)|getdoc|clean_doc", file.read_text())]
    assert readers == []


@pytest.mark.server
def test_a_client_generator_accepts_the_description(tmp_path: Path) -> None:
    client = generated(document(routes()), tmp_path)
    assert callable(client("api.default.health").sync)


def test_what_may_be_done_about_alerts_is_described_with_its_body_its_role_and_its_refusals() -> None:
    said = document(routes())
    act = said["paths"]["/api/alerts/actions"]["post"]
    body = said["components"]["schemas"]["AlertAction"]
    assert act["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/AlertAction"}
    assert set(body["properties"]) == {"action", "alert", "incident", "by", "why", "seconds"}
    assert body["required"] == ["action", "by"]
    assert said["components"]["schemas"]["Verb"]["enum"] == ["acknowledge", "silence", "lift"]
    assert {"bearer": ["operator"]} in act["security"]
    assert set(act["responses"]) == {"202", "400", "401", "403", "404", "415", "503"}


@pytest.mark.server
def test_a_generated_client_says_what_is_asked_as_the_route_wants_it(tmp_path: Path) -> None:
    client = generated(document(routes()), tmp_path)
    action, verb = client("models.alert_action").AlertAction, client("models.verb").Verb
    asked = action(action=verb.SILENCE, by="ana", alert="x", why="deploy", seconds=600.0).to_dict()
    assert AlertAction.model_validate(asked).seconds == 600.0
