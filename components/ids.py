"""Component ids that more than one module must know: the shell's. A page's own ids start with its view's name."""

from __future__ import annotations

PAGE = "page"
TOP_STATUS = "top-status"
TOP_SOURCES = "top-sources"
TOP_CLOCK = "top-clock"
TOP_SIMULATED = "top-simulated"
TOP_PROXIES = "top-proxies"
TOP_PROXIES_BOX = "top-proxies-box"
THEME_SWITCH = "theme-switch"
ZONE_SWITCH = "zone-switch"
FIND_SWITCH = "find-switch"
LINK_SWITCH = "link-switch"
PAUSE_SWITCH = "pause-switch"
ANNOUNCE = "announce"
NOTICES = "notices"
LIVE_STATE = "live-state"
LIVE_AGE = "live-age"
PAST, PAST_TIME, PAST_AGE, PAST_KEPT = "past", "past-time", "past-age", "past-kept"
TIME_BAR, TIME_FOLD, TIME_PLAY, TIME_SPEED = "time-bar", "time-fold", "time-play", "time-speed"
TIME_SLIDER, TIME_MARKS, TIME_KNOB = "time-slider", "time-marks", "time-knob"
TIME_SAID, TIME_LIVE = "time-said", "time-live"
ADDRESS = "address"
"""The dcc.Location by which selections and links change the address."""
DATA = "-data"
"""After the id of a table's or diagram's slot: the dcc.Store of what is drawn in it."""


def rail(view: str) -> str:
    """The status mark beside a view's name in the rail."""
    return f"rail-{view}"
