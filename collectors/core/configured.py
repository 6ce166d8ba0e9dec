"""What every source has from the settings: where it is, how often it is read, how long one read may take."""

from __future__ import annotations

from collectors.core.redact import address_of, instance_of
from model.settings import SourceOptions

KEPT_SECONDS = 60.0
"""A connection is made anew after this long: a name that has moved to another address is found there."""


class Configured:
    """The head of a Collector. `instance` and `address` are those of `url` unless given."""

    def __init__(self, url: str, options: SourceOptions, *, instance: str = "", address: str = "") -> None:
        self.instance = instance or instance_of(url)
        self.address = address or address_of(url)
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
