"""From a figure to where it comes from: what reports it now, and the question that gives the same."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from aggregators.follow.follow import (
    HIDDEN,
    MOST_LINES,
    MOST_SERIES,
    NO_TEXT,
    NOT_KEPT,
    NOT_SHOWN,
    NOT_YET,
    Followed,
    follow,
)
from model.catalogue import BY_NAME
from model.figures.parts import FIGURES, PARTS
from model.needs import NEEDS
from model.series import Kind, Scrape, Series, labels_of
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.tenants import NOW, Tenant, proxy, world

HOSTILE = ('a"b', "back\\slash", "{}", "$only", "x\ny", "<script>")


def asked(found: Followed) -> str:
    return found.questions[0].promql


def test_every_figure_is_written_down_once_with_families_that_are_known() -> None:
    assert len(FIGURES) == len(NEEDS) + len(PARTS)
    assert {name for one in FIGURES.values() for name in one.families} <= BY_NAME.keys()


@pytest.mark.parametrize("figure", sorted(FIGURES))
def test_every_figure_can_be_followed_before_anything_was_read(figure: str) -> None:
    found = follow(snapshot_of([]), NOW, figure, name="redis", range="1h")
    assert found.known
    assert found.sources == ()
    assert all(one.newest == () and one.means for one in found.families)
    assert not any("$" in one.promql for one in found.questions)


def test_its_series_their_age_and_their_source_are_named() -> None:
    found = follow(world([Tenant("shop", 10.0, failures=1.0)]), NOW + 2.0, "sh-success")
    (family,) = found.families
    assert (family.name, family.series) == ("prism_requests_total", 2)
    failed, succeeded = family.newest
    assert (failed.labels["status"], failed.value, succeeded.value) == ("error", 40.0, 360.0)
    assert (failed.source, failed.age_seconds) == ("proxy@p:1", 2.0)
    assert [one.key for one in found.sources] == ["proxy@p:1"]


def test_a_source_that_is_lost_is_named_with_the_age_of_what_it_said_last() -> None:
    found = follow(world([Tenant("shop", 10.0)], lost=["proxy"]), NOW, "sh-success")
    assert {one.age_seconds for one in found.families[0].newest} == {14.0}
    assert [(one.key, one.word) for one in found.sources] == [("proxy@p:1", "down")]


def test_what_nobody_reports_names_who_could() -> None:
    found = follow(world([Tenant("shop", 10.0)]), NOW, "ms-published")
    assert found.families[0].newest == ()
    assert [one.key for one in found.sources] == ["proxy@p:1"]
    assert found.families[0].asked


def test_a_page_of_one_thing_narrows_series_and_question_to_it() -> None:
    snapshot = world([Tenant("shop", 10.0), Tenant("search", 5.0)])
    found = follow(snapshot, NOW, "nd-rps", name="shop")
    assert {one.labels["namespace"] for one in found.families[0].newest} == {"shop"}
    assert asked(found) == 'sum(rate(prism_requests_total{namespace="shop"}[15s]))'
    share = asked(follow(snapshot, NOW, "nd-share", name="shop"))
    assert share == f"{asked(found)} / sum(rate(prism_requests_total[15s]))"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_any_kind_is_one_literal_of_the_question(name: str) -> None:
    said = asked(follow(world([Tenant(name, 10.0)]), NOW, "nd-rps", name=name))
    head, _, rest = said.partition('namespace="')
    literal = rest.removesuffix('"}[15s]))')
    assert head == "sum(rate(prism_requests_total{"
    assert "\n" not in literal
    assert literal.encode().decode("unicode_escape") == name


def test_one_proxy_of_several_is_named_in_the_question() -> None:
    reads = [
        proxy(NOW - 40 + at, at, [Tenant("shop", 1.0)], instance=one) for at in range(41) for one in ("p:1", "p:2")
    ]
    states = [SourceState(f"proxy@{one}", "proxy", one, one, 1.0).succeeded(NOW, 0.01, 5) for one in ("p:1", "p:2")]
    snapshot = snapshot_of(reads, sources=states)
    assert "instance" not in asked(follow(snapshot, NOW, "sh-rps"))
    alone = follow(snapshot.without({"p:1"}), NOW, "sh-rps")
    assert asked(alone) == 'sum(rate(prism_requests_total{instance="p:2"}[5s]))'
    assert [one.key for one in alone.sources] == ["proxy@p:2"]
    both = asked(follow(snapshot, NOW, "rs-threads"))
    assert both == 'sum(process_threads{instance=~"p:1|p:2"})'


def test_reads_are_the_operations_that_were_seen_to_read() -> None:
    snapshot = world([Tenant("a", 1.0), Tenant("a", 1.0, operation="KeyValue.Set"), Tenant("a", 1.0, operation="Odd")])
    assert (
        asked(follow(snapshot, NOW, "sh-thr-read")) == 'sum(rate(prism_requests_total{operation="KeyValue.Get"}[5s]))'
    )
    assert 'operation="KeyValue.Set"' in asked(follow(snapshot, NOW, "sh-thr-write"))


def test_a_chart_is_asked_for_by_the_step_of_its_window() -> None:
    snapshot = world([Tenant("shop", 10.0)])
    assert "[5s]" in asked(follow(snapshot, NOW, "pf-flow-chart"))
    assert "[720s]" in asked(follow(snapshot, NOW, "pf-flow-chart", range="24h"))


def test_the_objective_is_the_one_that_is_configured() -> None:
    slo = {"threshold_seconds": 0.1, "objective_ratio": 0.99}
    found = follow(world([Tenant("shop", 10.0)], meta={"slo": slo}), NOW, "pf-burns")
    assert 'le="0.1"' in asked(found)
    assert asked(found).endswith("/ 0.01")


def people() -> Snapshot:
    scrape = Scrape("signoz", "s:1", NOW)
    for at in range(MOST_SERIES + 20):
        labels = {"window": "24h", "reason": f"r{at}", "user": "alice", "source_ip": "10.0.0.1", "instance": "s:1"}
        scrape.series.append(Series("signoz_auth_failures", labels_of(labels), Kind.GAUGE))
    scrape.values = array("d", [1.0] * len(scrape.series))
    return snapshot_of([scrape], sources=[SourceState("signoz@s:1", "signoz", "s:1", "s", 2.0).succeeded(NOW, 0.1, 1)])


def test_people_are_hidden_from_whoever_may_not_see_them() -> None:
    shown, hidden = (follow(people(), NOW, "se-attempts", hide=hide).families[0].newest[0].labels for hide in ("", "1"))
    assert (shown["user"], shown["source_ip"]) == ("alice", "10.0.0.1")
    assert (hidden["user"], hidden["source_ip"]) == (HIDDEN, HIDDEN)


def test_of_many_series_a_few_are_listed_and_all_are_counted() -> None:
    (family,) = follow(people(), NOW, "se-attempts").families
    assert (family.series, len(family.newest)) == (MOST_SERIES + 20, MOST_SERIES)
    assert follow(people(), NOW, "se-attempts").questions == ()


def test_no_figure_is_called_so() -> None:
    assert not follow(snapshot_of([]), NOW, "nothing").known


def kept(*lines: str) -> dict[str, object]:
    entry = {"time": NOW - 1.0, "lines": {"prism_requests_total": list(lines)}, "left_out": {"prism_requests_total": 3}}
    return {"lines": {"proxy@p:1": entry, "proxy@other:1": entry}}


def test_the_lines_that_were_kept_are_those_of_its_sources_and_of_its_page() -> None:
    lines = ['prism_requests_total{namespace="shop"} 1', 'prism_requests_total{namespace="a\\"b"} 2']
    snapshot = world([Tenant("shop", 10.0)], meta=kept(*lines))
    (found,) = follow(snapshot, NOW, "sh-rps").lines
    assert (found.source, found.lines, found.left_out, found.age_seconds) == ("proxy@p:1", tuple(lines), 3, 1.0)
    (one,) = follow(snapshot, NOW, "nd-rps", name='a"b').lines
    assert one.lines == (lines[1],)


def test_many_lines_are_counted_and_of_none_it_is_said_why() -> None:
    many = [f'prism_requests_total{{namespace="{at}"}} 1' for at in range(MOST_LINES + 5)]
    (found,) = follow(world([Tenant("shop", 1.0)], meta=kept(*many)), NOW, "sh-rps").lines
    assert (len(found.lines), found.left_out) == (MOST_LINES, 8)
    assert follow(world([Tenant("shop", 1.0)]), NOW, "sh-rps").lines_note == NOT_YET
    past = replace(world([Tenant("shop", 1.0)], meta=kept(*many)), is_past=True)
    assert (follow(past, NOW, "sh-rps").lines, follow(past, NOW, "sh-rps").lines_note) == ((), NOT_KEPT)
    assert follow(world([]), NOW, "sh-status").lines_note == NOT_YET
    own = [one for one in FIGURES.values() if {BY_NAME[name].source for name in one.families} == {"hud"}]
    assert {follow(world([]), NOW, one.element).lines_note for one in own} <= {NO_TEXT}


def test_a_whole_answer_is_shown_to_those_who_may_see_names() -> None:
    entry = {"time": NOW - 1.0, "lines": {"": ["# GET /x", '{"user": "ann"}']}, "left_out": {}}
    snapshot = world([Tenant("shop", 10.0)], meta={"lines": {"proxy@p:1": entry}})
    (found,) = follow(snapshot, NOW, "sh-rps").lines
    assert (found.family, found.lines[1], found.age_seconds) == ("", '{"user": "ann"}', 1.0)
    hidden = follow(snapshot, NOW, "sh-rps", hide="1")
    assert (hidden.lines, hidden.lines_note) == ((), NOT_SHOWN)
