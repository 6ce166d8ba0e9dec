"""Requests by SigNoz' spans, while no proxy can be read: the same figures, and whose they are is said."""

from __future__ import annotations

import pytest

from aggregators.namespaces.detail import namespace_detail
from aggregators.namespaces.namespaces import namespaces
from aggregators.performance.performance import performance
from aggregators.requests.spans import relation, stand_in
from aggregators.requests.traffic import Traffic, traffic
from aggregators.series.label_filter import of_pattern
from model.status import Reading
from tests.aggregators.spanned import START, Flow, Pace, Spanned

LOST, END = 200, 240
USUAL = Pace(failing=0.002)
SAMPLED = (0.01, 1.0)
"""As ADR-047 samples: one success in a hundred, and every failure."""


def usual(_: int, flow: Flow) -> Pace:
    return USUAL


def world(**given: object) -> Spanned:
    return Spanned(usual, END, (LOST, END + 1), **given)  # type: ignore[arg-type]


def figures(one: Spanned, second: float, pattern: str = "") -> Traffic:
    snapshot = one.snapshot(second)
    return traffic(of_pattern(snapshot, pattern) if pattern else snapshot, START + second)


def test_while_a_proxy_can_be_read_nothing_stands_in_for_it() -> None:
    one = world()
    assert stand_in(one.snapshot(LOST - 1), START + LOST - 1) is None
    assert figures(one, LOST - 1).per_second.note == ""


@pytest.mark.parametrize(("pattern", "rate"), [("", 800.0), ("redis", 400.0)])
def test_the_figures_go_on_by_spans_and_say_so(pattern: str, rate: float) -> None:
    found = figures(world(), END, pattern)
    assert found.per_second.reading is Reading.VALUE
    assert found.per_second.value == pytest.approx(rate)
    assert found.error_ratio.value == pytest.approx(0.002)
    assert found.p99.value == pytest.approx(0.00075, rel=0.05)
    assert "by SigNoz' spans up to" in found.error_ratio.note
    assert "proxy@p:1 is down" in found.error_ratio.note


def test_the_pages_of_performance_and_namespaces_have_the_same_answer() -> None:
    snapshot, now = world().snapshot(END), START + END
    shown = performance(snapshot, now)
    assert {one.pattern: round(one.per_second.value or 0.0) for one in shown.patterns} == {
        "redis": 400,
        "postgresql": 400,
    }
    assert shown.p99.value == traffic(snapshot, now).p99.value
    rows = {one.name: one for one in namespaces(snapshot, now).rows}
    assert rows["payments"].per_second.value == pytest.approx(400.0)
    assert rows["payments"].per_second.reading is Reading.VALUE
    assert "SigNoz" in rows["payments"].per_second.note
    assert namespace_detail(snapshot, now, "search").namespace.per_second.value == pytest.approx(200.0)


def test_a_sample_of_spans_is_known_by_what_was_counted_before_the_loss() -> None:
    spans = stand_in((one := world(kept=SAMPLED)).snapshot(END), START + END)
    assert spans is not None
    known = relation(spans)
    assert known is not None
    assert not known.is_whole
    assert known.share == pytest.approx(0.998 * 0.01 + 0.002, rel=0.05)
    assert known.failures == pytest.approx(1 / known.share, rel=0.05)
    assert figures(one, END).per_second.value == pytest.approx(800.0, rel=0.05)


def test_of_spans_that_are_not_known_to_be_all_no_number_of_requests_is_told() -> None:
    one = Spanned(usual, 60, (1, 61))
    found = traffic(one.snapshot(60), START + 60)
    assert found.per_second.value is None
    assert "how many requests SigNoz holds a span" in found.per_second.note
    assert found.error_ratio.value == pytest.approx(0.002)


def test_where_no_span_comes_any_more_nothing_is_concluded_from_that() -> None:
    one = world(sent_until=LOST + 10)
    assert stand_in(one.snapshot(END), START + END) is None
    assert figures(one, END).per_second.reading is Reading.STALE


def test_old_counts_say_nothing_of_now() -> None:
    one = world()
    late = START + END + 60
    assert stand_in(one.snapshot(END), late) is None


def test_what_was_counted_before_signoz_was_asked_anew_is_left_out() -> None:
    """The sums of a dashboard that was started again begin at nothing."""
    one = Spanned(lambda second, _: Pace(-3000.0 if second == 150 else 200.0), END, (LOST, END + 1))
    spans = stand_in(one.snapshot(END), START + END)
    assert spans is not None
    window = spans.window("prism_requests_total", 300.0)
    assert window.total() == pytest.approx(800.0 * (235 - 150))
