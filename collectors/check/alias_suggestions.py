"""Names that the dashboard does not know but that may mean something it does; and the line that would map them."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence

from collectors.check.visit import Visit
from model.catalogue import BY_NAME, CATALOGUE
from model.catalogue.source_kinds import BY_KIND
from model.series import Kind

PREFIXES = ("prism", "proxy_", "pattern_", "backend_driver_", "otelcol_", "procmgr_", "dex_", "mailbox_", "launcher_")
"""How names begin in Prism's own documents and in what it stands on."""
ALIKE = 0.78
"""By difflib. Below it, one of two names hardly ever is the other."""
NOT_THE_SAME = frozenset({"prism_pool_size"})
"""Names that do not say which of two things they are, so no line is offered for them (contracts 4.7)."""
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def related(visit: Visit) -> list[tuple[str, str]]:
    """(name, the catalogue's name it may mean or ''), for the unknown names that look related."""
    found = []
    for name, kind in visit.unknown:
        meant = _meant(name, kind, visit)
        if meant or name.startswith(PREFIXES):
            found.append((name, meant))
    return found


def _meant(name: str, kind: Kind, visit: Visit) -> str:
    """The family of this source and kind that is called most alike; none when that one is there itself."""
    if not BY_KIND[visit.source].exposition or name in NOT_THE_SAME:
        return ""
    alike = [one.name for one in CATALOGUE if one.source == visit.source and kind in (one.kind, Kind.UNKNOWN)]
    close = difflib.get_close_matches(name, alike, n=1, cutoff=ALIKE)
    return close[0] if close and close[0] not in visit.known and not close[0].startswith("hud_") else ""


def alias_lines(visits: Sequence[Visit]) -> list[str]:
    """What to put into hud.toml if the names mean the same; nothing when there is nothing to offer."""
    offered: dict[str, str] = {}
    for visit in visits:
        for name, meant in related(visit):
            if meant and meant not in offered.values():
                offered.setdefault(name, meant)
    if not offered:
        return []
    return [
        "[aliases.metrics]",
        *(f'{_key(name)} = "{meant}"  # {BY_NAME[meant].help}' for name, meant in offered.items()),
    ]


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name)
