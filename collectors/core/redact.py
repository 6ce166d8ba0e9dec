"""Takes credentials out of texts that come from outside, before they are kept, logged or shown."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_LENGTH = 300
MAX_QUERY_VALUE = 100
REMOVED = "[removed]"
KEPT_TEXTS = 1024
"""What sources say they mostly say again: with 200 patterns looking for secrets anew was a tenth of the collector."""
_PORTS = {"https": 443, "redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432}
_SECRET_WORD = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|tokens?|credentials?|(?:api|access|private|secret)[-_]?key|jwt)"
)
_WEAK_WORD = r"(?:key|auth|signature|sig)"
"""Secrets when written `key=…`; before a colon they are usually the name of a module in an error's chain."""
_USERINFO = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#\"'<>]*@")
_BARE_USERINFO = re.compile(r"(?<![\w/])[\w.+-]+:[^\s:/@\"']+@(?=[\w.\[-])")
_SCHEMED = re.compile(r"\b(bearer|basic|token|apikey)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"(?P<name>[\"']?\b[\w.-]*?(?:{_SECRET_WORD}[\"']?\s*[=:]|{_WEAK_WORD}[\"']?\s*=)\s*)"
    r"(?P<value>\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?|[^\s,;&\"')}\]]+)",
    re.IGNORECASE,
)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_SECRET_NAME = re.compile(rf"(?:^|[\W_])(?:{_SECRET_WORD}|{_WEAK_WORD})(?:$|[\W_])", re.IGNORECASE)


def redact(text: str, limit: int = MAX_LENGTH) -> str:
    """`text` on one line, without credentials, control and half characters, at most `limit` characters long.

    Removed: `user:pass@` before a host, `password=…` and its relatives, `Bearer …`, JSON web tokens. It leans towards
    removing: `key: value` goes as well.
    """
    # A little more than is shown is searched, so that a secret at the cut cannot survive by being cut.
    return _redacted(text[: limit * 4], limit)


@lru_cache(maxsize=KEPT_TEXTS)
def _redacted(text: str, limit: int) -> str:
    plain = _CONTROL.sub(" ", text).strip()
    plain = _USERINFO.sub(rf"\g<scheme>{REMOVED}@", plain)
    plain = _BARE_USERINFO.sub(f"{REMOVED}@", plain)
    plain = _JWT.sub(REMOVED, plain)
    plain = _SCHEMED.sub(rf"\g<1> {REMOVED}", plain)
    plain = _ASSIGNED.sub(_without_value, plain)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def text_of(value: Any) -> str:
    """A text or a number as text; '' for nothing, and for lists and objects, which may nest too deeply to write."""
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _without_value(match: re.Match[str]) -> str:
    value = match["value"]
    return match[0] if value.startswith(REMOVED) or value.lower() in {"bearer", "basic"} else match["name"] + REMOVED


def is_secret_name(name: str) -> bool:
    """True when something of this name should not be shown whatever it holds: `password`, `api_key`, …"""
    return bool(_SECRET_NAME.search(name))


def address_of(url: str) -> str:
    """A URL for show: scheme, host, port and path; user, password, query and fragment left out."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def instance_of(url: str) -> str:
    """`host:port` of a URL, with the scheme's port when none is written. The same for every spelling of an address:
    names of hosts have no case and may end in a dot, numbers may have leading zeros.
    """
    parts = urlsplit(url)
    port = parts.port if parts.port is not None else _PORTS.get(parts.scheme, 80)
    return f"{_host(parts.hostname or '')}:{port}"


def _host(name: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    except ValueError:
        return f"[{name}]" if ":" in name else name.rstrip(".")


def whole_instance_of(url: str) -> str:
    """The same with the path and the query, by which one address may report many: a path that all have is left out,
    and for a secret its fingerprint stands.
    """
    parts = urlsplit(url)
    path = "" if parts.path in ("/", "/metrics") else parts.path
    return f"{instance_of(url)}{path if not parts.query else parts.path}{query_of(url)}"


def query_of(url: str) -> str:
    """The query of a URL for show, with its question mark."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return "?" + "&".join(f"{name}={_shown(name, value)}" for name, value in pairs) if pairs else ""


def _shown(name: str, value: str) -> str:
    plain = "" if is_secret_name(name) else redact(value, MAX_QUERY_VALUE)
    return plain if plain == value else f"{plain}#{fingerprint(value)}"


def fingerprint(text: str) -> str:
    """Eight digits that stand for a text that is not shown, or not whole."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def identity(text: str, limit: int) -> str:
    """`redact` for what distinguishes one thing from another: where words were taken away, a hash of the whole stands
    in for them.
    """
    shown = redact(text, limit)
    return shown if shown == text else f"{shown[: limit - 9]}#{fingerprint(text)}"


def place_of_target(target: str) -> str:
    """`host:port` of a target without a scheme; the same for every spelling of it."""
    return instance_of(f"//{target}")
