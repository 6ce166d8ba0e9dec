"""Traffic against its own last minute, proxies against each other, namespaces against their share and their limit."""

from __future__ import annotations

from aggregators.alerts.rules.rule import INFO, RATE, WARNING, Blamed, Rule
from model.series import Unit

_OWN_PAST = 900.0
"""What has been so for this long is usual."""
TRAFFIC: tuple[Rule, ...] = (
    Rule(
        "proxy_frozen", "Counters stand still", "proxy_frozen",
        "process_cpu_seconds_total and prism_requests_total that do not move, of a proxy that was asked and answers",
        ("proxy",), "source", WARNING, 6.0, 6.0, 1.0, (2, 3), 2.0,
        "a process that answers takes CPU time: what stands still is its exporter, and nothing of it is known any more",
        "the counters of proxy {proxy} have stood still for {span}, though it answers", "/settings",
        unit=Unit.SECONDS, blames=Blamed.PROXY,
    ),
    Rule(
        "proxy_odd", "A proxy unlike its peers", "proxy_odd",
        "prism_requests_total and prism_request_duration_seconds by proxy; failed, or slower than the objective",
        ("proxy",), "errors", WARNING, 5.0, 0.01, 0.005, RATE, 3.0,
        "the same load on the same patterns: what only one of them has is its own",
        "{percent} of the requests to proxy {proxy} {how}, of its peers' {others}", "/performance",
        unit=Unit.RATIO, blames=Blamed.PROXY,
    ),
    Rule(
        "traffic_stopped", "Traffic collapsed", "traffic_stopped",
        "prism_requests_total of the last 2 s (few: 5 s, 15 s) over its own median of the last minute",
        ("proxy",), "traffic", WARNING, 5.0, 0.2, 0.5, RATE, 3.0,
        "it halves at night, by and by, and a batch ends: no more than the median of 5 min is expected; "
        "of fewer than 40 expected requests nothing is concluded",
        "{whose} fell to {now} a second, usually {usual}", "/performance",
        unit=Unit.RATIO, longest_seconds=_OWN_PAST, by_spans=True,
    ),
    Rule(
        "namespace_silent", "A namespace stopped asking", "namespace_silent",
        "prism_requests_total by namespace of the last 2 s (few: 5 s, 15 s) over its own median of the last minute",
        ("proxy",), "traffic", INFO, 5.0, 0.2, 0.5, RATE, 3.0,
        "it may have nothing to ask: news, not trouble",
        "{whose} fell to {now} a second, usually {usual}", "/namespaces",
        unit=Unit.RATIO, blames=Blamed.NAMESPACE, longest_seconds=_OWN_PAST, by_spans=True,
    ),
    Rule(
        "namespace_noisy", "Noisy neighbour", "namespace_noisy",
        "prism_requests_total by namespace over all of the last 15 s",
        ("proxy",), "traffic", WARNING, 15.0, 0.8, 0.75, RATE, 5.0,
        "RFC view 5: above 80 %; news only where it was so a minute ago",
        "{namespace} makes {percent} of all requests", "/namespaces",
        unit=Unit.RATIO, blames=Blamed.NAMESPACE, every_seconds=2.0, by_spans=True,
    ),
    Rule(
        "namespace_quota", "Namespace near its limit", "namespace_quota",
        "prism_requests_total by namespace of the last 15 s over prism_namespace_max_rps",
        ("proxy", "admin"), "traffic", WARNING, 15.0, 0.9, 0.85, RATE, 5.0,
        "above it the proxy turns requests away",
        "{namespace} asks {rate} a second, {percent} of its limit", "/namespaces",
        unit=Unit.RATIO, blames=Blamed.NAMESPACE, every_seconds=2.0, by_spans=True,
    ),
)  # fmt: skip
