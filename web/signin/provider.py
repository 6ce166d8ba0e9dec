"""The OpenID provider: its discovery document, its keys, and the code flow with PKCE (RFC 7636) by Authlib."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from model.settings import Settings
from model.signin import is_loopback
from web.signin import tokens
from web.signin.attempt import Attempt, AwayError, SignedIn
from web.signin.person import Person, RefusedError, of_claims

TIMEOUT_SECONDS = 4.0
DOCUMENT_SECONDS = 3600.0
KEYS_SECONDS = 10.0
"""An unknown key's id makes us ask for the keys anew, but no more often than this."""
SCOPES = ("openid", "profile", "email", "groups", "offline_access")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CALLBACK = "/signin/callback"
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""The kind of key behind an algorithm, by how its name begins."""


class Provider:
    """One issuer and our client there. Safe to use from several threads."""

    def __init__(self, settings: Settings, home: str, clock: Callable[[], float] = time.time) -> None:
        """`home` is the public address of the dashboard, without a slash at its end."""
        self._issuer = settings.oidc_issuer
        self._client = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._audience = settings.oidc_audience or settings.oidc_client_id
        self._back = home + CALLBACK
        self._clock = clock
        self._lock = threading.Lock()
        self._document: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def begin(self, then: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what its answer must match. Raises AwayError."""
        document = self._discovered()
        attempt = Attempt(generate_token(32), generate_token(32), generate_token(64), then)
        known = document.get("scopes_supported")
        scope = " ".join(one for one in SCOPES if not isinstance(known, list) or one in known)
        with self._session(scope) as session:
            url, _ = session.create_authorization_url(
                document["authorization_endpoint"], attempt.state, attempt.verifier, nonce=attempt.nonce
            )
        return str(url), attempt

    def finish(self, answer: Mapping[str, str], attempt: Attempt) -> SignedIn:
        """Who came back with a code. Raises RefusedError, AwayError."""
        if answer.get("iss", self._issuer) != self._issuer:
            raise RefusedError("This answer comes from another issuer.")
        given = self._asked(
            grant_type="authorization_code", code=answer.get("code", ""), code_verifier=attempt.verifier
        )
        return self._signed_in(given, attempt.nonce)

    def renew(self, refresh: str) -> SignedIn:
        """The same person as the provider knows them now. Raises RefusedError, AwayError."""
        found = self._signed_in(self._asked(grant_type="refresh_token", refresh_token=refresh), None)
        return found if found.refresh else SignedIn(found.person, refresh)

    def bearer(self, token: str) -> Person:
        """Whose token this is. Raises RefusedError, AwayError."""
        return of_claims(tokens.claims_of(token, self._key, self._issuer, self._audience, self._clock()))

    def _asked(self, **wish: str) -> Mapping[str, Any]:
        """The token endpoint's answer."""
        url = self._discovered()["token_endpoint"]
        with self._session("") as session:
            try:
                answer = session.fetch_token(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **wish)
            except AuthlibBaseError as error:
                raise RefusedError(f"The provider refused this sign-in ({str(error.error)[:60]}).") from None
            except (requests.RequestException, ValueError) as error:
                raise AwayError(f"the token endpoint does not answer ({type(error).__name__})") from None
        if not isinstance(answer, Mapping):
            raise AwayError("the token endpoint gave no token")
        return answer

    def _signed_in(self, given: Mapping[str, Any], nonce: str | None) -> SignedIn:
        claims: dict[str, Any] = {}
        if "id_token" in given or nonce is not None:
            claims |= tokens.claims_of(
                str(given.get("id_token", "")), self._key, self._issuer, self._client, self._clock()
            )
        if nonce is not None:
            tokens.refuse_nonce(claims, nonce)
        if not {"email", "groups"} <= set(claims):
            claims |= self._user_info(str(given.get("access_token", "")), claims)
        return SignedIn(of_claims(claims), str(given.get("refresh_token", "")))

    def _user_info(self, access: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider says of somebody elsewhere than in their token; the token comes first."""
        url = self._discovered().get("userinfo_endpoint")
        if not url or not access:
            return claims
        found = self._got(str(url), {"Authorization": f"Bearer {access}"})
        if claims and found.get("sub") != claims["sub"]:
            raise RefusedError("The provider describes somebody else than its token.")
        return {**found, **claims}

    def _key(self, name: str, algorithm: str) -> Key:
        """The issuer's key; asked for anew when it is unknown, since keys are rotated."""
        with self._lock:
            kept = self._keys
        found = _chosen(kept[1], name, algorithm) if kept else None
        if found is None and (kept is None or self._clock() - kept[0] >= KEYS_SECONDS):
            found = _chosen(self._fresh_keys(), name, algorithm)
        if found is None:
            raise RefusedError("This token is signed by a key that the provider does not name.")
        return found

    def _fresh_keys(self) -> KeySet:
        given = self._got(str(self._discovered()["jwks_uri"]))
        usable = [one for one in given.get("keys", []) if isinstance(one, dict) and one.get("kty") in _KINDS.values()]
        try:
            keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError):
            raise AwayError("the provider's keys cannot be read") from None
        with self._lock:
            self._keys = self._clock(), keys
        return keys

    def _discovered(self) -> Mapping[str, Any]:
        with self._lock:
            kept = self._document
        if kept and 0.0 <= self._clock() - kept[0] < DOCUMENT_SECONDS:
            return kept[1]
        found = self._got(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise AwayError(f"the provider calls itself {str(found.get('issuer'))[:200]!r}, not as HUD_OIDC_ISSUER")
        for name in ENDPOINTS:
            _refuse_insecure(str(found.get(name, "")), name)
        with self._lock:
            self._document = self._clock(), found
        return found

    def _got(self, url: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        try:
            answer = requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, headers=headers)
            found = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError) as error:
            raise AwayError(f"{urlsplit(url).path} does not answer ({type(error).__name__})") from None
        if not isinstance(found, dict):
            raise AwayError(f"{urlsplit(url).path} answers with status {answer.status_code} and no JSON object")
        return found

    def _session(self, scope: str) -> OAuth2Session:
        return OAuth2Session(
            self._client,
            self._secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope=scope or None,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )


def _chosen(keys: KeySet, name: str, algorithm: str) -> Key | None:
    """The key of this id; without one the only key of the algorithm's kind."""
    fit = [one for one in keys.keys if one.key_type == _KINDS[algorithm[:2]] and one.get("use", "sig") == "sig"]
    fit = [one for one in fit if not name or one.kid == name]
    return fit[0] if len(fit) == 1 else None


def _refuse_insecure(url: str, name: str) -> None:
    """Raises AwayError for an endpoint to which a secret would travel in the clear."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise AwayError(f"the provider's {name} is no https address")
