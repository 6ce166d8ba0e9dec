"""Signed tokens (JWT, RFC 7519) of one issuer: what is asked of each before a word of it is believed."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from web.signin.person import RefusedError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""With a public key only: neither `none` nor a shared secret, whatever a token or the provider says."""
LEEWAY_SECONDS = 30.0
"""By which the provider's clock may differ from ours."""
MOST_CHARACTERS = 16_384
LAST_INSTANT = 253_402_300_799
"""The end of the year 9999: what lies beyond, infinity too, is no instant."""

KeyOf = Callable[[str, str], Key]
"""From a key's id ('' for none) and an algorithm to the issuer's key. Raises RefusedError."""


def claims_of(token: str, key_of: KeyOf, issuer: str, audience: str, now: float) -> Mapping[str, Any]:
    """What a token says, at `now` (seconds since 1970). Raises RefusedError with the first thing that is wrong."""
    claims = _signed(token, key_of)
    if claims.get("iss") != issuer:
        raise RefusedError("This token comes from another issuer.")
    _refuse_audience(claims, audience)
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise RefusedError("This token does not say whose it is.")
    _refuse_time(claims, now)
    return claims


def refuse_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """Raises RefusedError for an ID token that was made for another sign-in."""
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise RefusedError("This token was made for another sign-in (its nonce differs).")


def _signed(token: str, key_of: KeyOf) -> Mapping[str, Any]:
    if len(token) > MOST_CHARACTERS:
        raise RefusedError("This token is too long.")
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm = str(header.get("alg"))
        if algorithm not in ALGORITHMS:
            raise RefusedError(f"This token is signed by {algorithm[:20]!r}, which proves nothing here.")
        key = key_of(str(header.get("kid", "")), algorithm)
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise RefusedError("This token is not signed by the provider.") from None


def _refuse_audience(claims: Mapping[str, Any], audience: str) -> None:
    meant = claims.get("aud")
    meant = [meant] if isinstance(meant, str) else meant
    if not isinstance(meant, list) or audience not in meant:
        raise RefusedError("This token is meant for somebody else (its audience differs).")
    if len(meant) > 1 and claims.get("azp", audience) != audience:
        raise RefusedError("This token was made for another client.")


def _refuse_time(claims: Mapping[str, Any], now: float) -> None:
    until, since, made = (claims.get(name) for name in ("exp", "nbf", "iat"))
    if not _instant(until) or (since is not None and not _instant(since)) or (made is not None and not _instant(made)):
        raise RefusedError("This token does not say until when it holds.")
    if now > float(until) + LEEWAY_SECONDS:  # type: ignore[arg-type]  # _instant said that it is a number
        raise RefusedError("This token has expired.")
    if max(float(since or 0.0), float(made or 0.0)) > now + LEEWAY_SECONDS:
        raise RefusedError("This token is not valid yet.")


def _instant(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LAST_INSTANT
