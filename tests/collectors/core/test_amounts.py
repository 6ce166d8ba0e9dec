"""What is no amount: -1, 2^64-1, NaN and ±Inf say "no limit" or "unknown", and are never a figure."""

from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.amounts import LARGEST, NO_LIMIT, Amounts
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from model.catalogue import CATALOGUE, MetricFamily
from model.series import Series, Unit, labels_of
from model.settings import Aliases

AMOUNTS = [one for one in CATALOGUE if one.unit is not Unit.NONE and not one.limit]
LIMITS = [one for one in CATALOGUE if one.limit]
ANYTHING = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [-1.0, 2.0**63, 2.0**64 - 1, 2.0**63 - 4096]
)


def judged(name: str, value: float) -> float:
    return Amounts().within([Series(name, ())], array("d", [value]))[0]


@given(st.sampled_from(AMOUNTS), ANYTHING)
def test_an_amount_passes_as_it_is_and_anything_else_is_not_reported(family: MetricFamily, value: float) -> None:
    said = judged(family.name, value)
    assert said == value if 0 <= value < LARGEST else math.isnan(said)


@given(st.sampled_from(LIMITS), ANYTHING)
def test_a_limit_is_one_or_none_or_not_reported(family: MetricFamily, value: float) -> None:
    said = judged(family.name, value)
    if math.isnan(value) or value == -math.inf:
        assert math.isnan(said)
    else:
        assert said == (value if 0 < value < 1e15 else NO_LIMIT)


@pytest.mark.parametrize(
    "text", ["-1", "0", "9223372036854775807", "9223372036854771712", "18446744073709551615", "+Inf"]
)
def test_every_way_to_say_no_limit_is_no_limit(text: str) -> None:
    cache = ExpositionCache(Naming("p:1", Aliases()))
    read = parse_exposition(f"process_max_fds {text}\nprocess_open_fds 12\n", cache)
    assert dict(zip((one.name for one in read.series), read.values, strict=True)) == {
        "process_max_fds": NO_LIMIT,
        "process_open_fds": 12.0,
    }


def test_a_wrapped_number_is_judged_before_its_unit_is_converted() -> None:
    cache = ExpositionCache(Naming("p:1", Aliases()))
    text = 'prism_namespace_latency_ms{namespace="a",p="99"} 18446744073709551615\nprocess_open_fds 12\n'
    assert [math.isnan(value) for value in parse_exposition(text, cache).values] == [True, False]


@pytest.mark.parametrize("name", ["prism_request_duration_seconds_bucket", "prism_request_duration_seconds_sum"])
def test_the_parts_of_a_histogram_are_amounts_too(name: str) -> None:
    assert math.isnan(judged(name, -5.0))
    assert judged(name, 5.0) == 5.0


def test_a_temperature_like_reading_and_an_unknown_family_may_be_negative() -> None:
    assert judged("prism_pattern_detail", -40.0) == -40.0
    assert judged("somebody_elses_gauge", -40.0) == -40.0
    assert math.isnan(judged("somebody_elses_gauge", math.inf))


@pytest.mark.parametrize("value", [-1.0, -7.0, 2.0**64 - 1, 2.0**63])
def test_health_details_that_count_or_limit_something_are_judged_as_metrics_are(value: float) -> None:
    def told(key: str) -> float:
        series = Series("prism_pattern_detail", labels_of({"pattern": "redis", "key": key}))
        return Amounts().within([series], array("d", [value]))[0]

    assert [told(key) for key in ("pool_size", "max", "max_keys")] == [NO_LIMIT] * 3
    assert all(math.isnan(told(key)) for key in ("acquired", "idle_conns", "in_msgs", "keys", "queue_bytes"))
    assert math.isnan(told("offset")) if value > 0 else told("offset") == value


def test_many_rows_are_judged_as_one_is() -> None:
    rows = np.array([[1.0, -1.0], [-1.0, 1.0]])
    said = Amounts().of([Series("process_open_fds", ()), Series("process_max_fds", ())], rows)
    assert np.array_equal(said, [[1.0, NO_LIMIT], [np.nan, 1.0]], equal_nan=True)
