"""What figures mean, worked out of two readings of the books with nothing of the dashboard's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.ground_truth.model_readings import Moving, Of, TrafficModel, Window

READS = ("Get", "Exists", "Subscribe", "Dequeue")
WRITES = ("Set", "Delete", "Publish", "Enqueue")

Part = Callable[[TrafficModel], Any]


def remembered(part: Part) -> Part:
    """The same, worked out once for each reading of the books."""
    known: dict[float, Any] = {}

    def of(model: TrafficModel) -> Any:
        if model["now"] not in known:
            known[model["now"]] = part(model)
        return known[model["now"]]

    return of


def grown(window: Window, part: Part) -> float:
    """By how much a count grew."""
    return float(part(window[1]) - part(window[0]))


def per_second(part: Part) -> Of:
    """How fast a count grew."""
    return lambda window: grown(window, part) / max(1e-9, window[1]["now"] - window[0]["now"])


def increase(part: Part) -> Of:
    """By how much a count grew in the window."""
    return lambda window: grown(window, part)


def ratio(part: Part, whole: Part) -> Of:
    """One count's growth to another's."""
    return lambda window: grown(window, part) / max(1e-9, grown(window, whole))


def share(part: Part, whole: Part) -> Moving:
    """The share of a part's growth in that of the whole, of which it is one."""

    def edges(begins: Window, ends: Window) -> tuple[float, float]:
        def rest(model: TrafficModel) -> float:
            return float(whole(model) - part(model))

        (least, most), (fewest, all_else) = _grown(begins, ends, part), _grown(begins, ends, rest)
        return least / max(1e-9, least + all_else), most / max(1e-9, most + fewest)

    return Moving(ratio(part, whole), edges)


def _grown(begins: Window, ends: Window, part: Part) -> tuple[float, float]:
    """The least and the most by which a count grew from between two readings to between two others."""
    return max(0.0, grown((begins[1], ends[0]), part)), grown((begins[0], ends[1]), part)


def now(part: Part) -> Of:
    """What it is at the end of the window."""
    return lambda window: float(part(window[1]))


def quantile(q: float, part: Part) -> Moving:
    """The q-quantile of what fell into the buckets during the window, linear within its bucket."""

    def of(window: Window) -> float:
        counts = [later - earlier for earlier, later in zip(part(window[0]), part(window[1]), strict=True)]
        return quantile_of(q, window[1]["bounds"], counts)

    def edges(begins: Window, ends: Window) -> tuple[float, float]:
        least = [max(0, later - earlier) for earlier, later in zip(part(begins[1]), part(ends[0]), strict=True)]
        most = [later - earlier for earlier, later in zip(part(begins[0]), part(ends[1]), strict=True)]
        bounds = ends[1]["bounds"]
        return min(_extremes(q, bounds, most, least)), max(_extremes(q, bounds, least, most))

    return Moving(of, edges)


def _extremes(q: float, bounds: Sequence[float], below: Sequence[float], above: Sequence[float]) -> list[float]:
    """The quantile of counts that are as `below` before its bucket and as `above` behind it, its own as in either.

    With the most below and the least above the least quantile is one of them, and the greatest the other way about:
    it falls with every count before it and rises with every one behind; with its own bucket's it does one of the two.
    """
    before, behind, place = 0.0, float(sum(above)), 0
    for place, (low, high) in enumerate(zip(below, above, strict=True)):  # noqa: B007 (its own bucket's place is meant)
        before, behind = before + low, behind - high
        if before and before >= q * (before + behind):
            break
    return [quantile_of(q, bounds, [*below[:cut], *above[cut:]]) for cut in (place, place + 1)]


def quantile_of(q: float, bounds: Sequence[float], counts: Sequence[float]) -> float:
    """The q-quantile of counts per bucket; the last bucket has no upper bound."""
    rank, below = q * sum(counts), 0.0
    for place, count in enumerate(counts):
        if count and below + count >= rank:
            if place == len(bounds):
                return bounds[-1]
            low = bounds[place - 1] if place else 0.0
            return low + (bounds[place] - low) * (rank - below) / count
        below += count
    return 0.0


def flows(model: TrafficModel, **wanted: str | Sequence[str]) -> list[Any]:
    """The streams of requests whose fields are as wanted; an operation by its last word too."""
    chosen = []
    for flow in model["flows"]:
        fields = {**flow, "verb": flow["operation"].partition(".")[2]}
        if all(fields[key] in ([value] if isinstance(value, str) else value) for key, value in wanted.items()):
            chosen.append(flow)
    return chosen


def asked(**wanted: str | Sequence[str]) -> Part:
    """How many requests these flows had."""
    return remembered(lambda model: sum(flow["success"] + flow["error"] for flow in flows(model, **wanted)))


def failed(**wanted: str | Sequence[str]) -> Part:
    """How many of them failed."""
    return remembered(lambda model: sum(flow["error"] for flow in flows(model, **wanted)))


def succeeded(**wanted: str | Sequence[str]) -> Part:
    """How many of them did not."""
    return remembered(lambda model: sum(flow["success"] for flow in flows(model, **wanted)))


def timed(**wanted: str | Sequence[str]) -> Part:
    """How many fell into each latency bucket."""

    def of(model: TrafficModel) -> list[int]:
        return [sum(column) for column in zip(*(flow["histogram"] for flow in flows(model, **wanted)), strict=True)]

    return remembered(of)
