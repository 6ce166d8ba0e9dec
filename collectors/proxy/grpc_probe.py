"""Whether a proxy that has no metrics answers gRPC, and how fast: today's proxy has nothing else (contracts 0).

It is asked for a method that no service has, so nothing can be changed: a server that is up says UNIMPLEMENTED, or
refuses in other words.
"""

from __future__ import annotations

import time

from google.protobuf.empty_pb2 import Empty

from collectors.core.contract import Clock
from collectors.core.grpc_calls import CallError, GrpcCalls
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import ErrorKind

METHOD = "/prism.hud.Probe/IsAnybodyThere"
FAMILY = "prism_proxy_probe_duration_seconds"
_NOBODY = (ErrorKind.DOWN, ErrorKind.TIMED_OUT, ErrorKind.WRONG_PROTOCOL)


class GrpcProbe:
    """One port, `host:port`."""

    def __init__(self, target: str, options: SourceOptions, *, tls: bool) -> None:
        access = options.model_copy(update={"tls": tls})
        self._calls = GrpcCalls(target, options.timeout_seconds, access)

    def collect(self, source: str, instance: str, now: Clock) -> Scrape:
        """How long an answer took. Raises CollectError where none came."""
        self._calls.begin()
        began = time.monotonic()
        try:
            self._calls.call(METHOD, b"", Empty())
        except CallError as error:
            if error.kind in _NOBODY and not error.answered:
                raise
        scrape = Scrape(source, instance, now())
        scrape.add(FAMILY, time.monotonic() - began)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()
