"""Bytes that come back as they went, and damaged bytes that say so."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from model.series import Event, Kind, Series, Severity
from model.sources import ErrorKind, SourceState
from store.disk.codec import BLOCK_COLUMNS, MAGIC, decode_bytes, encode, floats, pack_array, unpack_array
from store.disk.commits import Row, decode_commit, decode_events, encode_commit, encode_events
from store.disk.manifest import RAW, ChunkRef, EventsRef, Manifest, decode_manifest, encode_manifest
from store.disk.tables import decode_table, encode_table
from store.errors import StoreDamaged

shapes = st.tuples(st.integers(1, 12), st.integers(1, 9))
arrays = shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=st.floats(width=64)))


@given(arrays)
def test_an_array_comes_back_bit_for_bit(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    back = unpack_array(pack_array(values), (values.shape[0], values.shape[1]))
    assert back.tobytes() == values.tobytes()


def test_counters_that_grow_slowly_take_less_than_a_third() -> None:
    grown = np.cumsum(np.ones((60, 50)), axis=0) + np.arange(50) * 1e5
    assert len(pack_array(grown)) < grown.nbytes / 3


@pytest.mark.parametrize("shape", [(3, 2), (2, 4), (-1, -6), (1 << 40, 1 << 40)])
def test_an_array_of_another_shape_is_damaged(shape: tuple[int, int]) -> None:
    packed = pack_array(np.zeros((2, 3)))
    if shape == (3, 2):
        assert unpack_array(packed, shape).shape == shape
    else:
        with pytest.raises(StoreDamaged):
            unpack_array(packed, shape)


def test_a_deflated_bomb_is_not_inflated_beyond_its_shape() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(StoreDamaged):
        unpack_array(bomb, (2, 2))


def _sample() -> bytes:
    rows = [Row("proxy@a", "table/x", 12.5, np.array([1.0, 2.0, np.nan]))]
    return encode_commit(rows, [Event(3.0, "restart", Severity.WARNING, (("pattern", "nats"),), "it restarted")])


def test_a_commit_comes_back() -> None:
    rows, events = decode_commit(_sample())
    assert [(row.source, row.table, row.time) for row in rows] == [("proxy@a", "table/x", 12.5)]
    np.testing.assert_array_equal(rows[0].values, [1.0, 2.0, np.nan])
    assert events == [Event(3.0, "restart", Severity.WARNING, (("pattern", "nats"),), "it restarted")]


@given(st.integers(0, len(_sample()) - 1), st.integers(1, 255))
def test_any_altered_byte_is_noticed(at: int, flip: int) -> None:
    data = bytearray(_sample())
    data[at] ^= flip
    with pytest.raises(StoreDamaged):
        decode_commit(bytes(data))


@given(st.integers(0, len(_sample()) - 1))
def test_a_value_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(StoreDamaged):
        decode_commit(_sample()[:length])


@given(st.one_of(st.binary(max_size=200), st.text(), st.none(), st.integers(), st.binary().map(lambda b: MAGIC + b)))
def test_foreign_values_are_damaged_and_nothing_worse(data: object) -> None:
    for decoder in (decode_commit, decode_events, decode_manifest):
        with pytest.raises(StoreDamaged):
            decoder(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["rows", "events", "format", "chunks", "tail", "sources", "meta"]), json_values))
def test_a_whole_header_of_the_wrong_shape_is_damaged_and_nothing_worse(header: dict[str, object]) -> None:
    for decoder in (decode_commit, decode_events, decode_manifest):
        try:
            decoder(encode(header))
        except StoreDamaged:
            continue
        assert decoder is not decode_manifest


def test_a_buffer_that_is_not_there_is_damaged() -> None:
    with pytest.raises(StoreDamaged):
        decode_bytes(encode({}, [b"a"])).buffer(1)


def test_a_buffer_of_half_a_float_is_damaged() -> None:
    with pytest.raises(StoreDamaged):
        floats(b"1234567")


def test_a_table_comes_back_under_the_hash_of_its_content() -> None:
    series = [Series("a_total", (("instance", "h:1"), ("le", "+Inf")), Kind.HISTOGRAM), Series("b", (), Kind.GAUGE)]
    key, data = encode_table(series)
    assert decode_table(key, data).series == tuple(series)
    assert encode_table(list(series)) == (key, data)
    assert encode_table(reversed(series))[0] != key


@pytest.mark.parametrize("data", [None, b"", b"junk", zlib.compress(json.dumps([["a", "gauge", []]]).encode())])
def test_a_table_that_is_not_what_its_key_says_is_damaged(data: object) -> None:
    key, _ = encode_table([Series("b", (), Kind.GAUGE)])
    with pytest.raises(StoreDamaged):
        decode_table(key, data)


def test_a_manifest_comes_back() -> None:
    state = SourceState(
        "proxy@h:1", "proxy", "h:1", "http://h:1/metrics", 1.0, 5.0, 4.0, 0.1, 7, ErrorKind.DOWN, "gone"
    )
    manifest = Manifest(
        7,
        12.5,
        "ab" * 16,
        (5, 6, 7),
        (ChunkRef("raw/0", RAW, 0.0, 59.0, 100),),
        (EventsRef("events/1", 3.0, 2),),
        4,
        {state.key: state},
        {"simulated": True, "thresholds": {"a": [1, 2.5]}},
    )
    assert decode_manifest(encode_manifest(manifest)) == manifest


def test_meta_that_is_not_plain_json_is_refused_at_the_door() -> None:
    with pytest.raises(TypeError):
        encode_manifest(Manifest(meta={"a": object()}))


def test_events_come_back() -> None:
    events = [Event(1.0, "a", Severity.INFO, (), "x"), Event(2.0, "b", Severity.CRITICAL, (("k", "v"),), "ü")]
    assert decode_events(encode_events(events)) == events


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 5), (7, 2 * BLOCK_COLUMNS + 3)])
def test_packing_leaves_what_is_packed_as_it_is_however_it_lies(shape: tuple[int, int], layout: str) -> None:
    values = np.array(np.arange(shape[0] * shape[1], dtype=np.float64).reshape(shape) ** 2, order=layout)  # type: ignore[call-overload]
    before = values.copy()
    back = unpack_array(pack_array(values), shape)
    assert (back == before).all()
    assert (values == before).all()
