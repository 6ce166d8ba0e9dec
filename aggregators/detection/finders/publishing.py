"""What the rule on topics to which nobody publishes any more finds: each against its own last minute."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import OUTLASTED_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders.messaging import LONGEST_SECONDS, TOPIC
from aggregators.detection.recent import Sums
from aggregators.detection.traffic_matrix import STEADY_RATIO
from aggregators.messaging.counts import PUBLISHED
from aggregators.requests.attribution import ALL
from aggregators.series.histograms import Group

SILENT_WINDOWS, STEP_SECONDS, LEAST_STEPS = (3.0, 5.0, 15.0, 30.0), 10.0, 3
FEWEST_EXPECTED = 15.0
LONGER_SECONDS = 300.0
"""Of so many messages that chance spreads not one in ten stays away."""


def topic_silent(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Topics that were published to steadily; where all requests stopped it need not be said again."""
    published = facts.recent(PUBLISHED, ("topic",), LONGEST_SECONDS)
    older = [published.rates(STEP_SECONDS, ago) for ago in np.arange(0.0, LONGEST_SECONDS, STEP_SECONDS)]
    grown = [(span, published.grown(span) or {}) for span in SILENT_WINDOWS]
    longer = facts.recent(PUBLISHED, ("topic",), LONGER_SECONDS)
    minutes = [
        longer.rates(LONGEST_SECONDS, ago) for ago in np.arange(LONGEST_SECONDS, LONGER_SECONDS, LONGEST_SECONDS)
    ]
    again = ALL in facts.blamed.get("traffic_stopped", set())
    for group in grown[0][1]:
        component = TOPIC + group[0]
        known = usual.get(component)
        cases = [
            (span, counts.get(group, 0.0), known or _steady(older, minutes, group, span)) for span, counts in grown
        ]
        said = [(count, span, own) for span, count, own in cases if own and own * span >= FEWEST_EXPECTED]
        if not said:
            continue
        count, span, own = said[0]
        bad = any(count <= rule.raise_at * own * span for count, span, own in said)
        rates = {"now": f"{count / span:,.1f}", "usual": f"{own:,.1f}"}
        words = rule.words.format(topic=group[0], **rates)
        good = count >= rule.clear_at * own * span
        bad = bad and not (again and component not in usual)
        yield Condition(component, bad, good, words, usual=own, lasting_seconds=OUTLASTED_SECONDS)


def _steady(older: Sequence[Sums | None], minutes: Sequence[Sums | None], group: Group, span: float) -> float | None:
    """The median per second of the steps before the last `span`, or of the minutes before where that is less: a batch
    that ends is no topic that falls silent. None of what never was steady or is not known.
    """
    rates = [one.get(group, 0.0) for one in older[math.ceil(span / STEP_SECONDS) :] if one is not None]
    middle = float(np.median(rates)) if len(rates) >= LEAST_STEPS else 0.0
    if not middle or min(rates) < STEADY_RATIO * middle:
        return None
    longer = sorted(one.get(group, 0.0) for one in minutes if one is not None)
    return min(middle, longer[(len(longer) - 1) // 2]) if longer else middle


FINDERS: Finders = {topic_silent.__name__: topic_silent}
