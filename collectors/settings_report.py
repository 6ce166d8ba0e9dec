"""What is configured, for the Settings page: only what differs from its default, redacted here, before it is stored."""

from __future__ import annotations

import os
import platform
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import AliasChoices

from collectors.core.redact import REMOVED, address_of, is_secret_name, redact
from model.settings import SERVER_SCHEMES, Settings
from model.settings_text import HIDDEN, NOT_SET, defaults, leaves, worded
from model.targets import parse_target

ENVIRONMENT, SIMULATED, GIVEN = "environment", "simulated Prism", "given at the start"
PROJECT = Path(__file__).parent.parent / "pyproject.toml"
PACKAGES = ("dash", "plotly", "pandas", "diskcache", "grpcio")


def reported(settings: Settings, read: Settings, environment: Mapping[str, str] = os.environ) -> list[dict[str, str]]:
    """name, value and whence of what differs from its default. `read` holds the addresses that are read in the end.

    `whence` is environment, the settings file's name, or the simulated Prism.
    """
    path = type(settings).toml_path
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    asked, plain = leaves(settings), defaults()
    rows = []
    for name, value in leaves(read).items():
        if worded(name, value) == plain.get(name, NOT_SET):
            continue
        changed = asked.get(name) != value
        whence = SIMULATED if changed else _whence(name, environment, given, path)
        rows.append({"name": redact(name), "value": shown(name, value), "whence": whence})
    return rows


def _whence(name: str, environment: Mapping[str, str], given: Any, path: Path | None) -> str:
    first, *_ = parts = name.split(".")
    known = {one.lower() for one in environment}
    if known & {one.lower() for one in _environment_names(first)}:
        return ENVIRONMENT
    for part in parts:
        given = given.get(part) if isinstance(given, dict) else None
    return path.name if path and given is not None else GIVEN


def _environment_names(field: str) -> list[str]:
    alias = Settings.model_fields[field].validation_alias
    return [str(one) for one in alias.choices] if isinstance(alias, AliasChoices) else [field]


def shown(name: str, value: Any) -> str:
    """A value in words without any credential in it."""
    if name == "pattern_health_targets":
        return ", ".join(f"{redact(one)} at {redact(where)}" for one, _, where in (t.partition("=") for t in value))
    if name in SERVER_SCHEMES:
        return ", ".join(_server(one, name) for one in value) or NOT_SET
    words = worded(name, value)
    if words in (HIDDEN, NOT_SET) or isinstance(value, bool | int | float):
        return words
    if is_secret_name(name.rpartition(".")[2]):
        return HIDDEN
    if isinstance(value, list):
        return ", ".join(_text(str(one)) for one in value)
    return _text(words)


def _server(entry: str, setting: str) -> str:
    name, url = parse_target(entry, SERVER_SCHEMES[setting])
    return f"{redact(name)} at {_text(url)}" if name else _text(url)


def _text(text: str) -> str:
    if "://" not in text:
        return redact(text)
    query = f"?{REMOVED}" if "?" in text else ""
    return redact(address_of(text)) + query


@cache
def versions() -> Mapping[str, str]:
    """Of this dashboard, and of what it stands on."""
    found: dict[str, str] = {}
    if PROJECT.exists():  # an image may leave it out
        found["prism-hud"] = str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    found["python"] = platform.python_version()
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
