"""Requests to SigNoz over two years of its versions (contracts external A): routes, envelopes, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from collectors.core.redact import redact, text_of
from collectors.http.fetch import Answer, Fetcher, StatusError
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind

FIRST_GOOD_V5 = (0, 92)
_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})")
_KEY_NOT_FOUND = re.compile(r"\bkey\b.*\bnot found", re.IGNORECASE | re.DOTALL)


class AbsentRouteError(CollectError):
    """This version has no such route: 404, 405, or the web page with status 200."""


class SignozClient:
    """Envelope in, data out. `version` is "auto", "v3" or "v5"."""

    def __init__(self, url: str, key: str, version: str, options: SourceOptions) -> None:
        seconds = options.timeout_seconds
        headers = {"Accept": "application/json", "timeout": f"{max(1, round(seconds))}"}
        if key:
            headers["SIGNOZ-API-KEY"] = key
        self._fetcher = Fetcher(
            url, timeout_seconds=seconds, max_bytes=options.max_bytes, headers=headers, access=options
        )
        self._pinned = version
        self._speaks: str | None = None if version == "auto" else version
        self._version: tuple[int, int] | None = None

    def begin(self) -> None:
        """Start a read."""
        self._fetcher.begin()

    def forget(self) -> None:
        """After a failure: whoever comes back may be another version."""
        self._speaks = None if self._pinned == "auto" else self._pinned

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    @property
    def pinned(self) -> bool:
        """True when the operator named the version: then there is no falling back."""
        return self._pinned != "auto"

    def speaks(self) -> str:
        """ "v5" or "v3", by the version that it reports; one that cannot be read is taken for v5 (A9.2)."""
        if self._speaks is None:
            self._speaks = self._probe()
        return self._speaks

    def at_least(self, first: tuple[int, int]) -> bool:
        """False when it surely is older than `first`: it says so, or has no v5. One that does not say is tried."""
        return self.speaks() == "v5" and (self._version is None or self._version >= first)

    def fall_back(self) -> None:
        """v5 turned out not to be there."""
        self._speaks = "v3"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The `data` of an answer. Raises AbsentRouteError and CollectError."""
        try:
            return _data(self._fetcher.get(path, params=params))
        except StatusError as error:
            raise _refused(error) from None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The `data` of the answer to a query. Raises AbsentRouteError and CollectError."""
        try:
            data = _data(self._fetcher.post(path, body))
        except StatusError as error:
            raise _refused(error) from None
        if isinstance(data, dict) and data.get("contextTimeout") is True:  # v3: some queries, or parts, are missing
            words = redact(text_of(data.get("contextTimeoutMessage"))) or "some of its queries took too long"
            raise CollectError(ErrorKind.TIMED_OUT, f"a part of the answer: {words}")
        return data

    def _probe(self) -> str:
        self._version = None
        try:
            answer = self._fetcher.get("/api/v1/version")
        except StatusError:
            return "v5"
        try:
            reported = answer.json()
        except CollectError:  # a web page, or something of its own: the queries will report
            return "v5"
        found = _VERSION.search(text_of(reported.get("version"))) if isinstance(reported, dict) else None
        if found is None:
            return "v5"
        self._version = int(found[1]), int(found[2])
        return "v5" if self._version >= FIRST_GOOD_V5 else "v3"


def _data(answer: Answer) -> Any:
    """Unwrap; some routes answer without an envelope."""
    if answer.is_html:  # an unknown path is answered with the web page, and 200
        raise AbsentRouteError(ErrorKind.WRONG_PROTOCOL, "answered HTML, not SigNoz's API")
    reported = answer.json()
    if not isinstance(reported, dict) or "status" not in reported:
        return reported
    if reported["status"] == "error":
        raise CollectError(ErrorKind.HTTP_ERROR, _message(reported) or "an error without words")
    return reported.get("data")


def _refused(error: StatusError) -> CollectError:
    """A bad status, worded by the envelope when there is one: two kinds of them are alive."""
    words = _message(_decoded(error.body))
    if error.status in (404, 405):
        return AbsentRouteError(ErrorKind.HTTP_ERROR, error.detail)
    if error.status == 400 and _KEY_NOT_FOUND.search(words):
        return NoDataError(ErrorKind.HTTP_ERROR, words)
    return CollectError(error.kind, redact(f"HTTP {error.status}: {words}") if words else error.detail)


class NoDataError(CollectError):
    """Asked for an attribute that no span has carried yet: no data, which is not a failure (A6)."""


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _message(envelope: Any) -> str:
    """The words of an error: `error` is an object with a message, or the message itself."""
    if not isinstance(envelope, dict):
        return ""
    error = envelope.get("error")
    if isinstance(error, dict):
        more = error.get("errors")
        parts = [error, *(one for one in (more if isinstance(more, list) else []) if isinstance(one, dict))]
        reported = [text_of(one.get("message")) for one in parts]
        return redact("; ".join(part for part in reported if part))
    return redact(text_of(error)) if error else ""
