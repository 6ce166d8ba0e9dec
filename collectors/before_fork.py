"""What every collector begins with, done in the process that forks it: what is there before is in memory once."""

from __future__ import annotations

from collectors.build import import_sources
from collectors.settings_report import versions
from model.settings import Settings


def prepare(settings: Settings) -> None:
    """Import what its sources need, and read the versions, for which Python parses five packages' descriptions."""
    import_sources(settings)
    versions()
