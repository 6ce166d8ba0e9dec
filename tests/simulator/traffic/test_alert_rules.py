from __future__ import annotations

from simulator.traffic.effects import Effects, PatternEffect, Slowness
from simulator.traffic.traffic_model import Books

START = 1_700_000_000.0


def open_alerts(books: Books) -> set[tuple[str, str]]:
    return {(alert.rule.name, alert.pattern) for alert in books.alerts.open.values()}


def test_the_scene_begins_with_the_nats_restart_loop_and_a_redis_pool_that_got_well(books: Books) -> None:
    books.advance(START + 2)
    assert open_alerts(books) == {("Pattern restart loop", "nats")}
    pool = [change for change in books.alerts.changes if change.rule.name == "Redis pool >90 %"]
    assert [(change.firing, START - change.at) for change in pool] == [(True, 1320.0), (False, 900.0)]


def test_a_crash_is_an_open_alert_and_then_a_restart_in_history(books: Books) -> None:
    books.change(Effects(patterns={"redis": PatternEffect(down=True)}), START + 5)
    books.advance(START + 10)
    assert ("Pattern down", "redis") in open_alerts(books)
    books.change(Effects(), START + 12)
    books.advance(START + 15)
    assert ("Pattern down", "redis") not in open_alerts(books)
    assert ("Pattern restarted", "redis") in open_alerts(books)
    books.advance(START + 400)
    assert ("Pattern restarted", "redis") not in open_alerts(books)
    restarted = [
        one.firing for one in books.alerts.changes if (one.rule.name, one.pattern) == ("Pattern restarted", "redis")
    ]
    assert restarted == [True, False]


def test_errors_slowness_and_a_full_pool_open_alerts_that_close_again(books: Books) -> None:
    effects = Effects(everywhere=Slowness(20.0, 0.3), patterns={"redis": PatternEffect(full_since=START)})
    books.change(effects, START)
    books.advance(START + 90)
    found = {("Error ratio high", ""), ("P99 latency high", ""), ("Redis pool >90 %", "redis")}
    assert found < open_alerts(books)
    books.change(Effects(), START + 90)
    books.advance(START + 200)
    assert not found & open_alerts(books)


def test_the_loop_alert_is_over_a_day_after_the_last_restart(books: Books) -> None:
    books.advance(START + 86400)
    assert not open_alerts(books)
