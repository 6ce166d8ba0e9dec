"""Settings laid flat, for show: one name and a few words for each value. Of secrets, only whether
they are set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from model.number_text import exact
from model.series import Unit
from model.settings import Settings

HIDDEN, NOT_SET = "set (hidden)", "not set"
SUFFIXES = {"_bytes": Unit.BYTES, "_ratio": Unit.RATIO, "_seconds": Unit.SECONDS}
"""What a setting's name says of its unit."""


def leaves(settings: Settings) -> dict[str, Any]:
    """Every single value by its name, such as `sources.proxy.interval_seconds`, in the order of declaration."""
    found: dict[str, Any] = {}
    for name in type(settings).model_fields:
        _lay(name, getattr(settings, name), found)
    return found


def _lay(name: str, value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, BaseModel):
        for inside in type(value).model_fields:
            _lay(f"{name}.{inside}", getattr(value, inside), found)
    elif isinstance(value, Mapping) and value:
        for inside, one in value.items():
            _lay(f"{name}.{inside}", one, found)
    else:
        found[name] = value


def defaults() -> dict[str, str]:
    """What each setting is when nobody sets it, in words."""
    return {name: worded(name, value) for name, value in leaves(Settings.model_construct()).items()}


def worded(name: str, value: Any) -> str:
    """One value in words, with its unit where its name says one. Whoever shows it has taken credentials out."""
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else NOT_SET
    if value is None or value in ("", [], {}, ()):
        return NOT_SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value.as_posix() if isinstance(value, Path) else str(value)


def _number(name: str, value: float) -> str:
    return exact(value, next((unit for suffix, unit in SUFFIXES.items() if name.endswith(suffix)), Unit.NONE))
