"""A person as the provider or the proxy describes them, whether they may look, and what else they may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from model.settings import Settings
from model.signin import EVERYBODY, is_loopback, listed

OPERATOR, SECURITY = "operator", "security"
"""Roles beside the viewer's, which everybody has who may look at all."""


class RefusedError(Exception):
    """Nobody gets in with this: the HTTP status and a sentence for whoever asked."""

    def __init__(self, words: str, status: int = 401) -> None:
        super().__init__(words)
        self.words, self.status = words, status


@dataclass(frozen=True, slots=True)
class Person:
    """`email` is '' unless the provider verified it; `session` is '' where none is held, as with a bearer token."""

    subject: str
    name: str = ""
    email: str = ""
    groups: frozenset[str] = field(default=frozenset())
    roles: frozenset[str] = field(default=frozenset())
    session: str = ""


def of_claims(claims: Mapping[str, Any]) -> Person:
    """As a token describes somebody; what has another type than it should is left out."""
    email = _text(claims.get("email")).lower() if claims.get("email_verified") is True else ""
    given = claims.get("groups")
    groups = frozenset(one for one in given if isinstance(one, str)) if isinstance(given, list) else frozenset[str]()
    name = _text(claims.get("name")) or _text(claims.get("preferred_username")) or email
    return Person(_text(claims.get("sub")), name or _text(claims.get("sub")), email, groups)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def unnamed(settings: Settings) -> Person:
    """Whoever asks where nobody signs in: the owner of this machine, else a stranger who was let in to look."""
    roles = {OPERATOR, SECURITY} if is_loopback(settings.host) else {OPERATOR}
    return Person("", roles=frozenset(roles))


def let_in(person: Person, settings: Settings) -> Person:
    """With the roles that the settings give. Raises RefusedError for somebody who may not look."""
    emails = [*listed(settings.allowed_emails)]
    open_to_all = EVERYBODY in emails or not (emails or settings.allowed_groups)
    if not (open_to_all or _named(person, [*listed(settings.allowed_groups), *emails])):
        who = person.email or person.name or person.subject
        raise RefusedError(f"{who[:100]} may not look at this dashboard: no allowed group, and no allowed e-mail.", 403)
    given = {OPERATOR: settings.operator_groups, SECURITY: settings.security_groups}
    roles = frozenset(role for role, who in given.items() if _named(person, listed(who)))
    return Person(person.subject, person.name, person.email, person.groups, roles, person.session)


def _named(person: Person, entries: Iterable[str]) -> bool:
    """Whether one of these groups or e-mail addresses is theirs."""
    for one in entries:
        if "@" in one and person.email and fnmatchcase(person.email, one.lower()):
            return True
        if one in person.groups:
            return True
    return False
