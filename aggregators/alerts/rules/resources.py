"""What processes take of their host: near a limit, growing towards it, restarted."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, INFO, RATE, WARNING, Blamed, Rule
from model.series import Unit

_PAGE = "/resources"
RESOURCES: tuple[Rule, ...] = (
    Rule(
        "process_memory", "Memory near its limit", "process_memory",
        "process_resident_memory_bytes over process_memory_limit_bytes",
        ("proxy",), "resources", WARNING, 0.0, 0.90, 0.85, (2, 3), 3.0,
        "what is left goes in seconds when load comes; at 98 % the next allocation may be the last",
        "{who} takes {percent} of its memory limit", _PAGE, 0.98,
        unit=Unit.RATIO, blames=Blamed.PROXY, every_seconds=0.5,
    ),
    Rule(
        "process_descriptors", "Descriptors near their limit", "process_descriptors",
        "process_open_fds over process_max_fds",
        ("proxy",), "resources", WARNING, 0.0, 0.90, 0.85, (2, 3), 3.0,
        "without descriptors no connection is taken; critical at 98 %",
        "{who} has {percent} of its file descriptors open", _PAGE, 0.98,
        unit=Unit.RATIO, blames=Blamed.PROXY, every_seconds=0.5,
    ),
    Rule(
        "process_cpu", "CPU near its limit", "process_cpu",
        "process_cpu_seconds_total of the last 5 s over process_cpu_limit_cores",
        ("proxy",), "resources", WARNING, 5.0, 0.90, 0.80, RATE, 3.0,
        "above it everything waits for its turn",
        "{who} uses {percent} of the cores that it may", _PAGE,
        unit=Unit.RATIO, blames=Blamed.PROXY, every_seconds=0.5,
    ),
    Rule(
        "process_filling", "Runs towards a limit", "process_filling",
        "memory and descriptors that rose in three steps of 5 s (2 s when faster than ever); seconds until the limit "
        "at this pace",
        ("proxy",), "resources", WARNING, 60.0, 120.0, 300.0, RATE, 5.0,
        "two minutes are few to act in; five where 80 % are taken, one below half of the limit: there a process may "
        "breathe",
        "{who} reaches its {what} limit in {left}: {percent} of it are in use and more every second", _PAGE,
        unit=Unit.SECONDS, blames=Blamed.PROXY, every_seconds=0.5,
    ),
    Rule(
        "process_grown", "Process grows", "process_grown",
        "memory, goroutines and CPU of proxies and patterns over their median of the last 5 min, and rising; now "
        "or, at this pace, in 10 s",
        ("proxy",), "resources", WARNING, 300.0, 2.5, 2.0, RATE, 5.0,
        "twice the load may take twice as much of anything, and no more",
        "{who} takes {times} times its usual {what}: {value}", _PAGE,
        unit=Unit.COUNT, blames=Blamed.PATTERN, every_seconds=0.5,
    ),
    Rule(
        "proxy_restarts", "Proxy restarts again and again", "proxy_restarts",
        "process_start_time_seconds; starts in 4 minutes",
        ("proxy",), "restart", WARNING, 240.0, 2.0, 1.0, FACT, 5.0,
        "a deployment restarts once",
        "{who} started {times} in 4 min", _PAGE, 4.0,
        unit=Unit.COUNT, blames=Blamed.PROXY, every_seconds=2.0,
    ),
    Rule(
        "proxy_restarted", "Proxy restarted", "proxy_restarted",
        "process_start_time_seconds; seconds since the start",
        ("proxy",), "restart", INFO, 240.0, 10.0, 10.0, FACT, 1.0,
        "one restart is news, not trouble",
        "{who} restarted", _PAGE,
        unit=Unit.SECONDS, blames=Blamed.PROXY,
    ),
    Rule(
        "control_plane", "Control plane in trouble", "control_plane",
        "prism_admin_raft_state: nobody leads, or its Raft is shut down",
        ("admin_metrics",), "control plane", WARNING, 0.0, 1.0, 0.0, (2, 3), 3.0,
        "an election takes a moment; one that goes on leaves Prism without anybody who may change it",
        "the control plane: {reason}", _PAGE,
        blames=Blamed.CONTROL_PLANE,
    ),
)  # fmt: skip
