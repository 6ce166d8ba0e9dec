"""The Admin API (RFC view 5; contracts section 6), and prism-admin's own metrics (contracts 4.1).

The metrics are exposed by prism-admin under these names but for the last ones, which any process has: they are renamed
(collectors/admin/metrics.py), so that they are never taken for the proxy's.
"""

from __future__ import annotations

from model.catalogue.family import NONE, PER_SECOND, SEC, TS, B, C, G, H, I, N, family

PREFIX = "prism_admin_"

API = (
    family("prism_namespace_info", I, NONE, "namespace owner status patterns backends", "1 per namespace; patterns and their backends are comma-separated lists.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_created_timestamp_seconds", G, TS, "namespace", "When a namespace was created.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_max_rps", G, PER_SECOND, "namespace", "A namespace's configured limit.", "admin", "RFC view 5; contracts 6", limit=True),
    family("prism_namespace_max_read_rps", G, PER_SECOND, "namespace", "Its limit of reads, where reads and writes are limited apart.", "admin", "contracts 6", limit=True),
    family("prism_namespace_max_write_rps", G, PER_SECOND, "namespace", "Its limit of writes, where reads and writes are limited apart.", "admin", "contracts 6", limit=True),
)
METRICS = (
    family("prism_admin_raft_state", G, NONE, "", "0 follower, 1 candidate, 2 leader, 3 shut down.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_term", G, N, "", "Raft's term: it grows with every election.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_last_index", G, N, "", "The last index of Raft's log, applied or not.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_leader_elections_total", C, N, "", "Ticks of 5 s during which it led: in spite of its name it counts no elections, and is not shown.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_leader_changes_total", C, N, "", "Other leaders seen from one tick of 5 s to the next; two changes within a tick are one or none.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_leadership_lost_total", C, N, "", "Never grows in today's prism-admin, and is not shown.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_proposals_total", C, N, "", "Changes proposed to Raft.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_proposals_failed_total", C, N, "", "Proposals that failed.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_raft_proposal_duration_seconds", H, SEC, "", "Time to have a proposal accepted.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_fsm_commands_total", C, N, "command_type status", "Commands applied to the replicated state; absent until the first.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_fsm_command_duration_seconds", H, SEC, "command_type", "Time to apply a command.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_fsm_snapshots_total", C, N, "", "Snapshots taken of the state.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_fsm_restores_total", C, N, "", "Snapshots restored.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_cluster_size", G, N, "", "Servers configured, whether they answer or not.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_cluster_healthy_peers", G, N, "", "Always the size less one: no health is checked, and it is not shown.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_admin_proxies_total", G, N, "", "Proxies ever registered; a gauge in spite of its name.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_admin_launchers_total", G, N, "", "Launchers ever registered.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_admin_namespaces_total", G, N, "", "Namespaces ever registered.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_admin_patterns_total", G, N, "", "Patterns ever registered.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_admin_forwarded_requests_total", C, N, "rpc_method status", "Requests that a follower passed on to the leader; absent until the first.", "admin_metrics", "contracts 4.1"),
)
PROCESS = (
    family("prism_admin_process_resident_memory_bytes", G, B, "", "prism-admin's resident memory; exposed as process_resident_memory_bytes, as the rest is without prism_admin_.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_process_cpu_seconds_total", C, SEC, "", "prism-admin's CPU time.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_process_open_fds", G, N, "", "prism-admin's open descriptors.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_process_max_fds", G, N, "", "prism-admin's descriptor limit.", "admin_metrics", "contracts 4.1", limit=True),
    family("prism_admin_process_start_time_seconds", G, TS, "", "When prism-admin started.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_go_goroutines", G, N, "", "prism-admin's goroutines.", "admin_metrics", "contracts 4.1"),
    family("prism_admin_go_threads", G, N, "", "prism-admin's threads.", "admin_metrics", "contracts 4.1"),
)
OWN = frozenset(one.name for one in PROCESS)
FAMILIES = (*API, *METRICS, *PROCESS)
