"""Answers spoilt as servers, proxies and enemies spoil them: in their bytes, and in the values of their JSON."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

MOST_BYTES = 64 * 1024
"""Small inputs find as much as large ones, and many more of them are read in the same time."""
LONG = "x" * 9_000
_DEEP = "@deep@"
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
TOKENS: tuple[bytes, ...] = (
    b"NaN", b"+Inf", b"-Inf", b"Infinity", b"1e999", b"-1e999", b"1e-999", b"9" * 400, b"9" * 5_000, b"-0", b"0x1p4",
    b"1_000", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9", b"\\ud800",
    b"\\udc00\\ud800", b"\n", b"\r\n", b"\n\n", b"\xe2\x80\xa8", b"\x0b", b"\x1c", b"# EOF\n", b"# TYPE a counter\n",
    b"# HELP", b"# ", b"{", b"}", b'{a="', b'",', b'"', b'\\"', b"\\", b"[", b"]", b",", b":", b"null", b"true",
    b"{}", b"[]", b'""', b"<html>", b" 1 ", b' 1 # {trace_id="a"} 1', b"_total", b"_bucket", b'le="+Inf"',
    b'{le="NaN"} 1\n', LONG.encode(), b"=", b"http://[",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, -0.0, 0.5, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
    2**53 + 1, 2**63, -(2**63), 2**64, 10**30, 10**400, -(10**400), 4102444800, 1e18, "", " ", "0", "5", "-7",
    "1e999", "NaN", "Infinity", "9" * 400, "9" * 5_000, "true", "null", "\x00", "\ud800", "\udfff x", "\u202e",
    "\ufeff", "💩", "http://[", "http://:0", "https://" + "a." * 200, "//", "%zz", "${jndi}", "{{.}}", "a,b", "a\nb",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2025-11-07T08:50:00+23:59", "2025-13-45",
    "Bearer abcdefgh", "password=hunter2", "https://u:p@h", LONG, [], {}, [[]], [None], [0], [{}], {"": None},
    {"a": []}, {"seconds": 10**400, "nanos": "x"}, {"seconds": "1e9"}, _DEEP,
)  # fmt: skip
"""What takes the place of a value."""


class Mutator:
    """Mutations from one stream of chance: the same `seed` makes the same inputs."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self._of_bytes: tuple[Callable[[bytearray, Sequence[bytes]], None], ...] = (
            self._flip,
            self._flip,
            self._cut,
            self._remove,
            self._repeat,
            self._splice,
            self._insert,
            self._insert,
            self._overwrite,
            self._renumber,
            self._renumber,
        )
        self._of_values: tuple[Callable[[Any, Any], None], ...] = (
            self._replace,
            self._replace,
            self._replace,
            self._drop,
            self._add,
            self._wrap,
            self._as_text,
            self._rename,
            self._swap,
        )

    def in_bytes(self, body: bytes, others: Sequence[bytes]) -> bytes:
        """One to four spoilt places; `others` lend pieces."""
        spoilt = bytearray(body)
        for _ in range(self.chance.choice((1, 1, 2, 3, 4))):
            self.chance.choice(self._of_bytes)(spoilt, others)
        return bytes(spoilt[:MOST_BYTES])

    def in_values(self, body: bytes) -> bytes:
        """One to three values of a JSON text are others, elsewhere, or gone."""
        holder = [json.loads(body)]
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            self.chance.choice(self._of_values)(*self._place(holder))
        text = json.dumps(holder[0] if holder else None)
        if _DEEP in text:
            text = text.replace(f'"{_DEEP}"', self._nested())
        return text.encode()

    def _nested(self) -> str:
        """Nested as deeply as a reader can follow, a little less, or far deeper."""
        depth = self.chance.choice((3, 100, self.chance.randrange(850, 1000), self.chance.randrange(850, 1000), 20_000))
        opening, closing = self.chance.choice((("[", "]"), ('{"a":', "}")))
        return f"{opening * depth}1{closing * depth}"

    def _place(self, value: Any) -> tuple[Any, Any]:
        """A container somewhere in `value`, and one of its keys; None where it is empty. Mostly far inside."""
        while True:
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            inner = [key for key in keys if isinstance(value[key], dict | list)]
            if not inner or self.chance.random() < 0.2:
                return value, self.chance.choice(keys) if keys else None
            value = value[self.chance.choice(inner)]

    def _odd(self) -> Any:
        # A copy, since what is put in now may be changed by the next mutation.
        found = self.chance.choice(ODD)
        return json.loads(json.dumps(found)) if isinstance(found, dict | list) else found

    def _replace(self, holder: Any, key: Any) -> None:
        if key is not None:
            holder[key] = self._odd()

    def _drop(self, holder: Any, key: Any) -> None:
        if key is not None:
            del holder[key]

    def _add(self, holder: Any, key: Any) -> None:
        more = holder[key] if key is not None and self.chance.random() < 0.5 else self._odd()
        if isinstance(holder, list):
            holder.extend([more] * self.chance.choice((1, 1, 2, 30)))
        else:
            holder[str(self._odd())[:200]] = more

    def _wrap(self, holder: Any, key: Any) -> None:
        if key is not None:
            holder[key] = self.chance.choice(([holder[key]], {"a": holder[key]}, [[holder[key]]]))

    def _as_text(self, holder: Any, key: Any) -> None:
        if key is not None and isinstance(holder[key], int | float | str):
            reported = holder[key]
            holder[key] = str(reported) if not isinstance(reported, str) else len(reported)

    def _rename(self, holder: Any, key: Any) -> None:
        if isinstance(holder, dict) and key is not None:
            holder[self.chance.choice((f"{key}x", key.upper(), key[:-1], "\ud800"))] = holder.pop(key)

    def _swap(self, holder: Any, key: Any) -> None:
        if key is not None:
            other = self.chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            holder[key], holder[other] = holder[other], holder[key]

    def _span(self, body: Sequence[int]) -> tuple[int, int]:
        start = self.chance.randrange(len(body) + 1)
        return start, min(len(body), start + int(self.chance.paretovariate(0.6)))

    def _flip(self, body: bytearray, others: Sequence[bytes]) -> None:
        if body:
            body[self.chance.randrange(len(body))] ^= 1 << self.chance.randrange(8)

    def _cut(self, body: bytearray, others: Sequence[bytes]) -> None:
        start, _ = self._span(body)
        del body[start:]

    def _remove(self, body: bytearray, others: Sequence[bytes]) -> None:
        start, end = self._span(body)
        del body[start:end]

    def _repeat(self, body: bytearray, others: Sequence[bytes]) -> None:
        start, end = self._span(body)
        body[end:end] = body[start:end] * self.chance.choice((1, 1, 2, 10))

    def _splice(self, body: bytearray, others: Sequence[bytes]) -> None:
        other = self.chance.choice(others)
        start, end = self._span(other)
        at, until = self._span(body)
        body[at:until] = other[start:end]

    def _insert(self, body: bytearray, others: Sequence[bytes]) -> None:
        at, _ = self._span(body)
        body[at:at] = self.chance.choice(TOKENS)

    def _overwrite(self, body: bytearray, others: Sequence[bytes]) -> None:
        start, end = self._span(body)
        body[start:end] = self.chance.choice(TOKENS)

    def _renumber(self, body: bytearray, others: Sequence[bytes]) -> None:
        """The first number after some place becomes a token: a value that is read, rather than a name."""
        at, _ = self._span(body)
        found = _NUMBER.search(body, at)
        if found:
            body[found.start() : found.end()] = self.chance.choice(TOKENS)
