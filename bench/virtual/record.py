"""The outcomes of earlier runs, kept in a file of plain JSON from which docs/detection.md is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.virtual.outcome import Calm, Outcome, calm_of, outcome_of


@dataclass
class Record:
    """What was found, by what it was found of; a later run takes the place of an earlier one."""

    outcomes: dict[tuple[str, int, str], Outcome] = field(default_factory=dict)
    calms: list[Calm] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome], calms: Iterable[Calm]) -> None:
        """Take over a run; its hours without a disturbance take the place of all earlier ones of the same seed."""
        self.outcomes |= {one.key: one for one in outcomes}
        fresh = list(calms)
        again = {one.key for one in fresh}
        self.calms = [one for one in self.calms if one.key not in again] + fresh

    def of(self, lost: str = "", half: str | None = None) -> list[Outcome]:
        """The outcomes with this source lost, of one half or both."""
        return [one for one in self.outcomes.values() if one.lost == lost and half in (None, one.half)]

    def save(self, path: Path) -> None:
        """Write it, one outcome a line."""
        lines = [json.dumps(one.plain(), ensure_ascii=False) for _, one in sorted(self.outcomes.items())]
        calms = sorted(self.calms, key=lambda one: one.key)
        benign = [json.dumps(one.plain(), ensure_ascii=False) for one in calms]
        parts = [_list("outcomes", lines), _list("calms", benign)]
        path.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def _list(name: str, rows: Iterable[str]) -> str:
    return f'"{name}": [\n' + ",\n".join(rows) + "\n]"


def recorded(path: Path) -> Record:
    """What the file holds; nothing when there is none."""
    record = Record()
    if path.exists():
        plain = json.loads(path.read_text(encoding="utf-8"))
        record.add(map(outcome_of, plain["outcomes"]), map(calm_of, plain["calms"]))
    return record
