"""What a view says at one instant, encoded once, and the difference to what it said before."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import orjson
from dash.development.base_component import Component

from pages.shared.choices import free
from web.front.prefix import links
from web.hub_delta import delta

Selection = tuple[tuple[str, str], ...]
"""What a page is about (`pattern=redis`), sorted by name, so that equal selections share one computation."""

Key = tuple[str, Selection]
"""A view and what it is about."""

Props = Mapping[str, Mapping[str, Any]]
"""Component id → property → value."""

DRAWN_PROPERTY = "figure"
FIGURE_SECONDS = 2.0
"""Drawing a chart costs a browser some 20 ms, so figures are sent at most this often; numbers go with each version."""


TEXT, DEFLATED = 0x81, 0x40
LEAST_DEFLATED = 200
"""Bytes of a message below which compressing gains little."""

_KNOWN: dict[type[Component], tuple[frozenset[str], tuple[str, ...]]] = {}
"""The names of the properties of each kind of component, and how the names of further ones begin."""


class Feed(Protocol):
    """Where the hub's views come from. Safe to use from several threads."""

    def version(self) -> int:
        """The store's version; cheap enough to ask thirty times a second."""

    def knows(self, view: str) -> bool:
        """True when some page registered this view."""

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        """The part of `wanted` that this view understands."""

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        """The frame's head (`version`, `sampled`, …) and the view's properties at `now` (seconds since 1970)."""


def common(selection: Selection) -> bool:
    """True for one of few that there can be: it names nothing freely."""
    return not free([name for name, _ in selection])


def encode(value: Any) -> bytes:
    """JSON as Dash's browser side reads it; NaN becomes null."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    """A component as its `to_plotly_json` has it, which asks it for all that it might have: some thirty properties."""
    if isinstance(value, Component):
        kind: Any = type(value)
        if kind not in _KNOWN:
            made: Any = value
            _KNOWN[kind] = frozenset(made._prop_names), tuple(made._valid_wildcard_attributes)
        known, beginnings = _KNOWN[kind]
        own = {name: one for name, one in vars(value).items() if name in known or name.startswith(beginnings)}
        return {"props": own, "type": kind._type, "namespace": kind._namespace}
    raise TypeError(f"{type(value).__name__} cannot be sent to a browser")


@lru_cache(maxsize=16)
def text_frame(payload: bytes, prefix: str = "", deflated: bool = False) -> bytes:
    """A whole unmasked websocket text message (RFC 6455 section 5.2), its links below `prefix`.

    Cached, so that a thousand clients that come back at once share the bytes of one full frame. `deflated` for those
    that take compressed messages (RFC 7692), each for itself, so that one compression serves them all.
    """
    payload = links(payload, prefix)
    first = TEXT
    if deflated and len(payload) >= LEAST_DEFLATED:
        first, payload = TEXT | DEFLATED, _deflate(payload)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def _deflate(payload: bytes) -> bytes:
    """RFC 7692 section 7.2.1: without what ends a block that is flushed."""
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return (made.compress(payload) + made.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


class View:
    """One view with one selection: its last encoding, and frames made from it. Not safe for several threads.

    A full frame has the head and every property; a diff only what of both changed since the frame before, the
    properties as a `hub_delta`. Each is encoded once, for all who look at the view.
    """

    def __init__(self, feed: Feed, name: str, selection: Selection) -> None:
        self._feed = feed
        self.name = name
        self.selection = selection
        self.version = -1
        self.failed = False
        self.read_at = self.sent_at = float("-inf")
        self.cost_seconds = 0.0
        self._drawn_at = float("-inf")
        self._head: dict[str, Any] = {}
        self._given: Props = {}
        self._encoded: dict[str, bytes] = {}
        self._full: bytes | None = None

    @property
    def empty(self) -> bool:
        """True until the first `refresh`."""
        return not self._head

    def refresh(self, now: float, tick: float) -> bytes:
        """Ask the feed again; the frame with what changed since. `tick` is a monotonic time in seconds."""
        self.version = self._feed.version()
        self.read_at = tick
        self.failed = True
        head, props = self._feed.read(self.name, self.selection, now)
        head = {"view": self.name, "now": round(now, 3), **head}
        draw = tick - self._drawn_at >= FIGURE_SECONDS - 0.05
        encoded = {name: self._encode(name, value, draw) for name, value in props.items()}
        frame = self._diff(head, encoded)
        if draw:
            self._drawn_at = tick
        self._given = {name: value for name, value in props.items() if draw or DRAWN_PROPERTY not in value}
        self._head, self._encoded, self._full, self.failed = head, encoded, None, False
        return frame

    def full(self) -> bytes:
        """The frame with everything, for whoever has nothing yet."""
        if self._full is None:
            self._full = _frame({**self._head, "mode": "full"}, self._encoded)
        return self._full

    def beat(self, now: float) -> bytes:
        """The frame that says nothing but that the connection lives: it is not this view's turn yet."""
        return encode({"view": self.name, "now": round(now, 3), "mode": "diff", "props": {}})

    def trouble(self, now: float) -> bytes:
        """The frame that says: connected, but this view cannot be computed."""
        return encode({"view": self.name, "now": now, "version": self.version, "mode": "trouble", "props": {}})

    def _encode(self, name: str, value: Mapping[str, Any], draw: bool) -> bytes:
        """The properties of one component; the encoding before when they are the same, or a chart not due yet."""
        before = self._encoded.get(name)
        keep = before is not None and (self._given.get(name) is value or (not draw and DRAWN_PROPERTY in value))
        return before if before is not None and keep else encode(value)

    def _diff(self, head: Mapping[str, Any], encoded: Mapping[str, bytes]) -> bytes:
        reported = {name: value for name, value in head.items() if self._head.get(name) != value}
        changes = {name: _change(self._encoded.get(name), body) for name, body in encoded.items()}
        return _frame({**reported, "mode": "diff"}, {name: one for name, one in changes.items() if one is not None})


def _change(before: bytes | None, after: bytes) -> bytes | None:
    """The delta between two encoded values; None when they are equal."""
    if before == after:
        return None
    if before is None:
        return b"[" + after + b"]"
    change = delta(orjson.loads(before), orjson.loads(after))
    return None if change is None else orjson.dumps(change)


def _frame(head: Mapping[str, Any], encoded: Mapping[str, bytes]) -> bytes:
    body = b",".join(encode(name) + b":" + value for name, value in encoded.items())
    return encode(head)[:-1] + b',"props":{' + body + b"}}"
