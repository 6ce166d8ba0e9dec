"""The collector process has what its rules suspect read again at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from aggregators.detection.detections import Detector
from collectors.__main__ import _scheduler
from model.series import Event
from model.settings import Settings
from store.choice import storage_of
from store.reader import Reader
from store.snapshot import Snapshot
from store.writer import Writer


def test_what_the_rules_suspect_is_read_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(detector: Detector, snapshot: Snapshot, now: float) -> list[Event]:
        detector.suspects = frozenset({"proxy@127.0.0.1:1"})
        return []

    monkeypatch.setattr(Detector, "step", step)
    settings = Settings(proxy_metrics_url=["http://127.0.0.1:1/metrics"], cache_dir=tmp_path)
    writer, reader = Writer.open(tmp_path), Reader(tmp_path)
    scheduler = _scheduler(settings, storage_of(settings), writer, reader, Snapshot(), {}, threading.Event())
    scheduler.detection_loop.step(threading.Event())
    hurried = [one.key for one in scheduler.runners if one.forget_confirmation() < 1.0]
    assert hurried == ["proxy@127.0.0.1:1"]
    reader.close()
    writer.close()
