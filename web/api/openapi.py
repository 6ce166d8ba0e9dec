"""The description of /api as OpenAPI 3.1, from the types of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.alert_form import PATH
from web.api.alert_action import SCHEMES, Accepted, AlertAction, operation
from web.api.answers import Route
from web.api.descriptions import Describe, description
from web.api.schema import Problem, Shapes, schemas

VERSION = "1.2.0"
"""Of the interface: the first number changes when something is taken away or means something else."""

WORDS = (
    "The answers of the dashboard's views, for programs, and what an operator may do about alerts. A figure's name "
    "ends with its unit (seconds, bytes, ratio, per_second, cores, count, timestamp_seconds). Where a figure is null "
    "or old, `states` says why under its name: *not reported*, *no traffic*, *stale* or *error*. Nothing is zero "
    "because it is not known."
)
PARAMETERS = {
    "at": "The answer as it was at this instant of the last 24 hours, in UTC as 2026-11-28T13:04:10Z; now without",
    "proxy": "Only what this proxy (host:port) reports, as if there were no other; all together without",
}
PROBLEMS = {
    "400": "unknown_parameter: it is not known here",
    "404": "not_found: nothing of this name is known",
    "500": "internal: the answer could not be worked out",
    "503": "no_data_yet: the collector has written nothing",
}


def document(served: Sequence[Route], describe: Describe = description) -> dict[str, Any]:
    """The whole description. Raises UndeclaredUnitError when an answer's figure does not say its unit."""
    shapes = Shapes(describe)
    answers = {one.path: shapes.answer(_title(one.name), one.kind) for one in served}
    references, definitions = schemas([Problem, AlertAction, Accepted, *answers.values()], describe)
    problem = {"application/json": {"schema": references[Problem]}}
    problems = {code: {"description": words, "content": problem} for code, words in PROBLEMS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Prism HUD", "version": VERSION, "description": WORDS},
        "servers": [{"url": "/"}],
        "paths": {
            one.path: {"get": _operation(one, _summary(one, describe), references[answers[one.path]], problems)}
            for one in served
        }
        | {PATH: {"post": operation(references, problem)}},
        "components": {"schemas": definitions, "securitySchemes": SCHEMES},
    }


def _summary(route: Route, describe: Describe) -> str:
    """What it answers, in one line."""
    return (describe(route.answer) or route.name).partition("\n")[0].rstrip(".")


def _operation(route: Route, summary: str, schema: dict[str, Any], problems: dict[str, Any]) -> dict[str, Any]:
    reported = {code: said for code, said in problems.items() if code != "404" or route.inside}
    good = {"description": summary, "content": {"application/json": {"schema": schema}}}
    return {
        "operationId": route.name.replace("-", "_"),
        "summary": summary,
        "parameters": [*_inside(route), *map(_query, route.query)],
        "responses": {"200": good, **reported},
    }


def _inside(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string", "minLength": 1}
    return [{"name": route.inside, "in": "path", "required": True, "schema": text}] if route.inside else []


def _query(name: str) -> dict[str, Any]:
    words = {"description": PARAMETERS[name]} if name in PARAMETERS else {}
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, **words}


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-")) + "Answer"
