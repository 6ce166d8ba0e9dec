"""Bytes on disk without pickle: a JSON header and raw buffers, each with its own crc32.

Layout: magic (8 bytes), header length and header crc32 (two little-endian uint32), header (JSON, UTF-8), buffers.
The header's `buffers` lists [offset from the first buffer, length, crc32], so that one buffer can be read alone.
Whatever else the bytes are, decoding raises StoreDamaged and nothing more surprising.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from store.errors import StoreDamaged

MAGIC = b"PRHUD\x01\r\n"
_LENGTHS = struct.Struct("<II")
PREFIX_BYTES = len(MAGIC) + _LENGTHS.size
MAX_HEADER_BYTES = 256 * 1024 * 1024
MAX_ARRAY_BYTES = 4 * 1024 * 1024 * 1024
BLOCK_COLUMNS = 1024
"""Of 40,000 series a minute at once took four copies of 20 MB to pack."""

Floats = npt.NDArray[np.float64]
ReadAt = Callable[[int, int], bytes]
"""(offset, length) → bytes of a stored value; fewer bytes when it ends early."""


def encode(header: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> bytes:
    """One value for the store. `header` is plain JSON; the key `buffers` is added."""
    directory, offset = [], 0
    for buffer in buffers:
        directory.append([offset, len(buffer), zlib.crc32(buffer)])
        offset += len(buffer)
    text = json.dumps({**header, "buffers": directory}, separators=(",", ":")).encode()
    return b"".join([MAGIC, _LENGTHS.pack(len(text), zlib.crc32(text)), text, *buffers])


@dataclass(frozen=True, slots=True)
class Stored:
    """A decoded header and the way to its buffers."""

    header: Mapping[str, Any]
    directory: npt.NDArray[np.int64]
    base: int
    read_at: ReadAt

    def buffer(self, index: int) -> bytes:
        """One buffer, checked. Raises StoreDamaged."""
        if not 0 <= index < len(self.directory):
            raise StoreDamaged(f"no buffer {index}")
        offset, length, crc = self.directory[index].tolist()
        data = self.read_at(self.base + offset, length)
        if len(data) != length or zlib.crc32(data) != crc:
            raise StoreDamaged(f"buffer {index} is damaged")
        return data


def decode(read_at: ReadAt) -> Stored:
    """Check and read the header. Raises StoreDamaged."""
    prefix = read_at(0, PREFIX_BYTES)
    if len(prefix) != PREFIX_BYTES or not prefix.startswith(MAGIC):
        raise StoreDamaged("not a value of this store")
    length, crc = _LENGTHS.unpack_from(prefix, len(MAGIC))
    if length > MAX_HEADER_BYTES:
        raise StoreDamaged("header length is impossible")
    text = read_at(PREFIX_BYTES, length)
    if len(text) != length or zlib.crc32(text) != crc:
        raise StoreDamaged("header is damaged")
    try:
        header = json.loads(text)
        directory = np.array(header.pop("buffers"), dtype=np.int64).reshape(-1, 3)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise StoreDamaged(f"header is not ours: {error}") from None
    if (directory < 0).any():
        raise StoreDamaged("header names impossible buffers")
    return Stored(header, directory, PREFIX_BYTES + length, read_at)


def decode_bytes(data: object) -> Stored:
    """`decode` for a value held in memory. Raises StoreDamaged, also when it is no bytes at all."""
    if not isinstance(data, bytes):
        raise StoreDamaged(f"expected bytes, found {type(data).__name__}")
    return decode(lambda offset, length: data[offset : offset + length])


def pack_array(values: Floats) -> bytes:
    """float64 (T, S) as bytes: each column XORed with its row before, bytes of equal weight together, deflated by
    runs alone: a third quicker than by whatever repeats, and a tenth larger.

    Counters that grow slowly leave mostly zero bytes: a minute of 2,500 series takes about a quarter of its size.
    """
    rows, columns = values.shape
    planes = np.empty((8, columns, rows), dtype=np.uint8)
    for at in range(0, columns, BLOCK_COLUMNS):
        bits = np.array(values[:, at : at + BLOCK_COLUMNS].T, dtype="<f8", order="C").view("<u8")  # a copy, always
        bits[:, 1:] ^= bits[:, :-1].copy()
        planes[:, at : at + BLOCK_COLUMNS] = bits.view(np.uint8).reshape(-1, rows, 8).transpose(2, 0, 1)
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return packer.compress(planes.data) + packer.flush()


def unpack_array(data: bytes, shape: tuple[int, int]) -> Floats:
    """The inverse of `pack_array`. Raises StoreDamaged."""
    rows, columns = shape
    size = math.prod(shape) * 8
    if rows < 0 or columns < 0 or size > MAX_ARRAY_BYTES:
        raise StoreDamaged("array shape is impossible")
    inflater = zlib.decompressobj()
    try:
        flat = inflater.decompress(data, size + 1)
    except zlib.error as error:
        raise StoreDamaged(f"array does not inflate: {error}") from None
    if len(flat) != size:
        raise StoreDamaged("array has the wrong length")
    bits = np.frombuffer(flat, np.uint8).reshape(8, -1).T.copy().view("<u8").reshape(columns, rows)
    np.bitwise_xor.accumulate(bits, axis=1, out=bits)
    return np.ascontiguousarray(bits.view("<f8").T, dtype=np.float64)


def floats(data: bytes) -> Floats:
    """A raw float64 buffer as an array (read-only). Raises StoreDamaged."""
    if len(data) % 8:
        raise StoreDamaged("buffer is no whole number of floats")
    return np.frombuffer(data, "<f8")
