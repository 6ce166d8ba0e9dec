"""A source at its default address that nobody named: tried quietly, and read once it answers as what it should be.

Somebody has something else on localhost:8080 and nothing on localhost:8980; neither is a fault. So such a source is no
source until one whole read of it holds a family that only its kind reports. Then it is one like any other, and missed
when it goes.
"""

from __future__ import annotations

from collectors.core.contract import Clock, Collector, Noting
from collectors.exposition.naming import family_of
from collectors.proxy.proxy import ProxySource
from model.catalogue import BY_NAME
from model.series import Scrape
from model.sources import CollectError, ErrorKind
from store.snapshot import Snapshot

TRY_SECONDS = 10.0
"""How often it is tried: who starts a proxy later sees it soon, and a stranger on the port is hardly bothered."""
ANYBODYS = ("process_", "signoz_question_info")
"""Families, or their beginnings, that prove nothing."""


class QuietDefault:
    """The collector of a default address. `adopted` becomes True with the first read that shows that it is itself."""

    def __init__(self, inside: Collector) -> None:
        self._inside = inside
        self.adopted = False
        self.source, self.instance, self.address = inside.source, inside.instance, inside.address
        self.timeout_seconds = inside.timeout_seconds

    @property
    def interval_seconds(self) -> float:
        """Seconds between reads: rarely until the address has answered as itself, then its own cadence."""
        own = self._inside.interval_seconds
        return own if self.adopted else max(own, TRY_SECONDS)

    def collect(self, now: Clock) -> Scrape:
        """One read. Raises CollectError, also for a stranger's answer."""
        scrape = self._inside.collect(now)
        if not self.adopted and not is_itself(scrape):
            raise CollectError(ErrorKind.MALFORMED, f"something answers, but nothing that only a {self.source} reports")
        self.adopted = True
        return scrape

    @property
    def note(self) -> str:
        """What the source itself has to say."""
        return self._inside.note if isinstance(self._inside, Noting) else ""

    def restore(self, before: Snapshot) -> None:
        """Go on with the sums that an earlier run stored, where it keeps any."""
        if isinstance(self._inside, ProxySource):
            self._inside.restore(before)

    def close(self) -> None:
        """Close the connection."""
        self._inside.close()


def is_itself(scrape: Scrape) -> bool:
    """Whether a read holds a family of the catalogue that only its kind of source reports."""
    names = {family_of(series.name, {})[0] for series in scrape.series}
    own = (name for name in names if name in BY_NAME and BY_NAME[name].source == scrape.source)
    return any(not name.startswith(ANYBODYS) for name in own)
