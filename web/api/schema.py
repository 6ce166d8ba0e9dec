"""The shape of an answer's JSON, from its type: a dataclass becomes a model with the names of `web.api.json_answer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from model.measure import Measure
from model.series import Unit
from model.status import Reading
from web.api.alert_action import Accepted, AlertAction
from web.api.descriptions import Describe, description
from web.api.json_answer import SUFFIX, Reported, plan

REFERENCE = "#/components/schemas/{model}"
UNKNOWN = "null when it is not known: then `states` says why"


class State(BaseModel):
    """Why a figure is no plain value: its reading, the reason, its age when it is old, and whether it is a bound."""

    model_config = ConfigDict(extra="forbid")

    reading: Reading
    note: str = ""
    bound: str = ""
    age_seconds: float | None = None


class Head(BaseModel):
    """What every answer says of itself."""

    model_config = ConfigDict(extra="forbid")

    now_seconds: float = Field(description="the server's clock, in seconds since 1970")
    version: int = Field(description="how many times the collector had written")
    written_at_seconds: float = Field(description="when it had last written, in seconds since 1970")


class Problem(BaseModel):
    """What is wrong with a request, or why there is no answer."""

    model_config = ConfigDict(extra="forbid")

    error: str = Field(description="a word for programs, such as not_found; each response says which may come")
    message: str


OWN = (State, Problem, AlertAction, Accepted)
"""Models that are written down; all others are made, with their text, from an answer's types."""


class UndeclaredUnitError(TypeError):
    """An answer holds a figure whose type does not say its unit; the message names it."""


class Shapes:
    """The models of the dataclasses met so far, each made once."""

    def __init__(self, describe: Describe = description) -> None:
        self._describe = describe
        self._known: dict[type, type[BaseModel]] = {}

    def answer(self, name: str, kind: type) -> type[BaseModel]:
        """The model of a whole answer: its head and its fields. Raises UndeclaredUnitError."""
        return create_model(name, __base__=Head, __doc__=self._describe(kind), **self._fields(kind))

    def _model(self, kind: type) -> type[BaseModel]:
        known = self._known.get(kind)
        if known is None:
            strict, text = ConfigDict(extra="forbid"), self._describe(kind)
            known = create_model(
                kind.__name__, __config__=strict, __module__=kind.__module__, __doc__=text, **self._fields(kind)
            )
            self._known[kind] = known
        return known

    def _fields(self, kind: type) -> dict[str, Any]:
        reported = plan(kind)
        made: dict[str, Any] = {one.name: self._field(kind, one) for one in reported}
        if any(one.unit is not None for one in reported):
            words: Any = Field(
                default_factory=dict, description="of the figures that are no plain value, by their name"
            )
            made["states"] = (dict[str, State], words)
        return made

    def _field(self, kind: type, reported: Reported) -> tuple[Any, FieldInfo]:
        if reported.unit is not None:
            return float | None, Field(description=_unit_words(reported.unit))
        if reported.hint is Measure:
            raise UndeclaredUnitError(
                f"{kind.__name__}.{reported.field}: declare its unit, such as model.measure.Seconds"
            )
        return self.of(reported.hint), Field()

    def of(self, hint: Any) -> Any:
        """The type whose schema says what `web.api.json_answer.plain` makes of a value of type `hint`."""
        if is_dataclass(hint) and isinstance(hint, type):
            return self._model(hint)
        origin, inside = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self.of(inside[0])
        if origin in (Union, UnionType):
            return Union[tuple(one if one is NoneType else self.of(one) for one in inside)]  # noqa: UP007 (made at run time)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return dict[str, self.of(inside[1])]  # type: ignore[misc]
        if origin is tuple and (len(inside) != 2 or inside[1] is not Ellipsis):
            return tuple[tuple(self.of(one) for one in inside)]  # type: ignore[misc]
        if isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
            return list[self.of(inside[0])]  # type: ignore[misc]
        return hint


def _unit_words(unit: Unit) -> str:
    return f"in {unit.value}; {UNKNOWN}" if SUFFIX[unit] and unit is not Unit.COUNT else UNKNOWN


def schemas(
    models: Sequence[type[BaseModel]], describe: Describe = description
) -> tuple[dict[type[BaseModel], dict[str, Any]], dict[str, Any]]:
    """A reference for each model, and the definitions that they need."""

    class Described(GenerateJsonSchema):
        """pydantic takes these texts from docstrings, which are not there under -OO."""

        def enum_schema(self, schema: core_schema.EnumSchema) -> dict[str, Any]:
            return {**super().enum_schema(schema), "description": describe(schema["cls"])}

        def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
            found, own = super().model_schema(schema), schema["cls"] in OWN
            return {**found, "description": describe(schema["cls"])} if own else found

    found, whole = models_json_schema(
        [(one, "serialization") for one in models], ref_template=REFERENCE, schema_generator=Described
    )
    return {one: found[one, "serialization"] for one in models}, whole.get("$defs", {})
