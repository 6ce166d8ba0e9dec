"""One HTTP request: a deadline for all of it, a limit on what it may bring, and typed errors for what went wrong."""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import time
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies

from collectors.core.answers import offer_json
from collectors.core.configured import KEPT_SECONDS
from collectors.core.recognise import by_title
from collectors.core.redact import redact
from collectors.http.body import first_bytes, read_body, too_large
from collectors.http.errors import HungUpError, after_hanging_up, typed
from collectors.http.transport import DEADLINE, PrivateSession, TimedAdapter, remaining
from model.access import Access
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind

DIRECT = Access()
MOST_REDIRECTS = 3
ERROR_BYTES = 16 * 1024
PAGE_HEAD_BYTES, MAX_TITLE = 4096, 60
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})</title", re.IGNORECASE)


class StatusError(CollectError):
    """An answer whose status says no. `body` holds its first bytes."""

    def __init__(self, kind: ErrorKind, detail: str, status: int, body: bytes) -> None:
        super().__init__(kind, detail)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer with a good status. `declared`: its length was reported, so that no cut can be unseen."""

    status: int
    content_type: str
    body: bytes
    declared: bool

    @property
    def is_html(self) -> bool:
        """Judged by the body: types are missing, sniffed or wrong too often (contracts 12.6)."""
        return self.body.removeprefix(BOM_UTF8).lstrip()[:1] == b"<"

    def _titled(self) -> str:
        """Whose page it is, as its title says."""
        match = _TITLE.search(self.body[:PAGE_HEAD_BYTES])
        title = redact(match[1].decode("utf-8", "replace").strip(), MAX_TITLE) if match else ""
        known = by_title(title)
        return f" ({known.words})" if known else f" (titled {title!r})" if title else ""

    def refuse_foreign(self, wanted: str) -> None:
        """Raises CollectError for a web page or metrics: some servers answer any path with theirs (contracts 12.5)."""
        if self.is_html:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, f"answered HTML{self._titled()}, not {wanted}")
        if self.body.lstrip()[:2] == b"# ":
            raise CollectError(ErrorKind.WRONG_PROTOCOL, f"answered metrics text, not {wanted}")

    def text(self, wanted: str) -> str:
        """The body as text; `wanted` words what was expected. Raises CollectError: HTML, or not UTF-8."""
        if self.is_html:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, f"answered HTML{self._titled()}, not {wanted}")
        try:
            return self.body.removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            raise CollectError(ErrorKind.MALFORMED, f"not UTF-8 at byte {error.start}") from None

    def json(self) -> Any:
        """The body as JSON. Raises CollectError: HTML, metrics, or not JSON."""
        self.refuse_foreign("JSON")
        try:
            return json.loads(self.text("JSON"))
        except (ValueError, RecursionError) as error:
            raise CollectError(ErrorKind.MALFORMED, f"not JSON: {error}") from None


class Fetcher:
    """Requests to one base address over kept connections. For one thread at a time. netrc is not used."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout_seconds: float,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        access: Access = DIRECT,
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._base = base_url
        self._kept_seconds = kept_seconds
        self._opened_at = time.monotonic()
        self._access = access
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        self._session = PrivateSession()
        self._session.trust_env = False
        self._session.max_redirects = MOST_REDIRECTS
        self._session.headers.update({"User-Agent": "prism-hud", "Accept-Encoding": "gzip", **(headers or {})})
        if access.username:
            self._session.auth = (access.username, access.password.get_secret_value())
        self._ready = False
        self._kept = False

    def begin(self) -> None:
        """Start a read: all requests until the next `begin` share its time."""
        now = time.monotonic()
        DEADLINE.set(now + self._timeout)
        if now - self._opened_at > self._kept_seconds:
            self._session.close()
            self._kept, self._opened_at = False, now

    def get(self, path: str = "", *, params: Mapping[str, str] | None = None) -> Answer:
        """GET base + path. Raises CollectError (StatusError for a bad status)."""
        return self._reconnecting("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any] | Sequence[Any]) -> Answer:
        """POST JSON, for the queries that want it. Raises CollectError."""
        return self._reconnecting("POST", path, json=body)

    def post_form(self, path: str, form: Mapping[str, str]) -> Answer:
        """POST a form, for questions too long for an address. Raises CollectError."""
        return self._reconnecting("POST", path, data=form)

    def close(self) -> None:
        """Close every kept connection."""
        self._session.close()

    def _reconnecting(self, method: str, path: str, **options: Any) -> Answer:
        """A kept connection may have been closed by the server since: that one case is asked again, on a new one."""
        kept, self._kept = self._kept, False
        try:
            answer = self._request(method, path, **options)
        except HungUpError as error:
            self._session.close()
            if not kept:
                raise after_hanging_up(error, self._base + path) from None
            return self._reconnecting(method, path, **options)
        except BaseException:
            self._session.close()
            raise
        self._kept = True
        return answer

    def _request(self, method: str, path: str, **options: Any) -> Answer:
        begun = heard = False

        def hear(*_: Any, **__: Any) -> None:
            nonlocal heard
            heard = True

        self._prepare()
        try:
            with self._session.request(
                method,
                self._base + path,
                timeout=remaining(),
                stream=True,
                allow_redirects=self._access.follow_redirects,
                hooks={"response": hear},
                **options,
            ) as response:
                begun = True
                return self._received(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            found = typed(error, self._timeout)
            if begun and isinstance(found, HungUpError):
                found = CollectError(ErrorKind.MALFORMED, "the answer was cut short")
            raise found from None
        except ValueError as error:  # a length or a place in the answer; before it a header that cannot be sent
            said = redact(str(error))
            found = CollectError(ErrorKind.MALFORMED, f"not a proper HTTP answer: {said}")
            raise (found if heard else CollectError(ErrorKind.DOWN, said)) from None

    def _prepare(self) -> None:
        """Certificates and tokens are files that others rotate: what cannot be used now is an error of this read."""
        try:
            if not self._ready:
                adapter = TimedAdapter(self._access)
                if urlsplit(self._base).scheme == "https":
                    adapter.secure()  # before the request, whose time it would take
                self._session.mount("http://", adapter)
                self._session.mount("https://", adapter)
                self._ready = True
            if token := self._access.token:
                self._session.headers["Authorization"] = f"Bearer {token}"
        except OSError as error:
            what = f"what gives access cannot be used: {error.strerror or error}"
            raise CollectError(ErrorKind.UNAUTHENTICATED, redact(what)) from None
        host = urlsplit(self._base).hostname or ""
        if self._access.environment_proxy and not is_here(host):
            self._session.proxies = dict(get_environ_proxies(self._base))

    def _received(self, response: requests.Response) -> Answer:
        length = response.headers.get("Content-Length", "")
        declared = _is_length(length) or response.headers.get("Transfer-Encoding", "").lower() == "chunked"
        if not 200 <= response.status_code < 300:
            raise _refusal(response, first_bytes(response.raw, ERROR_BYTES))
        if _is_length(length) and float(length) > self._max_bytes:
            raise too_large(self._max_bytes)
        body = read_body(response.raw, self._max_bytes)
        offer_json(f"{response.request.method} {urlsplit(response.url).path}", body)
        return Answer(response.status_code, response.headers.get("Content-Type", ""), body, declared)


def _is_length(said: str) -> bool:
    return said.isascii() and said.isdigit()


def is_here(host: str) -> bool:
    """True for this machine's own names: no proxy of the environment could reach what they mean here."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _refusal(response: requests.Response, body: bytes) -> StatusError:
    status = response.status_code
    words = f"HTTP {status} {response.reason or ''}".strip()
    said = body.decode("utf-8", "replace").strip()
    if 300 <= status < 400:
        said = f"redirects to {response.headers.get('Location', 'nowhere')}, which is not followed"
    if said and not said.startswith("<"):
        words = f"{words}: {said}"
    kind = {401: ErrorKind.UNAUTHENTICATED, 403: ErrorKind.REFUSED}.get(status, ErrorKind.HTTP_ERROR)
    return StatusError(kind, redact(words), status, body)


def fetcher_of(url: str, options: SourceOptions, accept: str = "application/json") -> Fetcher:
    """The fetcher of a source, within the limits and with the access that its settings name."""
    seconds, limit = options.timeout_seconds, options.max_bytes
    return Fetcher(url, timeout_seconds=seconds, max_bytes=limit, headers={"Accept": accept}, access=options)
