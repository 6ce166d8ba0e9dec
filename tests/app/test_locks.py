"""What `make dashboard-run` installs has the client library of each backend that may be named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {name: wanted for name, wanted in PROJECT["optional-dependencies"].items() if name != "dev"}
NEEDED = [*PROJECT["dependencies"], *(one for wanted in EXTRAS.values() for one in wanted)]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
@pytest.mark.parametrize("requirement", NEEDED)
def test_it_is_locked(requirement: str, lock: str) -> None:
    name = re.split(r"[\[<>=~ ]", requirement)[0]
    assert re.search(rf"^{re.escape(name)}==", (ROOT / lock).read_text(), re.MULTILINE)
