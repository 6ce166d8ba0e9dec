"""What every worker would do after its fork is done before it: pages of memory written then are shared."""

from __future__ import annotations

import importlib

from flask import Flask

LATE = ("plotly.io.json",)
"""What Dash imports when it writes its first component."""
NO_HOST = "?"
"""Whatever hosts are allowed, this is none: who asks for it is refused before anything is started."""


def set_up(server: Flask) -> None:
    """Have Dash set itself up, which it else does at the first request, and not safely for two of them at once.

    A worker's own memory was 5 MB greater without. Nothing is started, and what is done already is not done again.
    """
    for name in LATE:
        importlib.import_module(name)
    with server.test_request_context(headers={"Host": NO_HOST}):
        server.preprocess_request()
