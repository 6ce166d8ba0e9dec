"""What follows from labels alone is worked out once, for as long as those labels live."""

from __future__ import annotations

import gc

import pandas as pd
import pytest

from aggregators.series import label_memory
from aggregators.series.grouping import column, group_codes
from aggregators.series.label_memory import remembered


def test_an_answer_is_worked_out_once_for_each_frame_and_question() -> None:
    labels, other = pd.DataFrame({"topic": ["a", "b"]}), pd.DataFrame({"topic": ["a", "b"]})
    asked: list[str] = []
    for _ in range(3):
        for frame, key in ((labels, "x"), (labels, "y"), (other, "x")):
            remembered(frame, key, lambda key=key: asked.append(key))  # type: ignore[misc]
    assert asked == ["x", "y", "x"]


def test_what_it_holds_goes_with_the_labels() -> None:
    before = len(label_memory._HELD)
    labels = pd.DataFrame({"topic": ["a", "b"]})
    group_codes(labels, ("topic",))
    assert len(label_memory._HELD) == before + 1
    del labels
    gc.collect()
    assert len(label_memory._HELD) <= before


def test_nobody_can_change_what_others_are_given() -> None:
    labels = pd.DataFrame({"topic": ["a", "b", "a"]})
    codes, groups = group_codes(labels, ("topic",))
    assert (codes.tolist(), groups) == ([0, 1, 0], [("a",), ("b",)])
    for shared in (codes, column(labels, "topic"), column(labels, "absent")):
        with pytest.raises(ValueError, match="read-only"):
            shared[0] = shared[1]
    assert labels["topic"].tolist() == ["a", "b", "a"]
