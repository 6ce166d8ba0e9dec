"""Which traces the browser's plotly was built with."""

from __future__ import annotations

import re
from pathlib import Path

ENTRY = Path(__file__).parents[1] / ".ci" / "plotly" / "entry.mjs"


def traces_of_the_build() -> set[str]:
    """As the entry of the build imports them; plotly.js's core is `scatter`."""
    asked = set(re.findall(r"/lib/(\w+)\.js", ENTRY.read_text(encoding="utf-8")))
    return asked - {"core"} | {"scatter"}
