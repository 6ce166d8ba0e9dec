"""Other names for the same thing become the catalogue's, in base units."""

from __future__ import annotations

import pytest

from collectors.exposition.naming import Naming, unit_factor
from collectors.exposition.parser import ExpositionCache, parse_exposition
from model.series import Kind, Sample, Series
from model.settings import Aliases


def read(text: str, aliases: Aliases | None = None, cache: ExpositionCache | None = None) -> dict[Series, float]:
    cache = cache or ExpositionCache(Naming("a:1", aliases or Aliases()))
    found = parse_exposition(text, cache)
    samples = [Sample(one, value, 0.0) for one, value in zip(found.series, found.values, strict=True)]
    return {sample.series: sample.value for sample in samples}


def names(found: dict[Series, float]) -> dict[str, float]:
    return {series.name: value for series, value in found.items()}


def test_prisms_rival_names_are_known() -> None:
    (series,) = read('# TYPE prism_connection_pool_active gauge\nprism_connection_pool_active{tenant_id="t"} 3\n')
    assert (series.name, series.label("namespace"), series.label("tenant_id")) == (
        "prism_pool_connections_active", "t", None,
    )  # fmt: skip
    assert series.kind is Kind.GAUGE


def test_a_name_that_is_exposed_itself_is_not_counted_twice() -> None:
    text = 'prism_requests_total{namespace="a",status="success"} 5\nprism_namespace_requests_total{namespace="a"} 5\n'
    assert names(read(text)) == {"prism_requests_total": 5.0, "prism_namespace_requests_total": 5.0}


def test_that_holds_too_when_the_real_name_turns_up_later() -> None:
    cache = ExpositionCache(Naming("a:1", Aliases()))
    alias = 'prism_namespace_requests_total{namespace="a"} 5\n'
    assert names(read(alias, cache=cache)) == {"prism_requests_total": 5.0}
    both = alias + 'prism_requests_total{namespace="a",status="success"} 6\n'
    assert names(read(both, cache=cache)) == {"prism_requests_total": 6.0, "prism_namespace_requests_total": 5.0}


def test_the_operators_aliases_are_applied_to_names_and_labels() -> None:
    aliases = Aliases(metrics={"my_requests_total": "prism_requests_total"}, labels={"ns": "namespace"})
    (series,) = read('my_requests_total{ns="a",op="x"} 1\n', aliases)
    assert series == Series(
        "prism_requests_total", (("instance", "a:1"), ("namespace", "a"), ("op", "x")), Kind.COUNTER
    )


def test_an_aliased_label_does_not_replace_the_real_one() -> None:
    (series,) = read('a{tenant_id="t",namespace="n"} 1\n')
    assert (series.label("namespace"), series.label("tenant_id")) == ("n", "t")


def test_an_aliased_histogram_in_milliseconds_becomes_seconds() -> None:
    aliases = Aliases(metrics={"my_latency_ms": "prism_request_duration_seconds"})
    text = (
        "# TYPE my_latency_ms histogram\n"
        'my_latency_ms_bucket{le="0.3"} 4\nmy_latency_ms_bucket{le="+Inf"} 5\n'
        "my_latency_ms_sum 12\nmy_latency_ms_count 5\n"
    )
    found = read(text, aliases)
    shown = {(series.name, series.label("le")): value for series, value in found.items()}
    assert shown == {
        ("prism_request_duration_seconds_bucket", "0.0003"): 4.0,
        ("prism_request_duration_seconds_bucket", "+Inf"): 5.0,
        ("prism_request_duration_seconds_sum", None): pytest.approx(0.012),
        ("prism_request_duration_seconds_count", None): 5.0,
    }
    assert {series.kind for series in found} == {Kind.HISTOGRAM}


@pytest.mark.parametrize(
    ("name", "target", "factor"),
    [
        ("a_ms", "b_seconds", 1e-3),
        ("a_milliseconds_total", "b_seconds_total", 1e-3),
        ("a_us", "b_seconds", 1e-6),
        ("a_nanoseconds", "b_seconds", 1e-9),
        ("a_seconds", "b_seconds", 1.0),
        ("a_minutes", "b_seconds", 60.0),
        ("a_hours_total", "b_seconds_total", 3600.0),
        ("a_mb", "b_bytes", 1e6),
        ("a_mebibytes", "b_bytes", 2.0**20),
        ("a_kib_total", "b_bytes_total", 1024.0),
        ("a_percent", "b_ratio", 1e-2),
        ("a_mb", "b_seconds", 1.0),
        ("a_ms", "b_count", 1.0),
        ("items", "b_seconds", 1.0),
    ],
)
def test_the_factor_follows_from_both_names(name: str, target: str, factor: float) -> None:
    assert unit_factor(name, target) == factor


def test_a_namespaces_latency_in_milliseconds_becomes_seconds() -> None:
    (series,) = found = read('prism_namespace_latency_ms{namespace="a",p="p99"} 12.5\n')
    assert (series.name, series.label("p"), found[series]) == ("prism_namespace_latency_seconds", "p99", 0.0125)


@pytest.mark.parametrize(
    ("given", "found"),
    [([("le", "1.0")], {"le": "1"}), ([("le", "5e-05")], {"le": "5e-05"}), ([("le", "+Inf")], {"le": "+Inf"}),
     ([("le", "far")], {"le": "far"}), ([("reason", ""), ("result", "ok")], {"result": "ok"})],
)  # fmt: skip
def test_a_series_has_one_name_whoever_passes_it_on(given: list[tuple[str, str]], found: dict[str, str]) -> None:
    """A Prometheus leaves out labels without a value and spells edges in its own way."""
    series, _ = Naming("a:1", Aliases()).series("prism_requests_total", given, {}, frozenset())
    assert dict(series.labels) == {**found, "instance": "a:1"}


def test_series_that_share_a_label_hold_it_once() -> None:
    text = "".join(f'a_total{{namespace="shop",operation="o{at}"}} 1\n' for at in range(3))
    pairs = [next(pair for pair in series.labels if pair[0] == "namespace") for series in read(text)]
    assert pairs[0] == ("namespace", "shop")
    assert all(pair is pairs[0] for pair in pairs)
