"""Reads the namespaces from the Admin API (RFC view 5; contracts section 6).

Upstream offers no such API yet: the shape is the one that prismctl assumes, and every field but the name is optional,
under any of the names that Prism's documents give it.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from collectors.core.amounts import LARGEST_LIMIT, figure
from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.redact import redact, text_of
from collectors.core.timestamps import to_epoch
from collectors.http.fetch import fetcher_of
from model.series import Event, Kind, Scrape
from model.settings import Settings, SourceOptions
from model.sources import CollectError, ErrorKind

NAMESPACES = "/api/v1/namespaces"
MAX_PAGES = 100
MAX_NAME, LONGEST_NAME = 200, 1000
OWNER = ("owner", "owner_email", "ownerEmail", "created_by", "createdBy", "team")
CREATED = ("created_at", "createdAt", "created", "creation_time")
ENUM = "namespace_status_"
"""What proto3 JSON may write before a status."""
LIMIT = ("max_rps", "maxRps", "rps_limit")
LIMIT_PAIRS = (
    ("max_read_rps", "max_write_rps"),
    ("maxReadRps", "maxWriteRps"),
    ("read_rps", "write_rps"),
    ("estimated_read_rps", "estimated_write_rps"),
)
LIMIT_HOLDERS = ("quota", "limits", "needs", "config")
LIMIT_APART = {
    "prism_namespace_max_read_rps": tuple(reads for reads, _ in LIMIT_PAIRS),
    "prism_namespace_max_write_rps": tuple(writes for _, writes in LIMIT_PAIRS),
}
PATTERNS = ("patterns", "pattern", "client_api", "clientApi")
BACKENDS = ("backend", "backend_type", "backendType", "driver")


class AdminCollector(Configured):
    """The namespaces: owner, created, patterns with their backends, limits."""

    source = "admin"

    def __init__(self, url: str, options: SourceOptions) -> None:
        super().__init__(url, options)
        self._fetcher = fetcher_of(url, options)
        self._last = b"", Scrape(self.source, self.instance, 0.0)
        """A digest of the pages that were read last, and what they say: a list of 1,000 namespaces takes 2 ms to read
        and 100 ms to be understood, and is mostly the same as two seconds ago.
        """

    def collect(self, now: Clock) -> Scrape:
        """Every namespace, over all pages. Raises CollectError."""
        self._fetcher.begin()
        digest, entries = hashlib.blake2b(), list[Mapping[str, Any]]()
        for body, page in self._pages():
            digest.update(body)
            entries += page
        if self._last[0] != digest.digest():
            self._last = digest.digest(), _scrape_of(entries, Scrape(self.source, self.instance, 0.0))
        known = self._last[1]
        return Scrape(self.source, self.instance, now(), list(known.series), array("d", known.values))

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _pages(self) -> Iterator[tuple[bytes, list[Mapping[str, Any]]]]:
        token = ""
        for _ in range(MAX_PAGES):
            answer = self._fetcher.get(NAMESPACES, params={"page_token": token} if token else None)
            page = answer.json()
            yield answer.body, _entries(page)
            following = _first(page, ("next_page_token", "nextPageToken")) if isinstance(page, dict) else None
            if not following or following == token:
                return
            token = text_of(following)
        raise CollectError(ErrorKind.TOO_LARGE, f"more than {MAX_PAGES} pages of namespaces")


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """The Admin API."""
    yield AdminCollector(settings.admin_api_url, settings.sources.admin)


def _scrape_of(entries: Sequence[Mapping[str, Any]], scrape: Scrape) -> Scrape:
    """What a list of namespaces says, each once. Raises CollectError where none has a name."""
    named: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if name := _identity(entry.get("name")):
            named.setdefault(name, entry)
    if entries and not named:
        raise CollectError(ErrorKind.MALFORMED, f"{len(entries)} namespaces without a name")
    for name, entry in named.items():
        _add(scrape, name, entry)
    return scrape


def _entries(page: Any) -> list[Mapping[str, Any]]:
    """The namespaces of one page. Raises CollectError when it has no such thing."""
    if page == {}:  # proto3 JSON leaves an empty list out
        return []
    found = page.get("namespaces", ...) if isinstance(page, dict) else page
    said = _complaint(page) if isinstance(page, dict) else ""
    if found is None and page is not None and not said:
        return []
    if not isinstance(found, list):
        raise CollectError(ErrorKind.MALFORMED, f"no list of namespaces in the answer{said and f': {said}'}")
    return [one if isinstance(one, dict) else {"name": one} for one in found]


def _complaint(page: Mapping[str, Any]) -> str:
    """What an answer says instead of a list, though its status is 200; '' for nothing."""
    error = page.get("error") or page.get("message")
    return redact(text_of(_first(error, ("message", "error", "code")) if isinstance(error, dict) else error))


def _identity(name: Any) -> str:
    """A namespace's name as it is, since the proxy's labels have the same; only half characters cannot be kept."""
    plain = text_of(name)[:LONGEST_NAME]
    return plain.encode("utf-8", "replace").decode() if plain.strip() else ""


def _add(scrape: Scrape, name: str, entry: Mapping[str, Any]) -> None:
    scrape.add(
        "prism_namespace_info",
        1.0,
        Kind.INFO,
        namespace=name,
        owner=_owner(entry),
        status=redact(text_of(_first(entry, ("status", "state"))), 60).lower().removeprefix(ENUM),
        patterns=",".join(patterns := _patterns(entry)),
        backends=",".join(_backends(entry, len(patterns))),
    )
    created = to_epoch(_first(entry, CREATED))
    if created is not None:
        scrape.add("prism_namespace_created_timestamp_seconds", created, namespace=name)
    limit = _limit(entry)
    if limit is not None:
        scrape.add("prism_namespace_max_rps", limit, namespace=name)
    for family, fields in LIMIT_APART.items():
        apart = _number_of(entry, fields)
        if apart is not None:
            scrape.add(family, apart, namespace=name)


def _owner(entry: Mapping[str, Any]) -> str:
    owner = _first(entry, OWNER)
    if owner is None and isinstance(access := entry.get("access"), dict):
        owners = access.get("owners")
        owner = owners[0] if isinstance(owners, list) and owners else None
    if isinstance(owner, dict):
        owner = _first(owner, ("email", "name", "team", "id"))
    return redact(text_of(owner), MAX_NAME)


def _patterns(entry: Mapping[str, Any]) -> list[str]:
    """Names from a list of texts or objects, or from one text with commas; none when it reports none."""
    return [name for name in map(_pattern_name, _listed(_first(entry, PATTERNS))) if name]


def _backends(entry: Mapping[str, Any], count: int) -> list[str]:
    """The backend of each of `count` patterns, '' where it is not reported: from the patterns, else from a list
    beside."""
    given = [one for one in _listed(_first(entry, PATTERNS)) if _pattern_name(one)]
    reported = [_one_name(_first(one, BACKENDS)) if isinstance(one, dict) else "" for one in given]
    beside = [_one_name(one) for one in _listed(_first(entry, ("backends",)))]
    if not any(reported) and len(beside) == count:
        reported = beside
    return reported if any(reported) else []


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else text_of(given).split(",")


def _pattern_name(one: Any) -> str:
    return _one_name(_first(one, ("name", "pattern", "type")) if isinstance(one, dict) else one)


def _one_name(value: Any) -> str:
    """Untrusted text as one entry of a list with commas."""
    return redact(text_of(value).strip(), MAX_NAME).replace(",", " ")


def _limit(entry: Mapping[str, Any]) -> float | None:
    """Requests per second; separate limits for reads and writes add up. 0 is proto3's "not set", and less is no limit,
    which makes the sum none."""
    if any(_is_boundless(holder.get(name)) for holder in _holders(entry) for name in LIMIT):
        return None
    whole = _number_of(entry, LIMIT)
    if whole is not None:
        return whole
    for holder in _holders(entry):
        for pair in LIMIT_PAIRS:
            if any(_is_boundless(holder.get(name)) for name in pair):
                return None
            parts = [value for value in (_number(holder.get(name)) for name in pair) if value is not None]
            if parts:
                return sum(parts)
    return None


def _number_of(entry: Mapping[str, Any], fields: Iterable[str]) -> float | None:
    """The first of these fields that is a positive number, in the entry or in one of its parts."""
    for holder in _holders(entry):
        one = _number(_first(holder, fields))
        if one is not None:
            return one
    return None


def _holders(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [entry, *(entry[name] for name in LIMIT_HOLDERS if isinstance(entry.get(name), dict))]


def _first(holder: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these fields that says something."""
    return next((holder[name] for name in names if holder.get(name) not in (None, "", [], {})), None)


def _number(value: Any) -> float | None:
    """A positive number; int64 comes as text in proto3 JSON."""
    number = figure(value)
    return number if number is not None and number > 0 else None


def _is_boundless(value: Any) -> bool:
    """Whether a limit says that there is none: -1, or what is the largest number."""
    number = figure(value)
    return number is not None and not 0 <= number < LARGEST_LIMIT
