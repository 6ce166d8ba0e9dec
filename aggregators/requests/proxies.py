"""The proxies of a site, and the site as if there were only one of them."""

from __future__ import annotations

from aggregators.requests.labels import REQUESTS
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
from model.catalogue import BY_NAME
from store.snapshot import Snapshot

WINDOW_SECONDS = 60.0
SOURCE = BY_NAME[REQUESTS].source


def proxies(snapshot: Snapshot, now: float) -> tuple[str, ...]:
    """The instances that are proxies, by name: whoever is read as one, or counted requests in the last minute."""
    return snapshot.once((proxies, now), lambda: _proxies(snapshot, now))


def _proxies(snapshot: Snapshot, now: float) -> tuple[str, ...]:
    read = {state.instance for state in of_kind(snapshot, SOURCE)}
    blocks = Window.of(snapshot, now, REQUESTS, WINDOW_SECONDS).frame.blocks
    counted = {str(name) for block in blocks for name in set(block.labels.get("instance", ()))}
    return tuple(sorted((read | counted) - {""}))


def only(snapshot: Snapshot, now: float, proxy: str) -> Snapshot:
    """What is known without the other proxies; all of it when `proxy` is ''.

    Patterns, backends and whatever else is no proxy stay. Of a proxy that nobody knows nothing is reported.
    """
    if not proxy:
        return snapshot
    others = frozenset(proxies(snapshot, now)) - {proxy}
    return snapshot.once((only, now, others), lambda: snapshot.without(others, _about(others)))


def _about(instances: frozenset[str]) -> frozenset[str]:
    """What an alert about one of them calls it."""
    return frozenset(form.format(one) for one in instances for form in ("proxy {}", "proxy@{}", "source proxy@{}"))
