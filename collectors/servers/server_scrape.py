"""What a backend's server reports, put into a scrape under the server's name; and whether it was started again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collectors.core.amounts import amount, figure
from collectors.core.contract import Clock
from collectors.core.redact import address_of, instance_of, query_of, redact, whole_instance_of
from collectors.core.redact import identity as whole_identity
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import CollectError, ErrorKind
from model.targets import HTTP, Target

ITSELF, EXPORTER = "the server", "its exporter"
FULL, LOADING, BUSY, REFUSING = "full", "loading", "busy", "refusing"
STARTING, STOPPING, INTERRUPTED = "starting", "stopping", "interrupted"
"""What a server that answers and gives nothing says of itself. Interrupted is one read's bad luck, and no trouble."""
UNREAD, ABSENT, AT_LEAST = "not read", "not offered", "at least"
"""How a part of a read is, where it is not whole."""
MAX_NAME = 120
MAX_SAID = 160
WRONG_CLOCK_SECONDS = 5.0
"""A clock that differs from ours by less may only have been read late."""
SLACK_SECONDS = 2.0
"""An uptime in whole seconds makes a start that wanders by less."""


class RefusalError(CollectError):
    """The server answered that it gives nothing now: `state` is one of the words above, `detail` its own."""

    def __init__(self, state: str, detail: str) -> None:
        super().__init__(ErrorKind.REFUSED, redact(detail, MAX_SAID))
        self.state = state


class ServerWords:
    """One server as its collectors name it. `name` is the operator's, else `host:port`.

    What is asked over HTTP may stand for several, distinguished by path and query: its instance is all of its address,
    as it is of `whole` ones.
    """

    def __init__(self, source: str, target: Target, reported_by: str, whole: bool = False) -> None:
        self.source = source
        self.reported_by = reported_by
        web = urlsplit(target.url).scheme in HTTP
        self.instance = whole_instance_of(target.url) if web or whole else instance_of(target.url)
        self.name = target.name or _probed(target.url) or self.instance
        bare = address_of(target.url) + (query_of(target.url) if web else "")
        self.address = f"{target.name} at {bare}" if target.name else bare
        self._identity = ""
        self._started = 0.0
        self._uptime = 0.0

    def scrape(self, now: Clock, *, up: bool = True) -> Reported:
        """An empty scrape that says whether the server answers."""
        reported = Reported(Scrape(self.source, self.instance, now()), self.name)
        reported.gauge("backend_up", up)
        return reported

    def refused(self, now: Clock, error: RefusalError) -> Scrape:
        """The read of a server that is up and gives nothing: its words are all there is."""
        reported = self.scrape(now)
        reported.refusal(error)
        return reported.scrape

    def introduce(self, reported: Reported, version: Any, role: Any = "", product: str = "") -> None:
        """Which version it is, and who reports. `product` is its name where that is not its kind's: Valkey, KeyDB."""
        reported.info("backend_info", reported_by=self.reported_by, version=plain(version), role=plain(role))
        if product:
            reported.info("backend_product_info", product=product)

    def up_for(self, reported: Reported, uptime: float | None, identity: str = "") -> None:
        """The same as `started` of one that says how long it is up: only a time that fell back is another process, a
        start that moved is our clock, which was set, or a machine that slept.
        """
        if uptime is not None:
            went_on, self._uptime = uptime >= self._uptime, uptime
            self.started(reported, reported.scrape.time - uptime, identity, went_on=went_on)

    def started(
        self,
        reported: Reported,
        at: float | None,
        identity: str = "",
        clock: float | None = None,
        went_on: bool = False,
    ) -> None:
        """When it was started; books an event when it is another process than before.

        `identity` is what a process keeps for life; without one a start that moved on by more than the slack decides,
        unless it is known that it `went_on`. `clock` is what it takes for now: where it is wrong the start is moved, so
        that its uptime is right.
        """
        if at is None:
            return
        wrong = reported.scrape.time - clock if clock is not None else 0.0
        at += wrong if abs(wrong) > WRONG_CLOCK_SECONDS else 0.0
        before, known = self._started, self._identity
        same = identity == known if identity and known else went_on or at <= before + SLACK_SECONDS
        if before and same and abs(at - before) <= SLACK_SECONDS:
            at = before
        if before and not same:
            labels = labels_of({"backend": self.name, "source": self.source, "instance": self.instance})
            words = f"{self.name} was started again"
            reported.scrape.events.append(Event(reported.scrape.time, "backend_restart", Severity.INFO, labels, words))
        self._started, self._identity = at, identity or known
        reported.gauge("backend_started_timestamp_seconds", at)


def _probed(url: str) -> str:
    """Whom an exporter of many servers is asked for; '' where it has one."""
    target = dict(parse_qsl(urlsplit(url).query)).get("target", "")
    return redact(instance_of(target) if "://" in target else target, MAX_NAME)


class Reported:
    """A scrape in the making: values that are no finite number are left out, which is "not reported"."""

    def __init__(self, scrape: Scrape, backend: str) -> None:
        self.scrape = scrape
        self._backend = backend

    def gauge(self, name: str, value: Any, factor: float = 1.0, /, **labels: str) -> None:
        """Something as it is now."""
        self._add(name, value, factor, Kind.GAUGE, labels)

    def counter(self, name: str, value: Any, factor: float = 1.0, /, **labels: str) -> None:
        """Something that only grows while the server runs."""
        self._add(name, value, factor, Kind.COUNTER, labels)

    def info(self, name: str, /, **labels: str) -> None:
        """Words."""
        self._add(name, 1.0, 1.0, Kind.INFO, labels)

    def refusal(self, error: RefusalError) -> None:
        """Why it gives nothing now, in its words."""
        self.info("backend_refusal_info", state=error.state, detail=error.detail)

    def unread(self, part: str, error: CollectError) -> None:
        """A part of the read that failed by itself, or is not offered: its figures are missing, and this is why."""
        absent = error.kind is ErrorKind.NOT_OFFERED
        why = "" if error.kind is ErrorKind.TIMED_OUT else f", {error.detail}"
        words = error.detail if absent else f"{error.kind.value}: {part}{why}"
        self._part(part, ABSENT if absent else UNREAD, words)

    def cut(self, part: str, words: str) -> None:
        """A part of which not all can be seen: its sums are lower bounds."""
        self._part(part, AT_LEAST, words)

    def _part(self, part: str, state: str, words: str) -> None:
        self.info("backend_part_info", part=part, state=state, detail=redact(words, MAX_SAID))

    def _add(self, name: str, value: Any, factor: float, kind: Kind, labels: dict[str, str]) -> None:
        value = float(value) if isinstance(value, bool) else value
        known = figure(value) if factor == 1.0 else amount(value)  # the runner judges what is not converted
        if known is not None:
            self.scrape.add(name, known * factor, kind, backend=self._backend, **labels)


def identity(value: Any) -> str:
    """The same for what distinguishes one thing from another; '' for what is no text."""
    return whole_identity(value, MAX_NAME) if isinstance(value, str) else ""


def plain(value: Any, limit: int = MAX_NAME) -> str:
    """Untrusted words for a label: one line, short, without credentials; '' for what is no text."""
    return redact(value, limit) if isinstance(value, str) else ""
