"""Fault experiments over sockets: real processes on a real clock, to hold beside what virtual time gives."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from bench.processes import dashboard, simulated_prism
from bench.virtual.outcome import Headline, Outcome, Raised, judged
from model.series import Severity
from simulator.faults.experiments.experiment import Experiment

LIVE = "live"
"""Stands where an outcome names the source that is lost."""
BEFORE_SECONDS, CLEAR_SECONDS, POLL_SECONDS = 60.0, 60.0, 0.1
Alerts = dict[tuple[str, str], dict[str, Any]]


def live_outcomes(chosen: Sequence[Experiment]) -> Iterator[Outcome]:
    """One after the other, each from calm to calm, under the usual load."""
    with simulated_prism() as addresses, dashboard(addresses) as (address, _):
        time.sleep(BEFORE_SECONDS)
        for one in chosen:
            yield _one(one, f"{addresses['control_url']}/faults", address, _names(addresses))


def _one(experiment: Experiment, control: str, address: str, names: dict[str, str]) -> Outcome:
    calm, before = set(_firing(address)), _loud(address)
    began = time.monotonic()
    for fault in experiment.faults:
        _ask(control, "POST", fault)
    raised: dict[tuple[str, str], Raised] = {}
    while time.monotonic() - began < experiment.seconds:
        for (rule, component), one in _firing(address).items():
            if (rule, component) not in calm:
                seconds, about = time.monotonic() - began, _named(component, names)
                raised.setdefault(
                    (rule, component), Raised(seconds, rule, about, str(one["severity"]), str(one["words"]))
                )
        time.sleep(POLL_SECONDS)
    _ask(control, "DELETE")
    ended = time.monotonic()
    while _loud(address) - before and time.monotonic() - ended < CLEAR_SECONDS:
        time.sleep(POLL_SECONDS)
    clear = None if _loud(address) - before else round(time.monotonic() - ended, 2)
    in_order = sorted(raised.values(), key=lambda one: one.seconds)
    named = dict.fromkeys(one.component for one in in_order)  # one headline an alert, the first raised first
    headlines = [Headline((one,)) for one in named]
    return judged(experiment, 0, LIVE, in_order, headlines, flaps=0, clear_seconds=clear)


def _names(addresses: dict[str, Any]) -> dict[str, str]:
    """The sources' names by what stands for them in an alert."""
    found = {address: f"pattern:{name}" for name, address in addresses["patterns"].items()}
    for key, value in addresses.items():
        if isinstance(value, str):
            found[value.partition("//")[2].partition("/")[0] or value] = key.partition("_")[0]
    return found


def _named(component: str, names: dict[str, str]) -> str:
    for address, name in names.items():
        component = component.replace(address, name)
    return component


def _firing(address: str) -> Alerts:
    alerts = _ask(f"{address}/api/alerts")["alerts"]
    return {
        (str(one["rule"]), str(one["component"])): one
        for one in alerts
        if one["state"] == "firing" and "HUD" in one["open_in"]
    }


def _loud(address: str) -> set[tuple[str, str]]:
    """What fires and calls somebody: what is only worth knowing comes and goes all day."""
    return {key for key, one in _firing(address).items() if one["severity"] != Severity.INFO}


def _ask(url: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(dict(body)).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
