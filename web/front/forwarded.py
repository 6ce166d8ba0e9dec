"""What a proxy in front says of a request: who sent it, by which name, and what was encrypted (X-Forwarded-… and
Forwarded, RFC 7239). Headers are what anybody may send: what is not plain is dropped.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from model.signin import PREFIX_FORM, listed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = "HTTP_FORWARDED"
FOR, PROTO, HOST, PORT, PREFIX = (f"HTTP_X_FORWARDED_{one}" for one in ("FOR", "PROTO", "HOST", "PORT", "PREFIX"))
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
"""Some proxies say of a websocket that it is one."""
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PAIR = re.compile(rf'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=({_QUOTED}|[^;,"\s]*)')
_ELEMENT = re.compile(rf'(?:{_QUOTED}|[^,"])+')
_PART = re.compile(rf'(?:{_QUOTED}|[^;"])+')


@lru_cache(maxsize=8)
def networks(said: str) -> tuple[Network, ...]:
    """The networks of a list with commas. Raises ValueError."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in listed(said))


def within(address: str, known: Sequence[Network]) -> bool:
    """Whether an address lies in one of these; False for what is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in one for one in known)


def believe(environ: dict[str, Any], trusted: Sequence[Network]) -> None:
    """Leave in the X-Forwarded headers of a request that came from a trusted proxy what holds, one value each."""
    elements = _elements(environ.pop(FORWARDED, ""))
    chain = [_address(one) for one in environ[FOR].split(",")] if FOR in environ else None
    if elements:
        other = [_address(one.get("for", "")) for one in elements]
        if chain is None:
            environ |= {key: elements[-1][name] for key, name in ((PROTO, "proto"), (HOST, "host"))
                        if name in elements[-1] and key not in environ}  # fmt: skip
        elif other != chain:
            other = []  # a proxy knows one of them, and passes on what its client wrote in the other
        chain = other
    client = _furthest(chain or [], trusted)
    _put(environ, FOR, client)
    _put(environ, PROTO, _SCHEMES.get(_last(environ, PROTO).lower(), ""))
    _put(environ, HOST, _last(environ, HOST))
    port, prefix = _last(environ, PORT), _last(environ, PREFIX)
    _put(environ, PORT, port if re.fullmatch(r"\d{1,5}", port, re.ASCII) else "")
    _put(environ, PREFIX, prefix.rstrip("/") if re.fullmatch(PREFIX_FORM, f"{prefix.rstrip('/')}/") else "")


def _put(environ: dict[str, Any], key: str, value: str) -> None:
    if value:
        environ[key] = value
    else:
        environ.pop(key, None)


def _last(environ: dict[str, Any], key: str) -> str:
    """What the nearest proxy said."""
    return str(environ.get(key, "")).rpartition(",")[2].strip()


def _furthest(chain: Sequence[str], trusted: Sequence[Network]) -> str:
    """Who is behind the trusted proxies: the last of the chain that is none; '' where nobody is named."""
    client = ""
    for one in reversed(chain):
        if not one:
            break
        client = one
        if not within(one, trusted):
            break
    return client


def _address(said: str) -> str:
    """The address in `192.0.2.7:4711`, `[2001:db8::7]:4711`, `2001:db8::7`; '' for whatever names none."""
    said = said.strip()
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _elements(said: str) -> list[dict[str, str]]:
    """Forwarded's elements, the nearest proxy's last; none where one of them is not well formed."""
    made = []
    for element in _ELEMENT.findall(said):
        pairs = [_PAIR.fullmatch(part.strip()) for part in _PART.findall(element) if part.strip()]
        if not all(pairs):
            return []
        made.append({pair[1].lower(): _unquoted(pair[2]) for pair in pairs if pair})
    return made


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
