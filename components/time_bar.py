"""The time bar at the foot of every page, and the banner of whoever looks at the past.

assets/time/ moves both, and says of the buttons how they stand.
"""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from components import aria, ids

SPEEDS = (1, 5, 15, 60)
"""How many seconds of the past a second of playing shows."""
KEYS = "Arrow keys: 1 s, with Shift 1 min. Page up and down: 10 min. Home: 24 h ago. End or l: live."


def past_banner() -> html.Div:
    """Says unmistakably that this is the past; hidden while the page is live."""
    return html.Div(
        [
            html.Strong("You look at the past: ", role="status"),
            html.Span(
                [html.Time(id=ids.PAST_TIME), html.Span(id=ids.PAST_AGE), html.Span(id=ids.PAST_KEPT)],
                className="past-words",
            ),
            dbc.Button(["Back to live ", html.Kbd("l")], id=ids.TIME_LIVE, color="", class_name="past-live"),
        ],
        id=ids.PAST,
        className="past",
        hidden=True,
    )


def time_bar() -> html.Footer:
    """The last 24 hours as a slider with what happened in them, and the player."""
    return html.Footer(
        [
            dbc.Button(
                html.Span("Time bar", className="visually-hidden"),
                id=ids.TIME_FOLD,
                title="Look at the past",
                class_name="time-fold switch",
            ),
            html.Div(
                [_play(), *_speed(), _slider(), html.Output(id=ids.TIME_SAID)], id=ids.TIME_BAR, className="time-bar"
            ),
        ],
        className="time",
        **aria.label("Time"),
    )


def _play() -> dbc.Button:
    words = html.Span("Play the past", className="visually-hidden")
    return dbc.Button(words, id=ids.TIME_PLAY, title="Play", class_name="switch time-play")


def _speed() -> list[Any]:
    options = [{"label": f"{one}×", "value": str(one)} for one in SPEEDS]
    return [
        dbc.Label("Speed of the replay", html_for=ids.TIME_SPEED, class_name="visually-hidden"),
        dbc.Select(
            id=ids.TIME_SPEED, options=options, value="1", size="sm", class_name="time-speed", persistence=False
        ),
    ]


def _slider() -> html.Div:
    """What happened is drawn in `time-marks`; the slider's value is in seconds since 1970."""
    parts = [
        html.Div(id=ids.TIME_MARKS, className="time-marks", **aria.DECORATION),
        html.Span(id=ids.TIME_KNOB, className="time-knob", **aria.DECORATION),
    ]
    return html.Div(
        parts,
        id=ids.TIME_SLIDER,
        className="time-track",
        role="slider",
        tabIndex=0,
        title=KEYS,
        **aria.label("Instant that is shown"),
        **_state(valuetext="Live", valuemin="0", valuemax="86400", valuenow="86400"),
    )


def _state(**attributes: str) -> dict[str, Any]:
    return {f"aria-{name}": value for name, value in attributes.items()}
