from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.signoz.filter_text import parse_filter
from simulator.signoz.spans import Clause, QueryError, rounded


@given(st.lists(st.tuples(st.sampled_from(["name", "namespace", "service.name"]), st.text()), max_size=4))
def test_any_quoted_text_survives_the_filter(pairs: list[tuple[str, str]]) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    text = " AND ".join(f"{key} = {quoted(value)}" for key, value in pairs)
    assert parse_filter(text) == [Clause(key, "=", value) for key, value in pairs]


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_an_error_in_words(text: str) -> None:
    try:
        clauses = parse_filter(text)
    except QueryError as error:
        assert str(error)
    else:
        assert bool(clauses) == bool(text.strip().strip("()").strip())


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("(name = 'x')", [Clause("name", "=", "x")]),
        (
            "duration_nano > '10ms' and hasError=true",
            [Clause("duration_nano", ">", "10ms"), Clause("has_error", "=", "true")],
        ),
        ("resource.service.name IN ('a', \"b\")", [Clause("service.name", "in", ["a", "b"])]),
        ("db.system NOT EXISTS", [Clause("db.system", "nexists", True)]),
        (
            "name CONTAINS 'Get' AND namespace <> 'x'",
            [Clause("name", "contains", "Get"), Clause("namespace", "!=", "x")],
        ),
    ],
)
def test_the_simple_forms_of_a_filter_are_understood(text: str, clauses: list[Clause]) -> None:
    assert parse_filter(text) == clauses


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_values_are_rounded_as_signoz_does(value: float) -> None:
    shown = rounded(value)
    if isinstance(shown, str):
        assert shown in ("NaN", "Inf", "-Inf")
    else:
        assert shown == pytest.approx(value, rel=0.005, abs=0.0005)
