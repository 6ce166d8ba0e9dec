"""The dashboard in a notebook: `hud.show("backends", range="1h")`, `hud.frame("requests", "1h")`, `hud.events("1h")`.

It reads what the settings say, as `python app.py` does: the store that a collector writes; where nobody writes one it
starts a collector of its own, beside a simulated Prism when no source is configured.
"""

from hud.cell import Cell, show
from hud.tables import events, frame

__all__ = ["Cell", "events", "frame", "show"]
