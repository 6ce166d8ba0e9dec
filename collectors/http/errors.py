"""What a failed HTTP request means, from the exceptions of three libraries wrapped in each other."""

from __future__ import annotations

import errno
import http.client
from urllib.parse import urlsplit

import urllib3.exceptions
from requests.exceptions import InvalidHeader, TooManyRedirects

from collectors.core.encryption import failed_encryption
from collectors.core.probe import Speech, listen_to
from collectors.core.redact import redact
from model.sources import CollectError, ErrorKind

PROBE_SECONDS = 0.25
Causes = list[BaseException]


class HungUpError(CollectError):
    """The connection ended before an answer began."""


class SpeaksHttp2Error(CollectError):
    """HTTP/1 was asked of a port that speaks HTTP/2."""


def speaks_tls() -> CollectError:
    """The error of an encrypted port that was asked in plain text."""
    return CollectError(ErrorKind.WRONG_PROTOCOL, "speaks TLS: its address begins with https://")


def speaks_http2() -> CollectError:
    """The error of a gRPC port that was asked over HTTP/1."""
    return SpeaksHttp2Error(ErrorKind.WRONG_PROTOCOL, "speaks HTTP/2 (gRPC), not HTTP/1")


def after_hanging_up(error: HungUpError, url: str) -> CollectError:
    """Closed without a word of HTTP: a gRPC server does that, and so does one that is going away."""
    parts = urlsplit(url)
    if parts.scheme == "http":
        speech = listen_to(parts.hostname or "", parts.port or 80, PROBE_SECONDS)
        if speech is Speech.HTTP2:
            return speaks_http2()
        if speech is Speech.TLS:
            return speaks_tls()
        if speech is Speech.OTHER:
            return CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak HTTP")
    return CollectError(ErrorKind.DOWN, error.detail)


def typed(error: BaseException, timeout_seconds: float) -> CollectError:
    """What went wrong with a request that had `timeout_seconds`."""
    causes = _causes(error)
    for kinds, judge in _JUDGES:
        if any(isinstance(one, kinds) for one in causes):
            return judge(causes, timeout_seconds)
    return CollectError(ErrorKind.DOWN, _system_words(causes) or redact(str(error)))


def _causes(error: BaseException) -> Causes:
    """The error and all that it wraps, outermost first: requests wraps urllib3 wraps http.client wraps the system."""
    found: Causes = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _unresolved(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.DOWN, Speech.UNRESOLVED.value)


def _unreachable(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.DOWN, _system_words(causes) or "cannot be reached")


def _late(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.TIMED_OUT, f"no complete answer within {timeout_seconds:g} s")


def _encryption(causes: Causes, timeout_seconds: float) -> CollectError:
    return failed_encryption(str(causes[-1]))


def _redirected(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.HTTP_ERROR, "redirects again and again")


def _cut(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.MALFORMED, "the answer was cut short")


def _hung_up(causes: Causes, timeout_seconds: float) -> CollectError:
    return HungUpError(ErrorKind.DOWN, "closed the connection without answering")


def _bad_status_line(causes: Causes, timeout_seconds: float) -> CollectError:
    line = next((str(one.args[0]) for one in causes if type(one) is http.client.BadStatusLine and one.args), "")
    if "\x04\0" in line or "\\x04\\x00" in line:  # the frame header of HTTP/2's SETTINGS
        return speaks_http2()
    return CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak HTTP")


def _improper(causes: Causes, timeout_seconds: float) -> CollectError:
    return CollectError(ErrorKind.MALFORMED, redact(f"not a proper HTTP answer: {causes[-1]}"))


# The first that fits: urllib3 counts a failed connection among the timeouts, and a cut body among the resets.
_JUDGES = (
    ((urllib3.exceptions.NameResolutionError,), _unresolved),
    ((urllib3.exceptions.NewConnectionError,), _unreachable),
    ((TimeoutError, urllib3.exceptions.TimeoutError), _late),
    ((TooManyRedirects,), _redirected),
    ((urllib3.exceptions.SSLError,), _encryption),
    ((urllib3.exceptions.IncompleteRead, http.client.IncompleteRead, urllib3.exceptions.InvalidChunkLength), _cut),
    ((http.client.RemoteDisconnected, ConnectionError), _hung_up),
    ((http.client.BadStatusLine,), _bad_status_line),
    ((http.client.HTTPException, urllib3.exceptions.ProtocolError, InvalidHeader), _improper),
)


def _system_words(causes: Causes) -> str:
    """`connection refused` and the like, as the operating system words it."""
    for one in causes:
        if isinstance(one, OSError) and one.errno in errno.errorcode and one.strerror:
            return one.strerror.lower()
    return ""
