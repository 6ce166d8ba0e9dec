"""Incidents as the lines that the screen shows; shared by the pages."""

from __future__ import annotations

from aggregators.alerts.alerts import AlertState
from aggregators.incidents.incident import Cause, Incident, Sureness
from components.lists.alerts import AlertLine
from components.lists.incidents import IncidentLine
from pages.shared import alert_text

SURENESS = {Sureness.SURE: "surely", Sureness.LIKELY: "likely", Sureness.POSSIBLE: "possibly"}
MOST_SYMPTOMS = 12


def line(one: Incident) -> IncidentLine:
    """An incident with a link to its page; its other alerts lead to where to look next."""
    quiet = one.is_active and one.state is not AlertState.FIRING
    head = AlertLine(
        severity=one.severity,
        words=one.headline,
        began=one.started,
        ended=one.resolved_at,
        origin=alert_text.alert_line(one.alerts[0], "").origin,
        href=one.path,
        alert_state=one.state.value.capitalize() if quiet else "",
    )
    rest = one.alerts[1 : 1 + MOST_SYMPTOMS]
    lasting = sum(alert.is_active for alert in one.alerts[1:])
    symptoms = tuple(alert_text.alert_line(alert, "") for alert in rest)
    return IncidentLine(head, first_words(one.cause), symptoms, lasting, len(one.alerts) - 1 - lasting)


def first_words(cause: Cause) -> str:
    """'likely pool redis first'."""
    return f"{SURENESS[cause.sureness]} {cause.component} first"
