"""What the Admin API says of the namespaces: who owns them, which patterns they use, how much they may (view 5)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.series.availability import Availability
from aggregators.series.last_reads import Last
from aggregators.series.sources import of_kind
from aggregators.series.window import Window, newest_reads
from model.status import Reading
from store.snapshot import Snapshot

INFO, CREATED = "prism_namespace_info", "prism_namespace_created_timestamp_seconds"
LIMIT = "prism_namespace_max_rps"
READ_LIMIT, WRITE_LIMIT = "prism_namespace_max_read_rps", "prism_namespace_max_write_rps"


@dataclass(frozen=True, slots=True)
class Config:
    """One namespace as configured; '' and None where the Admin API does not report.

    `patterns` are (name, backend), limits requests per second, `created` seconds since 1970.
    """

    name: str
    owner: str = ""
    status: str = ""
    patterns: tuple[tuple[str, str], ...] = ()
    created: float | None = None
    limit: float | None = None
    read_limit: float | None = None
    write_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Configured:
    """Every configured namespace by its name, and the availability of that list."""

    availability: Availability
    by_name: dict[str, Config]

    @property
    def reports(self) -> bool:
        """True when it is known which namespaces there are."""
        return self.availability.reports

    @property
    def unsaid(self) -> str:
        """Why a field of a listed namespace has no value."""
        return self.availability.note if not self.reports else "the Admin API does not report it"


def configured(snapshot: Snapshot, now: float) -> Configured:
    """The namespaces that the Admin API listed last; none, known to be none, when it answers with an empty list."""
    listed = Window.newest(snapshot, now, INFO)
    if not listed.reports and any(not state.is_stale(now) for state in of_kind(snapshot, "admin")):
        return Configured(Availability(Reading.VALUE, now), {})
    if not listed.reports:
        return Configured(listed.availability, {})
    figures = {
        family: {one.label("namespace"): one.value for one in newest_reads(snapshot, now, family)}
        for family in (CREATED, LIMIT, READ_LIMIT, WRITE_LIMIT)
    }
    found = {}
    for one in listed.last():
        name = one.label("namespace")
        if name:
            created, *limits = (figures[family].get(name) for family in figures)
            found[name] = Config(name, one.label("owner"), one.label("status"), _patterns(one), created, *limits)
    return Configured(listed.availability, found)


def _patterns(info: Last) -> tuple[tuple[str, str], ...]:
    names = [name for name in info.label("patterns").split(",") if name]
    backends = info.label("backends").split(",")
    if len(backends) != len(names):
        backends = [""] * len(names)
    return tuple(zip(names, backends, strict=True))
