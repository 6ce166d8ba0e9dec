"""An OpenID provider that may lie: every answer can be changed by the test, and its tokens are really signed."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

CLIENT, SECRET = "hud", "not very secret, in a test"
PERSON = {"sub": "ada", "name": "Ada", "email": "ada@example.com", "email_verified": True, "groups": ["ops"]}
_RSA = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


class Issuer:
    """Discovery, keys and the token endpoint; a sign-in at its page is `consent`, which a browser gives at once."""

    def __init__(self, http: Callable[[Answers], HttpServer]) -> None:
        self.keys: list[Key] = [_RSA]
        self.person: dict[str, Any] = dict(PERSON)
        self.changed: dict[str, Any] = {}
        """Claims of the next ID tokens that differ from what they should be; None leaves one out."""
        self.header: dict[str, Any] = {}
        self.away = False
        self.gone: set[str] = set()
        """Refresh tokens that serve no more."""
        self._codes: dict[str, dict[str, str]] = {}
        self._server = http(self._answer)
        self.url = self.named = self._server.url

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    def consent(self, url: str) -> dict[str, str]:
        """Somebody agrees at the address where the browser was sent; what the browser brings back."""
        wish = {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}
        assert wish["response_type"] == "code"
        assert wish["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._codes[code] = wish
        return {"code": code, "state": wish["state"]}

    def token(self, **changed: Any) -> str:
        """A signed token of this issuer."""
        now = int(time.time())
        claims = {"iss": self.named, "aud": CLIENT, "iat": now, "exp": now + 300, **self.person, **self.changed}
        claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        header = {"alg": "RS256", "kid": self.keys[-1].kid, **self.header}
        return jwt.encode({k: v for k, v in header.items() if v is not None}, claims, self.keys[-1], [header["alg"]])

    def _answer(self, asked: Asked) -> Reply:
        if self.away:
            return Reply(503, b"gone for lunch")
        if asked.path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return Reply.of({"issuer": self.named, **{name: self.url + path for name, path in places.items()}})
        if asked.path == "/keys":
            return Reply.of({"keys": [one.as_dict(private=False) for one in self.keys if not isinstance(one, OctKey)]})
        if asked.path == "/auth":
            url = f"{self.url}/auth?{asked.query}"
            back = parse_qs(asked.query)["redirect_uri"][0] + "?" + urlencode(self.consent(url))
            return Reply(303, b"", {"Location": back})
        return self._tokens({name: one[0] for name, one in parse_qs(str(asked.body)).items()}, asked)

    def _tokens(self, form: dict[str, str], asked: Asked) -> Reply:
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {known}" and form.get("client_id") != CLIENT:
            return Reply.of({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] in self.gone:
                return Reply.of({"error": "invalid_grant"}, 400)
            return self._given(None)
        wish = self._codes.pop(form["code"], None)  # serves but once
        if wish is None or wish["redirect_uri"] != form["redirect_uri"]:
            return Reply.of({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != wish["code_challenge"]:
            return Reply.of({"error": "invalid_grant"}, 400)
        return self._given(wish["nonce"])

    def _given(self, nonce: str | None) -> Reply:
        token = self.token(**({"nonce": nonce} | self.changed if nonce else {}))
        refresh = secrets.token_hex(8)
        return Reply.of({"access_token": "a", "token_type": "Bearer", "id_token": token, "refresh_token": refresh})


def another_key(name: str, curve: bool = False) -> Key:
    """A key that nobody knows yet."""
    return ECKey.generate_key("P-256", {"kid": name}) if curve else RSAKey.generate_key(2048, {"kid": name})
