"""How a setting that names a source is written: one address or several, and of which form; and where the store lies.

An address may hold a password: a ValueError from here reports such an entry by its place only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from model import targets
from model.targets import parse_target

HTTP_URL = re.compile(r"^https?://[^\s/]+(/\S*)?$")
GRPC_URL = re.compile(r"^grpcs?://[^\s/@]+:\d{1,5}/?$")
"""A proxy without metrics."""
TARGET = re.compile(r"^[^=,\s]([^=,]*[^=,\s])?=(\[[0-9a-fA-F:]+\]|[^\s:,=]+):\d{1,5}(/[^\s,]*)?$")


@dataclass(frozen=True, slots=True)
class Form:
    """`check(entry, place)` returns an address as it is kept, or raises ValueError; `place` counts from 1.

    `many`: several, separated by commas. `schemes`: how the address of a `[name=]address` entry begins.
    """

    check: Callable[[str, int], str]
    many: bool = False
    schemes: tuple[str, ...] = ()

    def of_one(self, value: str) -> str:
        """The only address of a setting, as it is kept; '' for none. Raises ValueError."""
        return self.check(value.strip(), 1) if value.strip() else ""


@dataclass(frozen=True, slots=True)
class AddressSetting:
    """A setting that names sources. `name` is that in `hud.toml`, its capitals that of the environment.

    `default` is an address that is tried where nobody named one; '' for none. `key_setting` names a setting with a key
    for this source: giving that names the source too. `meaning` stands in docs/connect.md.
    """

    name: str
    form: Form
    meaning: str
    default: str = ""
    key_setting: str = ""

    @property
    def variable(self) -> str:
        """The name of its environment variable, such as `SIGNOZ_API_URL`."""
        return self.name.upper()

    def field(self) -> tuple[Any, Any]:
        """Its type and default as a field of a pydantic model."""
        check = self.form.check
        if not self.form.many:
            return Annotated[str, AfterValidator(self.form.of_one)], self.default
        kept = AfterValidator(lambda entries: [check(entry, place) for place, entry in enumerate(entries, 1)])
        default = [self.default] if self.default else []
        return Annotated[list[str], NoDecode, BeforeValidator(_split), kept], Field(default=default, repr=False)


def _split(value: object) -> object:
    """A comma-separated environment value as a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _reported(entry: str) -> str:
    """An entry in an error; one that may hold a password is not repeated."""
    return "what is given" if "@" in entry else repr(entry)


def _verbatim(entry: str, _: int = 1) -> str:
    entry = _in_small_letters(entry)
    if not HTTP_URL.match(entry) or not _is_port(entry):
        raise ValueError(f"{_reported(entry)} is not an http:// or https:// address")
    return entry


def _in_small_letters(entry: str) -> str:
    """With its scheme so: it has no case."""
    scheme, colon, rest = entry.partition("://")
    return f"{scheme.lower()}{colon}{rest}"


def _is_port(url: str) -> bool:
    """Whether the port is one, where an address names any."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _http(entry: str, place: int = 1) -> str:
    return _verbatim(entry, place).rstrip("/")


def _http_or_grpc(entry: str, place: int) -> str:
    plain = _in_small_letters(entry)
    return plain if GRPC_URL.match(plain) and _is_port(plain) else _verbatim(entry, place)


def _host_and_port(entry: str, _: int) -> str:
    if not TARGET.match(f"launcher={entry}") or "/" in entry or not _is_port(f"//{entry}"):
        raise ValueError(f"{_reported(entry)} is not of the form host:port")
    return entry


def _is_page(entry: str) -> bool:
    """True for `name=` and an HTTP address."""
    try:
        return bool(parse_target(entry, targets.HTTP).name)
    except ValueError:
        return False


def _health_service(entry: str, _: int) -> str:
    named = TARGET.match(entry) and _is_port(f"//{entry.partition('=')[2]}")
    if not named and not _is_page(entry):
        raise ValueError(f"{_reported(entry)} is not of the form name=host:port or name=http://host:port/path")
    return entry


def servers(schemes: tuple[str, ...]) -> Form:
    """Several servers, each `[name=]scheme://[user:password@]host[:port]`."""

    def check(entry: str, place: int) -> str:
        try:
            parse_target(entry, schemes)
        except ValueError:
            raise ValueError(
                f"entry {place} is not of the form {schemes[0]}://[user:password@]host[:port], "
                "or name= and such an address; , / ? # @ in a password are written %2C %2F %3F %23 %40"
            ) from None
        return entry

    return Form(check, many=True, schemes=schemes)


HTTP = Form(_http)
HTTP_VERBATIM = Form(_verbatim)
"""Compared as it is, its last slash included."""
PROXIES = Form(_http_or_grpc, many=True)
HEALTH_SERVICES = Form(_health_service, many=True)
HOSTS_AND_PORTS = Form(_host_and_port, many=True)
HTTP_SERVERS = servers(targets.HTTP)
REDIS_SERVERS = servers(targets.REDIS)
POSTGRES_SERVERS = servers(targets.POSTGRES)


DISK = "disk"
STORE_SCHEMES = ("redis", "rediss")
STORE_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
"""What the query of a rediss:// address may say: files."""
STORE_ACCEPTED = (
    "accepted are disk (HUD_CACHE_DIR), redis://[user:password@]host[:port][/database] and the same with rediss:// "
    f"(TLS), which may end in ?{'&'.join(f'{one}=FILE' for one in STORE_OPTIONS)}"
)


class StoreSettings(BaseSettings):
    """Where what was read is kept."""

    cache_dir: Path = Field(default=Path(".hud-cache"), validation_alias=AliasChoices("HUD_CACHE_DIR", "cache_dir"))
    store: str = Field(default=DISK, repr=False, validation_alias=AliasChoices("HUD_STORE", "store"))
    """`disk`, or the address of a Redis or Valkey that all hosts of this dashboard share."""

    @field_validator("store")
    @classmethod
    def _known(cls, store: str) -> str:
        """Raises ValueError without the value, which may hold a password."""
        if store in ("", DISK):
            return DISK
        try:
            parts = urlsplit(store)
            fits = parts.scheme in STORE_SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError:  # of a port
            fits = False
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} if fits else set()
        if (
            not fits
            or not (parts.path.strip("/") or "0").isdigit()
            or parts.fragment
            or not names <= set(STORE_OPTIONS)
        ):
            raise ValueError(STORE_ACCEPTED)
        if names and parts.scheme != "rediss":
            raise ValueError(STORE_ACCEPTED)
        return store
