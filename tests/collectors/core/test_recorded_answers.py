"""What real processes answered, read byte for byte, agrees with the reference parser."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from collectors.exposition.naming import Naming
from collectors.exposition.parser import Exposition, ExpositionCache, parse_exposition
from model.series import Kind
from model.settings import Aliases

RECORDED = Path(__file__).parents[1] / "recorded"
REAL = ("prometheus.txt", "node_exporter.txt", "simulator.txt", "simulator_otel.txt", "prism_admin.txt")


def read(name: str) -> tuple[str, Exposition]:
    text = (RECORDED / name).read_text(encoding="utf-8")
    return text, parse_exposition(text, ExpositionCache(Naming("a:1", Aliases())))


def named(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """As we call them: nothing without a value, and edges in one spelling."""
    edges = {name: f"{float(value):.12g}" for name, value in labels.items() if name == "le" and value != "+Inf"}
    return tuple(sorted((name, value) for name, value in {**labels, **edges}.items() if value))


@pytest.mark.parametrize("name", REAL)
def test_every_sample_is_what_the_reference_parser_reads(name: str) -> None:
    text, found = read(name)
    reference = {
        (sample.name, named(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    ours = {
        (series.name, tuple((label, value) for label, value in series.labels if label != "instance")): value
        for series, value in zip(found.series, found.values, strict=True)
    }
    assert found.skipped == 0
    assert ours.keys() == reference.keys()
    for key, value in ours.items():
        assert value == reference[key] or (math.isnan(value) and math.isnan(reference[key]))


@pytest.mark.parametrize("name", REAL)
def test_every_series_of_a_real_exposition_has_a_kind(name: str) -> None:
    _, found = read(name)
    assert Counter(series.kind for series in found.series)[Kind.UNKNOWN] == 0


def test_prism_admins_gauges_that_are_called_total_stay_gauges() -> None:
    _, found = read("prism_admin.txt")
    kinds = {series.name: series.kind for series in found.series}
    assert kinds["prism_admin_admin_namespaces_total"] is Kind.GAUGE
    assert kinds["prism_admin_raft_leader_elections_total"] is Kind.COUNTER


def test_the_launchers_odd_text_is_read_whole() -> None:
    _, found = read("launcher.txt")
    reported = {
        series.label("pattern_isolation"): value for series, value in zip(found.series, found.values, strict=True)
    }
    assert reported['con"sumer:Namespace'] == 4.0
    assert reported["$admin-logs, \\q:None"] == 1.0
    assert found.skipped == 0
    assert found.series[-1].name == "pattern_launcher_uptime_seconds"
