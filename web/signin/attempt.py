"""A sign-in under way and its outcome, without the libraries that ask a provider: they are loaded when one is asked."""

from __future__ import annotations

from dataclasses import dataclass

from web.signin.person import Person


class AwayError(Exception):
    """The provider does not answer, or not as one; nothing is known of anybody."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way, kept in a signed cookie: what the answer must match, and where to go after."""

    state: str
    nonce: str
    verifier: str
    then: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, and the token that asks after them later; '' where the provider gives none."""

    person: Person
    refresh: str
