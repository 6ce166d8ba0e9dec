"""Everything of a read but its socket is real: answers are handed to the HTTP and the gRPC client from memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import requests
import urllib3

from collectors.core.grpc_calls import GrpcCalls
from collectors.http.transport import TimedAdapter


@dataclass
class Wire:
    """What is answered next. Requests with `asked` in their method, path or body get the answer under test."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    others: Mapping[str, bytes] = field(default_factory=dict)

    def answer(self, adapter: TimedAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """In place of `TimedAdapter.send`."""
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        words = f"{request.method} {request.path_url} {body}"
        good = next((reported for sign, reported in self.others.items() if sign in words), None)
        status, reported, headers = (404 if good is None else 200), good or b"", {}
        if self.asked in words:
            status, reported, headers = self.status, self.body, dict(self.headers)
        headers["Content-Length"] = str(len(reported))
        raw = urllib3.HTTPResponse(io.BytesIO(reported), headers, status, preload_content=False)
        return adapter.build_response(request, raw)

    def unary_unary(self, *_: Any) -> Callable[..., bytes]:
        """What a gRPC channel makes of a method's name."""
        return lambda request, **_: self.body


@contextmanager
def wired() -> Iterator[Wire]:
    """No read leaves the process while this lasts."""
    wire = Wire()
    with (
        patch.object(TimedAdapter, "send", lambda adapter, request, **_: wire.answer(adapter, request)),
        patch.object(GrpcCalls, "_connected", lambda calls: (wire, "")),
    ):
        yield wire
