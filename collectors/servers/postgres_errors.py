"""What went wrong with a read of PostgreSQL, or of a pooler before it: whatever it says in words, it is up and says it.

By SQLSTATE where there is one. Of a connection that was refused libpq keeps the words alone, which are in the server's
language: what only the server writes is told from what libpq writes by its form.
"""

from __future__ import annotations

import re

import psycopg
from psycopg import errors

from collectors.core.redact import redact
from collectors.servers.server_scrape import BUSY, FULL, INTERRUPTED, STARTING, STOPPING, RefusalError
from model.sources import CollectError, ErrorKind

MAX_SAID = 200
_SEVERITY = re.compile(r"(?:^|failed: )[^\s:]{2,20}(?: \([A-Z]+\))?:  (?P<words>.*)", re.DOTALL)
"""libpq puts two spaces after the severity that a server sends: 'connection failed: … failed: FATAL:  …'."""
_CLASSES = {
    "53300": FULL,
    "53": BUSY,
    "55P03": BUSY,
    "57P03": STARTING,
    "57P01": STOPPING,
    "57P02": STOPPING,
    "57014": INTERRUPTED,
    "40": INTERRUPTED,
}
_STATES = (
    (("conflict with recovery",), INTERRUPTED),
    (("too many open files",), BUSY),
    (
        ("too many clients", "too many connections", "remaining connection slots", "no more connections allowed",
         "query_wait_timeout", "max_client_conn", "pool is full", "too many", "max client", "connection limit"),
        FULL,
    ),
    (("out of memory", "could not fork", "no space left"), BUSY),
    (("starting up", "recovery mode", "not yet accepting", "not accepting connections"), STARTING),
    (("shutting down", "administrator command", "crash of another", "not accepting clients"), STOPPING),
)  # fmt: skip
_NOT_LET_IN_STATES = ("28", "42501")
_NOT_LET_IN = ("authentication failed", "pg_hba.conf", "no password supplied", "authentication rejected",
               "no such user", "password authentication", "sasl", "certificate authentication")  # fmt: skip
_WITHOUT_SEVERITY = ("could not fork", "too many clients", "too many connections")
"""What a server that cannot even start a process for us writes as plain words, without any of the fields."""
_FOREIGN = "expected authentication request from server"
"""libpq's words about whoever answers as no PostgreSQL does."""
_ROLE = re.compile(r"role \"[^\"]*\" (?:does not exist|is not permitted)")


def typed(error: Exception, timeout_seconds: float, late: bool) -> CollectError:
    """What went wrong. `late`: the read was cut by our own clock."""
    said = redact(" ".join(str(error).split()))
    state = getattr(error, "sqlstate", None) or ""
    reported = _SEVERITY.search(str(error))
    if late or _ran_out(error, said, reported is not None):
        return CollectError(ErrorKind.TIMED_OUT, f"no complete answer within {timeout_seconds:g} s")
    if state or reported:
        return answered(state, " ".join((reported["words"] if reported else str(error)).split()))
    return _unanswered(error, said)


def _ran_out(error: Exception, said: str, reported: bool) -> bool:
    """Whether our own time was up: by libpq's clock, or by the one that we set for a statement. A server or a pooler
    that speaks of a time of its own has answered.
    """
    if isinstance(error, errors.QueryCanceled):
        return "statement timeout" in said
    return isinstance(error, errors.ConnectionTimeout) or ("timeout expired" in said and not reported)


def answered(state: str, said: str) -> CollectError:
    """The server's own words, with its SQLSTATE where it is known."""
    lower = said.lower()
    words = redact(said, MAX_SAID)
    if state == "3D000" or ("database" in lower and "does not exist" in lower):
        return CollectError(ErrorKind.NOT_OFFERED, words)
    if state.startswith(_NOT_LET_IN_STATES) or any(one in lower for one in _NOT_LET_IN) or _ROLE.search(lower):
        return CollectError(ErrorKind.UNAUTHENTICATED, words)
    named = next((name for signs, name in _STATES if any(sign in lower for sign in signs)), "")
    if found := named or _CLASSES.get(state) or _CLASSES.get(state[:2]):
        return RefusalError(found, said)
    return CollectError(ErrorKind.REFUSED, words)


def is_interrupted(error: CollectError) -> bool:
    """True for one read's bad luck, such as a standby's replay that needed what we were reading."""
    return isinstance(error, RefusalError) and error.state == INTERRUPTED


def _unanswered(error: Exception, said: str) -> CollectError:
    """libpq's words, or the system's."""
    lower = said.lower()
    if any(words in lower for words in _NOT_LET_IN):
        return CollectError(ErrorKind.UNAUTHENTICATED, said)
    if "certificate" in lower:
        return CollectError(ErrorKind.REFUSED, said)
    if any(words in lower for words in _WITHOUT_SEVERITY):
        return answered("", said.rpartition("failed: ")[2])
    if _FOREIGN in lower:
        return CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak PostgreSQL's protocol")
    if "ssl" in lower or "invalid response" in lower or "unsupported frontend protocol" in lower:
        return CollectError(ErrorKind.WRONG_PROTOCOL, said)
    if isinstance(error, psycopg.OperationalError | OSError):
        return CollectError(ErrorKind.DOWN, said)
    return CollectError(ErrorKind.MALFORMED, said)
