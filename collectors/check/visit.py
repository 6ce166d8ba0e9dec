"""One visit to every configured source, all at once: what answered there, how, and with what (`--check`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from collectors.check.histograms import Unusable, unusable_histograms
from collectors.core.contract import Collector, Gateway, Noting, PartialReadError, Reported
from collectors.core.probe import Speech, listen_to, split_target
from collectors.core.redact import instance_of, redact
from collectors.exposition.naming import family_of
from model.access import Access
from model.catalogue import BY_NAME
from model.catalogue.source_kinds import BY_KIND
from model.series import Kind, Scrape
from model.settings import Settings
from model.settings_text import leaves
from model.sources import CollectError, ErrorKind

LEAST_SECONDS, LONGEST_SECONDS = 3.0, 6.0
"""A first read takes longer than the next ones, so each source gets so much time even if its timeout is shorter; and no
more, whatever its timeout is: somebody sits in front of a terminal."""
ALL_SECONDS = 8.0
PROBE_SECONDS = 0.5
SCHEMES = {
    "http": "HTTP",
    "https": "HTTPS",
    "grpc": "gRPC",
    "grpcs": "gRPC over TLS",
    "redis": "Redis",
    "rediss": "Redis over TLS",
    "postgresql": "PostgreSQL",
    "postgres": "PostgreSQL",
}
UNREACHED = (ErrorKind.DOWN, ErrorKind.TIMED_OUT)
TELL_OF_FAILURE = frozenset(
    {"dex_step_ok", "dex_step_duration_seconds", "dex_step_failure_info", "otelcol_health_info", "signoz_question_info"}
)
"""What a partial read holds even where nothing could be read."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit brought. `known` are families of the catalogue, `unknown` other names with their kinds.

    `unusable` are those of `known` that should be histograms. `heard` is what speaks on the port where it was not what
    was expected.
    """

    source: str
    instance: str
    address: str
    protocol: str
    identified: bool
    error: ErrorKind | None = None
    detail: str = ""
    known: frozenset[str] = frozenset()
    unknown: tuple[tuple[str, Kind], ...] = ()
    heard: Speech | None = None
    unusable: tuple[Unusable, ...] = ()
    took_seconds: float = 0.0
    timeout_seconds: float = float("inf")

    @property
    def key(self) -> str:
        """`proxy@localhost:8980`, as everywhere."""
        return f"{self.source}@{self.instance}"

    @property
    def filling(self) -> frozenset[str]:
        """The families that fill something: a histogram that is none fills nothing."""
        return self.known - {one.family for one in self.unusable if not one.some}

    @property
    def reachable(self) -> str:
        """'yes', 'no', or 'partly' where some of it was read; an answer that is an error is reached, too."""
        if self.error is None:
            return "yes"
        if self.known:
            return "partly"
        return "no" if self.error in UNREACHED else "yes"

    @property
    def authenticated(self) -> str:
        """'yes' (it took what was sent), 'no', 'not asked', or '-' where nothing answered."""
        if self.error in (ErrorKind.UNAUTHENTICATED, ErrorKind.REFUSED):
            return "no"
        if self.error is None or self.known:
            return "yes" if self.identified else "not asked"
        return "-"


def capped(settings: Settings) -> Settings:
    """The settings with timeouts that fit a single visit."""
    table = settings.sources.model_copy()
    for kind in type(table).model_fields:
        options = getattr(table, kind)
        seconds = min(max(options.timeout_seconds, LEAST_SECONDS), LONGEST_SECONDS)
        setattr(table, kind, options.model_copy(update={"timeout_seconds": seconds}))
    return settings.model_copy(update={"sources": table})


def visit_all(collectors: Sequence[Collector], settings: Settings) -> list[Visit]:
    """One read of each, all at once. Whoever has not answered in time is reported as timed out, and left behind."""
    found: dict[int, list[Visit]] = {}

    def visit(place: int, one: Collector) -> None:
        began = time.monotonic()
        reported = _visited(one, settings)
        timeout = getattr(settings.sources, one.source, one).timeout_seconds
        own = replace(reported, took_seconds=time.monotonic() - began, timeout_seconds=timeout)
        found[place] = [own, *(_behind(other, own) for other in one.reported())] if isinstance(one, Gateway) else [own]
        one.close()

    threads = [threading.Thread(target=visit, args=pair, daemon=True) for pair in enumerate(collectors)]
    until = time.monotonic() + ALL_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = CollectError(ErrorKind.TIMED_OUT, f"no answer for {ALL_SECONDS:g} s")
    known = (found.get(place) or [_reported(one, settings, None, late)] for place, one in enumerate(collectors))
    return [visit for reported in known for visit in reported]


def _visited(one: Collector, settings: Settings) -> Visit:
    try:
        return _reported(one, settings, one.collect(time.time), None)
    except PartialReadError as error:
        return _reported(one, settings, error.scrape, error)
    except CollectError as error:
        return _reported(one, settings, None, error)
    except Exception as error:  # noqa: BLE001 (one odd answer must not cost the others their line)
        odd = CollectError(ErrorKind.MALFORMED, redact(f"{type(error).__name__}: {error}"))
        return _reported(one, settings, None, odd)


def _reported(one: Collector, settings: Settings, scrape: Scrape | None, error: CollectError | None) -> Visit:
    known, unknown = families(scrape) if scrape else (frozenset(), ())
    if error is not None and known <= TELL_OF_FAILURE:
        known = frozenset()
    options = getattr(settings.sources, one.source, Access())
    return Visit(
        one.source,
        one.instance,
        redact(one.address),
        _protocol(one, options, scrape),
        _identified(one, settings),
        error.kind if error else None,
        error.detail if error else "",
        known,
        unknown,
        _heard(one) if error is not None and error.kind is ErrorKind.WRONG_PROTOCOL else None,
        unusable_histograms(scrape) if scrape else (),
    )


def _behind(reported: Reported, gateway: Visit) -> Visit:
    """One source that is read through another."""
    state = reported.state
    known, unknown = families(reported.scrape) if reported.scrape else (frozenset(), ())
    return Visit(
        state.source, state.instance, redact(state.address), f"by {gateway.source}", gateway.identified, state.error,
        state.detail, known, unknown, unusable=unusable_histograms(reported.scrape) if reported.scrape else (),
    )  # fmt: skip


def families(scrape: Scrape) -> tuple[frozenset[str], tuple[tuple[str, Kind], ...]]:
    """Families of the catalogue, and the names of all others with their kinds; our own sums are neither."""
    known: set[str] = set()
    unknown: dict[str, Kind] = {}
    for series in scrape.series:
        name = family_of(series.name, {})[0]
        if name.startswith("hud_"):
            continue
        if name in BY_NAME:
            known.add(name)
        else:
            unknown.setdefault(_base(name, series.kind), series.kind)
    return frozenset(known), tuple(sorted(unknown.items()))


def _base(name: str, kind: Kind) -> str:
    if kind is not Kind.HISTOGRAM:
        return name
    return next((name.removesuffix(part) for part in ("_bucket", "_sum", "_count") if name.endswith(part)), name)


def _protocol(one: Collector, options: Access, scrape: Scrape | None) -> str:
    """What the source is asked in."""
    if _by_grpc(one):
        return " ".join(filter(None, ("gRPC", "over TLS" if options.tls else "", _service(scrape))))
    if isinstance(one, Noting) and "gRPC" in one.note:
        return "gRPC, no metrics"
    scheme = one.address.rpartition(" ")[2].partition("://")[0] if "://" in one.address else ""
    return SCHEMES.get(scheme, scheme or one.source)


def _by_grpc(one: Collector) -> bool:
    return BY_KIND[one.source].grpc and "://" not in one.address


def _service(scrape: Scrape | None) -> str:
    """Which health service answered, of the two that a pattern may have."""
    reported = next(filter(None, (one.label("service") for one in scrape.series)), "") if scrape else ""
    return f"({reported.rpartition('.')[2] if reported.startswith('prism.') else reported})" if reported else ""


def _identified(one: Collector, settings: Settings) -> bool:
    """Whether the settings say who we are to this source."""
    options = getattr(settings.sources, one.source, Access())
    if options.username or options.cert_file or options.bearer_token_file or options.bearer_token.get_secret_value():
        return True
    key = BY_KIND[one.source].key_setting
    if key and getattr(settings, key):
        return True
    return any(_has_user(url, one) for value in leaves(settings).values() for url in _texts(value))


def _texts(value: object) -> list[str]:
    many = value if isinstance(value, list | tuple) else [value]
    return [text for text in many if isinstance(text, str)]


def _has_user(text: str, one: Collector) -> bool:
    """True for an address of this source that holds a name or a password; it may stand behind `name=`."""
    user, _, host = text.partition("://")[2].partition("/")[0].rpartition("@")
    return bool(user) and host in one.address


def _heard(one: Collector) -> Speech | None:
    """Who speaks there instead."""
    try:
        if _by_grpc(one):
            return listen_to(*split_target(one.instance.partition("/")[0]), PROBE_SECONDS)
        return listen_to(*split_target(instance_of(one.address.rpartition(" ")[2])), PROBE_SECONDS)
    except ValueError:
        return None
