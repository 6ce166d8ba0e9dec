"""What went wrong with a read of Redis: an error of its protocol is an answer, and reports how the server is."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ConnectionError,
    InvalidResponse,
    NoPermissionError,
    ResponseError,
    TimeoutError,
)

from collectors.core.encryption import failed_encryption
from collectors.core.probe import Speech
from collectors.core.redact import redact
from collectors.servers.redis_info import state_said
from collectors.servers.server_scrape import RefusalError
from model.sources import CollectError, ErrorKind

DOOR_SECONDS = 0.25
MOST_SAID = 4096
_NOT_LET_IN = (AuthenticationError, AuthorizationError, NoPermissionError)
_NOT_LET_IN_CODES = ("NOAUTH", "WRONGPASS", "NOPERM")


def typed(error: Exception, timeout_seconds: float) -> CollectError:
    """What went wrong, from the client's exceptions and what caused them."""
    causes = _causes(error)
    said = _said(error)
    kinds: dict[type[BaseException], CollectError] = {
        socket.gaierror: CollectError(ErrorKind.DOWN, Speech.UNRESOLVED.value),
        ssl.SSLError: failed_encryption(said),
        TimeoutError: CollectError(ErrorKind.TIMED_OUT, f"no complete answer within {timeout_seconds:g} s"),
        InvalidResponse: foreign(),
        OverflowError: foreign(),  # of a length that no answer has
    }
    for kind, failure in kinds.items():
        if any(isinstance(one, kind) for one in causes):
            return failure
    if isinstance(error, _NOT_LET_IN):
        return CollectError(ErrorKind.UNAUTHENTICATED, said)
    if isinstance(error, ResponseError) or getattr(error, "status_code", None) or state_said(said):
        return answered(said)
    if isinstance(error, ConnectionError | OSError):
        return CollectError(ErrorKind.DOWN, _system_words(causes) or said)
    return CollectError(ErrorKind.MALFORMED, said)


def answered(said: str) -> CollectError:
    """An error as the server wrote it: it is up, whatever it says."""
    if state := state_said(said):
        return RefusalError(state, said)
    if said.startswith(_NOT_LET_IN_CODES):
        return CollectError(ErrorKind.UNAUTHENTICATED, redact(said))
    return CollectError(ErrorKind.REFUSED, redact(said))


def foreign() -> CollectError:
    """The error of what is no Redis, nor a fork of it."""
    return CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak Redis' protocol")


def unencrypted() -> CollectError:
    """The error of a server that does not understand whoever speaks TLS."""
    return CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak TLS: its address begins with redis://")


def encrypted() -> CollectError:
    """The error of a server that hangs up on whoever speaks plainly."""
    return CollectError(ErrorKind.WRONG_PROTOCOL, "speaks TLS: its address begins with rediss://")


def answers_plainly(host: str, port: int) -> bool:
    """Whether it answers without encryption: such a server waits for the end of a line while TLS is spoken to it."""
    try:
        with socket.create_connection((host, port), DOOR_SECONDS) as door:
            door.sendall(b"PING\r\n")
            return door.recv(1) in (b"+", b"-")
    except OSError:
        return False


def said_at_the_door(host: str, port: int) -> CollectError | None:
    """What a server says that turns clients away (it is full, or protected); None when it says nothing.

    It says so and hangs up at once, and a question of ours would make the system throw its words away. So: connect,
    ask nothing, listen.
    """
    said = b""
    try:
        with socket.create_connection((host, port), DOOR_SECONDS) as door:
            while b"\r\n" not in said and len(said) < MOST_SAID and (more := door.recv(MOST_SAID)):
                said += more
    except OSError:
        pass  # what came is what there is
    line = said.partition(b"\r\n")[0]
    return answered(line[1:].decode("utf-8", "replace")) if line[:1] == b"-" else None


def _said(error: Exception) -> str:
    """The error's words with its code before them, which the client takes off what it knows."""
    code = getattr(error, "status_code", None)
    said = str(error)
    return redact(f"{code} {said}" if code and not said.startswith(str(code)) else said)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _system_words(causes: Iterable[BaseException]) -> str:
    return next((one.strerror.lower() for one in causes if isinstance(one, OSError) and one.strerror), "")
