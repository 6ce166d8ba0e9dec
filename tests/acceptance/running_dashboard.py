"""A running dashboard on a simulated Prism, and what a test may do with it."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page

from tests.patience import LONG_SECONDS, patience, until

ALWAYS = re.compile(r"DEGRADED|restarted|alerts.critical|logs.application|failed [\d,]+ times|budget of|it promises")
"""What is said of the simulated Prism in any case: the RFC pictures a slow topic, a late subscriber, guessed names; and
how much the dashboard takes of a machine that runs other tests too is not what is tested.
"""
SAID = """() => document.body.innerText + " " + Array.from(
    document.querySelectorAll("details:not([open])"), one => one.textContent).join(" ")"""
LOOK_SECONDS = 0.1
"""Between two looks at a page or an answer: whoever looks all the time keeps a processor from what is looked at."""


def fetch(url: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10 * patience()) as answer:
        return json.load(answer)


class RunningDashboard:
    """A running dashboard, its Prism, and an open page."""

    def __init__(self, addresses: dict[str, Any], address: str, pids: list[int], page: Page) -> None:
        self.addresses, self.address, self.pids, self.page = addresses, address, pids, page
        self.control = str(addresses["control_url"])

    def go_home(self) -> None:
        """Open System Health, and wait until it is live."""
        self.page.goto(self.address)
        self.page.wait_for_selector('html[data-live="live"]', timeout=1000 * LONG_SECONDS * patience())

    def inject(self, fault: str, target: str = "", **params: Any) -> None:
        fetch(f"{self.control}/faults", "POST", {"fault": fault, "target": target, **params})

    def clear(self) -> None:
        fetch(f"{self.control}/faults", "DELETE")

    def health(self) -> Any:
        return fetch(f"{self.address}/api/health")

    def firing(self) -> list[str]:
        """The words of the dashboard's own alerts that are open."""
        alerts = fetch(f"{self.address}/api/alerts")["alerts"]
        return [one["words"] for one in alerts if one["state"] == "firing" and "HUD" in one["open_in"]]

    def is_calm(self) -> bool:
        """True when nothing fires but what always does."""
        return all(ALWAYS.search(words) for words in self.firing())

    def text(self) -> str:
        """All that the page says, also folded under its cause, with plain spaces."""
        return " ".join(str(self.page.evaluate(SAID)).split())

    def until_seen(self, words: str, seconds: float) -> float:
        return until(lambda: re.search(words, self.text(), re.IGNORECASE), self.text, seconds, LOOK_SECONDS)

    def until_firing(self, words: str, seconds: float) -> float:
        return until(lambda: self._fires(words), lambda: str(self.firing()), seconds, LOOK_SECONDS)

    def until_quiet(self, words: str, seconds: float) -> float:
        return until(lambda: not self._fires(words), lambda: str(self.firing()), seconds, LOOK_SECONDS)

    def _fires(self, words: str) -> bool:
        return any(re.search(words, one, re.IGNORECASE) for one in self.firing())
