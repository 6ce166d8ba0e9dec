"""Which ports to use: the RFC's, free ones, or exactly those of an earlier run."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from simulator.traffic.scenario import PATTERNS, PatternSpec

RFC_PORTS: dict[str, int] = {
    "proxy": 8980,
    "admin": 8090,
    "signoz": 8080,
    "otel metrics": 8888,
    "otel health": 13133,
    "dex": 5556,
    "dex telemetry": 5558,
    "alertmanager": 9093,
    "prometheus": 0,
    "launcher": 8982,
    "control": 8096,
    **{f"pattern:{spec.name}": spec.port for spec in PATTERNS},
}
"""By the name of the listener; `pattern:<name>` for the patterns (contracts sections 1 and 10). The RFC names no
Prometheus, and somebody may have one of their own at its usual port: the system picks."""

_KEYS = {
    "proxy_metrics_url": ("proxy", "http://{}/metrics"),
    "admin_api_url": ("admin", "http://{}"),
    "signoz_api_url": ("signoz", "http://{}"),
    "otel_metrics_url": ("otel metrics", "http://{}/metrics"),
    "otel_health_url": ("otel health", "http://{}"),
    "dex_issuer": ("dex", "http://{}/dex"),
    "dex_telemetry_url": ("dex telemetry", "http://{}"),
    "alertmanager_url": ("alertmanager", "http://{}"),
    "prometheus_url": ("prometheus", "http://{}"),
    "launcher": ("launcher", "{}"),
    "control_url": ("control", "http://{}"),
}
"""What is printed under which key, of which listener."""


class PortsError(Exception):
    """The addresses given cannot be used; the message says why."""


def choose(mode: str, host: str, patterns: Sequence[PatternSpec] = PATTERNS, proxies: int = 1) -> dict[str, int]:
    """Ports for `rfc`, `free` (all 0: the system picks) or `auto` (the RFC's when every one is free, else all free).

    The second proxy and those after it are `proxy 2`, …: on ports that the system picks.
    """
    wanted = {**RFC_PORTS, **_of_patterns(patterns), **{f"proxy {number}": 0 for number in range(2, proxies + 1)}}
    if mode == "rfc" or (mode == "auto" and all(_is_free(host, port) for port in wanted.values())):
        return wanted
    return dict.fromkeys(wanted, 0)


def _of_patterns(patterns: Sequence[PatternSpec]) -> dict[str, int]:
    """The ports of those that the RFC does not name."""
    return {f"pattern:{spec.name}": spec.port for spec in patterns if f"pattern:{spec.name}" not in RFC_PORTS}


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def addresses(host: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """The addresses to reach each listener at, as printed at the start; a wildcard host is reached on loopback."""
    reach = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    base = {name: f"{reach}:{port}" for name, port in ports.items()}
    found: dict[str, Any] = {key: form.format(base[name]) for key, (name, form) in _KEYS.items() if name in base}
    prefix = "pattern:"
    more = [f"http://{at}/metrics" for name, at in base.items() if name.startswith("proxy ")]
    if more:
        found["proxy_metrics_url"] = ",".join([found["proxy_metrics_url"], *more])
    found["patterns"] = {name.removeprefix(prefix): at for name, at in base.items() if name.startswith(prefix)}
    return found


def from_addresses(text: str, patterns: Sequence[PatternSpec] = PATTERNS) -> dict[str, int]:
    """The ports in a line that `addresses` made; what it leaves out gets a free port. Raises PortsError."""
    try:
        given = json.loads(text)
        found = {_KEYS[key][0]: _port(value) for key, value in given.items() if key in _KEYS}
        found.update({f"pattern:{name}": _port(value) for name, value in given.get("patterns", {}).items()})
    except (ValueError, AttributeError, TypeError) as error:
        raise PortsError(f"--ports-from: not the addresses of an earlier run: {error}") from None
    every = {**RFC_PORTS, **_of_patterns(patterns)}
    unknown = sorted(set(found) - set(every))
    if unknown:
        raise PortsError(f"--ports-from: unknown {', '.join(unknown)}")
    return {**dict.fromkeys(every, 0), **found}


def _port(address: str) -> int:
    port = urlsplit(address if "//" in address else f"//{address}").port
    if port is None:
        raise ValueError(f"no port in {address!r}")
    return port
