from __future__ import annotations

from pathlib import Path

import pytest

from bench.virtual.outcome import Calm, Headline, Outcome, Raised, judged
from bench.virtual.record import Record, recorded
from bench.virtual.score import by_rule, by_view, scored, scored_calm
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import Experiment

CRASH, TWO = EXPERIMENTS["redis-crashes"], EXPERIMENTS["redis-crashes and dex-serves-no-keys"]


def raised(seconds: float, component: str, rule: str = "pattern_down") -> Raised:
    return Raised(seconds, rule, component, "critical", f"{component} is down", (rule, component))


def outcome(*alerts: Raised, of: Experiment = CRASH, seed: int = 1, lost: str = "", flaps: int = 0) -> Outcome:
    headlines = [Headline((one.component,), frozenset([one.key])) for one in alerts]
    return judged(of, seed, lost, alerts, headlines, flaps=flaps, clear_seconds=4.0)


def test_whoever_is_to_blame_and_first_named_is_the_cause() -> None:
    found = outcome(raised(1.0, "namespace catalog"), raised(2.0, "redis"))
    assert (found.seconds, found.component, found.cause, found.wrong) == (2.0, "redis", 1, ())


def test_alerts_are_outside_unless_their_incident_has_the_right_cause() -> None:
    pool, symptom, other = raised(1.0, "redis", "pool_use"), raised(2.0, "namespace catalog"), raised(3.0, "all")
    right = Headline(("pool redis", "namespace catalog"), frozenset([pool.key, symptom.key]))
    wrong = Headline(("all requests",), frozenset([other.key]))
    found = judged(CRASH, 1, "", [pool, symptom, other], [wrong, right], flaps=0, clear_seconds=None)
    assert (found.incidents, found.outside, found.cause) == (2, 1, 1)
    assert found.causes == ("all requests", "pool redis", "namespace catalog")
    assert judged(TWO, 1, "", [pool], [right, wrong], flaps=0, clear_seconds=None).cause is None
    both = [Headline(("Dex",)), right]
    assert judged(TWO, 1, "", [pool], both, flaps=0, clear_seconds=None).cause == 0


def test_an_alert_of_somebody_else_is_a_miss_and_a_false_alarm() -> None:
    found = outcome(raised(1.0, "postgresql"))
    assert (found.seconds, found.cause, found.causes) == (None, None, ("postgresql",))
    assert found.wrong == ("pattern_down: postgresql is down",)


def test_of_two_faults_both_must_be_named() -> None:
    assert outcome(raised(1.0, "redis"), of=TWO).seconds is None
    both = outcome(raised(1.0, "redis"), raised(7.0, "Dex", "sign_in"), of=TWO)
    assert (both.seconds, both.rule) == (7.0, "sign_in")


def test_the_figures_are_those_of_the_outcomes() -> None:
    many = [outcome(raised(float(seconds), "redis"), flaps=1) for seconds in (2, 4, 12, 40)] + [outcome()]
    figures = scored(many)
    assert (figures["injections"], figures["recall_10s"], figures["recall_30s"]) == (5, 0.4, 0.6)
    assert figures["recall_30s_lower_bound"] == pytest.approx(0.1466, abs=0.0001)
    assert (figures["median_s"], figures["p90_s"], figures["flaps_per_fault"]) == (4.0, 40.0, 0.8)
    assert (figures["cause_top1"], figures["alerts_per_incident"]) == (1.0, 1.0)
    assert by_view(many) == {"System Health": (3, 5)}
    assert by_rule(many) == {"pattern_down": [2.0, 4.0, 12.0, 40.0]}
    assert scored([]) == {}


def test_false_episodes_a_day_are_of_each_disturbance_once_and_of_the_hours_without() -> None:
    calms = [Calm("evening", seed, 100.0, ("wrong",) if seed == 1 else (), 0) for seed in (1, 2, 3, 4)]
    calms += [Calm("morning", seed, 100.0, (), 2) for seed in (1, 2, 3, 4)]
    figures = scored_calm(calms)
    assert (figures["benign_days"], figures["false_episodes_per_day"]) == (4, 0.25)
    assert figures["false_episodes_per_day_upper_bound"] == pytest.approx(4.7439 / 4, abs=0.001)
    calms += [Calm("", 1, 600.0, ("wrong",) if at == 0 else (), 0) for at in range(12)]
    assert scored_calm(calms)["false_episodes_per_day"] == 0.25 + 12.0


def test_what_was_found_is_kept_and_a_later_run_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "detection.json"
    record = recorded(path)
    assert record == Record()
    record.add([outcome(), outcome(raised(3.0, "redis"), lost="proxy")], [Calm("", 1, 600.0, (), 0)] * 2)
    record.add([outcome(raised(5.0, "redis"))], [Calm("evening", 1, 9.0, ("é",), 1)])
    record.save(path)
    again = recorded(path)
    assert again.outcomes == record.outcomes
    assert sorted(again.calms, key=lambda one: one.key) == sorted(record.calms, key=lambda one: one.key)
    assert [one.seconds for one in again.of()] == [5.0]
    assert [one.seconds for one in again.of("proxy")] == [3.0]
