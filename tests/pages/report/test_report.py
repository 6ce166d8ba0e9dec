"""The report says what broke first, what was raised, what changed and what was not seen; in HTML and PDF the same."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from aggregators.changes.change import Change, ChangeKind, stored
from aggregators.incidents.incidents import known_incidents
from aggregators.overview.report import HIDDEN, MOST_ALERTS, MOST_CHANGES, report
from aggregators.overview.report_series import report_series
from model.series import Event, Severity, labels_of
from pages.report import pdf
from pages.report.document import LONGEST, Document, Section, Table, Words, clean
from pages.report.html import html
from pages.report.text import document
from store.snapshot import Snapshot
from tests.pages.conftest import Build

HOSTILE = "<script>alert(1)</script>\x00\u202e & </svg>"


def fired(at: float, rule: str, component: str, words: str, severity: Severity = Severity.WARNING) -> Event:
    labels = {
        "id": f"{rule} {component}",
        "rule": rule,
        "component": component,
        "state": "firing",
        "since": f"{at:.1f}",
    }
    return Event(at, "alert", severity, labels_of(labels), words)


def change(at: float, words: str, kind: ChangeKind = ChangeKind.MEMBER) -> Event:
    return stored(Change(at, kind, "x", words, "/"), at)


def events(now: float) -> list[Event]:
    return [
        change(now - 400, "namespace ledger is new"),
        change(now - 300, "proxy at p:8980 cannot be read: down", ChangeKind.SOURCE),
        fired(now - 20, "pool_use", "redis", "redis pool is full: 10 of 10 connections in use"),
        fired(now - 12, "latency_p99", "redis", "P99 of requests to redis is 90 ms", Severity.CRITICAL),
        fired(now - 11, "repeated_failures", "client user mallory", "user mallory failed 52 times in 10m"),
    ]


def said(snapshot: Snapshot, now: float, hide: str = "", incident: str = "", range: str = "") -> Document:
    found = report(snapshot, now, range, incident, hide)
    return document(found, report_series(snapshot, found.since + found.seconds, found.seconds), now)


def text_of(file: bytes) -> str:
    pages = PdfReader(io.BytesIO(file)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


EXPECTED = (
    "redis pool is full: 10 of 10 connections in use",
    "P99 of requests to redis is 90 ms",
    "namespace ledger is new",
    "proxy at p:8980 cannot be read: down",
    "What broke first",
    "What the HUD did not see",
    "P99",
)


def test_both_forms_say_what_happened(prism: Build, now: float) -> None:
    found = said(prism(events=events(now)), now)
    page, file = html(found), pdf.pdf(found)
    words = text_of(file)
    for one in EXPECTED:
        assert one in page
        assert one in words
    assert page.index("redis pool is full") < page.index("namespace ledger is new"), "first what broke"


def test_its_heading_has_the_day(prism: Build, now: float) -> None:
    day = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
    assert said(prism(), now).title.startswith(f"Prism on {day}, ")


def test_they_are_small_and_need_nothing_from_anywhere(prism: Build, now: float) -> None:
    many = [
        change(now - 1 - at, f"namespace tenant-{at} is new, and was named by somebody at length") for at in range(900)
    ]
    alerts = [fired(now - 2 - at, "latency_p99", f"p{at}", f"P99 of p{at} is 90 ms") for at in range(300)]
    found = said(prism(events=sorted(many + alerts, key=lambda one: one.time)), now)
    page, file = html(found), pdf.pdf(found)
    assert len(page.encode()) < 1_000_000
    assert len(file) < 1_000_000
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert not re.search(r"@import|url\((?!#)", page)
    assert f"and {900 + 300 - MOST_CHANGES:,} more" in page
    assert f"and {300 - MOST_ALERTS:,} more" in page


def test_charts_are_vectors_with_gaps(prism: Build, now: float) -> None:
    page = html(said(prism(events=events(now)), now, range="5m"))
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawn) == 3
    names = {name for one in drawn for name in re.findall(r'id="([^"]+)"', one)}
    assert len(names) == 6, "each chart's parts have names of their own"
    for one in drawn:
        lines = ElementTree.fromstring(one).iter("{http://www.w3.org/2000/svg}polyline")
        assert len(list(lines)) >= 1


def test_what_comes_from_outside_is_text(prism: Build, now: float) -> None:
    made = [*events(now), change(now - 1, HOSTILE), fired(now - 5, "pool_use", HOSTILE, HOSTILE)]
    found = said(prism(patterns={HOSTILE: "HEALTHY"}, events=sorted(made, key=lambda one: one.time)), now)
    page, file = html(found), pdf.pdf(found)
    assert "<script" not in page
    assert "alert(1)&lt;/script&gt;" in page
    assert "\x00" not in page
    assert "<script>alert(1)</script>" in text_of(file)
    for one in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(one)


def test_a_text_is_one_line_of_bounded_length() -> None:
    assert clean("a\nb\x1b[0m\ud800c") == "a b [0m c"
    assert len(clean("x" * 10_000)) == LONGEST


def test_what_the_font_lacks_is_said() -> None:
    found = Document(
        "t", "Ünïcode Ελληνικά 漢字", (Section("s", (Words("漢"), Table("t", ("a", "b"), [("1", "2")], ""))),)
    )
    words = text_of(pdf.pdf(found))
    assert "Ünïcode" in words
    assert f"3 signs that the font here lacks are shown as {pdf.LACKING}" in words or "Ελληνικά" not in words


def test_the_report_of_an_incident_is_of_its_time(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now))
    (one, *_) = (each for each in known_incidents(snapshot, now) if "redis" in each.headline)
    found = report(snapshot, now, incident=one.id)
    assert found.known
    assert found.since == pytest.approx(one.started - 900.0)
    assert found.incidents[0].id == one.id
    assert not report(snapshot, now, incident="nobody").known


def test_who_failed_to_log_in_is_left_out_for_those_who_may_not_know(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now))
    shown, hidden = (html(said(snapshot, now, hide)) for hide in ("", "1"))
    assert "mallory" in shown
    assert "mallory" not in hidden
    assert HIDDEN in hidden


def test_without_anything_it_says_so(now: float) -> None:
    page = html(said(Snapshot(version=1, written_at=now), now))
    for words in (
        "No incident in this window.",
        "No alert in this window.",
        "No change was seen.",
        "No request figures",
    ):
        assert words in page
