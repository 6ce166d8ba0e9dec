"""Diagram text: nothing from outside is ever part of it, names are cut to what fits, figures have their room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.charts.mermaid_text import NAMELESS, Arrow, Box, cut, diagram_value, flowchart, stand_in

VENDOR = Path(__file__).parent.parent.parent / "assets" / "vendor"
LABEL = re.compile(r'n\d+\["([^"]*)"\]')


def test_boxes_arrows_and_looks_become_lines() -> None:
    boxes = [Box("shop", "40 /s", looks=("publisher",)), Box("events", looks=("topic", "degraded"), word="▲ DEGRADED")]
    drawn = flowchart(boxes, [Arrow(0, 1), Arrow(1, 0, broken=True)])
    assert drawn.text.split("\n") == [
        "flowchart LR",
        'n0["shop<br/>40 os"]',
        'n1["events<br/>▲ DEGRADED"]',
        "n0 --> n1",
        "n1 -.-> n0",
        "class n0 publisher",
        "class n1 topic",
        "class n1 degraded",
    ]
    assert drawn.lines == {"n0": ("shop", "40 /s"), "n1": ("events", "▲ DEGRADED")}


def test_what_boxes_need_alike_meets_in_a_joint() -> None:
    boxes = [Box(name) for name in ("proxy a", "proxy b", "redis", "nats", "memstore", "topics")]
    needed = [Arrow(start, end, broken=end == 3) for start in (0, 1) for end in (2, 3, 4)]
    assert flowchart(boxes, [*needed, Arrow(5, 3)]).text.split("\n")[7:] == [
        "j0(( ))",
        "n0 --- j0",
        "n1 --- j0",
        "j0 --> n2",
        "j0 --> n4",
        "n5 --> n3",
        "j0 -.-> n3",
        "class j0 joint",
    ]


def test_two_boxes_that_need_the_same_two_have_their_own_arrows() -> None:
    arrows = [Arrow(start, end) for start in (0, 1) for end in (2, 3)]
    assert "j0" not in flowchart([Box(name) for name in "abcd"], arrows).text


def test_an_arrow_to_where_others_lead_comes_last() -> None:
    arrows = [Arrow(0, 2), Arrow(0, 3), Arrow(1, 2)]
    text = flowchart([Box(name) for name in "abcd"], arrows).text
    assert text.split("\n")[-3:] == ["n0 --> n3", "n0 --> n2", "n1 --> n2"]


@given(st.text(), st.text(max_size=5))
def test_no_name_means_anything_to_mermaid(name: str, figure: str) -> None:
    text = flowchart([Box(name, figure, word="▲")], []).text
    label = LABEL.fullmatch(text.split("\n")[1])
    assert label is not None
    assert all(one.isalnum() or one in " ._-:,+" or ord(one) > 126 for one in label.group(1).replace("<br/>", " "))
    assert len(text.split("\n")) == 2


@given(st.text(), st.integers(4, 30))
def test_a_name_is_cut_to_its_columns_and_steers_nothing(name: str, columns: int) -> None:
    shown = cut(name, columns)
    assert shown
    assert len([one for one in shown if one not in "\u200d\ufe0f"]) <= columns or not shown.isascii()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\n\r\t\0]", shown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("events.user", "events.user"),
        ("x" * 300, "x" * 11 + "…"),
        ("  a   b  ", "a b"),
        ("", NAMELESS),
        ("\u202eevil\u202c", "evil"),
        ("日本語日本語日本語", "日本語日本…"),
        ("👩\u200d🚀 go", "👩\u200d🚀 go"),
    ],
)
def test_names_of_every_kind(name: str, shown: str) -> None:
    assert cut(name, 12) == shown


def test_only_figures_that_change_leave_the_text_as_it_is() -> None:
    first, second = (flowchart([Box("t", figure, "0000 /s")], []) for figure in ("1 /s", "2.50 /s"))
    assert first.text == second.text
    assert first.lines != second.lines


def test_our_own_words_are_not_cut() -> None:
    assert flowchart([Box("12 subscribers", ours=True)], [], 5).lines == {"n0": ("12 subscribers",)}


def test_what_has_nothing_to_draw_says_so_in_words() -> None:
    drawn = flowchart([Box("a")], [])
    assert diagram_value(drawn, drawn, "nothing") == {"empty": "nothing"}
    assert diagram_value(drawn, drawn)["narrow"] == {"text": drawn.text, "lines": {"n0": ["a"]}}
    assert stand_in("<script>") == "oscripto"


def test_the_library_is_mermaids_part_for_flow_charts_with_its_licence() -> None:
    library = (VENDOR / "mermaid-flow.min.js").read_text(encoding="utf-8")
    assert '"12.0.0"' in library
    left = {
        name.partition("-")[0] for name in re.findall(r'import\("\./(?:chunks/mermaid\.esm\.min/)?([^"]+)"\)', library)
    }
    assert "sequenceDiagram" in left and not left & {"flowDiagram", "dagre"}
    assert "MIT License" in (VENDOR / "mermaid-LICENSE.txt").read_text(encoding="utf-8")
