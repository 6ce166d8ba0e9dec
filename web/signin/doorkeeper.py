"""Who is asking: by a session, a bearer token or the word of a proxy in front; nobody else gets in."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Request

from model.settings import Settings
from model.signin import listed
from web.front.forwarded import networks, within
from web.signin.attempt import AwayError
from web.signin.cookies import Cookies
from web.signin.person import Person, RefusedError, let_in, of_claims, unnamed
from web.signin.sessions import Session, Sessions

if TYPE_CHECKING:
    from web.signin.provider import Provider

BEARER_PATHS = ("/api", "/metrics")
"""Where programs ask; with a bearer token nothing else is answered."""
AWAY_SECONDS = 15.0
"""A provider that did not answer is not asked after a session again so soon."""
log = logging.getLogger("hud.signin")


class Doorkeeper:
    """One dashboard's rules. Safe to use from several threads."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Raises OSError where the session's secret can neither be read nor made."""
        self.settings, self._clock = settings, clock
        self.home = home(settings)
        self.sessions = Sessions(settings.cache_dir, settings.session_idle_seconds, settings.session_seconds, clock)
        self._cookies: Cookies | None = None
        self._away_until = 0.0

    @cached_property
    def provider(self) -> Provider:
        """Loaded when one is asked: its libraries would cost every start a second where nobody signs in."""
        made: Provider = import_module("web.signin.provider").Provider(self.settings, self.home, self._clock)
        return made

    @property
    def cookies(self) -> Cookies:
        """Made with the first sign-in. Raises RefusedError where no secret can be kept."""
        if self._cookies is None:
            settings = self.settings
            try:
                secret = settings.session_secret.get_secret_value() or self.sessions.secret()
            except OSError as error:
                log.error("no session can be kept in %s: %s", settings.cache_dir, error.strerror or error)
                raise RefusedError("No session can be kept here; the log says why.", 503) from None
            self._cookies = Cookies(secret, self.home.startswith("https://"), settings.session_seconds)
        return self._cookies

    def identify(self, request: Request) -> Person:
        """Who asks. Raises RefusedError."""
        if not self.settings.signs_in:
            return unnamed(self.settings)
        if self.settings.by_proxy and self.settings.auth_proxy_header in request.headers:
            return self._by_proxy(request)
        if not self.settings.by_provider:
            raise RefusedError("The proxy in front of this dashboard did not say who is asking.")
        given = request.headers.get("Authorization", "")
        if given.lower().startswith("bearer ") and _for_programs(request.path):
            return self._by_token(given[7:].strip())
        name = self.cookies.session(request)
        if not name:
            raise RefusedError("Sign in to look at this dashboard.")
        return self.current(name)

    def current(self, name: str, use: bool = True) -> Person:
        """Whose session this is now; asks the provider when it was asked long ago. Raises RefusedError."""
        session = self.sessions.find(name, use)
        if abs(self._clock() - session.checked) > self.settings.session_check_seconds:
            session = self._renewed(name, session)
        return self._let_in(name, session)

    def _let_in(self, name: str, session: Session) -> Person:
        try:
            return let_in(session.person, self.settings)
        except RefusedError:
            self.sessions.end(name)
            raise

    def _renewed(self, name: str, session: Session) -> Session:
        """The session, asked after; as it is while the provider does not answer. Raises RefusedError."""
        if not session.refresh:
            self.sessions.end(name)
            raise RefusedError("This session has expired; sign in again.")
        with self.sessions.renewing() as alone:
            now, session = self._clock(), self.sessions.find(name, use=False)
            if not alone or now < self._away_until or abs(now - session.checked) <= self.settings.session_check_seconds:
                return session
            try:
                return self._asked_after(name, session)
            except AwayError as error:
                self._away_until = now + AWAY_SECONDS
                log.warning("sessions cannot be checked: %s", error)
                return session

    def _asked_after(self, name: str, session: Session) -> Session:
        try:
            found = self.provider.renew(session.refresh)
            if found.person.subject != session.person.subject:
                raise RefusedError("The provider renewed somebody else's session.")
            person = replace(found.person, session=name)
            fresh = replace(session, person=person, checked=self._clock(), refresh=found.refresh)
            self.sessions.keep(name, fresh)
        except RefusedError:
            self.sessions.end(name)
            raise
        except OSError as error:
            raise AwayError(f"the session cannot be written ({error.strerror})") from None
        return fresh

    def _by_token(self, token: str) -> Person:
        try:
            return let_in(self.provider.bearer(token), self.settings)
        except AwayError as error:
            log.warning("a bearer token cannot be checked: %s", error)
            raise RefusedError("The provider does not answer, so this token cannot be checked.", 503) from None

    def _by_proxy(self, request: Request) -> Person:
        """The header's user, when it comes from a named address."""
        settings = self.settings
        if not within(peer(request), networks(settings.trusted_proxies)):
            raise RefusedError("Only a proxy that HUD_TRUSTED_PROXIES names may say who is asking.", 403)
        who = request.headers.get(settings.auth_proxy_header, "").strip()
        if not who or "," in who:  # a header that came twice is joined by commas
            raise RefusedError("The proxy in front of this dashboard did not say who is asking.")
        groups = request.headers.get(settings.auth_proxy_groups_header or "-", "")
        claims = {"sub": who, "email": who if "@" in who else "", "email_verified": True, "groups": listed(groups)}
        return let_in(of_claims(claims), settings)


def home(settings: Settings) -> str:
    """The dashboard's public address with its path, without a slash at its end."""
    said = (settings.public_url or f"http://localhost:{settings.port}").rstrip("/")
    return said if urlsplit(said).path else said + settings.url_prefix.rstrip("/")


def home_host(settings: Settings) -> str:
    """The host in it, without a port; '' where nobody said one."""
    return urlsplit(settings.public_url).hostname or ""


def peer(request: Request) -> str:
    """Who holds the other end of the connection, whatever a header says of it."""
    before = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    return str(before.get("REMOTE_ADDR") or "")


def _for_programs(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in BEARER_PATHS)
