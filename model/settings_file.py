"""Settings from the environment and a TOML file; a wrong one is named, with what is accepted."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.settings import Settings, SettingsError


def load_settings(toml: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the environment and from `toml`, else the file that HUD_CONFIG names, else `hud.toml` if there.

    Raises SettingsError with every wrong name.
    """
    named = toml or (Path(os.environ["HUD_CONFIG"]) if os.environ.get("HUD_CONFIG") else None)
    if named is not None and not named.exists():
        raise SettingsError(f"setting HUD_CONFIG: {named} does not exist")
    path = named or Path("hud.toml")

    class Bound(Settings):
        toml_path = path if path.exists() else None

    _refuse_unknown_names(Bound.toml_path)
    try:
        return Bound(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_worded(one) for one in error.errors())) from None


def _refuse_unknown_names(path: Path | None) -> None:
    """A misspelt name in the file would otherwise do nothing, silently."""
    if path is None:
        return
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from None
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        accepted = ", ".join(sorted(Settings.model_fields))
        raise SettingsError(f"{path}: unknown setting {', '.join(unknown)}; accepted: {accepted}")


def _worded(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    wanted = error["msg"].removeprefix("Value error, ")
    return f"setting {name.upper() if '.' not in name else name}: {wanted}"
