"""Settings of the ways in: the proxies in front, who may look, how they say who they are, and how long that holds."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

SECRET_CHARACTERS = 32
EVERYBODY = "*"
_ADDRESS = re.compile(r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")
_HEADER = re.compile(r"^[A-Za-z0-9-]*$")
PREFIX_FORM = r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*"
"""Of the path below which browsers see the dashboard; each part a plain name."""


def _field(name: str, default: Any, meaning: str, **limits: Any) -> Any:
    """`meaning` stands in docs/security.md."""
    alias = AliasChoices(f"HUD_{name.upper()}", name)
    return Field(default=default, validation_alias=alias, description=meaning, **limits)


class FrontSettings(BaseSettings):
    """What is said of the proxies in front, and how browsers come past them."""

    public_url: str = _field(
        "public_url",
        "",
        "the address by which browsers reach the dashboard, such as `https://hud.example.com`",
    )
    signoz_public_url: str = _field(
        "signoz_public_url",
        "",
        "the address by which browsers reach SigNoz, for links from figures to their traces; no links without",
    )
    url_prefix: str = _field(
        "url_prefix",
        "/",
        "the path below which browsers see it, such as `/hud/`; the proxy may take it off or leave it",
    )
    trusted_proxies: str = _field(
        "trusted_proxies",
        "",
        "the addresses or networks of the proxies in front; what `X-Forwarded-…`, `Forwarded` or the header of "
        "`HUD_AUTH_PROXY_HEADER` say counts from them alone",
    )

    @field_validator("url_prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        whole = f"/{value.strip('/')}/" if value.strip("/") else "/"
        if not re.fullmatch(PREFIX_FORM, whole):
            raise ValueError("a path of letters, digits, -, _, ~ and . is wanted, such as /hud/")
        return whole

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for one in listed(value):
            ipaddress.ip_network(one, strict=False)
        return value


class SignInSettings(FrontSettings):
    """What is said of sign-in; lists are separated by commas. Nothing said: nobody signs in."""

    if TYPE_CHECKING:

        def __init__(self, **given: Any) -> None: ...

    oidc_issuer: str = _field("oidc_issuer", "", "the OpenID provider, Dex for one, exactly as it calls itself")
    oidc_client_id: str = _field("oidc_client_id", "", "what the provider calls this dashboard")
    oidc_client_secret: SecretStr = _field(
        "oidc_client_secret", SecretStr(""), "the client's secret; a public client has none, PKCE is used in any case"
    )
    oidc_audience: str = _field(
        "oidc_audience", "", "whom bearer tokens on `/api` and `/metrics` must be meant for; the client by default"
    )
    allowed_groups: str = _field("allowed_groups", "", "the groups whose members may look")
    allowed_emails: str = _field(
        "allowed_emails",
        "",
        "the e-mail addresses that may look; `*@example.com` is a domain, `*` everybody whom the provider knows",
    )
    operator_groups: str = _field(
        "operator_groups",
        "",
        "who may inject faults into the simulated Prism and silence or acknowledge alerts: groups, or e-mail addresses",
    )
    security_groups: str = _field(
        "security_groups", "", "who sees the users and addresses of failed logins: groups, or e-mail addresses"
    )
    auth_proxy_header: str = _field(
        "auth_proxy_header", "", "where an authenticating proxy says who is asking, such as `X-Forwarded-Email`"
    )
    auth_proxy_groups_header: str = _field(
        "auth_proxy_groups_header", "", "where it says the groups of that user, with commas"
    )
    session_secret: SecretStr = _field(
        "session_secret", SecretStr(""), "signs the cookies; by default one is made and kept beside the store"
    )
    session_idle_seconds: float = _field(
        "session_idle_seconds",
        3600.0,
        "a session ends when nobody asked for anything for so long; an open live page asks",
        ge=1,
        le=7 * 86400,
    )
    session_seconds: float = _field(
        "session_seconds", 12 * 3600.0, "it ends so long after it began, whatever happens", ge=1, le=30 * 86400
    )
    session_check_seconds: float = _field(
        "session_check_seconds",
        300.0,
        "how often the provider is asked whether it still holds, and for its user's groups",
        ge=1,
        le=3600,
    )

    @field_validator("public_url", "signoz_public_url", "oidc_issuer")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not _ADDRESS.match(value):
            raise ValueError("an address such as https://host.example is wanted, without a user, ? or #")
        return value

    @field_validator("auth_proxy_header", "auth_proxy_groups_header")
    @classmethod
    def _header(cls, value: str) -> str:
        if not _HEADER.match(value):
            raise ValueError("the name of an HTTP header is wanted, such as X-Forwarded-Email")
        return value

    @field_validator("session_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SECRET_CHARACTERS:
            raise ValueError(f"at least {SECRET_CHARACTERS} characters are wanted, from a random source")
        return value

    @property
    def by_provider(self) -> bool:
        """Whether people sign in with an OpenID provider."""
        return bool(self.oidc_issuer)

    @property
    def by_proxy(self) -> bool:
        """Whether a proxy in front says who is asking."""
        return bool(self.auth_proxy_header)

    @property
    def signs_in(self) -> bool:
        """Whether anybody must say who they are."""
        return self.by_provider or self.by_proxy

    def signin_fault(self) -> str:
        """What is missing from sign-in, or contradicts itself, with the setting's name; '' where it is whole."""
        return next((words for wrong, words in self._faults() if wrong), "")

    def _faults(self) -> list[tuple[bool, str]]:
        who = (self.allowed_groups, self.allowed_emails)
        url, issuer = urlsplit(self.public_url), urlsplit(self.oidc_issuer)
        return [
            (bool(self.oidc_client_id) and not self.by_provider, "HUD_OIDC_ISSUER: missing, HUD_OIDC_CLIENT_ID is set"),
            (self.by_provider and not self.oidc_client_id, "HUD_OIDC_CLIENT_ID: missing, HUD_OIDC_ISSUER is set"),
            (self.by_provider and not any(who), "HUD_ALLOWED_GROUPS or HUD_ALLOWED_EMAILS: say who may look; "
             "HUD_ALLOWED_EMAILS=* is everybody whom the provider knows"),
            (self.by_provider and url.scheme == "http" and not is_loopback(url.hostname or ""),
             "HUD_PUBLIC_URL: https:// is wanted, since cookies and codes would travel in the clear"),
            (self.by_provider and issuer.scheme == "http" and not is_loopback(issuer.hostname or ""),
             "HUD_OIDC_ISSUER: https:// is wanted, since anybody on the way could sign in as anybody"),
            (self.url_prefix != "/" and url.path.strip("/") not in ("", self.url_prefix.strip("/")),
             "HUD_URL_PREFIX: HUD_PUBLIC_URL names another path"),
            (self.by_proxy and not self.trusted_proxies, "HUD_TRUSTED_PROXIES: missing; without it anybody "
             "could send the header that HUD_AUTH_PROXY_HEADER names"),
            (bool(self.auth_proxy_groups_header) and not self.by_proxy,
             "HUD_AUTH_PROXY_HEADER: missing, HUD_AUTH_PROXY_GROUPS_HEADER is set"),
            (any((*who, self.operator_groups, self.security_groups)) and not self.signs_in,
             "HUD_OIDC_ISSUER: missing, and nobody can be told apart without a sign-in"),
        ]  # fmt: skip


def listed(value: str) -> list[str]:
    """The entries of a list with commas."""
    return [one.strip() for one in value.split(",") if one.strip()]


def is_loopback(host: str) -> bool:
    """True of an address or a name that only this machine reaches."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().rstrip(".").endswith(".localhost")
