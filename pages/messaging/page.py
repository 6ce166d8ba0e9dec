"""Do messages arrive: all of them, in time, at everybody who subscribed? RFC view 4; drawn every 5 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from aggregators.messaging.message_series import message_series
from aggregators.messaging.messaging import Messaging, messaging, messaging_verdict
from components import aria
from components.banner import Stat
from components.card import card, chart, hint_props
from components.charts.kinds import Figure
from components.heading import page_head, range_words
from components.lists.grid import GridRow, grid_props
from components.measure import figure, figure_name, figure_props
from components.props import Props
from components.status import StatusWord, badge_parts, mark
from model.figures.windows import step_seconds, window_seconds
from pages.messaging import flow, rows_text
from pages.messaging import text as words
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW, RANGE = "messaging", "5m"
ABOUT = About(VIEW, "/messaging", "Messaging", refresh_seconds=5.0, order=4)
QUESTION = "Do messages arrive: all of them, in time, at everybody who subscribed?"
TOPICS_HINT, PEOPLE_HINT = "worst first; rates of 15 s", "received in 5 min, lag now"
NOTES = {False: "note", True: "note is-worse"}
LEGEND = "publishers → topics → subscribers"
DRAWN = "Message flow from publishers over topics to subscribers; reported in words below"


@dataclass(frozen=True)
class MessagingView:
    """What the screen says; `stats` follow `text.STATS`, `checks` are (id, words, mark)."""

    found: Messaging
    stats: tuple[Stat, ...]
    checks: tuple[tuple[str, str, StatusWord], ...]
    topics: tuple[GridRow, ...]
    subscribers: tuple[GridRow, ...]
    diagram: dict[str, Any]
    reported: tuple[str, ...]
    timeline: Figure
    window: str


def view_model(snapshot: Snapshot, now: float, chosen: str = "") -> MessagingView:
    """What the screen says of `snapshot` at `now`."""
    found, window = messaging(snapshot, now), window_seconds(chosen, RANGE)
    lines = message_series(snapshot, now, window, step_seconds(window))
    return MessagingView(
        found=found,
        stats=words.stats(found),
        checks=(("ms-fanout", *words.fanout(found)), ("ms-balance", *words.balance(found))),
        topics=tuple(rows_text.topic_row(one, found.age_seconds) for one in found.topics),
        subscribers=tuple(map(rows_text.subscriber_row, found.subscribers.rows)),
        diagram=flow.diagram(found),
        reported=tuple(flow.sentences(found)),
        timeline=words.timeline(lines, now, window),
        window=range_words(chosen, RANGE),
    )


def update(snapshot: Snapshot, now: float, range: str = "") -> Props:  # the address says ?range=
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, range))


def tree(range: str = "") -> html.Main:
    """The static tree; every id begins with `ms-`."""
    cells = [
        html.Div([figure_name(one, name), html.Dd(figure(one)), html.Dd(id=f"{one}-note", className="note")])
        for one, name in words.STATS
    ]
    stats = html.Dl(cells, className="stats row row-cols-2 row-cols-md-3 row-cols-xl-6 g-2")
    checks = [html.Li(id="ms-fanout"), html.Li(id="ms-balance"), html.Li(id="ms-nats", className="note")]
    health = [
        html.P(
            [html.Span(id="ms-status", className="status"), html.Span(id="ms-reason", dir="auto")],
            className="ms-verdict d-flex flex-column flex-md-row align-items-baseline column-gap-3 mb-2",
        ),
        dbc.Row([dbc.Col(html.Ul(checks, className="ms-checks"), width=12, xxl=True), dbc.Col(stats, width=12, xxl=7)]),
    ]
    topics = [*rows_text.topics("ms-topics"), html.P(id="ms-topics-note", className="note ms-note")]
    people = [*rows_text.subscribers("ms-subscribers"), html.P(id="ms-subscribers-note", className="note ms-note")]
    flow = [
        html.Div(id="ms-flow", className="diagram", role="img", **aria.label(DRAWN)),
        dcc.Store(id="ms-flow-data"),
        html.Details([html.Summary("The flow in words"), html.Ul(id="ms-flow-words")], className="hint mt-2"),
    ]
    line = chart("ms-timeline-chart", "Messages published, delivered and dropped per second over time", "ms-chart")
    window = range_words(range, RANGE)
    return page_shell.main(
        VIEW,
        [
            page_head("ms", "Messaging Flow", QUESTION, refresh="5 s", ranges=RANGE, chosen=range),
            card("ms-health", "Message flow health", health, hint="last 5 min"),
            card("ms-topic", "Active topics", topics, hint=TOPICS_HINT, wide=8),
            card("ms-timeline", "Message timeline", [line], hint=window, wide=4, look="ms-line"),
            card("ms-flows", "Message flow", flow, hint=LEGEND, wide=7),
            card("ms-people", "Subscribers", people, hint=PEOPLE_HINT, wide=5),
        ],
        range=range,
    )


def render(view: MessagingView) -> Props:
    """The view as component properties."""
    found, status = view.found, StatusWord(view.found.status, view.found.age_seconds)
    props = grid_props("ms-topics", view.topics) | grid_props("ms-subscribers", view.subscribers)
    for (name, _), stat in zip(words.STATS, view.stats, strict=True):
        props[name] = figure_props(stat.measure, stat.style, stat.noun)
        props[f"{name}-note"] = {"children": stat.note, "className": NOTES[stat.worse], "title": stat.note}
    props["ms-dropped-note"]["title"] = words.dropped_title(found)
    for name, said, word in view.checks:
        inside = [mark(word.kind), html.Span(said, dir="auto")]
        props[name] = {"children": inside, "title": said, "className": f"row-{word.kind}"}
    notes = {
        "ms-reason": found.reason,
        "ms-nats": words.clients(found.clients),
        "ms-topics-note": rows_text.topics_note(found),
        "ms-subscribers-note": rows_text.subscribers_note(found),
    }
    props |= {name: {"children": said, "title": said} for name, said in notes.items()}
    return props | {
        "ms-status": {"children": badge_parts(status), "className": f"status status-{status.kind}"},
        "ms-flow-data": {"data": view.diagram},
        "ms-flow": {"className": f"diagram{' is-stale' if found.age_seconds else ''}"},
        "ms-flow-words": {"children": [html.Li(one, dir="auto") for one in view.reported]},
        "ms-timeline-chart": {"figure": view.timeline},
        "ms-health-hint": hint_props((stat.measure for stat in view.stats), "last 5 min"),
        "ms-topic-hint": hint_props([found.published], TOPICS_HINT),
        "ms-people-hint": hint_props([found.subscribers.slow], PEOPLE_HINT),
        "ms-flows-hint": hint_props([found.published], LEGEND),
        "ms-timeline-hint": hint_props([found.published], view.window),
    }


register_view(__name__, ABOUT, judge=messaging_verdict, answer=messaging, update=update, tree=tree)
