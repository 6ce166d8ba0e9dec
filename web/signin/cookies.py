"""The two cookies: the session's name, and a sign-in under way. Signed, for HTTP and this site alone.

Over https they are Secure and begin with `__Host-`, so that no neighbour under the same domain can plant one. Below a
path of its own (HUD_URL_PREFIX) they are for that path, so that what else the host serves is not sent them; such ones a
browser keeps as `__Secure-` only. Without https the dashboard is reached over loopback only (the settings refuse the
rest), where a browser would keep neither.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Request, Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from web.signin.attempt import Attempt
from web.signin.person import RefusedError

ATTEMPT_SECONDS = 600
SESSION, ATTEMPT = "hud-session", "hud-signin"


class Cookies:
    """Reads and writes both. `secure`: browsers come over https."""

    def __init__(self, secret: str, secure: bool, longest: float) -> None:
        """`longest` is a session's longest life in seconds."""
        self._secret, self._secure, self._longest = secret, secure, int(longest)

    def session(self, request: Request) -> str:
        """The session's name; '' where none is held. Raises RefusedError for one that we did not sign."""
        held = request.cookies.get(self._name(SESSION), "")
        return str(self._opened(SESSION, held, self._longest)) if held else ""

    def attempt(self, request: Request) -> Attempt:
        """The sign-in under way. Raises RefusedError."""
        held = request.cookies.get(self._name(ATTEMPT), "")
        try:
            return Attempt(**self._opened(ATTEMPT, held, ATTEMPT_SECONDS))
        except TypeError:
            raise RefusedError("No sign-in is under way in this browser; begin again.") from None

    def begin(self, response: Response, attempt: Attempt) -> None:
        """A sign-in begins."""
        self._set(response, ATTEMPT, asdict(attempt), ATTEMPT_SECONDS)

    def signed_in(self, response: Response, name: str) -> None:
        """It has ended well: what it needed serves no second time."""
        self._set(response, SESSION, name, self._longest)
        self._drop(response, ATTEMPT)

    def forget(self, response: Response) -> None:
        """Both go."""
        self._drop(response, SESSION)
        self._drop(response, ATTEMPT)

    def _opened(self, kind: str, held: str, longest: int) -> Any:
        try:
            return self._signer(kind).loads(held, max_age=longest)
        except BadSignature:
            words = {ATTEMPT: "No sign-in is under way in this browser; begin again.",
                     SESSION: "This session has ended; sign in again."}  # fmt: skip
            raise RefusedError(words[kind]) from None

    def _set(self, response: Response, kind: str, value: object, seconds: int) -> None:
        signed = self._signer(kind).dumps(value)
        response.set_cookie(
            self._name(kind),
            signed,
            max_age=seconds,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def _drop(self, response: Response, kind: str) -> None:
        response.delete_cookie(self._name(kind), path=self._path, secure=self._secure, httponly=True, samesite="Lax")

    def _name(self, kind: str) -> str:
        return f"{'__Host-' if self._path == '/' else '__Secure-'}{kind}" if self._secure else kind

    @property
    def _path(self) -> str:
        """Below which the browser sees the dashboard, in the request that is answered."""
        return f"{request.script_root}/"

    def _signer(self, kind: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"prism-hud-{kind}")
