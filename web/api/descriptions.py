"""What /api says of its answers in words. Python's -OO, under which it is served, drops the docstrings that say so.

Generated from those docstrings by `make docs`; a test fails when the file is behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("descriptions.json")

Describe = Callable[[Any], str]
"""From a type or an answer's function to its text, '' when it has none."""


def qualified(named: Any) -> str:
    """Where a type or a function is defined: 'model.status.Status'."""
    return f"{named.__module__}.{named.__qualname__}"


def description(named: Any) -> str:
    """The text of a type or a function that is served; '' when it is not in the file."""
    return _texts().get(qualified(named), "")


@cache
def _texts() -> dict[str, str]:
    texts: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return texts
