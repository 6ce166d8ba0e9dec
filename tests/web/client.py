"""A client for /api, written by a generator from the description."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "hud_client"


def generated(description: dict[str, Any], folder: Path) -> Callable[[str], ModuleType]:
    """Generates the client into `folder`, and imports its modules by name; the generator's warnings are failures."""
    (folder / "openapi.json").write_text(json.dumps(description))
    (folder / "config.json").write_text(json.dumps({"post_hooks": []}))
    generator = str(Path(sys.executable).parent / "openapi-python-client")
    options = ["--path", "openapi.json", "--output-path", PACKAGE, "--meta", "none", "--config", "config.json"]
    done = subprocess.run(
        [generator, "generate", *options, "--fail-on-warning"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()

    def module(name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}")

    module("client")
    sys.path.remove(str(folder))
    return module
