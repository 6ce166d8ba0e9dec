"""Pools by their own limit, and clients that are no pool by their connection."""

from __future__ import annotations

import pytest

from aggregators.backends.pools import Pool, pools, utilization_ratio
from model.sources import ErrorKind
from model.status import Reading, Status
from tests.aggregators.virtual_prism import VirtualPrism


def of(world: VirtualPrism, name: str, seconds: int = 3) -> Pool:
    for _ in range(seconds):
        world.tick()
    return next(pool for pool in pools(world.snapshot(), world.now) if pool.pattern == name)


def test_a_pool_of_the_proxys_metrics(world: VirtualPrism) -> None:
    redis = of(world, "redis")
    assert (redis.active.value, redis.maximum.value, redis.idle.value) == (7, 10, 3)
    assert redis.utilization_ratio.value == pytest.approx(0.7)
    assert (redis.status, redis.reported_by) == (Status.HEALTHY, "proxy metrics")


@pytest.mark.parametrize(
    ("pool", "status"),
    [
        ((9, 10, 0), Status.HEALTHY),
        ((19, 20, 0), Status.DEGRADED),
        ((10, 10, 0), Status.DEGRADED),
        ((10, 10, 3), Status.UNHEALTHY),
    ],
)
def test_a_pool_is_judged_above_90_percent(
    world: VirtualPrism, pool: tuple[float, float, float], status: Status
) -> None:
    world.pools["redis"] = pool
    assert of(world, "redis").status is status


def test_one_connection_is_no_pool_and_is_judged_by_its_state(world: VirtualPrism) -> None:
    nats = of(world, "nats")
    assert (nats.is_pool, nats.connection, nats.status) == (False, "reconnecting", Status.DEGRADED)
    assert nats.utilization_ratio.reading is Reading.NOT_REPORTED


def test_without_pool_metrics_the_details_of_health_report(world: VirtualPrism) -> None:
    world.absent = ("prism_pool",)
    world.details = {
        "redis": {"total_conns": 8, "idle_conns": 1, "pool_size": 10},
        "postgresql": {"acquired": 3, "idle": 17, "max": 20},
    }
    redis = of(world, "redis")
    assert (redis.active.value, redis.idle.value, redis.reported_by) == (7, 1, "pattern health details")
    assert of(world, "postgresql").utilization_ratio.value == pytest.approx(0.15)
    assert of(world, "nats").connection == "reconnecting"
    assert redis.waiting.reading is Reading.NOT_REPORTED


def test_a_pool_of_size_0_divides_by_nothing(world: VirtualPrism) -> None:
    world.absent = ("prism_pool",)
    world.details = {"redis": {"total_conns": 0, "idle_conns": 0, "pool_size": 0}}
    redis = of(world, "redis")
    assert redis.utilization_ratio.value is None
    assert utilization_ratio(0, 0) is None


def test_of_connections_without_a_limit_no_share_is_in_use_and_that_is_said(world: VirtualPrism) -> None:
    world.pools["redis"] = (7, 0, 0)
    redis = of(world, "redis")
    assert (redis.active.value, redis.utilization_ratio.note) == (7.0, "no limit is set")


def test_without_any_source_there_is_no_pool(world: VirtualPrism) -> None:
    world.absent = ("prism_pool",)
    world.tick()
    assert [pool.pattern for pool in pools(world.snapshot(), world.now)] == ["nats"]


def test_a_lost_proxy_leaves_its_pools_stale(world: VirtualPrism) -> None:
    of(world, "redis")
    world.failing["proxy"] = ErrorKind.DOWN
    redis = of(world, "redis", 10)
    assert (redis.active.reading, redis.active.value, redis.active.age_seconds) == (Reading.STALE, 7, 10)
    assert redis.utilization_ratio.reading is Reading.STALE


def test_the_worst_pool_comes_first(world: VirtualPrism) -> None:
    world.pools["postgresql"] = (20, 20, 2)
    world.tick()
    world.tick()
    assert pools(world.snapshot(), world.now)[0].pattern == "postgresql"
