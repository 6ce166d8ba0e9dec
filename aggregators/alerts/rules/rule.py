"""What a detection declares of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from aggregators.requests.attribution import ALL
from model.series import Severity, Unit

FACT, RATE = (1, 1), (3, 4)
"""`votes` of what is so or not, and of a figure that chance moves."""
PATTERN_PAGE = "/patterns/{component}"
INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
BY_SPANS = ", by SigNoz' spans"
"""How an alert's words end while no proxy can be read."""
_AT = " at "


class Blamed(StrEnum):
    """Kinds of component that a rule may blame."""

    PRISM = "prism"
    PATTERN = "pattern"
    NAMESPACE = "namespace"
    PROXY = "proxy"
    OPERATION = "operation"
    TOPIC = "topic"
    SUBSCRIBER = "subscriber"
    SERVER = "server"
    SIGN_IN = "sign-in"
    CLIENT = "client"
    COLLECTOR = "collector"
    SERVICE = "service"
    CONTROL_PLANE = "control plane"
    SOURCE = "source"
    DASHBOARD = "dashboard"


_READ_FROM = {
    "proxy": Blamed.PROXY,
    "admin": Blamed.CONTROL_PLANE,
    "admin_metrics": Blamed.CONTROL_PLANE,
    "dex": Blamed.SIGN_IN,
    "otel": Blamed.COLLECTOR,
}
"""Whom a source that cannot be read is; the others are sources only."""


class Culprit(NamedTuple):
    """A component that an alert blames: its kind, and its name ('' for all of Prism)."""

    kind: Blamed
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One detection. `condition` is the name of its function in `aggregators.detection.finders`.

    `raise_at` and `clear_at` are in `unit` (none for a plain fact) of what `reads` says, with the reason `why` there.
    `votes` (k, n): k of the last n evaluations must be bad; state facts need one. After `clear_seconds` of nothing but
    good the alert resolves. `inputs` are the kinds of source it needs: while one of them is lost, the rule's alerts
    neither rise nor clear. `family` names the kind of problem, by which another tool's alert is recognised as the same.
    `blames` is the kind of its components, unless their names say another. `every_seconds` is how often it is
    evaluated at most; 0 is after every read. What has fired for `longest_seconds` is usual by then, and is over.
    `any_of`: the kinds of source that may say it, of a rule that does without each of them. `by_spans`: while no proxy
    can be read it goes by the spans that SigNoz holds of its requests (`aggregators.requests.spans`).
    """

    id: str
    title: str
    condition: str
    reads: str
    inputs: tuple[str, ...]
    family: str
    severity: Severity
    window_seconds: float
    raise_at: float
    clear_at: float
    votes: tuple[int, int]
    clear_seconds: float
    why: str
    words: str
    page: str = "/"
    critical_at: float = float("inf")
    unit: Unit = Unit.NONE
    blames: Blamed = Blamed.PATTERN
    every_seconds: float = 0.0
    longest_seconds: float = float("inf")
    any_of: tuple[str, ...] = ()
    by_spans: bool = False

    @property
    def read_from(self) -> tuple[str, ...]:
        """The kinds of source of which another read would tell more."""
        return self.inputs or self.any_of

    @property
    def is_fact(self) -> bool:
        """True for what is so or not, False for a figure between limits."""
        return self.votes == FACT

    def culprit(self, component: str) -> Culprit:
        """Whom an alert about `component` blames."""
        if component == ALL:
            return Culprit(Blamed.PRISM, "")
        said = next((kind for kind in Blamed if component.startswith(f"{kind} ")), None)
        if said is not None:
            return Culprit(said, component.removeprefix(f"{said} "))
        if self.blames is Blamed.SOURCE:
            return Culprit(_READ_FROM.get(component.partition("@")[0], Blamed.SOURCE), component.partition("@")[2])
        return Culprit(self.blames, component.partition(_AT)[0] if self.blames is Blamed.PATTERN else component)
