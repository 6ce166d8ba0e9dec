from __future__ import annotations

from simulator.traffic.effects import Effects, PatternEffect, Slowness
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


def open_alerts(traffic_model: TrafficModel) -> set[tuple[str, str]]:
    return {(alert.rule.name, alert.pattern) for alert in traffic_model.alerts.open.values()}


def test_the_scene_begins_with_the_nats_restart_loop_and_a_redis_pool_that_got_well(
    traffic_model: TrafficModel,
) -> None:
    traffic_model.advance(START + 2)
    assert open_alerts(traffic_model) == {("Pattern restart loop", "nats")}
    pool = [change for change in traffic_model.alerts.changes if change.rule.name == "Redis pool >90 %"]
    assert [(change.firing, START - change.at) for change in pool] == [(True, 1320.0), (False, 900.0)]


def test_a_crash_is_an_open_alert_and_then_a_restart_in_history(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(patterns={"redis": PatternEffect(down=True)}), START + 5)
    traffic_model.advance(START + 10)
    assert ("Pattern down", "redis") in open_alerts(traffic_model)
    traffic_model.change(Effects(), START + 12)
    traffic_model.advance(START + 15)
    assert ("Pattern down", "redis") not in open_alerts(traffic_model)
    assert ("Pattern restarted", "redis") in open_alerts(traffic_model)
    traffic_model.advance(START + 400)
    assert ("Pattern restarted", "redis") not in open_alerts(traffic_model)
    restarted = [
        one.firing
        for one in traffic_model.alerts.changes
        if (one.rule.name, one.pattern) == ("Pattern restarted", "redis")
    ]
    assert restarted == [True, False]


def test_errors_slowness_and_a_full_pool_open_alerts_that_close_again(traffic_model: TrafficModel) -> None:
    effects = Effects(everywhere=Slowness(20.0, 0.3), patterns={"redis": PatternEffect(full_since=START)})
    traffic_model.change(effects, START)
    traffic_model.advance(START + 90)
    found = {("Error ratio high", ""), ("P99 latency high", ""), ("Redis pool >90 %", "redis")}
    assert found < open_alerts(traffic_model)
    traffic_model.change(Effects(), START + 90)
    traffic_model.advance(START + 200)
    assert not found & open_alerts(traffic_model)


def test_the_loop_alert_is_over_a_day_after_the_last_restart(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 86400)
    assert not open_alerts(traffic_model)
