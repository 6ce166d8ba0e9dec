"""Every widget of the RFC: the page and element that show it, and the test that proves it (docs/coverage.md).

A test fails when an element is not on its page, or a test is not there.
"""

from __future__ import annotations

from typing import NamedTuple


class Widget(NamedTuple):
    """`view` is the RFC's number and name, `element` the id of what shows the widget on the page at `path`."""

    view: str
    name: str
    path: str
    element: str
    test: str


_PAGES = "tests/pages"
_HEALTH = f"{_PAGES}/test_system_health.py"
_SPEED = f"{_PAGES}/test_performance.py"
_BACKENDS = f"{_PAGES}/test_backends.py"
_MESSAGES = f"{_PAGES}/test_messaging.py"
_SPACES = f"{_PAGES}/test_namespaces.py"
_PIPELINE = f"{_PAGES}/test_observability.py"
_SECURITY = f"{_PAGES}/test_security.py"
_RESOURCES = f"{_PAGES}/test_resources.py"
_ALERTS = f"{_PAGES}/test_alerts.py"
_SETTINGS = f"{_PAGES}/test_settings.py"
_SHOWS = "test_the_screen_says_what_the_rfc_shows"
_MISS = "test_a_miss_is_reported_as_a_miss_with_how_fast_it_burns_and_never_as_met"
_DRIVERS = "test_each_driver_has_its_own_lines"
_ONE_SPACE = "test_a_page_of_one_reports_configuration_use_and_operations"
_SPACE_CHARTS = "test_a_page_of_one_has_its_charts_over_the_window_of_the_address"


def _view(view: str, path: str, *widgets: tuple[str, str, str]) -> tuple[Widget, ...]:
    return tuple(Widget(view, name, path, element, test) for name, element, test in widgets)


SYSTEM_HEALTH = _view(
    "1 System Health", "/",
    ("Overall status", "sh-status", f"{_HEALTH}::test_the_whole_is_as_bad_as_the_worst_pattern"),
    ("Success rate, last 5 min", "sh-success", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("RPS", "sh-rps", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("P99 latency, last 5 min", "sh-p99", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("Auth success", "sh-auth", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("Active patterns", "sh-patterns", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("Namespaces", "sh-namespaces", f"{_HEALTH}::test_the_figures_are_those_of_the_snapshot"),
    ("Pattern grid: status, phase, uptime, restarts, click", "sh-patterns-rows",
     f"{_HEALTH}::test_a_degraded_pattern_makes_the_banner_yellow_and_comes_first"),
    ("Latency chart: P50, P99, P999", "sh-lat-chart",
     f"{_HEALTH}::test_the_first_paint_holds_the_figures_and_no_chart"),
    ("Throughput chart: read, write, total", "sh-thr-chart",
     f"{_HEALTH}::test_the_first_paint_holds_the_figures_and_no_chart"),
    ("Error rate chart: errors per minute", "sh-err-chart",
     f"{_HEALTH}::test_errors_above_what_the_detection_bears_are_red"),
    ("Backend pools", "sh-pools", "tests/aggregators/backends/test_pools.py"),
    ("Recent alerts: the last 5, resolved by themselves or not", "sh-alerts",
     f"{_HEALTH}::test_recent_alerts_link_to_where_to_look_next"),
)  # fmt: skip
PATTERN = _view(
    "1 System Health, a pattern", "/patterns/redis",
    ("Pattern detail", "pd-known", f"{_PAGES}/test_pattern_detail.py"),
    ("Status over 24 h", "pd-day-chart", f"{_PAGES}/test_pattern_detail.py"),
    ("Backend details", "pd-details", f"{_PAGES}/test_pattern_detail.py"),
)  # fmt: skip

PERFORMANCE = _view(
    "2 Performance Monitoring", "/performance",
    ("SLO target", "pf-target", f"{_SPEED}::{_MISS}"),
    ("SLO compliance, current", "pf-slo", f"{_SPEED}::{_MISS}"),
    ("Met or missed", "pf-verdict", f"{_SPEED}::{_MISS}"),
    ("Progress bar with the objective", "pf-bar", f"{_SPEED}::{_MISS}"),
    ("Last 24 h", "pf-day", f"{_SPEED}::test_windows_say_how_much_of_them_was_read"),
    ("Last 7 d", "pf-week", f"{_SPEED}::test_windows_say_how_much_of_them_was_read"),
    ("Error budget left", "pf-budget", f"{_SPEED}::{_MISS}"),
    ("Burn rates, 1 h / 5 m and 6 h / 30 m", "pf-burns",
     f"{_SPEED}::test_both_windows_burning_fast_is_the_loudest_thing"),
    ("P99", "pf-p99", f"{_SPEED}::test_p99_stands_beside_the_share_as_a_number_of_its_own"),
    ("Latency by operation: P50, P99, P999, Max, Count", "pf-operations",
     f"{_SPEED}::test_each_operation_has_its_quantiles_and_its_count_and_says_why_it_has_no_maximum"),
    ("Latency heatmap", "pf-heat-chart",
     f"{_SPEED}::test_the_heatmap_has_the_histograms_buckets_and_both_quantiles_over_it"),
    ("Throughput by pattern", "pf-flow-chart", f"{_SPEED}::test_throughput_is_stacked_by_pattern"),
)  # fmt: skip
BACKENDS = _view(
    "3 Backend Health", "/backends",
    ("Connection pools: backend, type, active, idle, max, utilization, status", "bk-pools",
     f"{_BACKENDS}::test_a_pool_is_a_row_with_its_use_and_the_kinds_of_pattern_that_use_it"),
    ("Above 90 % is yellow", "bk-pools", f"{_BACKENDS}::test_above_ninety_percent_a_pool_is_yellow_and_comes_first"),
    ("Connections over time", "bk-conns-chart",
     f"{_BACKENDS}::test_connections_over_time_are_a_line_for_each_pool"),
    ("Redis: acquisition time, errors, capacity", "bk-panels", f"{_BACKENDS}::{_DRIVERS}"),
    ("NATS: state, reconnects, subscriptions, in and out, pending", "bk-panels", f"{_BACKENDS}::{_DRIVERS}"),
    ("PostgreSQL: connections, active queries, query duration, pool wait", "bk-panels", f"{_BACKENDS}::{_DRIVERS}"),
    ("MemStore: keys", "bk-panels", f"{_BACKENDS}::{_DRIVERS}"),
    ("Any further backend: what its health details carry", "bk-panels",
     f"{_BACKENDS}::test_an_unknown_backend_of_a_hostile_name_shows_its_details_as_text"),
    ("The backends' own servers, asked directly: all clients' connections, never Prism's pool", "bk-servers",
     "tests/pages/test_backend_servers.py::test_server_connections_are_called_what_they_are_and_fill_no_pool"),
)  # fmt: skip
MESSAGING = _view(
    "4 Messaging Flow", "/messaging",
    ("Published", "ms-published", f"{_MESSAGES}::test_the_figures_are_those_of_the_snapshot"),
    ("Delivered", "ms-delivered", f"{_MESSAGES}::test_the_figures_are_those_of_the_snapshot"),
    ("Dropped, with its share", "ms-dropped", f"{_MESSAGES}::test_dropped_messages_have_their_shares"),
    ("Pending", "ms-pending", f"{_MESSAGES}::test_the_figures_are_those_of_the_snapshot"),
    ("Delivery ratio and its judgement", "ms-fanout",
     f"{_MESSAGES}::test_the_delivery_ratio_is_judged_against_the_subscribers"),
    ("Every delivery accounted for", "ms-balance",
     f"{_MESSAGES}::test_deliveries_that_vanish_are_reported_with_their_topic"),
    ("Delivery latency P99", "ms-p99", f"{_MESSAGES}::test_the_figures_are_those_of_the_snapshot"),
    ("Topics: subscribers, rates, latency, status", "ms-topics",
     f"{_MESSAGES}::test_topics_come_worst_first_with_the_rfcs_columns"),
    ("Message timeline", "ms-timeline-chart", f"{_MESSAGES}::test_the_timeline_shows_the_window_of_the_address"),
    ("Subscribers: received, lag", "ms-subscribers",
     f"{_MESSAGES}::test_a_subscriber_that_lags_is_first_and_marked_by_shape_and_words"),
    ("Message flow diagram", "ms-flow", f"{_MESSAGES}::test_the_flow_is_drawn_and_reported_in_words"),
)  # fmt: skip
NAMESPACES = _view(
    "5 Multi-Tenancy", "/namespaces",
    ("Namespace table: RPS, latency, errors, patterns, status", "ns-rows",
     f"{_SPACES}::test_a_row_reports_the_rfcs_columns_and_leads_to_its_page"),
    ("Active namespaces, total", "ns-active", f"{_SPACES}::test_totals_report_the_idle_and_the_unlisted_apart"),
    ("Show all", "ns-rows", f"{_SPACES}::test_show_all_is_in_the_address_and_on_one_page"),
    ("Traffic distribution, top 10", "ns-pie", f"{_SPACES}::test_the_pie_and_its_table_report_the_same_shares"),
    ("Traffic shares", "ns-shares", f"{_SPACES}::test_the_pie_and_its_table_report_the_same_shares"),
    ("Noisy neighbour, over 80 %", "ns-noisy", f"{_SPACES}::test_a_noisy_neighbour_is_named_with_its_share"),
) + _view(
    "5 Multi-Tenancy, a namespace", "/namespaces/payments",
    ("Configuration: patterns", "nd-patterns", f"{_SPACES}::{_ONE_SPACE}"),
    ("Configuration: created", "nd-created", f"{_SPACES}::{_ONE_SPACE}"),
    ("Configuration: owner", "nd-owner", f"{_SPACES}::{_ONE_SPACE}"),
    ("Max RPS and its use", "nd-max", f"{_SPACES}::{_ONE_SPACE}"),
    ("Top operations", "nd-operations", f"{_SPACES}::{_ONE_SPACE}"),
    ("P99 latency, last hour", "nd-lat-chart", f"{_SPACES}::{_SPACE_CHARTS}"),
    ("Throughput, last hour", "nd-thr-chart", f"{_SPACES}::{_SPACE_CHARTS}"),
    ("Error rate, last hour", "nd-err-chart", f"{_SPACES}::{_SPACE_CHARTS}"),
)  # fmt: skip
SECURITY = _view(
    "6 Security Monitoring", "/security",
    ("JWT validation success", "se-success", f"{_SECURITY}::{_SHOWS}"),
    ("Success without expected expirations, over 99 %", "se-unexpired", f"{_SECURITY}::{_SHOWS}"),
    ("Above 99 % or not", "se-verdict", f"{_SECURITY}::test_below_what_is_wanted_is_said_in_words_and_shape"),
    ("Token refreshes, last 1 h", "se-refreshes", f"{_SECURITY}::{_SHOWS}"),
    ("Failed attempts, last 1 h", "se-failed", f"{_SECURITY}::{_SHOWS}"),
    ("Dex connectivity", "se-dex-status", f"{_SECURITY}::test_dex_says_which_step_failed_and_what_that_touches"),
    ("Dex: which step failed", "se-dex-steps", f"{_SECURITY}::test_dex_says_which_step_failed_and_what_that_touches"),
    ("Dex: latency", "se-dex-latency", f"{_SECURITY}::{_SHOWS}"),
    ("Dex: keys", "se-dex-keys", f"{_SECURITY}::{_SHOWS}"),
    ("Dex: when it was checked", "se-dex-checked", f"{_SECURITY}::{_SHOWS}"),
    ("Failed attempts of 24 h: time, reason, source IP, user", "se-attempts", f"{_SECURITY}::{_SHOWS}"),
    ("How far back they reach", "se-shown",
     f"{_SECURITY}::test_a_list_that_is_cut_says_how_far_back_it_reaches_and_leads_to_the_rest"),
    ("Repeats from one address or user", "se-repeats",
     f"{_SECURITY}::test_repeats_are_pointed_out_in_words_above_the_table"),
    ("Failed checks over time, by reason", "se-why-chart",
     "tests/aggregators/security/test_security.py::test_lines_are_failures_per_minute_by_reason"),
    ("Authorization: total requests", "se-authz-total", f"{_SECURITY}::{_SHOWS}"),
    ("Authorization: authorized, count and share", "se-authz-allowed", f"{_SECURITY}::{_SHOWS}"),
    ("Authorization: denied, count and share", "se-authz-denied", f"{_SECURITY}::{_SHOWS}"),
    ("Denial reasons, those with 0 too", "se-authz-reasons",
     "tests/aggregators/security/test_security.py::test_decisions_with_their_reasons_those_with_0_among_them"),
    ("JWKS cache hits, count and share", "se-jwks-hits", f"{_SECURITY}::{_SHOWS}"),
    ("JWKS cache misses, count and share", "se-jwks-misses", f"{_SECURITY}::{_SHOWS}"),
    ("JWKS last refresh", "se-jwks-last", f"{_SECURITY}::{_SHOWS}"),
    ("JWKS next refresh, overdue", "se-jwks-next", f"{_SECURITY}::test_an_overdue_refresh_is_reported"),
)  # fmt: skip

OBSERVABILITY = _view(
    "7 Observability Health", "/observability",
    ("Pipeline status and last export, hop by hop", "ob-hops",
     "tests/aggregators/observability/test_observability.py::test_a_pipeline_that_moves_is_healthy_hop_by_hop"),
    ("Traces exported", "ob-traces", f"{_PIPELINE}::{_SHOWS}"),
    ("Metrics exported", "ob-metrics", f"{_PIPELINE}::{_SHOWS}"),
    ("Logs exported", "ob-logs", f"{_PIPELINE}::{_SHOWS}"),
    ("Export errors, count and share", "ob-errors", f"{_PIPELINE}::{_SHOWS}"),
    ("Export latency P99", "ob-latency", f"{_PIPELINE}::{_SHOWS}"),
    ("Queue fill", "ob-exporters", f"{_PIPELINE}::test_queues_are_bars_of_their_capacity"),
    ("Traces with all spans", "ob-complete", f"{_PIPELINE}::{_SHOWS}"),
    ("Traces missing spans", "ob-incomplete", f"{_PIPELINE}::{_SHOWS}"),
    ("Backend span missing", "ob-no-backend", f"{_PIPELINE}::{_SHOWS}"),
    ("Pattern span missing", "ob-no-pattern", f"{_PIPELINE}::{_SHOWS}"),
    ("Proxy span missing", "ob-no-proxy", f"{_PIPELINE}::{_SHOWS}"),
)  # fmt: skip
RESOURCES = _view(
    "8 System Resources", "/resources",
    ("Proxy memory against its limit", "rs-memory", f"{_RESOURCES}::{_SHOWS}"),
    ("Proxy CPU and cores", "rs-cpu", f"{_RESOURCES}::{_SHOWS}"),
    ("Threads", "rs-threads", f"{_RESOURCES}::{_SHOWS}"),
    ("File descriptors against their limit", "rs-fds", f"{_RESOURCES}::{_SHOWS}"),
    ("Proxy uptime", "rs-uptime", f"{_RESOURCES}::{_SHOWS}"),
    ("Pattern processes: memory, CPU, goroutines, uptime", "rs-patterns",
     f"{_RESOURCES}::test_patterns_have_a_row_each_that_leads_to_their_page"),
    ("Total memory", "rs-total-memory", f"{_RESOURCES}::{_SHOWS}"),
    ("Total CPU", "rs-total-cpu", f"{_RESOURCES}::{_SHOWS}"),
    ("Total processes", "rs-total-processes", f"{_RESOURCES}::test_a_sum_names_the_part_that_is_missing"),
)  # fmt: skip
ALERTS = _view(
    "Alerts History", "/alerts",
    ("History of 24 h: state, severity, component, duration, how it resolved", "al-rows",
     f"{_ALERTS}::test_the_rows_report_state_what_whom_and_how_it_ended"),
    ("Filter by severity", "al-severity", f"{_ALERTS}::test_the_address_filters_and_its_links_keep_the_other_filters"),
    ("Filter by component", "al-component",
     f"{_ALERTS}::test_the_address_filters_and_its_links_keep_the_other_filters"),
    ("Filter by state", "al-state", f"{_ALERTS}::test_the_address_filters_and_its_links_keep_the_other_filters"),
    ("Open alerts over 24 h", "al-chart",
     "tests/aggregators/alerts/test_history.py::test_an_alert_counts_in_every_step_in_which_it_was_open"),
)  # fmt: skip
SETTINGS = _view(
    "Settings", "/settings",
    ("Health and age of every source", "st-sources",
     f"{_SETTINGS}::test_every_source_is_listed_with_how_reading_it_goes"),
    ("What is configured, secrets hidden", "st-settings",
     f"{_SETTINGS}::test_settings_are_reported_with_whence_and_without_credentials"),
    ("Thresholds and their reasons", "st-limits",
     f"{_SETTINGS}::test_limits_have_units_and_reasons_and_say_who_set_them"),
    ("Theme", "st-theme", "tests/browser/alone/test_alerts_and_settings.py"),
    ("Time zone", "st-zone", "tests/browser/alone/test_alerts_and_settings.py"),
    ("Refresh", "st-updates", "tests/browser/alone/test_alerts_and_settings.py"),
    ("Faults of the simulated Prism", "st-simulated",
     "tests/browser/alone/test_alerts_and_settings.py::test_a_fault_is_injected_and_cleared_with_the_keyboard_alone"),
)  # fmt: skip

WIDGETS: tuple[Widget, ...] = (
    *SYSTEM_HEALTH,
    *PATTERN,
    *PERFORMANCE,
    *BACKENDS,
    *MESSAGING,
    *NAMESPACES,
    *SECURITY,
    *OBSERVABILITY,
    *RESOURCES,
    *ALERTS,
    *SETTINGS,
)
