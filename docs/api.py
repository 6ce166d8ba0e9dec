"""web/api/descriptions.json: the texts of what is served under /api, from its docstrings."""

from __future__ import annotations

import inspect
import json
from typing import Any

import app  # noqa: F401 (pages register themselves when the application is made)
from web.api.answers import routes
from web.api.descriptions import qualified
from web.api.openapi import document


def descriptions() -> str:
    """The whole file. Raises ValueError where there are no docstrings to read: under -OO."""
    texts: dict[str, str] = {}

    def described(named: Any) -> str:
        texts[qualified(named)] = found = inspect.cleandoc(named.__doc__ or "")
        return found

    document(routes(), described)
    if not all(texts.values()):
        raise ValueError(f"without a docstring: {', '.join(name for name, text in texts.items() if not text)}")
    return json.dumps(texts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
