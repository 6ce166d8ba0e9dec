"""What may be asked of `POST /api/alerts/actions`, and what it answers: the models, and how /api describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aggregators.alerts.actions import LEAST_SECONDS, MOST_SECONDS, Verb
from web.signin.person import OPERATOR

MOST_BY = 80


class AlertAction(BaseModel):
    """What is asked: an alert or an incident by its id, by whom and why; `seconds` says how long a silence holds."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    action: Verb
    alert: str = Field(default="", max_length=300, description="the id of an alert that lasts; or else say an incident")
    incident: str = Field(default="", max_length=64, description="the id of an incident: all its alerts that last")
    by: str = Field(
        min_length=1, max_length=MOST_BY, description="who asks; whoever signed in acts in their own name instead"
    )
    why: str = Field(default="", max_length=300, description="the reason, which a silence must have")
    seconds: float | None = Field(
        default=None, ge=LEAST_SECONDS, le=MOST_SECONDS, description="how long; a silence, and nothing else, has it"
    )

    @model_validator(mode="after")
    def _whole(self) -> AlertAction:
        if bool(self.alert) == bool(self.incident):
            raise ValueError("either an alert or an incident is wanted")
        if (self.action is Verb.SILENCE) != (self.seconds is not None):
            raise ValueError("a silence, and nothing else, has seconds")
        if self.action is Verb.SILENCE and not self.why:
            raise ValueError("a silence has a reason")
        return self


class Accepted(BaseModel):
    """How many alerts it was that will be seen to, silenced or spoken of again once the collector has read it."""

    model_config = ConfigDict(extra="forbid")

    accepted: int = Field(ge=1, description="a second or so later the alerts say so")


SUMMARY = "Acknowledge an alert or an incident, silence it for a while, or lift both"
WORDS = (
    "Changes what this dashboard says of alerts, and nothing in Prism. An acknowledgement ends with its alert; a "
    "silence is of the alert's rule and component until its time is over. Where sign-in is set up (docs/security.md) "
    f"the role *{OPERATOR}* is wanted; without, whoever reaches the dashboard may ask."
)
REFUSALS = {
    "400": "bad_request: the body is not whole; the message names the field",
    "401": "unauthenticated: sign-in is set up, and nobody said who asks",
    "403": f"forbidden: whoever asks is no {OPERATOR}, or the page of another site asks",
    "404": "not_found: no alert that lasts is called so",
    "415": "unsupported_media_type: application/json is wanted",
    "503": "not_kept: the wish could not be written down",
}
SCHEMES = {"bearer": {"type": "http", "scheme": "bearer", "description": "a token of docs/security.md"}}


def operation(references: Mapping[type[BaseModel], Any], problem: Mapping[str, Any]) -> dict[str, Any]:
    """The action as an operation of OpenAPI; `problem` is the content of a refusal."""
    content = {one: {"application/json": {"schema": references[one]}} for one in (AlertAction, Accepted)}
    return {
        "operationId": "act_on_alerts",
        "summary": SUMMARY,
        "description": WORDS,
        "security": [{}, {"bearer": [OPERATOR]}],
        "requestBody": {"required": True, "content": content[AlertAction]},
        "responses": {
            "202": {"description": "It is written down", "content": content[Accepted]},
            **{code: {"description": words, "content": problem} for code, words in REFUSALS.items()},
        },
    }
