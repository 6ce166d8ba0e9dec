"""Metrics text becomes series and values, quickly, and nothing that is not metrics gets in."""

from __future__ import annotations

import math
from array import array

import prometheus_client
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_of

from collectors.exposition.lines import parse_line
from collectors.exposition.naming import Naming
from collectors.exposition.parser import KEEP_AT_LEAST, KEEP_CHARACTERS, Exposition, ExpositionCache, parse_exposition
from model.series import Kind
from model.settings import Aliases
from model.sources import CollectError, ErrorKind


def fresh(aliases: Aliases | None = None) -> ExpositionCache:
    return ExpositionCache(Naming("a:1", aliases or Aliases()))


def parsed(text: str, **options: bool) -> Exposition:
    return parse_exposition(text, fresh(), **options)


def values(exposition: Exposition) -> dict[str, float]:
    """Value by name and labels, without the instance."""
    shown = {}
    for series, value in zip(exposition.series, exposition.values, strict=True):
        labels = ",".join(f"{name}={label}" for name, label in series.labels if name != "instance")
        shown[f"{series.name}{{{labels}}}"] = value
    return shown


def test_lines_become_series_with_the_instance() -> None:
    found = parsed('a_total{x="1",y="two words"} 3\nb 4.5e1\n')
    assert values(found) == {"a_total{x=1,y=two words}": 3.0, "b{}": 45.0}
    assert found.series[0].label("instance") == "a:1"


def test_an_exposed_instance_is_kept_under_another_name() -> None:
    (series,) = parsed('up{instance="b:2",job="x"} 1\n').series
    assert (series.label("instance"), series.label("exported_instance")) == ("a:1", "b:2")


def test_escapes_in_label_values_are_undone() -> None:
    (series,) = parsed('a{path="C:\\\\dir\\"q\\"\\nend",odd="\\x"} 1\n').series
    assert (series.label("path"), series.label("odd")) == ('C:\\dir"q"\nend', "\\x")


def test_special_values_can_be_read_and_say_nothing() -> None:
    found = parsed("a NaN\nb +Inf\nc -Inf\nd 1e-300\n")
    assert [math.isnan(value) for value in found.values] == [True, True, True, False]
    assert found.values[3] == 1e-300
    assert found.skipped == 0


@pytest.mark.parametrize("value", ["1_000", "\u0661\u0662", "1e1_0", "\uff15"])
def test_what_only_python_reads_as_a_number_is_none(value: str) -> None:
    cache = fresh()
    for known in ("2", value):
        found = parse_exposition(f"a {known}\nb 1\n", cache)
    assert (values(found), found.skipped) == ({"b{}": 1.0}, 1)


def test_timestamps_and_exemplars_are_left_out_scrape_after_scrape() -> None:
    cache = fresh()
    text = 'a{{x="1"}} {0} 1700000000000\nb_bucket{{le="1"}} {0} # {{trace_id="abc {{}}"}} 0.67 170.5\nc {0} 17\n'
    for value in (1, 2, 3):
        found = parse_exposition(text.format(value), cache)
        assert list(found.values) == [value] * 3
    assert [series.name for series in found.series] == ["a", "b_bucket", "c"]


def test_blank_lines_odd_spacing_and_line_ends_are_fine() -> None:
    assert values(parsed("\n  \na\t1\r\nb   2  \n\nc{ x = \"1\" , } 3\n# comment\n#no comment\n")) == {
        "a{}": 1.0, "b{}": 2.0, "c{x=1}": 3.0,
    }  # fmt: skip


def test_declarations_without_samples_are_an_exposition_with_nothing_in_it() -> None:
    assert values(parsed("# HELP a words\n# TYPE a counter\n")) == {}


def test_of_a_series_reported_twice_the_last_value_wins() -> None:
    found = parsed('a{x="1",y="2"} 1\nb 5\na{y="2",x="1"} 2\na{x="1",y="2"} 3\n')
    assert values(found) == {"a{x=1,y=2}": 3.0, "b{}": 5.0}


def test_odd_values_with_bare_quotes_are_read_as_meant() -> None:
    found = parsed('ok 1\na{p="con"sumer:Namespace",q="x"} 4\n')
    assert values(found) == {"ok{}": 1.0, 'a{p=con"sumer:Namespace,q=x}': 4.0}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("# TYPE a_total gauge\na_total 1\n", "a_total", Kind.GAUGE),
        ("# TYPE a_total counter\na_total 1\n", "a_total", Kind.COUNTER),
        ("# TYPE a counter\na_total 1\n# EOF\n", "a_total", Kind.COUNTER),
        ("# TYPE a counter\na_created 1\na_total 1\n# EOF\n", "a_created", Kind.GAUGE),
        ("# TYPE a histogram\na_bucket{le=\"1\"} 1\n", "a_bucket", Kind.HISTOGRAM),
        ("# TYPE a histogram\na_sum 1\n", "a_sum", Kind.HISTOGRAM),
        ("# TYPE a histogram\na_count 1\n", "a_count", Kind.HISTOGRAM),
        ("# TYPE a summary\na{quantile=\"0.5\"} 1\n", "a", Kind.GAUGE),
        ("# TYPE a summary\na_count 1\n", "a_count", Kind.COUNTER),
        ("# TYPE a untyped\na 1\n", "a", Kind.UNKNOWN),
        ("# TYPE a info\na_info{x=\"1\"} 1\n# EOF\n", "a_info", Kind.INFO),
        ("# TYPE a stateset\na{a=\"x\"} 1\n# EOF\n", "a", Kind.STATESET),
        ("a 1\n", "a", Kind.UNKNOWN),
        ("a_total 1\n", "a_total", Kind.COUNTER),
        ("a_bucket{le=\"1\"} 1\n", "a_bucket", Kind.HISTOGRAM),
        ("# TYPE a_count gauge\na_count 1\n", "a_count", Kind.GAUGE),
        ("prism_pool_connections_active 1\n", "prism_pool_connections_active", Kind.GAUGE),
        ("# TYPE prism_requests_total gauge\nprism_requests_total 1\n", "prism_requests_total", Kind.COUNTER),
        ("prism_request_duration_seconds_sum 1\n", "prism_request_duration_seconds_sum", Kind.HISTOGRAM),
    ],
)  # fmt: skip
def test_the_kind_comes_from_the_catalogue_then_the_type_then_the_name(text: str, name: str, kind: Kind) -> None:
    kinds = {series.name: series.kind for series in parsed(text).series}
    assert kinds[name] is kind


def test_a_type_that_changes_is_noticed() -> None:
    cache = fresh()
    parse_exposition("# TYPE a gauge\na 1\n", cache)
    (series,) = parse_exposition("# TYPE a counter\na 1\n", cache).series
    assert series.kind is Kind.COUNTER


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n  \n", "hello world, this is no metric\n", "{}\n", '{"a": 1}\n', "a b c\nd e f\n", "a\n",
        "\x00\x01\x02\n", "# just words\n", "a{x=1} 2\n", "a{x=\"1\" 2\n", "1a 2\n",
    ],
)  # fmt: skip
def test_what_is_no_exposition_is_refused(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parsed(text)
    assert caught.value.kind is ErrorKind.MALFORMED


def test_a_few_bad_lines_among_many_good_ones_are_counted_and_skipped() -> None:
    found = parsed("".join(f"a{n} {n}\n" for n in range(50)) + "!!\nwhat is this\nb x\n")
    assert (len(found.values), found.skipped) == (50, 3)


def test_a_known_line_whose_value_is_no_number_is_skipped() -> None:
    cache = fresh()
    parse_exposition("a 1\nb 2\n", cache)
    found = parse_exposition("a 1\nb oops\n", cache)
    assert (values(found), found.skipped) == ({"a{}": 1.0}, 1)


def test_too_many_bad_lines_refuse_the_scrape() -> None:
    with pytest.raises(CollectError, match="unreadable lines"):
        parsed("".join(f"a{n} {n}\n" for n in range(50)) + "!!\n" * 6)


def test_what_a_bad_line_held_is_shown_without_its_secrets() -> None:
    with pytest.raises(CollectError) as caught:
        parsed("password=opensesame nonsense here\n")
    assert "opensesame" not in caught.value.detail


@pytest.mark.parametrize(
    ("text", "declared"),
    [("a 1\nb{x=\"1", True), ("a 1\nb{x=\"1\"}", True), ("a 1\n# TYPE b coun", True), ("a 1\nb 12", False)],
)  # fmt: skip
def test_a_text_cut_in_its_last_line_is_refused(text: str, declared: bool) -> None:
    with pytest.raises(CollectError, match="cut short"):
        parsed(text, declared=declared)


def test_a_missing_last_newline_is_fine_when_the_length_was_reported() -> None:
    assert values(parsed("a 1\nb 2", declared=True)) == {"a{}": 1.0, "b{}": 2.0}


def test_openmetrics_must_end_with_its_mark() -> None:
    assert values(parsed("a 1\n# EOF\n", openmetrics=True)) == {"a{}": 1.0}
    assert values(parsed("a 1\n# EOF", openmetrics=True, declared=False)) == {"a{}": 1.0}
    with pytest.raises(CollectError, match="EOF"):
        parsed("a 1\n", openmetrics=True)


def test_unchanged_lines_give_the_very_same_list_of_series() -> None:
    cache = fresh()
    first = parse_exposition("a 1\nb 2\n", cache)
    second = parse_exposition("a 3\nb 4\n", cache)
    assert second.series is first.series
    assert list(second.values) == [3.0, 4.0]
    third = parse_exposition("a 3\n", cache)
    assert [series.name for series in third.series] == ["a"]
    assert [series.name for series in first.series] == ["a", "b"]


def test_what_is_known_does_not_grow_with_series_that_come_and_go() -> None:
    cache = fresh()
    for turn in range(6):
        parse_exposition("".join(f'a{{n="{turn}-{n}"}} 1\n' for n in range(KEEP_AT_LEAST // 2)), cache)
    assert len(cache.slots) <= 2 * KEEP_AT_LEAST


def test_what_is_known_does_not_grow_with_long_labels_that_come_and_go() -> None:
    cache = fresh()
    for turn in range(40):
        parse_exposition("".join(f'a{{n="{turn}-{n}{"x" * 50_000}"}} 1\n' for n in range(10)), cache)
        assert sum(map(len, cache.slots)) <= KEEP_CHARACTERS + 10 * 51_000


@pytest.mark.parametrize(
    "before", ["prism_requests_total 4\n", "prism_requests_total 4\nprism_namespace_requests_total 3\n"]
)
def test_an_alias_counts_again_once_the_name_it_stands_for_is_gone(before: str) -> None:
    cache = fresh()
    parse_exposition(before, cache)
    assert values(parse_exposition("prism_namespace_requests_total 5\n", cache)) == {"prism_requests_total{}": 5.0}


def test_a_line_of_absurd_length_is_not_looked_at() -> None:
    found = parsed('a 1\nb{x="' + "}" * 200_000 + '"} 1\nc 2\n')
    assert (values(found), found.skipped) == ({"a{}": 1.0, "c{}": 2.0}, 1)


# What the real client library writes, both formats, comes back as it was.
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}x", fullmatch=True)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.dictionaries(st.text(max_size=12), FLOATS, min_size=1, max_size=4), max_size=5))
def test_generated_families_survive_the_round_trip(families: dict[str, dict[str, float]]) -> None:
    registry = prometheus_client.CollectorRegistry()
    expected = {}
    for name, series in families.items():
        gauge = prometheus_client.Gauge(name, "words \\ with \n odd", ["label"], registry=registry)
        for label, value in series.items():
            gauge.labels(label).set(value)
            expected[f"{name}{{label={label}}}" if label else f"{name}{{}}"] = value
    for text, openmetrics in (
        (prometheus_client.generate_latest(registry).decode(), False),
        (openmetrics_of(registry).decode(), True),  # type: ignore[no-untyped-call]
    ):
        if text:
            assert values(parsed(text, openmetrics=openmetrics)) == expected


@given(st.text())
@example('a{b="c"} 1 # {')
@example("{} 1")
@example('a{b="c",} 1 2 3\n')
def test_any_text_is_parsed_or_refused(text: str) -> None:
    cache = fresh()
    for _ in range(2):
        try:
            found = parse_exposition(text, cache)
        except CollectError as error:
            assert error.kind is ErrorKind.MALFORMED
        else:
            assert len(found.series) == len(found.values)
            assert isinstance(found.values, array)


LINES = st.sampled_from(
    ["a 1", 'a{x="1"} 2', "a 1 2", 'a_bucket{le="+Inf"} 4 # {t="x"} 1', "# TYPE a gauge", "# TYPE a counter", "", "?",
     'x{y="z"', "# EOF", "prism_namespace_requests_total 4", "prism_requests_total 4", "a NaN", "\t a\t7"]
)  # fmt: skip


@given(st.lists(st.lists(LINES, max_size=8), max_size=5))
def test_a_cache_never_changes_what_a_text_means(scrapes: list[list[str]]) -> None:
    cache = fresh()
    for lines in scrapes:
        text = "\n".join(lines) + "\n"
        try:
            alone = values(parsed(text))
        except CollectError:
            alone = {}
        try:
            cached = values(parse_exposition(text, cache))
        except CollectError:
            cached = {}
        assert str(cached) == str(alone)


def test_quoted_utf_8_names_are_names() -> None:
    found = parsed(
        '# HELP "my.metric" words\n# TYPE "my.metric" counter\n{"my.metric",a="b"} 1\n'
        '# TYPE "größe in m" gauge\n{"größe in m","label.name"="c}"} 2 1700000000000\n'
        '{"a\\"b"} 3\n{a="b","last"} 4\nplain{"x.y"="z"} 5\n'
    )
    assert values(found) == {
        "my.metric{a=b}": 1.0, "größe in m{label.name=c}}": 2.0, 'a"b{}': 3.0, "last{a=b}": 4.0, "plain{x.y=z}": 5.0,
    }  # fmt: skip
    assert [one.kind for one in found.series[:2]] == [Kind.COUNTER, Kind.GAUGE]


def test_a_quoted_name_is_the_catalogues_when_it_is_called_so() -> None:
    aliases = Aliases(metrics={"my.requests": "prism_requests_total"})
    text = '{"my.requests",pattern="redis"} 7\n'
    assert values(parse_exposition(text, fresh(aliases))) == {"prism_requests_total{pattern=redis}": 7.0}
    both = text + '{"prism_requests_total",pattern="redis"} 8\n'
    found = values(parse_exposition(both, fresh(aliases)))
    assert found == {"my.requests{pattern=redis}": 7.0, "prism_requests_total{pattern=redis}": 8.0}


@pytest.mark.parametrize(
    "line", ['{a="b"} 1', '{"a","b"} 1', 'x{"y"} 1', "{} 1", '{""} 1', 'x{""="y"} 1', '{"a" 1', '{a.b="c"} 1']
)
def test_a_line_without_exactly_one_name_is_unreadable(line: str) -> None:
    assert parsed(f"{line}\n" + "good 1\n" * 1).skipped == 1


@given(st.text(min_size=1).filter(lambda name: "\r" not in name and len(name.splitlines()) == 1), st.text(max_size=20))
def test_any_name_may_be_quoted(name: str, value: str) -> None:
    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'

    line = parse_line(f"{{{quoted(name)},{quoted(name)}={quoted(value)}}} 1")
    assert line is not None
    assert (line.name, line.pairs) == (name, [(name, value)])


def test_a_samples_own_time_is_kept_beside_its_value() -> None:
    found = parsed("a 1 1700000000000\nb 2\nc 3 1700000000.5\n# EOF\n")
    assert found.times is not None
    assert list(found.times)[::2] == [1700000000.0, 1700000000.5]
    assert math.isnan(found.times[1])
    assert parsed("a 1\n").times is None


@pytest.mark.parametrize(
    "line",
    ["a 5\t1700000000000", 'a 5\t# {trace_id="q"} 0.5', 'a{b="c"} 5\t1700000000', 'a{b="c"}5', 'a{b="c"}5\t1700'],
)
def test_a_line_is_read_again_as_it_was_read_first_whatever_stands_between_its_parts(line: str) -> None:
    cache = fresh()
    first, again = parse_exposition(f"{line}\n", cache), parse_exposition(f"{line}\n", cache)
    assert list(first.values) == list(again.values) == [5.0]
    assert first.times == again.times
