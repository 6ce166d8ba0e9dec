"""The pattern launcher over gRPC (contracts 5.3): what it starts, as it reports, and when that went by our own watch."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, G, I, N, S, family

BY_PID, BY_UPTIME = "inferred: its pid changed", "inferred: its uptime fell back"
BY_COUNT = "its launcher counts one more restart"
"""How a restart showed in a launcher's answers: what its event says under `how`."""

FAMILIES = (
    family(
        "launcher_uptime_seconds", G, SEC, "", "How long the launcher itself has been up.", "launcher", "contracts 5.3"
    ),
    family(
        "launcher_processes",
        G,
        N,
        "state",
        "Processes it tracks, by state; dead ones may be among them.",
        "launcher",
        "contracts 5.3",
    ),
    family(
        "launcher_process_state",
        S,
        NONE,
        "pattern process state",
        "1 for the state it reports of a process; constant RUNNING in today's launcher.",
        "launcher",
        "contracts 5.3",
    ),
    family(
        "launcher_process_healthy",
        G,
        NONE,
        "pattern process",
        "1 while it calls a process healthy; constant in today's launcher.",
        "launcher",
        "contracts 5.3",
    ),
    family(
        "launcher_process_started_timestamp_seconds",
        G,
        TS,
        "pattern process",
        "When a process was started, from the uptime it reports.",
        "launcher",
        "contracts 5.3",
    ),
    family(
        "launcher_process_info",
        I,
        NONE,
        "pattern process namespace session address pid error",
        "1 per process, with what else it reports.",
        "launcher",
        "contracts 5.3",
    ),
)
