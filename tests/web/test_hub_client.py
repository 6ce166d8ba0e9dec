"""What a connection holds between two messages: nothing of what has come whole, all of what has not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, Ping, TextMessage
from wsproto.extensions import PerMessageDeflate

from web.hub_client import DEFLATE, PONG, PONG_BYTES, Client, GoneError, _whole

REFRESH = TextMessage(data='{"refresh": 1}')


def spoken(*events: TextMessage | BytesMessage | Ping, deflated: bool = False) -> bytes:
    """What a browser sends for these."""
    agreed = PerMessageDeflate()
    agreed.finalize(DEFLATE)
    browser = Connection(ConnectionType.CLIENT, [agreed] if deflated else [])
    return b"".join(browser.send(one) for one in events)


@pytest.fixture(params=[False, True], ids=["plain", "deflated"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Client, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    client = Client(ours, ("view", ()), "", deflated=request.param)
    client.wants_full = False
    with ours, theirs:
        yield client, theirs


@given(st.lists(st.binary(max_size=70_000), max_size=4), st.booleans(), st.data())
def test_frames_are_whole_when_nothing_of_them_is_missing(
    said: list[bytes], deflated: bool, data: st.DataObject
) -> None:
    sent = spoken(*(BytesMessage(data=one) for one in said), deflated=deflated)
    ends = {len(spoken(*(BytesMessage(data=one) for one in said[:at]), deflated=deflated)) for at in range(len(said))}
    assert _whole(sent)
    cut = data.draw(st.integers(0, max(0, len(sent) - 1)))
    assert _whole(sent[:cut]) == (cut in ends or cut == len(sent))


def test_a_message_of_several_frames_is_not_whole_before_its_last() -> None:
    sent = spoken(TextMessage(data='{"refresh', message_finished=False))
    assert not _whole(sent)


def test_a_wish_in_pieces_is_heard_when_it_is_whole(pair: tuple[Client, socket.socket]) -> None:
    client, theirs = pair
    for sent in (spoken(REFRESH, deflated=client.way[1]), spoken(Ping(), REFRESH, deflated=client.way[1])):
        for at in range(len(sent)):
            assert not client.wants_full
            theirs.send(sent[at : at + 1])
            client.receive(0.0)
        assert client.wants_full
        client.wants_full = False


def test_what_came_whole_is_not_remembered(pair: tuple[Client, socket.socket]) -> None:
    client, theirs = pair
    for _ in range(3):
        theirs.send(spoken(REFRESH, deflated=client.way[1]))
        client.receive(0.0)
        assert client.wants_full
        client.wants_full = False
        assert client._parser is None


def test_the_answer_to_a_ping_is_a_sign_of_life_and_no_more(pair: tuple[Client, socket.socket]) -> None:
    client, theirs = pair
    client.check(0.0)
    theirs.send(PONG + b"mask")
    client.receive(60.0)
    client.check(100.0)
    assert len(PONG + b"mask") == PONG_BYTES
    with pytest.raises(GoneError):
        client.check(131.0)


def test_a_push_goes_out_at_once_but_where_something_else_comes_first(pair: tuple[Client, socket.socket]) -> None:
    client, theirs = pair
    assert not client.offer(b"frame", 0.0), "it was never looked at"
    client.check(0.0)
    assert client.offer(b"frame", 1.0)
    assert theirs.recv(100) == b"frame"
    assert not client.offer(b"frame", 25.0), "a ping is due"
    client.wants_full = True
    assert not client.offer(b"frame", 2.0), "all of it has to go first"
    client.wants_full = False
    client.entitled = lambda: False
    assert not client.offer(b"frame", 2.0), "its session has ended"


def test_what_a_socket_takes_in_part_is_sent_to_its_end_before_anything_else(
    pair: tuple[Client, socket.socket],
) -> None:
    client, theirs = pair
    client.check(0.0)
    large = bytes(range(256)) * 40_000
    assert client.offer(large, 1.0)
    assert client.waiting
    assert not client.offer(b"next", 1.0)
    client.push(b"next", 1.0)
    came = b""
    while len(came) < len(large) + 4:
        came += theirs.recv(1 << 20)
        client.flush(1.0)
    assert came == large + b"next"
    assert not client.waiting
