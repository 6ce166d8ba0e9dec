"""What a rule finds of one component at one instant.

A condition that is neither bad nor good holds the alert where it is: between the raise and clear values, or because
what would report is not known just now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aggregators.alerts.rules import Rule
from aggregators.detection.detection_inputs import DetectionInputs
from model.series import Severity


@dataclass(frozen=True, slots=True)
class Condition:
    """One component under one rule. `usual` is what it was compared with, kept while the alert fires.

    `words` and `severity` are as things stand, '' and None when nobody knows. `figure` orders how bad it is among
    conditions of one severity; larger is worse. `lasting_seconds` is how long it must be bad to fire, 0 for as long as
    the rule's kind takes.
    """

    component: str
    bad: bool
    good: bool
    words: str = ""
    severity: Severity | None = None
    usual: float | None = None
    figure: float = 0.0
    lasting_seconds: float = 0.0


Usual = Mapping[str, float | None]
"""The components whose alert is open, with what they were compared with when it was raised."""
Finder = Callable[[Rule, DetectionInputs, Usual], Iterable[Condition]]
Finders = Mapping[str, Finder]
"""By the name that a rule declares as its condition."""
