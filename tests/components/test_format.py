"""Numbers are worded in one way only, keep their order, and never say what is not known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import format as fmt
from model.measure import Measure
from model.series import Unit
from model.status import Reading

FINITE = st.floats(min_value=0, max_value=1e15, allow_nan=False)
SCALE = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
UNITS = {
    "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "%": 0.01, "/s": 1, "cores": 1, "": 1,
    "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip


def read_back(text: str) -> float:
    """What a worded figure says, as a number in base units."""
    if re.fullmatch(r"(\d+[dhm] ?)+(\d+[hms])?", text):
        return sum(float(n) * UNITS[u] for n, u in re.findall(r"(\d+)([dhms])", text))
    found = re.fullmatch(r"(?:([<>]) )?(\d[\d,]*(?:\.\d+)?)([kMGT]?)(?: ?(\S+))?", text)
    assert found, text
    bound, digits, suffix, unit = found.groups()
    nudge = {"<": -1e-9, ">": 1e-9, None: 0}[bound]
    return float(digits.replace(",", "")) * SCALE[suffix] * UNITS[unit or ""] + nudge


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure.of(0.000812, Unit.SECONDS), "0.812 ms"),
        (Measure.of(0.0021, Unit.SECONDS), "2.10 ms"),
        (Measure.of(0.0123, Unit.SECONDS), "12.3 ms"),
        (Measure.of(0.9996, Unit.SECONDS), "1.00 s"),
        (Measure.of(0.00000812, Unit.SECONDS), "8.12 µs"),
        (Measure.of(0, Unit.SECONDS), "0 ms"),
        (Measure.of(90, Unit.SECONDS), "1m 30s"),
        (Measure.of(0.00005, Unit.SECONDS, bound="<"), "< 0.05 ms"),
        (Measure.of(10, Unit.SECONDS, bound=">"), "> 10 s"),
        (Measure.of(8432, Unit.PER_SECOND), "8.43k /s"),
        (Measure.of(843.2, Unit.PER_SECOND), "843 /s"),
        (Measure.of(999.6, Unit.PER_SECOND), "1.00k /s"),
        (Measure.of(0.001, Unit.PER_SECOND), "< 0.01 /s"),
        (Measure.of(0, Unit.PER_SECOND), "0 /s"),
        (Measure.of(0.9997, Unit.RATIO), "99.97 %"),
        (Measure.of(0.999999, Unit.RATIO), "> 99.99 %"),
        (Measure.of(0.000001, Unit.RATIO), "< 0.01 %"),
        (Measure.of(0.0003, Unit.RATIO), "0.03 %"),
        (Measure.of(0.7, Unit.RATIO), "70.0 %"),
        (Measure.of(1, Unit.RATIO), "100 %"),
        (Measure.of(1.2, Unit.RATIO), "120 %"),
        (Measure.of(0, Unit.RATIO), "0 %"),
        (Measure.of(15, Unit.COUNT), "15"),
        (Measure.of(1001.5, Unit.COUNT), "1,002"),
        (Measure.of(9999.7, Unit.COUNT), "10.0k"),
        (Measure.of(12345, Unit.COUNT), "12.3k"),
        (Measure.of(45.2 * 2**20, Unit.BYTES), "45.2 MiB"),
        (Measure.of(0.25, Unit.CORES), "0.250 cores"),
        (Measure.of(-3, Unit.COUNT), "−3"),
        (Measure.no_traffic(Unit.RATIO), "no traffic"),
        (Measure.not_reported(Unit.RATIO, "no family"), "not reported"),
        (Measure.error(Unit.RATIO, "timed out: no answer in 1 s"), "timed out"),
        (Measure.error(Unit.RATIO, "proxy@localhost:8980: down, connection refused"), "down"),
        (Measure.error(Unit.RATIO, "admin@a:1: HTTP error"), "HTTP error"),
        (Measure.of(0.0042, Unit.SECONDS).stale(14.2), "4.20 ms, 14 s old"),
    ],
)
def test_each_quantity_has_one_wording(measure: Measure, words: str) -> None:
    assert fmt.words(measure) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"), (0.4, "< 1 s"), (14.9, "14 s"), (75, "1m 15s"), (8100, "2h 15m"), (356400, "4d 3h"),
        (86400 * 123.5, "123d"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds: float, words: str) -> None:
    assert fmt.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "just now"), (0.5, "just now"), (14, "14 s ago"), (150, "2m ago"), (7300, "2h ago")]
)
def test_relative_times_have_one_unit(seconds: float, words: str) -> None:
    assert fmt.ago(seconds) == words


def test_absolute_times_have_their_zone_and_the_day_when_it_is_another() -> None:
    noon = 1_790_000_000.0
    assert fmt.clock(noon, noon) == "14:13:20 UTC"
    assert fmt.clock(noon - 86400, noon) == "20 Sep 14:13:20 UTC"
    assert fmt.clock(0, noon) == "–"
    assert fmt.iso(noon) == "2026-09-21T14:13:20Z"
    assert fmt.iso(0) == ""


def test_long_lists_say_how_many_more() -> None:
    assert [fmt.listed(["a", "b", "c", "d", "e"][:n]) for n in (0, 1, 2, 3, 5)] == [
        "", "a", "a and b", "a, b and c", "a, b, c and 2 more",
    ]  # fmt: skip


@given(st.sampled_from(list(Unit)), st.floats(), st.sampled_from(["", "<", ">"]), st.sampled_from(list(fmt.Style)))
def test_no_figure_ever_says_nan_inf_or_none(unit: Unit, value: float, bound: str, style: fmt.Style) -> None:
    text = fmt.words(Measure.of(value, unit, bound), style)
    assert text
    assert not re.search(r"nan|inf|none|e[+-]\d", text, re.IGNORECASE)


@given(st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True))
def test_a_ratio_says_0_or_100_percent_only_when_it_is(ratio: float) -> None:
    text = fmt.words(Measure.of(ratio, Unit.RATIO))
    assert not re.fullmatch(r"(0|0\.0+|100|100\.0+) %", text)


@given(st.sampled_from([Unit.SECONDS, Unit.RATIO, Unit.PER_SECOND, Unit.COUNT, Unit.BYTES, Unit.CORES]), FINITE, FINITE)
def test_a_larger_value_never_reads_as_a_smaller_one(unit: Unit, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert read_back(fmt.words(Measure.of(low, unit))) <= read_back(fmt.words(Measure.of(high, unit))) + 1e-12


@given(st.floats(min_value=0.01, max_value=1e12))
def test_what_is_read_back_is_right_to_three_digits(value: float) -> None:
    assert read_back(fmt.words(Measure.of(value, Unit.PER_SECOND))) == pytest.approx(value, rel=0.006)


@given(st.floats(min_value=0, max_value=1e10), st.floats(min_value=0, max_value=1e10))
def test_durations_keep_their_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert read_back(fmt.duration(low)) <= read_back(fmt.duration(high)) + 1e-8


def test_a_stale_figure_keeps_its_value_and_says_its_age() -> None:
    old = Measure.of(0.5, Unit.RATIO).stale(190)
    assert old.reading is Reading.STALE
    assert fmt.words(old) == "50.0 %, 3m 10s old"
    assert fmt.parts(old) == ("50.0", "%")


def test_a_count_takes_its_noun_as_unit() -> None:
    assert fmt.words(Measure.of(25, Unit.COUNT), noun="errors /min") == "25 errors /min"


@given(st.floats(0.9901, 0.9998))
def test_a_share_and_the_rest_of_the_whole_make_100_percent(share: float) -> None:
    most, rest = (float(fmt.percent(one).number) for one in (share, 1 - share))
    assert most + rest == pytest.approx(100.0, abs=1e-6)
    assert most <= 100 * share + 1e-6, "not better than it is"
