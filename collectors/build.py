"""From settings to collectors: what every kind of source makes of its addresses. An empty one switches it off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from collectors.core.contract import Collector, key_of
from collectors.quiet_default import QuietDefault
from model.catalogue.source_kind import SourceKind
from model.catalogue.source_kinds import KINDS
from model.series import Event
from model.settings import Settings

Configured = Callable[[Settings, Iterable[Event]], Iterator[Collector]]
"""What `SourceKind.collectors` names: the collectors that the settings ask for. They may go on from stored events."""

log = logging.getLogger("hud.collectors")


def build_collectors(settings: Settings, reported: Iterable[Event] = ()) -> list[Collector]:
    """One collector per configured source; an address given twice is read once. `reported`: the events stored already.

    A default address that nobody named is only tried (`QuietDefault`). Raises SettingsError when the client library of
    a source is not installed.
    """
    events = tuple(reported)
    return _once_each(one for kind in KINDS for one in _of_kind(kind, settings, events))


def import_sources(settings: Settings) -> None:
    """Import what `build_collectors` will need, before a fork: what is imported after it is not shared."""
    for kind in KINDS:
        if _asked_for(kind, settings):
            _configured(kind)


def _of_kind(kind: SourceKind, settings: Settings, events: Iterable[Event]) -> Iterator[Collector]:
    if not _asked_for(kind, settings):
        return
    first = kind.addresses[0]
    quiet = bool(first.default) and not settings.names(first.name)
    for one in _configured(kind)(settings, events):
        yield QuietDefault(one) if quiet else one


def _asked_for(kind: SourceKind, settings: Settings) -> bool:
    return any(getattr(settings, address.name) for address in kind.addresses)


def _configured(kind: SourceKind) -> Configured:
    module, _, function = kind.collectors.partition(":")
    found: Configured = getattr(import_module(module), function)
    return found


def _once_each(wanted: Iterable[Collector]) -> list[Collector]:
    kept: dict[str, Collector] = {}
    for one in wanted:
        if key_of(one) in kept:
            log.warning("%s is configured twice: %s is left out", key_of(one), one.address)
            one.close()
        else:
            kept[key_of(one)] = one
    return list(kept.values())
