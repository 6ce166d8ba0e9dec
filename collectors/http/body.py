"""Reads the body of an answer: unpacked by our own hands, so that a bomb stays small and a cut is seen."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import urllib3

from collectors.http.transport import remaining
from model.sources import CollectError, ErrorKind

CHUNK_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
PLAIN = ("", "identity")
GZIP = ("gzip", "x-gzip")


def read_body(raw: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """The whole body, unpacked, at most `limit` bytes. Raises CollectError (TOO_LARGE, MALFORMED) and what the
    transport raises.
    """
    body = bytearray()
    for part in _unpacked(raw):
        body += part
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)


def first_bytes(raw: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """The beginning of a body, as far as it can be read: for the words of a refusal."""
    body = bytearray()
    try:
        for part in _unpacked(raw):
            body += part
            if len(body) >= limit:
                break
    except (CollectError, urllib3.exceptions.HTTPError, OSError, ValueError):
        pass  # the status was the news
    return bytes(body[:limit])


def too_large(limit: int) -> CollectError:
    """The error of an answer beyond the limit."""
    return CollectError(ErrorKind.TOO_LARGE, f"more than {limit / 1e6:.1f} MB")


def _unpacked(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding in PLAIN:
        return _chunks(raw)
    if encoding in GZIP:
        return _gunzipped(raw)
    raise CollectError(ErrorKind.MALFORMED, f"packed as {encoding[:20]}, which was not asked for")


def _chunks(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := raw.read(CHUNK_BYTES, decode_content=False):
        yield chunk
        remaining()


def _gunzipped(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """One gzip member after the other, a piece at a time however much is packed into it."""
    unpacker = zlib.decompressobj(_GZIP)
    begun = False
    try:
        for chunk in _chunks(raw):
            waiting = chunk
            while waiting:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                begun = True
                yield unpacker.decompress(waiting, CHUNK_BYTES)
                waiting = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise CollectError(ErrorKind.MALFORMED, f"the answer's compression is damaged: {error}") from None
    if begun and not unpacker.eof:
        raise CollectError(ErrorKind.MALFORMED, "the answer was cut short")
