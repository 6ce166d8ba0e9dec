"""Alerts as the lines that the screen shows; shared by the pages."""

from __future__ import annotations

from collections.abc import Iterator

from aggregators.alerts.alerts import HUD, Alert, AlertState
from aggregators.requests.attribution import NAMESPACE
from components import format as fmt
from components.lists.alerts import AlertLine
from components.lists.table import namespace_href, pattern_href

NO_ALERT = "No alert in the last 24 hours."


def alert_line(alert: Alert, here: str) -> AlertLine:
    """An alert, with a link to the page where to look next unless that is `here`."""
    href = pattern_href(alert.component) if alert.page.startswith("/pattern") else alert.page
    if alert.component.startswith(NAMESPACE):
        href = namespace_href(alert.component.removeprefix(NAMESPACE))
    tools = [name for name in alert.sources if name != HUD]
    also = f"{'also ' if HUD in alert.sources else ''}in {fmt.listed(tools, 3)}" if tools else ""
    came_back = f"came back {alert.refires}×" if alert.refires else ""
    quiet = alert.is_active and alert.state is not AlertState.FIRING
    return AlertLine(
        severity=alert.severity,
        words=alert.words,
        began=alert.started,
        ended=alert.resolved_at,
        origin=" · ".join(filter(None, (came_back, also, *done_about(alert)))),
        href="" if href == here else href,
        alert_state=alert.state.value.capitalize() if quiet else "",
    )


def done_about(alert: Alert) -> Iterator[str]:
    """What operators did about it: "acknowledged by ana: rebooting", "silenced by ana until 14:05:00 UTC: deploy"."""
    for word, action in (("acknowledged", alert.acknowledged), ("silenced", alert.silenced)):
        if action is not None:
            until = f" until {fmt.clock(action.until, action.time)}" if action.until else ""
            yield f"{word} by {action.by}{until}{f': {action.why}' if action.why else ''}"
