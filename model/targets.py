"""Servers as settings name them: `url`, or `name=url`. An address may carry credentials: no error here repeats it."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple
from urllib.parse import urlsplit

_NAMED = re.compile(r"^([^=:/?#@]+)=(?=[a-zA-Z][a-zA-Z0-9+.-]*://)")
_ODD = re.compile(r"\s")
HTTP = ("http", "https")
REDIS = ("redis", "rediss")
POSTGRES = ("postgresql", "postgres")


class Target(NamedTuple):
    """A server's address and the name the operator gave it, '' for none."""

    name: str
    url: str


def parse_target(text: str, schemes: Container[str]) -> Target:
    """Both parts of one entry. Raises ValueError, without the entry in its words, when it is no address."""
    named = _NAMED.match(text)
    name, url = (named[1].strip(), text[named.end() :]) if named else ("", text)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    # An @ after the host is a password with a / ? or # in it, which splits the address in the wrong place.
    if not usable or _ODD.search(url) or "@" in url.partition(parts.netloc)[2]:
        raise ValueError("not an address with a host")
    return Target(name, url)
