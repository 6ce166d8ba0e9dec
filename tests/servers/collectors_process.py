"""The dashboard's collector process with settings of its own, and a reader of what it stores."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bench.processes import ROOT, collector_command
from store.reader import Reader
from store.snapshot import Snapshot
from tests.servers.process import Server


class CollectorsProcess(Server):
    """`python -m collectors` with the settings `toml` and nothing of the environment's."""

    def __init__(self, home: Path, toml: str) -> None:
        config, store = home / "hud.toml", home / "store"
        config.write_text(f"cache_dir = {json.dumps(str(store))}\n{toml}")
        self._reader = Reader(store)
        command = ("env", "-i", f"PATH={os.environ['PATH']}", f"PYTHONPATH={ROOT}", f"HUD_CONFIG={config}",
                   *collector_command())  # fmt: skip
        super().__init__(command, home, lambda: self._reader.version() > 0)

    def snapshot(self) -> Snapshot:
        """All that is stored by now."""
        return self._reader.snapshot()

    def stop(self) -> None:
        super().stop()
        self._reader.close()
