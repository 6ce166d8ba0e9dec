"""What a run of all benches says of its figures beside those of before."""

from __future__ import annotations

import pytest

from bench import __main__ as command
from bench.all import CLAIMS, compared
from bench.viewers.fanout import _frame


@pytest.mark.parametrize(
    ("metric", "value", "before", "said"),
    [
        ("p99", 0.30, None, "new"),
        ("p99", 0.30, 0.20, "worse by 1.50, was 0.2"),
        ("p99", 0.20, 0.30, "better by 1.50, was 0.3"),
        ("speedup", 10.0, 20.0, "worse by 2.00, was 20"),
        ("speedup", 20.0, 10.0, "better by 2.00, was 10"),
        ("p99", 0.23, 0.20, ""),
        ("p99", 0.0001, 0.0010, ""),
        ("growth_nodes", 50.0, 0.0, "worse by inf, was 0"),
    ],
)
def test_a_figure_is_worse_or_better_only_by_more_than_a_fifth(
    metric: str, value: float, before: float | None, said: str
) -> None:
    assert compared(metric, value, before).strip() == said


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("p99", 0.42, ""),
        ("p99", 0.60, "worse by 1.50, was 0.2"),
        ("p99", 0.20, ""),
        ("p99", 0.10, "better by 2.00, was 0.2"),
        ("pss_bytes", 0.42, "worse by 2.10, was 0.2"),
        ("cold_bytes", 0.42, "worse by 2.10, was 0.2"),
    ],
)
def test_on_a_machine_half_as_fast_only_what_is_worse_at_its_pace_too_is_worse(
    metric: str, value: float, said: str
) -> None:
    assert compared(metric, value, 0.20, slower=2.0).strip() == said


@pytest.mark.parametrize("size", [0, 5, 125, 126, 4_000, 65_535, 65_536, 200_000])
def test_a_frame_is_read_whole_in_whatever_parts_it_comes(size: int) -> None:
    head = (
        bytes((0x81, size))
        if size < 126
        else (b"\x81\x7e" + size.to_bytes(2, "big") if size < 65_536 else b"\x81\x7f" + size.to_bytes(8, "big"))
    )
    whole = head + b"x" * size
    rest = bytearray(whole[:-1] if size else whole[:1])
    assert _frame(rest) is None
    rest = bytearray(whole + b"\x89")
    assert _frame(rest) == (0x81, b"x" * size)
    assert rest == b"\x89"


def test_every_claim_is_a_bench_with_a_quick_look() -> None:
    assert all(hasattr(command.BENCHES[name], "QUICK_OPTIONS") for name in CLAIMS)
    assert command._spelt_out(["bytes", "--quick", "--seconds", "3"])[-3:] == ["--quick", "--seconds", "3"]
    assert command._spelt_out(["detection", "--quick"]) == ["detection", "--quick"], "it has a quick look of its own"
