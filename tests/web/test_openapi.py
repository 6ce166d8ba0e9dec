"""The description of /api is OpenAPI 3.1, and names everything that is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
import jsonschema
import pytest
from openapi_spec_validator import validate

import app
from model.measure import Measure, Ratio, Seconds
from model.series import Unit
from model.status import Status
from tests.web.client import generated
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
    ids = [one["get"]["operationId"] for one in said["paths"].values()]
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
    assert (one.inside, one.query, one.rule) == ("name", ("size",), "/api/namespaces/<path:name>")
    assert (one.kind, one.title) == (Row, "One row")
    reported = document([one])["paths"]["/api/namespaces/{name}"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in reported] == [
        ("name", "path", True),
        ("size", "query", False),
    ]


@pytest.mark.server
def test_a_client_generator_accepts_the_description(tmp_path: Path) -> None:
    client = generated(document(routes()), tmp_path)
    assert callable(client("api.default.health").sync)
