"""docs/detection.md says what was measured, and no more."""

from __future__ import annotations

from aggregators.alerts.rules import RULES
from bench.virtual.outcome import Calm, Headline, Outcome, Raised, judged
from bench.virtual.record import Record
from docs.detection import detection_page
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import REPORT

UNTUNED = [one for one in EXPERIMENTS.values() if one.half == REPORT and len(one.blames) == 1]
TUNED = next(one for one in EXPERIMENTS.values() if one.half != REPORT)


def _record() -> Record:
    def outcome(at: int, seconds: float | None, lost: str = "") -> Outcome:
        one = UNTUNED[at]
        alerts = [Raised(seconds, "error_ratio", one.blames[0][0], "warning", "")] if seconds is not None else []
        headlines = [Headline((alert.component,)) for alert in alerts]
        return judged(one, 1, lost, alerts, headlines, flaps=0, clear_seconds=3.0)

    record = Record()
    calms = [Calm("evening", 1, 360.0, ("warning error_ratio: said | of nobody",), 0), Calm("", 1, 1800.0, (), 0)]
    record.add([outcome(0, 2.0), outcome(1, 12.0), outcome(2, None), outcome(0, 5.0, "proxy")], calms)
    record.add([judged(TUNED, 1, "", [], [], flaps=0, clear_seconds=0.0)], [])
    return record


def test_the_figures_of_each_kind_of_run_stand_beside_each_other() -> None:
    page = detection_page(_record())
    assert "| | report's half | without ramps | tuning half | proxy lost |".replace("| |", "|  |") in page
    assert "| seen within 30 s | 66.7 % | 66.7 % | 0.0 % | 100.0 % |" in page
    assert "| seen within 10 s | 33.3 % | 33.3 % | 0.0 % | 100.0 % |" in page


def test_every_rule_is_listed_with_what_it_saw_and_how_fast() -> None:
    page = detection_page(_record())
    assert "| `error_ratio` | warning | 2 times | 100 % | 2 | 2.0 s | 12.0 s |" in page
    assert all(f"| `{rule.id}` |" in page for rule in RULES)


def test_what_was_not_seen_is_named_with_its_reason() -> None:
    page = detection_page(_record())
    unseen = page[page.index("## What cannot be seen") :]
    assert f"- `{UNTUNED[2].id}`: nothing was said of it." in unseen
    assert UNTUNED[0].id not in unseen


def test_false_episodes_are_said_in_their_own_words() -> None:
    page = detection_page(_record())
    assert "1 disturbances, each kind 1 times, gave 1 false episodes." in page
    assert "warning error_ratio: said / of nobody" in page
    assert "Nothing was measured." in detection_page(Record())
