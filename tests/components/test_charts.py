"""Charts have units, begin at zero, break where data is missing, and label what they draw."""

from __future__ import annotations

import json
import re
from pathlib import Path

import plotly  # type: ignore[import-untyped]  # plotly ships no types
import pytest

from components.charts import kinds as charts
from components.charts import marks
from components.charts.kinds import MILLISECONDS, PER_MINUTE, PER_SECOND, Limit, Moment, Series, Span

TIMES = [1000.0, 1002.0, 1004.0, 1006.0]
SPAN = Span(1000.0, 1006.0)
ASSETS = Path(__file__).parents[2] / "assets"


def test_a_line_shows_base_units_in_the_axis_unit_and_breaks_at_a_gap() -> None:
    figure = charts.lines(TIMES, [Series("P99", [0.001, None, 0.002, 0.004], charts.BLUE)], MILLISECONDS, SPAN)
    trace, layout = figure["data"][0], figure["layout"]
    assert trace["y"] == [1.0, None, 2.0, 4.0]
    assert trace["x"] == [1_000_000, 1_002_000, 1_004_000, 1_006_000]
    assert trace["connectgaps"] is False
    assert layout["annotations"][0]["text"] == "ms"
    assert layout["yaxis"]["range"][0] == 0
    assert layout["yaxis"]["range"][1] > 4.0
    assert layout["xaxis"]["autorangeoptions"]["include"] == [1_000_000, 1_006_000]


def test_a_figure_is_plain_json_and_keeps_a_zoom() -> None:
    figure = charts.lines(TIMES, [Series("P99", [None, 1.0, None, None], charts.BLUE)], MILLISECONDS, SPAN)
    assert json.loads(json.dumps(figure)) == figure
    assert figure["layout"]["uirevision"] == "kept"
    assert "range" not in figure["layout"]["xaxis"]  # a moving one would undo the zoom


@pytest.mark.parametrize(
    ("step", "window", "said"), [(5, 300, False), (60, 300, True), (60, 900, True), (60, 3600, False)]
)
def test_a_chart_of_minutes_says_so_where_it_has_room_for_more(step: int, window: int, said: bool) -> None:
    times = [1000.0 + at for at in range(step, window + 1, step)]
    span = Span(1000, 1000 + window)
    reads = Series("read", [1.0] * len(times), charts.BLUE)
    for figure in (
        charts.lines(times, [reads], PER_SECOND, span),
        charts.stacked(times, [reads], PER_SECOND, span),
        charts.bars(times, reads.values, "errors", PER_MINUTE, span, width_seconds=step),
    ):
        title = figure["layout"]["xaxis"].get("title", {}).get("text", "")
        assert (title == "one value a minute is kept") is said


def test_areas_are_stacked_and_not_drawn_across_a_gap() -> None:
    read, write = Series("read", [1.0, None, 3.0, 4.0], charts.BLUE), Series("write", [1.0, 1.0, 1.0, 2.0], charts.TEAL)
    figure = charts.stacked(TIMES, [read, write], PER_SECOND, SPAN)
    drawn = [(trace["name"], trace["y"], trace["fill"]) for trace in figure["data"]]
    assert drawn == [
        ("read", [1.0], "tozeroy"), ("write", [2.0], "tonexty"),
        ("read", [3.0, 4.0], "tozeroy"), ("write", [4.0, 6.0], "tonexty"),
    ]  # fmt: skip
    assert figure["data"][3]["customdata"] == [1.0, 2.0]


def test_bars_are_red_only_above_their_limit() -> None:
    figure = charts.bars(
        TIMES, [5, 50, None, 0], "errors", PER_MINUTE, SPAN, width_seconds=60, limit=Limit(10, "limit 10 /min")
    )
    trace = figure["data"][0]
    assert trace["y"] == [5, 50, None, 0]
    assert trace["marker"]["color"] == [charts.GREY, charts.RED, charts.GREY, charts.GREY]


@pytest.mark.parametrize(("limit", "line"), [(0.005, True), (0.5, False)])
def test_a_limit_is_drawn_when_near_and_only_named_when_it_would_squash_the_chart(limit: float, line: bool) -> None:
    series = [Series("P99", [0.001, 0.002, 0.003, 0.004], charts.BLUE)]
    layout = charts.lines(TIMES, series, MILLISECONDS, SPAN, limit=Limit(limit, "alert"))["layout"]
    assert bool(layout["shapes"]) is line
    assert "alert" in " ".join(note["text"] for note in layout["annotations"])
    assert layout["yaxis"]["range"][1] < 10


def test_moments_outside_the_window_are_left_out_and_their_words_are_escaped() -> None:
    moments = [Moment(999.0, "before"), Moment(1003.0, "<b>nats</b> & co")]
    series = [Series("", [1.0, 1.0, 1.0, None], charts.BLUE)]
    layout = charts.lines(TIMES, series, MILLISECONDS, SPAN, moments=moments)["layout"]
    assert [note["text"] for note in layout["annotations"][2:]] == ["&lt;b&gt;nats&lt;/b&gt; &amp; co"]
    assert len(layout["shapes"]) == 1


def test_lines_are_named_where_they_end_from_the_lowest_up() -> None:
    ends = {"P999": 0.004, "P50": 0.001, "P99": 0.002}
    series = [Series(name, [None, None, None, end], charts.BLUE) for name, end in ends.items()]
    layout = charts.lines(TIMES, series, MILLISECONDS, SPAN)["layout"]
    notes, top = [note for note in layout["annotations"] if note.get("name") == marks.END], layout["yaxis"]["range"][1]
    assert [note["text"] for note in notes] == ["P50", "P99", "P999"]
    assert [note["y"] * top for note in notes] == pytest.approx([1.0, 2.0, 4.0], rel=0.01)


def test_a_strip_reports_a_state_by_height_as_well_as_by_colour() -> None:
    looks = {"HEALTHY": (charts.TEAL, 0.4), "DEGRADED": (charts.AMBER, 0.7), "UNHEALTHY": (charts.RED, 1.0)}
    figure = charts.strip(TIMES, ["HEALTHY", "", "DEGRADED", "HEALTHY"], looks, SPAN, 2)
    assert [(trace["name"], trace["y"]) for trace in figure["data"]] == [("HEALTHY", [0.4, 0.4]), ("DEGRADED", [0.7])]
    assert figure["data"][1]["x"] == [1_003_000]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def tokens() -> list[tuple[str, str, str]]:
    """The colours of the style sheets: (variable, in the light theme, in the dark one)."""
    css = "".join(
        path.read_text(encoding="utf-8") for path in sorted(ASSETS.rglob("*.css")) if path.parent.name != "vendor"
    )
    return re.findall(r"(--[\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)


def themes() -> list[dict[str, str]]:
    """Light and dark."""
    return [{name: each[theme] for name, *each in tokens()} for theme in (0, 1)]


def test_each_colour_of_a_theme_stands_once() -> None:
    names = [name for name, *_ in tokens()]
    assert len(names) == len(set(names)) > 10
    css = (ASSETS / "hud.css").read_text(encoding="utf-8")
    assert "prefers-color-scheme" not in css
    assert [block for block in re.findall(r"\[data-bs-theme[^{]*\{([^}]*)\}", css) if "--" in block] == []


@pytest.mark.parametrize("theme", range(2))
def test_text_has_enough_contrast_in_both_themes(theme: int) -> None:
    colours = themes()[theme]
    grounds = ("--page", "--card", "--raised", "--tint-degraded", "--tint-unhealthy")
    for text in ("--text", "--text-muted", "--degraded", "--unhealthy"):
        for ground in grounds:
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["--healthy"], colours["--card"]) >= 3


@pytest.mark.parametrize("theme", range(2))
def test_chart_colours_are_readable_on_both_themes(theme: int) -> None:
    for colour in charts.COLOURS:
        assert contrast(colour, themes()[theme]["--card"]) >= 3, colour


def test_the_chart_library_is_the_version_that_plotly_brings() -> None:
    bundled = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    versions = [
        re.search(r"v(\d+\.\d+\.\d+)", path.read_text(encoding="utf-8")[:200])
        for path in (bundled, ASSETS / "vendor" / "plotly-charts.min.js")
    ]
    assert all(versions)
    assert len({found.group(1) for found in versions if found}) == 1


def test_a_chart_without_data_says_so() -> None:
    layout = charts.lines(TIMES, [Series("P99", [None] * 4, charts.BLUE)], MILLISECONDS, SPAN)["layout"]
    assert [note["text"] for note in layout["annotations"][1:]] == ["Nothing was read in this window"]
    assert layout["xaxis"]["range"] == [1_000_000, 1_006_000]


@pytest.mark.parametrize(("top", "ticks"), [(0.5, "~r"), (900.0, "~s")])
def test_ticks_never_read_in_thousandths_of_a_unit(top: float, ticks: str) -> None:
    layout = charts.lines(TIMES, [Series("a", [top] * 4, charts.BLUE)], charts.PER_SECOND, SPAN)["layout"]
    assert layout["yaxis"]["tickformat"] == ticks


def test_milliseconds_in_thousands_become_seconds() -> None:
    figure = charts.lines(TIMES, [Series("P99", [0.5, 1.0, 2.0, 2.5], charts.BLUE)], MILLISECONDS, SPAN)
    assert figure["data"][0]["y"] == [0.5, 1.0, 2.0, 2.5]
    assert figure["layout"]["annotations"][0]["text"] == "s"


def test_a_point_without_a_neighbour_is_a_dot() -> None:
    lone = charts.lines(TIMES, [Series("P99", [None, 0.002, None, None], charts.BLUE)], MILLISECONDS, SPAN)
    assert lone["data"][0]["marker"]["size"] == [0, 5, 0, 0]
    joined = charts.lines(TIMES, [Series("P99", [0.001, 0.002, None, None], charts.BLUE)], MILLISECONDS, SPAN)
    assert joined["data"][0]["mode"] == "lines"


def test_moments_that_come_close_together_are_named_in_rows_that_do_not_overprint() -> None:
    span = Span(0.0, 300.0)
    near = [Moment(100.0 + number, f"restart {number}", "#fff") for number in range(6)]
    notes = marks.moment_notes(near, span, {})
    assert [note["yshift"] for note in notes] == [0, -14, -28, -42], (
        "what has no room keeps its line and loses its name"
    )
    far = [Moment(10.0, "one", "#fff"), Moment(200.0, "two", "#fff")]
    assert [note["yshift"] for note in marks.moment_notes(far, span, {})] == [0, 0]
    assert [note["yshift"] for note in marks.moment_notes(far, span, {0: 0.5})] == [-14, 0]


def test_a_moment_at_the_right_end_is_named_to_its_left() -> None:
    (note,) = marks.moment_notes([Moment(299.0, "NATS restarted", "#fff")], Span(0.0, 300.0), {})
    assert note["xanchor"] == "right"
