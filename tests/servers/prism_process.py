"""The simulated Prism as a process that can be killed and started again where it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.processes import ROOT
from tests.servers.process import Server


class PrismProcess(Server):
    """`python -m simulator`, on free ports and from then on on the same."""

    def __init__(self, home: Path) -> None:
        self._simulator = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "simulator", "--past", "0")
        super().__init__((*self._simulator, "--ports", "free"), home, lambda: self._starts() == self._started)
        self._started = 0

    def start(self) -> None:
        self._started += 1
        if self._started > 1:
            self.command = [*self.command[:1], *self._simulator[1:], "--ports-from", json.dumps(self.addresses)]
        super().start()

    @property
    def addresses(self) -> dict[str, Any]:
        """Where everything is, as it says when it has started."""
        return dict(json.loads((self.home / "server.log").read_text().splitlines()[0]))

    def _starts(self) -> int:
        return (self.home / "server.log").read_text().count("\n")
