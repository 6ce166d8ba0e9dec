"""What each web process counts of itself and of the pages that it serves, on its way to the one writer: a file each.

A file is replaced as a whole, so that a reader never sees half of one; the collector reads them all now and then and
stores what they hold as samples of its own. What a process counted last is stored also when it has ended meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from store.disk.store_directory import WEB

MOST_BYTES = 128 * 1024
MOST_FILES = 64
MOST_VIEWERS = 2000
"""Of one process and day: 32 characters each."""
KEPT_SECONDS = 3600.0
"""A file that is not written for so long is of a process that has ended, and goes."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counted:
    """One figure: a family of the catalogue, its labels without `process`, its value in the family's unit."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessCounts:
    """What one process counted; `age_seconds` since it wrote that, `viewers` of the `day` by names that say nothing."""

    process: str
    figures: tuple[Counted, ...]
    day: int
    viewers: frozenset[str]
    age_seconds: float


class WebCounts:
    """The files in a store's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / WEB

    def put(self, process: str, figures: Sequence[Counted], day: int, viewers: Iterable[str]) -> bool:
        """Replace the file of `process`; False where it cannot be written, which loses nothing: counts go on."""
        body = {
            "figures": [[one.name, one.value, dict(one.labels)] for one in figures],
            "day": day,
            "viewers": sorted(viewers)[:MOST_VIEWERS],
        }
        fresh = self._directory / f"{process}.new"
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(fresh, flags, 0o600), "w") as file:
                json.dump(body, file)
            fresh.replace(self._directory / f"{process}.json")
        except OSError:
            return False
        return True

    def read(self, now: float) -> list[ProcessCounts]:
        """What every process counted, as of its last file; files of long ended processes are removed."""
        found = []
        for path in self._files():
            try:
                age = now - path.stat().st_mtime
                if age > KEPT_SECONDS:
                    path.unlink(missing_ok=True)
                    continue
                with path.open("rb") as file:
                    found.append(_parsed(path.stem, json.loads(file.read(MOST_BYTES)), age))
            except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
                _log.warning("the counts of a web process cannot be read, and are thrown away: %s", error)
                path.unlink(missing_ok=True)
        return found

    def _files(self) -> list[Path]:
        """The newest MOST_FILES."""
        try:
            files = [one for one in self._directory.iterdir() if one.suffix == ".json"]
            return sorted(files, key=lambda one: -one.stat().st_mtime)[:MOST_FILES]
        except OSError:
            return []


def _parsed(process: str, body: Mapping[str, object], age: float) -> ProcessCounts:
    """Raises ValueError, TypeError, KeyError for what is no such file."""
    figures, viewers, day = body["figures"], body["viewers"], body["day"]
    if not isinstance(figures, list) or not isinstance(viewers, list) or not isinstance(day, int):
        raise ValueError("not the counts of a process")
    counted = tuple(
        Counted(str(name), float(value), tuple(sorted((str(key), str(word)) for key, word in labels.items())))
        for name, value, labels in figures
    )
    return ProcessCounts(process, counted, day, frozenset(map(str, viewers)), age)
