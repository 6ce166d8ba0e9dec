"""Who suffers is named once, where the cause is; words are short and right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.requests.attribution import Cells, culprits, too_many
from aggregators.requests.operations import operation_class
from model.number_text import about_latency, lasting, listed, round_percent, times

PATTERNS, NAMESPACES = ["nats", "redis"], ["payments", "search", "users"]
LIMIT, USUAL = 0.003, 0.002


def cells(bad: list[list[float]], total: float = 10_000) -> Cells:
    return Cells(PATTERNS, NAMESPACES, np.array(bad) * total, np.full((2, 3), total))


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ([[0.0003] * 3, [0.0003] * 3], []),
        ([[0.0003] * 3, [0.3] * 3], ["redis"]),
        ([[0.3, 0, 0], [0.3, 0, 0]], ["namespace payments"]),
        ([[0, 0, 0], [0.3, 0, 0]], ["namespace payments"]),
        ([[0.3] * 3, [0.3] * 3], ["all"]),
        ([[0, 0.3, 0], [0.3] * 3], ["redis", "namespace search"]),
    ],
)
def test_the_cause_is_named_where_it_is(bad: list[list[float]], found: list[str]) -> None:
    assert culprits(cells(bad), LIMIT, USUAL) == found


def test_what_fails_everywhere_is_all_before_each_pattern_has_failed_often_enough_to_tell() -> None:
    total = np.array([[300.0] * 3, [300.0] * 3, [60.0] * 3])
    bad = np.array([[6.0] * 3, [6.0] * 3, [1.0, 1.0, 0.0]])
    assert culprits(Cells([*PATTERNS, "postgresql"], NAMESPACES, bad, total), LIMIT, USUAL) == ["all"]
    bad[2], total[2] = 0.0, 3000.0
    assert "all" not in culprits(Cells([*PATTERNS, "postgresql"], NAMESPACES, bad, total), LIMIT, USUAL)


def test_without_labels_all_of_them_suffer() -> None:
    one = Cells([""], [""], np.array([[300.0]]), np.array([[1000.0]]))
    assert culprits(one, LIMIT, USUAL) == ["all"]


def test_one_failure_among_ten_requests_is_no_news() -> None:
    assert not too_many(np.array(1.0), np.array(10.0), LIMIT, USUAL)
    assert too_many(np.array(4.0), np.array(10.0), LIMIT, USUAL)


@given(st.integers(0, 1_000_000))
def test_what_is_usual_is_never_too_many(total: int) -> None:
    assert not too_many(np.array(USUAL * total), np.array(float(total)), LIMIT, USUAL)


@pytest.mark.parametrize("total", [10, 20, 30, 50, 100, 200, 333, 500, 1_000, 3_000, 10_000])
def test_a_day_of_chance_alone_makes_not_too_many_of_who_fails_half_as_often(total: int) -> None:
    """Windows of 5 s that overlap, each with so many requests: less often than once a fortnight."""
    mean = USUAL / 2 * total
    counts = np.arange(0.0, 200.0)
    chance = np.exp(counts * math.log(mean) - mean - np.array([math.lgamma(count + 1) for count in counts]))
    told = too_many(counts, np.full_like(counts, total), LIMIT, USUAL)
    assert 2 * 86_400 / 5 * chance[told].sum() < 1 / 14


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("KeyValue.Get", "read"), ("KeyValue.Set", "write"), ("Queue.Dequeue", "read"), ("PubSub.Publish", "write"),
        ("get", "read"), ("BatchGet", "read"), ("/prism.kv/MultiDelete", "write"), ("Reticulate", "other"),
        ("", "other"),
    ],
)  # fmt: skip
def test_operations_read_or_write_or_are_other(name: str, found: str) -> None:
    assert operation_class(name) == found


def test_words_of_figures() -> None:
    assert [lasting(one) for one in (0, 14, 60, 240, 8100, 356400)] == [
        "0 s",
        "14 s",
        "1m",
        "4m",
        "2h 15m",
        "4d 3h",
    ]
    assert [round_percent(one) for one in (0.3, 0.024, 0.0035, 0.9997, 1.0)] == [
        "30 %",
        "2.4 %",
        "0.35 %",
        "99.97 %",
        "100 %",
    ]
    assert [about_latency(one) for one in (0.0008, 0.016, 0.0997, 0.988, 2.5)] == [
        "0.8 ms",
        "16 ms",
        "100 ms",
        "988 ms",
        "2.5 s",
    ]
    assert [times(one) for one in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdef")) == "a, b, c and 3 more"
