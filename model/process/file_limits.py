"""How many files a process may have open, against what it is set up to hold: each connection is one (RLIMIT_NOFILE)."""

from __future__ import annotations

import contextlib
import resource

OWN_FILES = 256
"""The store's, the log's, the interpreter's, and connections between the processes."""
SOURCE_FILES = 4
"""A source's connections, one that is being made anew among them."""
BROWSER_FILES = 512
"""Requests at a time where no setting bounds them: `python app.py`."""


def web_files(viewers: int, connections: int = BROWSER_FILES) -> int:
    """The most that a web process holds: live connections (HUD_MAX_SOCKETS), and `connections` that are not live."""
    return viewers + connections + OWN_FILES


def collector_files(sources: int) -> int:
    """The most that the collector holds."""
    return sources * SOURCE_FILES + OWN_FILES


def make_room(wanted: int) -> int:
    """Let this process and its children open `wanted` files, or as many as the system allows; how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _enough(soft, wanted):
        return soft
    if not _enough(hard, wanted):
        with contextlib.suppress(ValueError, OSError):  # only who administers the machine may
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        wanted = hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def allowed() -> int:
    """How many `make_room` could give without an administrator's rights; -1 for any number."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def shortage(process: str, wanted: int, limit: int, remedy: str) -> str:
    """A line for the log when `limit` (-1: none) is too low for what `process` is set up to hold; else ''."""
    if _enough(limit, wanted):
        return ""
    return (
        f"{process} may have {limit} files open and is set up to hold {wanted}: connections will be refused. Raise the "
        f"system's limit (ulimit -n, LimitNOFILE=) or {remedy}"
    )


def _enough(limit: int, wanted: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= wanted
