"""Defaults that nobody named: tried quietly, read once they answer as what they should be, never a fault."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from collectors.build import build_collectors
from collectors.core.contract import key_of
from collectors.core.source_states import Attempt, SourceStates
from collectors.quiet_default import TRY_SECONDS, QuietDefault, is_itself
from model.catalogue.source_kinds import ADDRESSES
from model.series import Scrape
from model.settings import SOURCE_FIELDS, Settings
from model.settings_file import load_settings
from model.sources import CollectError
from tests.collectors.fakes import REFUSED, FakeClock, FakeCollector

VALUES = {
    "redis_urls": "redis://h:1", "nats_monitor_urls": "http://h:1", "postgres_urls": "postgresql://h:1/x",
    "redis_exporter_urls": "http://h:1", "postgres_exporter_urls": "http://h:1",
    "pattern_health_targets": "a=h:1", "launcher_targets": "h:1",
}  # fmt: skip


def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **environment: str) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name in SOURCE_FIELDS | {"signoz_api_key"}:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name.upper(), value)
    return load_settings()


@pytest.mark.parametrize("field", sorted(SOURCE_FIELDS))
def test_each_setting_that_names_a_source_counts_as_named(
    field: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = given(monkeypatch, tmp_path, **{field: VALUES.get(field, "http://h:1")})
    assert settings.configured
    assert settings.names(field)
    assert [one for one in SOURCE_FIELDS if settings.names(one)] == [field]


def test_without_any_nothing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = given(monkeypatch, tmp_path)
    assert not settings.configured
    defaults = {name for name, address in ADDRESSES.items() if address.default}
    assert defaults == {"proxy_metrics_url", "signoz_api_url", "admin_api_url"}


def test_a_key_for_signoz_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert given(monkeypatch, tmp_path, signoz_api_key="k").names("signoz_api_url")


def test_only_the_defaults_that_nobody_named_are_tried() -> None:
    collectors = build_collectors(Settings(redis_urls=["redis://h:1"], admin_api_url="http://a:1"))
    tried = [key_of(one) for one in collectors if isinstance(one, QuietDefault)]
    for one in collectors:
        one.close()
    assert tried == ["proxy@localhost:8980", "signoz@localhost:8080"]


def prism(at: float) -> Scrape:
    scrape = Scrape("proxy", "a:1", at)
    scrape.add("prism_requests_total", 1.0)
    return scrape


def test_it_is_no_source_and_says_nothing_until_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    default = QuietDefault(FakeCollector(FakeClock()))
    book = SourceStates([default])
    with caplog.at_level(logging.INFO):
        for at in range(50):
            assert book.enter([Attempt.failed("proxy@a:1", float(at), 0.1, REFUSED)]) == []
    assert book.states == {}
    assert caplog.records == []
    assert not book.turned


def test_once_it_answers_it_is_a_source_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    book = SourceStates([QuietDefault(FakeCollector(FakeClock()))])
    with caplog.at_level(logging.INFO):
        book.enter([Attempt("proxy@a:1", 60.0, 0.1, prism(60.0))])
        book.enter([Attempt.failed("proxy@a:1", 61.0, 0.1, REFUSED)])
    state = book.states["proxy@a:1"]
    assert (state.last_success, state.failures, state.error) == (60.0, 1, REFUSED.kind)
    assert "answers at its default address" in caplog.records[0].message
    assert "cannot be read" in caplog.records[1].message


def test_a_stranger_on_the_port_is_not_taken_for_it() -> None:
    default = QuietDefault(FakeCollector(FakeClock()))  # it reports `up`, as any exporter may
    for _ in range(3):
        with pytest.raises(CollectError, match="nothing that only a proxy reports"):
            default.collect(lambda: 1.0)
    assert (default.adopted, default.interval_seconds) == (False, TRY_SECONDS)


@pytest.mark.parametrize(
    ("source", "name", "itself"),
    [
        ("proxy", "prism_requests_total", True), ("proxy", "prism_request_duration_seconds_bucket", True),
        ("proxy", "process_resident_memory_bytes", False), ("proxy", "node_load1", False),
        ("proxy", "signoz_operation_spans", False), ("admin", "prism_namespace_info", True),
        ("signoz", "signoz_operation_spans", True), ("signoz", "signoz_question_info", False),
    ],
)  # fmt: skip
def test_by_what_a_source_is_known(source: str, name: str, itself: bool) -> None:
    scrape = Scrape(source, "a:1", 1.0)
    scrape.add(name, 1.0)
    assert is_itself(scrape) is itself
