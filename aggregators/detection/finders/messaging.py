"""What the rules on topics and subscribers find at one instant: as the Messaging page judges, over some seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import PAUSE_SECONDS, READ_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.shifts import Newest, usual_p99s
from aggregators.messaging.conservation import balances
from aggregators.messaging.counts import DELIVERED, DROPPED, LATENCY, PENDING, PUBLISHED, SUBSCRIBERS, counts
from aggregators.messaging.subscribers import BEHIND_BYTES, RECEIVED, place_of
from aggregators.messaging.topics import FEW_DELIVERIES, LOST_LEAST, unaccounted_words
from aggregators.requests.attribution import too_many
from aggregators.series.histograms import Group, merged_counters
from aggregators.series.quantiles import NO_BUCKETS, SLOW_SHARE, Buckets, histogram_quantile, shares_under
from model.number_text import about_latency, lasting, round_percent
from model.series import Severity

TOPIC, SUBSCRIBER = "topic ", "subscriber "
RARE_SECONDS = 15.0
LONGEST_SECONDS = 60.0
USUAL_SECONDS, FACTOR = 300.0, 5.0
"""Who usually takes longer than the limit is slow at so many times its own P99 of so long."""
KNOWN_SECONDS = 120.0
"""By then it is known what is usual; before, it takes so many times the limit itself."""
ENOUGH = 100.0
"""Of so many deliveries the shortest window says enough."""
NEWEST_SECONDS, NEWEST_LEAST = (0.5, 1.5, 3.0, 6.0), 4.0
"""What is slow must still be, in the shortest of these windows that holds so many: it must begin after a pause."""
FEWEST_DELIVERIES, MOSTLY = 5.0, 0.5
"""Of so few deliveries nothing is known, unless most of them are slow."""
EARLY_SHARE = 0.25
"""A backlog that grows is one from this part of its limit on."""
CATCHING_UP_SECONDS = 2.2
"""Who takes nothing for two seconds and then all is not behind."""
SHORT_WINDOWS = (15.0, 60.0)


def _of(facts: DetectionInputs, family: str, seconds: float, ago: float = 0.0) -> Mapping[str, float]:
    """A counter's growth by topic; nothing before two reads."""
    grown = facts.recent(family, ("topic",), LONGEST_SECONDS).grown(seconds, ago)
    return {name: value for (name,), value in (grown or {}).items()}


def _now(facts: DetectionInputs, family: str) -> Mapping[str, float]:
    return {name: value for (name,), value in facts.recent(family, ("topic",), LONGEST_SECONDS).last().items()}


def topic_stopped(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Published, subscribed to, and not delivered to anybody."""
    if not facts.recent(DELIVERED, ("topic",), LONGEST_SECONDS).known:
        return
    ears = _now(facts, SUBSCRIBERS)
    parts = [(s, _of(facts, PUBLISHED, s), _of(facts, DELIVERED, s)) for s in (rule.window_seconds, RARE_SECONDS)]
    for topic in parts[-1][1]:
        found = [(s, sent.get(topic, 0.0)) for s, sent, made in parts if not made.get(topic)]
        span, count = next((one for one in found if one[1] >= rule.raise_at), (0.0, 0.0))
        bad = span > 0 and ears.get(topic, 1.0) > 0
        words = rule.words.format(topic=topic, span=lasting(span), count=f"{count:,.0f}") if bad else ""
        yield Condition(TOPIC + topic, bad, parts[0][2].get(topic, 0.0) >= rule.clear_at, words, figure=count)


def topic_dropping(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Dropped over all deliveries that came to an end."""
    windows = (rule.window_seconds, LONGEST_SECONDS)
    parts = [(_of(facts, DROPPED, s), _of(facts, DELIVERED, s)) for s in windows]
    for topic in {**parts[-1][0], **parts[-1][1]}:
        sums = [(lost.get(topic, 0.0), lost.get(topic, 0.0) + made.get(topic, 0.0)) for lost, made in parts]
        surely = any(one[0] >= LOST_LEAST and _beyond_chance(*one, rule.raise_at) for one in sums)
        lost, ended = sums[0] if sums[0][1] >= ENOUGH else sums[1]
        ratio = lost / ended if ended else 0.0
        bad = sums[0][0] > 0 and surely and ratio > rule.raise_at
        words = rule.words.format(topic=topic, percent=round_percent(ratio)) if lost else ""
        good = sums[0][0] <= rule.clear_at * sums[0][1]
        yield Condition(TOPIC + topic, bad, good, words, _severity(rule, ratio), figure=ratio)


def _beyond_chance(lost: float, ended: float, limit: float) -> bool:
    return bool(too_many(np.array(lost), np.array(ended), limit, limit / 2))


def topic_short(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Deliveries that nobody accounts for, by the balance that the page draws of a longer window."""
    of = cache(lambda seconds: balances(counts(facts.snapshot, facts.now, seconds)))
    short = of(SHORT_WINDOWS[0])
    if short.whole.holds is None:
        return
    for topic in short.due:
        span, missing = SHORT_WINDOWS[0], short.broken.get(topic, 0.0)
        if not missing and abs(short.unaccounted[topic]) >= 1:  # too few to tell by; and it goes on
            span, missing = SHORT_WINDOWS[1], of(SHORT_WINDOWS[1]).broken.get(topic, 0.0)
        due = of(span).due[topic].expected
        words = (
            rule.words.format(topic=topic, missing=unaccounted_words(missing), span=lasting(span)) if missing else ""
        )
        severity = _severity(rule, abs(missing) / due if due else 0.0)
        yield Condition(TOPIC + topic, bool(missing), not missing, words, severity, figure=abs(missing))


def topic_backlog(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What waits, in seconds of what falls due: too much of it, or more and more."""
    waiting, ears = facts.recent(PENDING, ("topic",), LONGEST_SECONDS), _now(facts, SUBSCRIBERS)
    sent = facts.recent(PUBLISHED, ("topic",), LONGEST_SECONDS).rates(rule.window_seconds, 0.0)
    made = _of(facts, DELIVERED, rule.window_seconds)
    before = [{name: value for (name,), value in waiting.at(ago).items()} for ago in (15.0, 10.0, 5.0)]
    for (topic,), pending in waiting.last().items():
        if sent is None:  # too little was read, as after a sleep, to say what falls due
            yield Condition(TOPIC + topic, False, False)
            continue
        due = sent.get((topic,), 0.0) * ears.get(topic, 0.0)
        steps = [one.get(topic, pending) for one in before] + [pending]
        growing = all(earlier < later for earlier, later in pairwise(steps))
        seconds = pending / due if due else 0.0
        limit = rule.raise_at * (EARLY_SHARE if growing else 1.0)
        stuck = due == 0 and not made.get(topic)
        bad = pending >= FEW_DELIVERIES and (stuck or seconds > limit)
        how = ", and none is made" if stuck else f", as many as fall due in {lasting(seconds)}"
        how += ", and they become more" if growing else ""
        words = rule.words.format(topic=topic, count=f"{pending:,.0f}", how=how) if bad else ""
        good = pending < FEW_DELIVERIES or (not stuck and not growing and seconds < rule.clear_at)
        yield Condition(TOPIC + topic, bad, good, words, _severity(rule, seconds), figure=seconds)


def delivery_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """More than one delivery in a hundred slower than the limit, and it goes on."""
    laid_out = facts.laid_out_of(LATENCY, ("topic",), USUAL_SECONDS)
    past = facts.slowly(rule.id, lambda: usual_p99s(laid_out, facts.now))
    reading = facts.now - facts.reading_since
    spans = (rule.window_seconds, RARE_SECONDS, LONGEST_SECONDS)
    newest: Newest = cache(lambda span: merged_counters(laid_out, facts.now - span, facts.now))
    windows = [newest(span) for span in spans]
    for group in windows[-1]:
        own = usual.get(TOPIC + group[0]) or past.get(group)
        limit = max(rule.raise_at, FACTOR * (own or (rule.raise_at if reading < KNOWN_SECONDS else 0.0)))
        parts = [one.get(group, NO_BUCKETS) for one in windows]
        told = parts if own else parts[:1]  # of few deliveries it takes what is usual to tell
        buckets, span = next(
            pair for pair in zip(told, spans, strict=False) if pair[0].total >= FEW_DELIVERIES or pair[0] is told[-1]
        )
        slow, total = _slower(buckets, limit)
        enough = total >= FEW_DELIVERIES or (bool(own) and total >= FEWEST_DELIVERIES and slow >= MOSTLY * total)
        settled = reading > max(span, RARE_SECONDS)  # else it spans what was slept over
        bad = enough and settled and (bool(own) or total >= ENOUGH) and _too_many(slow, total)
        on, lasts = _goes_on(newest, group, limit, slow / total) if bad else (False, 0.0)
        bad = bad and on
        p99 = histogram_quantile(0.99, buckets.bounds, buckets.counts)
        latency = f"{'over ' if p99.bound == '>' else ''}{about_latency(p99.value or 0.0)}"
        last = parts[0] if parts[0].total else parts[1]
        good = last.total > 0 and _slower(last, limit * rule.clear_at / rule.raise_at)[0] < SLOW_SHARE / 2 * last.total
        words = rule.words.format(topic=group[0], latency=latency)
        severity, figure = _severity(rule, p99.value or 0.0), p99.value or 0.0
        yield Condition(TOPIC + group[0], bad, good, words, severity, own, figure, lasts)


def _slower(buckets: Buckets, limit: float) -> tuple[float, float]:
    """How many took longer than `limit` seconds, of how many."""
    if not buckets.total:
        return 0.0, 0.0
    under = shares_under(np.array([limit]), buckets.bounds, buckets.counts[None, :])
    return buckets.total * (1 - float(under[0])), buckets.total


def _too_many(slow: float, total: float) -> bool:
    return bool(too_many(np.array(slow), np.array(total), SLOW_SHARE, SLOW_SHARE / 2))


def _goes_on(newest: Newest, group: Group, limit: float, share: float) -> tuple[bool, float]:
    """Whether the newest are slow too, as the `share` of all; and for how long it must have lasted that none of them
    waited for a pause.
    """
    parts = [(span, newest(span).get(group, NO_BUCKETS)) for span in NEWEST_SECONDS]
    span, last = next((part for part in parts if part[1].total >= NEWEST_LEAST), parts[-1])
    slow, total = _slower(last, limit)
    return total == 0 or slow >= MOSTLY * share * total, PAUSE_SECONDS + READ_SECONDS + span


def subscriber_lag(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """How far each is behind: in time, or in bytes where only NATS knows it."""
    for row in facts.subscribers.rows:
        if row.lag.value is not None and row.lag.age_seconds is None:
            value, behind, unit = row.lag.value, about_latency(row.lag.value), 1.0
        elif row.behind.value is not None and row.behind.age_seconds is None:
            unit = BEHIND_BYTES / rule.raise_at
            value, behind = row.behind.value / unit, f"{row.behind.value / 2**20:,.1f} MiB"
        else:
            continue
        words = rule.words.format(subscriber=place_of(row.name, row.topic), behind=behind)
        bad, good = value > rule.raise_at, value < rule.clear_at
        severity = _severity(rule, value) if unit == 1.0 else None
        component = SUBSCRIBER + place_of(row.name, row.topic)
        yield Condition(component, bad, good, words, severity, figure=value, lasting_seconds=CATCHING_UP_SECONDS)


def subscriber_silent(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """One that receives nothing of a topic that the others hear."""
    received = facts.recent(RECEIVED, ("topic", "subscriber"), LONGEST_SECONDS)
    windows = (rule.window_seconds, 5 * rule.window_seconds)
    parts = [(s, received.grown(s) or {}, _of(facts, PUBLISHED, s), _of(facts, DELIVERED, s)) for s in windows]
    for group in parts[-1][1]:
        topic, name = group
        silent = [
            (span, sent.get(topic, 0.0))
            for span, got, sent, made in parts
            if not got.get(group) and made.get(topic) and sent.get(topic, 0.0) >= rule.raise_at
        ]
        span, count = silent[0] if silent else (0.0, 0.0)
        named = place_of(name, topic)
        words = rule.words.format(subscriber=named, span=lasting(span), count=f"{count:,.0f}") if silent else ""
        good = parts[0][1].get(group, 0.0) >= rule.clear_at
        yield Condition(SUBSCRIBER + named, bool(silent), good, words, figure=count)


def _severity(rule: Rule, value: float) -> Severity | None:
    return Severity.CRITICAL if value >= rule.critical_at else None


FINDERS: Finders = {
    one.__name__: one
    for one in (
        topic_stopped,
        topic_dropping,
        topic_short,
        topic_backlog,
        delivery_slow,
        subscriber_lag,
        subscriber_silent,
    )
}
