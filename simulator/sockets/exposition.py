"""Prometheus text 0.0.4 and OpenMetrics 1.0, written from plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from simulator.traffic.scenario import BOUNDS

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Row = tuple[Mapping[str, str], float]


def escaped(value: str) -> str:
    """A label value as both formats write it."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def labels_text(labels: Mapping[str, str]) -> str:
    """`{a="1",b="2"}`, or nothing."""
    inner = ",".join(f'{key}="{escaped(value)}"' for key, value in labels.items())
    return f"{{{inner}}}" if inner else ""


class Share(NamedTuple):
    """What one of several processes has of a whole: the shares of all of them add up to it."""

    number: int = 0
    of: int = 1

    def part(self, whole: float) -> float:
        """Its part; of whole numbers a whole one."""
        return (whole + self.number) // self.of if isinstance(whole, int) else whole / self.of


WHOLE = Share()
"""That of a process which has no peers."""


class BucketLines:
    """The unchanging beginnings of histogram lines: worked out once per series, not at each scrape."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool], tuple[list[str], str, str]] = {}

    def of(self, name: str, labels: Mapping[str, str], openmetrics: bool) -> tuple[list[str], str, str]:
        """The beginnings of the bucket lines, of the sum's and of the count's."""
        text = labels_text(labels)
        key = (name, text, openmetrics)
        known = self._known.get(key)
        if known is None:
            inner = text[1:-1] + "," if text else ""
            bounds = [repr(bound) if openmetrics else f"{bound:g}" for bound in BOUNDS]
            buckets = [f'{name}_bucket{{{inner}le="{bound}"}} ' for bound in (*bounds, "+Inf")]
            known = self._known[key] = (buckets, f"{name}_sum{text} ", f"{name}_count{text} ")
        return known


class Exposition:
    """Collects families and writes them. Families whose name begins with one of `absent` are left out."""

    def __init__(self, openmetrics: bool, absent: tuple[str, ...], lines: BucketLines, share: Share = WHOLE) -> None:
        self.openmetrics, self.share = openmetrics, share
        self._absent = absent
        self._bucket_lines = lines
        self._parts: list[str] = []

    def _begin(self, name: str, kind: str, help_: str) -> bool:
        if name.startswith(self._absent):
            return False
        family = name.removesuffix("_total") if self.openmetrics and kind == "counter" else name
        words = help_.replace("\\", "\\\\").replace("\n", "\\n")
        self._parts.append(f"# HELP {family} {words}\n# TYPE {family} {kind}\n")
        return True

    def family(self, name: str, kind: str, help_: str, rows: Iterable[Row]) -> None:
        """A counter or gauge with its samples."""
        if self._begin(name, kind, help_):
            self._parts += [f"{name}{labels_text(labels)} {value!r}\n" for labels, value in rows]

    def histogram(self, name: str, help_: str, rows: Iterable[tuple[Mapping[str, str], Sequence[int], float]]) -> None:
        """Histograms from counts per bucket (+Inf last) and sums in the base unit."""
        if not self._begin(name, "histogram", help_):
            return
        for labels, counts, total in rows:
            buckets, sum_line, count_line = self._bucket_lines.of(name, labels, self.openmetrics)
            running = [self.share.part(count) for count in accumulate(counts)]
            self._parts += [f"{line}{count}\n" for line, count in zip(buckets, running, strict=True)]
            self._parts.append(f"{sum_line}{self.share.part(float(total))!r}\n{count_line}{running[-1]}\n")

    def text(self) -> bytes:
        """Everything collected."""
        return ("".join(self._parts) + ("# EOF\n" if self.openmetrics else "")).encode()
