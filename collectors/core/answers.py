"""Whole answers as lines, for whoever follows a figure of a source that does not answer in lines of metrics.

JSON, gRPC messages, rows of SQL and plain text, as they came: while nobody looks (`collectors/core/quotes.py`) each
costs one look at a variable. What is shown is bounded, and secrets are taken out by the names that they go by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from itertools import islice
from typing import Any

from collectors.core.redact import REMOVED, is_secret_name, redact

MOST_LINES, MOST_CHARACTERS = 200, 400
"""Of all answers of one read, and of a line."""
MOST_BYTES = 256 * 1024
WIDE, DEEPEST = 160, 16
"""What fits in so many characters stands in one line; and how far in a line stands at most."""
TOO_LARGE = "{:,} bytes, which are too many to show"

ANSWERS: ContextVar[list[str] | None] = ContextVar("answers", default=None)
"""Where the present read's answers go; None while nobody wants them."""


def offer_json(asked: str, body: bytes) -> None:
    """An answer over HTTP; kept where it is JSON."""
    if ANSWERS.get() is None or body.lstrip()[:1] not in (b"{", b"["):
        return
    with suppress(ValueError, RecursionError):
        _keep(asked, _lines(json.loads(body)) if len(body) <= MOST_BYTES else [TOO_LARGE.format(len(body))])


def offer_message(asked: str, message: Any) -> None:
    """A gRPC message."""
    if ANSWERS.get() is not None:
        words = import_module("google.protobuf.json_format")  # 2 MB, for those who look
        _keep(asked, _lines(words.MessageToDict(message, preserving_proto_field_name=True)))


def offer_rows(asked: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of a view."""
    if ANSWERS.get() is not None:
        _keep(asked, (_line(row) for row in rows))


def offer_text(asked: str, text: str) -> None:
    """An answer that is text already."""
    if ANSWERS.get() is not None:
        _keep(asked, (line for line in text.splitlines() if line.strip()))


def _keep(asked: str, lines: Iterator[str] | Sequence[str]) -> None:
    kept = ANSWERS.get()
    if kept is not None:
        room = MOST_LINES - len(kept)
        kept += [_shown(line) for line in islice((f"# {asked}", *islice(lines, MOST_LINES)), room)]


def _shown(line: str) -> str:
    """Without credentials, and as far in as it stood."""
    text = line.lstrip(" ")
    return f"{' ' * min(len(line) - len(text), DEEPEST)}{redact(text, MOST_CHARACTERS - DEEPEST)}"


def _lines(value: Any, before: str = "", depth: int = 0) -> Iterator[str]:
    """A value as lines: whatever is short in one, what is long opened."""
    inner = " " * depth
    text = json.dumps(value, ensure_ascii=False, default=str) if _is_small(value) else ""
    if not isinstance(value, dict | list) or (text and len(text) <= WIDE):
        yield f"{inner}{before}{_line(value)}"
        return
    opened, closed = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield f"{inner}{before}{opened}"
    if isinstance(value, dict):
        for name, one in value.items():
            shown = REMOVED if _is_secret(str(name)) else one
            yield from _lines(shown, f"{json.dumps(str(name), ensure_ascii=False)}: ", depth + 1)
    else:
        for one in value:
            yield from _lines(one, "", depth + 1)
    yield f"{inner}{closed}"


def _is_small(value: Any) -> bool:
    return not isinstance(value, dict | list) or len(value) <= WIDE // 4


def _line(value: Any) -> str:
    return json.dumps(_without_secrets(value), ensure_ascii=False, default=str)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): REMOVED if _is_secret(str(name)) else _without_secrets(one) for name, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    """By the word that it is, or that it ends in: `authToken`, too."""
    said = f"{name[:MOST_CHARACTERS]}: x"
    return is_secret_name(name[:MOST_CHARACTERS]) or redact(said, MOST_CHARACTERS) != said.strip()
