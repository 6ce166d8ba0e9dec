"""How a Prometheus is asked for what it has scraped of Prism."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_MATCHER = r'[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"'
MATCHERS = re.compile(rf"^{_MATCHER}(?:\s*,\s*{_MATCHER})*$")
_HEADER = re.compile(r"^[A-Za-z0-9-]+$")


class PrometheusOptions(BaseModel):
    """The table `[prometheus]` of the settings file; its address is PROMETHEUS_URL."""

    model_config = ConfigDict(extra="forbid")

    matchers: str = ""
    """What every series must have, as it stands between the braces of a selector: `cluster="eu", job=~"prism.*"`."""
    headers: dict[str, SecretStr] = {}
    """Sent with every request, such as X-Scope-OrgID for Mimir. Never shown."""
    history_hours: float = Field(default=24.0, ge=0, le=24)
    """How far back the store is filled from the server's own history at the start; 0 is off."""

    @field_validator("matchers")
    @classmethod
    def _well_formed(cls, value: str) -> str:
        plain = value.strip().removeprefix("{").removesuffix("}").strip().rstrip(",")
        if plain and not MATCHERS.match(plain):
            raise ValueError(f'{value!r} is not of the form label="value", other=~"pattern"')
        return plain

    @field_validator("headers")
    @classmethod
    def _named(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, text in value.items():
            if not _HEADER.match(name) or any(ord(sign) < 32 for sign in text.get_secret_value()):
                raise ValueError(f"{name!r} is not a header that can be sent")
        return value
