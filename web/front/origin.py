"""Whether a request comes from a page of our own: its Origin and its Host name the same place."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def from_own_page(origin: str | None, fetched_from: str | None, host: str, scheme: str) -> bool | None:
    """Whether a page of our own asks, by a request's Origin and Sec-Fetch-Site; None where no browser does."""
    if origin is not None:
        return same_origin(origin, host, scheme)
    return None if fetched_from is None else fetched_from == "same-origin"


def same_origin(origin: str, host: str, scheme: str = "http") -> bool:
    """Compare an Origin (`https://hud.example`) with a Host (`hud.example:443`); False for what is neither.

    A port that is missing is the default of the scheme that the browser used, also where a proxy took the encryption
    off and nobody says so: `scheme` is "https" where it is known, and a page without encryption then another origin.
    """
    try:
        parts = urlsplit(origin)
        default = _DEFAULT_PORTS.get(parts.scheme)
        if default is None or (scheme == "https" and parts.scheme != scheme):
            return False
        if origin.lower() != f"{parts.scheme}://{parts.netloc}".lower():
            return False
        return _place(parts.netloc, default) == _place(host, default)
    except ValueError:
        return False


def _place(netloc: str, default: int) -> tuple[str, int]:
    """(host, port). Raises ValueError when it is no such thing."""
    parts = urlsplit(f"//{netloc}")
    host = parts.hostname or ""
    if not host or parts.username is not None or parts.netloc != netloc:
        raise ValueError("not a host and a port")
    if ":" in host:
        host = ipaddress.ip_address(host).compressed
    return host.rstrip("."), default if parts.port is None else parts.port
