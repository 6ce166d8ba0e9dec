"""A dashboard that is opened for the first time: the simulated Prism's last day is there, and goes on into the live."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from aggregators.incidents.incidents import known_incidents
from model.rollup import ROLL_UPS
from store.snapshot import Snapshot
from tests.patience import until
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.process import running

pytestmark = pytest.mark.server

DAY, MINUTE = 86400.0, 60.0
REQUESTS, SPANS = "prism_requests_total", "otelcol_exporter_sent_spans_total"
SEAM_SECONDS = 2 * MINUTE
"""The minute in which the first live read falls is not filled."""


def rows(snapshot: Snapshot, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The times of a day of a family, and the sum of its series at each."""
    block = snapshot.frame(name, snapshot.written_at - DAY, snapshot.written_at, coarse=True).blocks[0]
    reported = block.values.dropna(how="all")  # a crowded machine misses a read
    return reported.index.to_numpy(), reported.sum(axis=1, skipna=False).to_numpy()


def is_loaded(snapshot: Snapshot) -> bool:
    """The oldest of what is loaded, newest first, is there."""
    begin = snapshot.written_at - DAY
    families = [snapshot.frame(name, begin, begin + 5 * MINUTE, coarse=True) for name in (REQUESTS, SPANS)]
    return all(frame.blocks and len(frame.blocks[0].values) > 1 for frame in families)


@pytest.fixture(scope="module")
def hud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CollectorsProcess]:
    with running(CollectorsProcess(tmp_path_factory.mktemp("hud"), "")) as hud:
        until(lambda: is_loaded(hud.snapshot()), lambda: str(hud.snapshot().sources), 60.0)
        yield hud


@pytest.mark.parametrize("name", [REQUESTS, SPANS, *(rule.summed for rule in ROLL_UPS)])
def test_a_day_of_every_family_goes_on_into_the_live_reads_without_a_gap_or_a_fall(
    hud: CollectorsProcess, name: str
) -> None:
    times, values = rows(hud.snapshot(), name)
    assert times[-1] - times[0] > DAY - 5 * MINUTE
    assert np.diff(times).max() < SEAM_SECONDS
    assert not np.isnan(values).any(), "the series of the past are those of the live reads"
    assert (np.diff(values) >= 0).all()


def test_the_rate_at_the_seam_is_that_of_the_live_reads(hud: CollectorsProcess) -> None:
    times, values = rows(hud.snapshot(), REQUESTS)
    ends = np.arange(times[-1] - 20 * MINUTE, times[-1], MINUTE)
    rates = np.diff(np.interp(ends, times, values)) / MINUTE
    assert rates.max() < 1.2 * rates.min()


def test_no_source_is_read_in_two_places(hud: CollectorsProcess) -> None:
    assert "prometheus" not in {one.source for one in hud.snapshot().sources.values()}
    blocks = hud.snapshot().frame(REQUESTS, 0.0, hud.snapshot().written_at, coarse=True).blocks
    assert [block.source.partition("@")[0] for block in blocks] == ["proxy"]


def test_three_incidents_are_told_with_their_ends(hud: CollectorsProcess) -> None:
    def over() -> set[str]:
        found = known_incidents(hud.snapshot(), hud.snapshot().written_at)
        alerts = [alert for one in found for alert in one.alerts]
        return {alert.words for alert in alerts if not alert.is_active}

    def told() -> bool:
        words = " ".join(over())
        return all(word in words for word in ("Redis pool", "Pattern down (nats)", "P99 latency high"))

    until(told, lambda: str(over()), 60.0)
