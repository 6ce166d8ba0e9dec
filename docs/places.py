"""Where each widget of `model.needs` stands: its page's path and the element that shows it.

`collectors --check` says by name which of them nothing fills; docs/coverage.md and the tests find them here.
"""

from __future__ import annotations

from typing import NamedTuple

from model.needs import NEEDS


class Place(NamedTuple):
    """A widget that is on the page at `path` as `element`, and the families of which one fills it."""

    path: str
    element: str
    families: tuple[str, ...]


_PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "System Health": ("/", {
        "Overall status": "sh-status",
        "Success rate": "sh-success",
        "Requests": "sh-rps",
        "P99 latency": "sh-p99",
        "Auth success": "sh-auth",
        "Active patterns": "sh-patterns",
        "Namespaces": "sh-namespaces",
        "Pattern health": "sh-patterns-rows",
        "Latency": "sh-lat-chart",
        "Throughput": "sh-thr-chart",
        "Errors": "sh-err-chart",
        "Backend pools": "sh-pools",
    }),
    "A pattern": ("/patterns/redis", {
        "Status over 24 h": "pd-day-chart",
        "What it says": "pd-known",
        "Details": "pd-details",
    }),
    "Performance": ("/performance", {
        "SLO compliance": "pf-slo",
        "SLO verdict": "pf-verdict",
        "SLO bar": "pf-bar",
        "Last 24 h": "pf-day",
        "Last 7 d": "pf-week",
        "Error budget": "pf-budget",
        "Burn rates": "pf-burns",
        "P99": "pf-p99",
        "Latency by operation": "pf-operations",
        "Heatmap": "pf-heat-chart",
        "Throughput by pattern": "pf-flow-chart",
    }),
    "Backends": ("/backends", {
        "Connection pools": "bk-pools",
        "Connections over time": "bk-conns-chart",
        "Panel per backend": "bk-panels",
        "Servers": "bk-servers",
    }),
    "Messaging": ("/messaging", {
        "Published": "ms-published",
        "Delivered": "ms-delivered",
        "Dropped": "ms-dropped",
        "Pending": "ms-pending",
        "Delivery ratio": "ms-fanout",
        "Balance": "ms-balance",
        "Delivery latency": "ms-p99",
        "Topics": "ms-topics",
        "Timeline": "ms-timeline-chart",
        "Subscribers": "ms-subscribers",
        "Flow": "ms-flow",
    }),
    "Namespaces": ("/namespaces", {
        "Namespace table": "ns-rows",
        "Active namespaces": "ns-active",
        "Traffic distribution": "ns-pie",
        "Traffic shares": "ns-shares",
        "Noisy neighbour": "ns-noisy",
    }),
    "A namespace": ("/namespaces/payments", {
        "Patterns": "nd-patterns",
        "Created": "nd-created",
        "Owner": "nd-owner",
        "Max RPS": "nd-max",
        "Top operations": "nd-operations",
        "Latency": "nd-lat-chart",
        "Throughput": "nd-thr-chart",
        "Errors": "nd-err-chart",
    }),
    "Security": ("/security", {
        "Token checks": "se-success",
        "Without expired tokens": "se-unexpired",
        "Verdict": "se-verdict",
        "Token refreshes": "se-refreshes",
        "Failed attempts": "se-failed",
        "Dex": "se-dex-status",
        "Dex steps": "se-dex-steps",
        "Dex latency": "se-dex-latency",
        "Dex keys": "se-dex-keys",
        "Dex checked": "se-dex-checked",
        "Attempts of 24 h": "se-attempts",
        "How far back": "se-shown",
        "Repeats": "se-repeats",
        "Failures over time": "se-why-chart",
        "Authorization total": "se-authz-total",
        "Authorized": "se-authz-allowed",
        "Denied": "se-authz-denied",
        "Denial reasons": "se-authz-reasons",
        "JWKS hits": "se-jwks-hits",
        "JWKS misses": "se-jwks-misses",
        "JWKS last refresh": "se-jwks-last",
        "JWKS next refresh": "se-jwks-next",
    }),
    "Observability": ("/observability", {
        "Pipeline": "ob-hops",
        "Traces exported": "ob-traces",
        "Metrics exported": "ob-metrics",
        "Logs exported": "ob-logs",
        "Export errors": "ob-errors",
        "Export latency": "ob-latency",
        "Queues": "ob-exporters",
        "Whole traces": "ob-complete",
        "Traces with gaps": "ob-incomplete",
        "Backend span missing": "ob-no-backend",
        "Pattern span missing": "ob-no-pattern",
        "Proxy span missing": "ob-no-proxy",
    }),
    "Resources": ("/resources", {
        "Proxy memory": "rs-memory",
        "Proxy CPU": "rs-cpu",
        "Threads": "rs-threads",
        "File descriptors": "rs-fds",
        "Proxy uptime": "rs-uptime",
        "Pattern processes": "rs-patterns",
        "Total memory": "rs-total-memory",
        "Total CPU": "rs-total-cpu",
        "Total processes": "rs-total-processes",
    }),
}  # fmt: skip
"""By the page's name and the widget's, as `model.needs` names them."""

PLACES = tuple(Place(_PAGES[one.page][0], _PAGES[one.page][1][one.widget], one.families) for one in NEEDS)
"""In the order of NEEDS. A test holds that both tables name the same widgets."""

NEEDS_NOTHING = frozenset({"sh-alerts", "pf-target"})
"""Widgets that say something whatever is read: a list of our own alerts, a setting."""
NEEDS_NOTHING_ON = ("/alerts", "/settings")


def named() -> set[tuple[str, str]]:
    """(page, widget) of all that have a place."""
    return {(page, widget) for page, (_, widgets) in _PAGES.items() for widget in widgets}


def filled_by(path: str, element: str) -> tuple[str, ...]:
    """The families of which one fills what is shown there; none where nothing has to."""
    return next((one.families for one in PLACES if (one.path, one.element) == (path, element)), ())
