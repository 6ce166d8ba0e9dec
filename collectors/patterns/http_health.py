"""How a pattern is, by a health page over HTTP, such as the `GET /health` of Prism's test-pattern (contracts 2).

The status code decides; a body that says how it is (`{"status": "degraded"}`, `DOWN`, `unhealthy: disk full`) can only
make it worse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.core.redact import instance_of, query_of, redact, text_of
from collectors.http.fetch import Answer, Fetcher, StatusError
from collectors.patterns.health_calls import Health
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.status import Status

SCHEMES = ("http://", "https://")
SERVICE = "HTTP"
MAX_BYTES = 64 * 1024
MAX_WORDS = 200
NO_PAGE = (404, 405, 410, 501)
BEHIND_A_GATEWAY = (502, 504)
_STATUS_KEYS = ("status", "state", "health", "healthy", "ok")
_WORDS_KEYS = ("message", "error", "reason", "detail", "output")
_MEANT = {
    Status.HEALTHY: "ok okay healthy up pass passed passing serving ready running alive available green success true",
    Status.DEGRADED: "degraded warn warning yellow partial impaired",
    Status.UNHEALTHY: "unhealthy down fail failed failing failure error critical red dead unavailable not_serving "
    "not_ready out_of_service false",
    Status.UNKNOWN: "unknown starting initializing initialising pending",
}
_WORST_FIRST = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)
_STATUS_OF = {word: status for status, words in _MEANT.items() for word in words.split()}


def place_of(url: str) -> str:
    """`host:port/path?query`: several patterns may stand behind one port."""
    return f"{instance_of(url)}{urlsplit(url).path.rstrip('/')}{query_of(url)}"


class HttpHealth:
    """One health page."""

    def __init__(self, url: str, options: SourceOptions) -> None:
        self._path = urlsplit(url).path or "/"
        whole = url if urlsplit(url).path else f"{url}/"
        self._fetcher = Fetcher(whole, timeout_seconds=options.timeout_seconds, max_bytes=MAX_BYTES, access=options)

    def ask(self) -> Health:
        """One GET. Raises CollectError: also where there is no such page, or a gateway answers for nobody."""
        self._fetcher.begin()
        try:
            return _good(self._fetcher.get())
        except StatusError as error:
            if error.status in NO_PAGE:
                words = f"answers HTTP {error.status}: no health page at {redact(self._path)}"
                raise CollectError(ErrorKind.NOT_OFFERED, words) from None
            if error.status < 500 or error.status in BEHIND_A_GATEWAY:
                raise
            return _bad(error)

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()


def _good(answer: Answer) -> Health:
    answer.refuse_foreign("a health check")
    reported = _decoded(answer.body)
    if reported is None:
        line = _line(answer.body)
        return Health(_meant(line.partition(":")[0]) or Status.HEALTHY, SERVICE, line)
    status, word = _status_in(reported)
    return Health(status or Status.HEALTHY, SERVICE, _words_in(reported) or word)


def _bad(error: StatusError) -> Health:
    """It answers, and says that it is not well. Only in its own words can that be no more than degraded."""
    reported = _decoded(error.body)
    if reported is None:
        return Health(Status.UNHEALTHY, SERVICE, error.detail)
    status, word = _status_in(reported)
    degraded = Status.DEGRADED if status is Status.DEGRADED else Status.UNHEALTHY
    return Health(degraded, SERVICE, f"HTTP {error.status}: {_words_in(reported) or word}".rstrip(": "))


def _status_in(reported: Mapping[str, Any]) -> tuple[Status | None, str]:
    """(status, the body's own word for it): the worst that it has a word for; None for a word that is nobody's."""
    words = [str(reported[key]).strip() for key in _STATUS_KEYS if isinstance(reported.get(key), str | bool)]
    meant = {status: word for word in reversed(words) if (status := _meant(word)) is not None}
    worst = next((status for status in _WORST_FIRST if status in meant), None)
    return worst, redact(next(iter(words), "") if worst is None else meant[worst], MAX_WORDS)


def _meant(word: str) -> Status | None:
    return _STATUS_OF.get(word.strip(' "').lower().replace(" ", "_").replace("-", "_"))


def _words_in(reported: Mapping[str, Any]) -> str:
    found = next(
        (text_of(reported[key]) for key in _WORDS_KEYS if isinstance(reported.get(key), str) and reported[key]), ""
    )
    return redact(found, MAX_WORDS)


def _line(body: bytes) -> str:
    """The first line of a plain answer (`OK`)."""
    return redact(body.decode("utf-8", "replace").strip().partition("\n")[0], MAX_WORDS)


def _decoded(body: bytes) -> Mapping[str, Any] | None:
    try:
        reported = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return {str(key).lower(): value for key, value in reported.items()} if isinstance(reported, dict) else None
