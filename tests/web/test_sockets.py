"""The websocket protocol, against real servers of both kinds."""

from __future__ import annotations

import json
import os
import socket
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, RejectConnection, Request, TextMessage
from wsproto.extensions import Extension, PerMessageDeflate

from tests.patience import patience, until
from tests.web.servers import Site, alone, get_json, gunicorn
from web.hub_payload import text_frame

pytestmark = pytest.mark.server


class Browser:
    """A websocket client without threads, which reads only when it is asked to."""

    def __init__(
        self, site: Site, path: str = "/ws", origin: str | None = None, deflate: Sequence[Extension] = ()
    ) -> None:
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.sock = socket.create_connection(("127.0.0.1", site.port), timeout=10)
        headers = [(b"Origin", origin.encode())] if origin else []
        asked = Request(host=f"127.0.0.1:{site.port}", target=path, extra_headers=headers, extensions=list(deflate))
        self.sock.sendall(self.protocol.send(asked))
        self.text = ""
        self._pending: list[Event] = []

    def events(self) -> Iterator[Event]:
        while True:
            while self._pending:
                yield self._pending.pop(0)
            data = self.sock.recv(65_536)
            self.protocol.receive_data(data or None)
            self._pending = list(self.protocol.events())

    def next(self, kind: type[Event]) -> Any:
        return next(event for event in self.events() if isinstance(event, kind))

    def frame(self) -> dict[str, Any]:
        text = ""
        while True:
            part = self.next(TextMessage)
            text += part.data
            if part.message_finished:
                frame: dict[str, Any] = json.loads(text)
                return frame

    def send(self, event: Event) -> None:
        self.sock.sendall(self.protocol.send(event))

    def close(self) -> None:
        self.sock.close()


def test_the_first_frame_is_full_and_the_next_ones_hold_only_what_changed(site: Site) -> None:
    with closing(Browser(site)) as browser:
        assert browser.next(AcceptConnection).extensions == []
        first, second = browser.frame(), browser.frame()
    assert first["mode"] == "full"
    assert set(first["props"]) == {"number", "constant", "about", "chart", "filling"}
    assert second["mode"] == "diff"
    assert set(second["props"]) == {"number"}, "a figure follows after two seconds, a constant never"
    assert second["version"] > first["version"]
    assert first["sampled"] < first["now"] <= second["now"]


def test_a_figure_is_sent_at_most_every_two_seconds(site: Site) -> None:
    with closing(Browser(site)) as browser:
        assert browser.frame()["mode"] == "full"
        began = time.monotonic()
        while "chart" not in browser.frame()["props"]:
            assert time.monotonic() - began < 5 * patience()
        assert 1.0 < time.monotonic() - began < 4.0 * patience()


class Counting(PerMessageDeflate):
    """What is agreed on, and how many messages came compressed."""

    compressed = 0

    def frame_inbound_header(self, proto: Any, opcode: Any, rsv: Any, payload_length: int) -> Any:
        self.compressed += rsv.rsv1
        return super().frame_inbound_header(proto, opcode, rsv, payload_length)


def test_who_offers_it_gets_each_message_compressed_for_itself(site: Site) -> None:
    agreed = Counting()
    with closing(Browser(site, deflate=[agreed])) as browser, closing(Browser(site)) as plain:
        assert browser.next(AcceptConnection).extensions == [agreed]
        assert agreed.server_no_context_takeover and agreed.client_no_context_takeover
        assert plain.next(AcceptConnection).extensions == []
        assert plain.frame()["mode"] == browser.frame()["mode"] == "full"
        assert agreed.compressed == 1
        assert browser.frame()["mode"] == "diff"
        browser.send(TextMessage(data='{"refresh": 1}'))
        assert "full" in [browser.frame()["mode"] for _ in range(6)]


def test_a_small_window_is_declined(site: Site) -> None:
    with closing(Browser(site, deflate=[PerMessageDeflate(server_max_window_bits=9)])) as browser:
        assert browser.next(AcceptConnection).extensions == []
        assert browser.frame()["mode"] == "full"


def test_little_that_is_much_once_it_is_inflated_closes_the_connection(site: Site) -> None:
    with closing(Browser(site, deflate=[PerMessageDeflate()])) as browser:
        browser.next(AcceptConnection)
        browser.send(TextMessage(data=" " * 2_000_000))
        assert browser.next(CloseConnection).code == 1008


def test_a_compressed_message_is_shared_by_all_who_take_it_and_short_ones_stay_as_they_are() -> None:
    long, short = b'{"x":"' + b"y" * 5000 + b'"}', b"{}"
    assert text_frame(long, "", True) is text_frame(long, "", True)
    assert text_frame(long, "", True)[0] == 0xC1
    assert len(text_frame(long, "", True)) < 100 < 5000 < len(text_frame(long))
    assert text_frame(short, "", True) == text_frame(short) == b"\x81\x02{}"


def test_a_selection_reaches_the_view(site: Site) -> None:
    with closing(Browser(site, "/ws/system-health?pattern=redis&other=1")) as browser:
        assert browser.frame()["props"]["about"]["children"] == "redis"


def test_a_client_that_asks_for_everything_gets_a_full_frame(site: Site) -> None:
    with closing(Browser(site)) as browser:
        assert browser.frame()["mode"] == "full"
        browser.send(TextMessage(data='{"refresh": 1}'))
        modes = [browser.frame()["mode"] for _ in range(6)]
    assert modes.count("full") == 1


def test_nonsense_from_a_client_is_ignored_and_much_of_it_closes_the_connection(site: Site) -> None:
    with closing(Browser(site)) as browser:
        browser.next(AcceptConnection)
        browser.send(TextMessage(data="hello"))
        browser.send(Ping(payload=b"there?"))
        assert browser.frame()["view"] == "system-health"
        browser.send(TextMessage(data="x" * 50_000))
        assert browser.next(CloseConnection).code == 1008


def test_a_client_that_says_goodbye_is_let_go(site: Site) -> None:
    with closing(Browser(site)) as browser:
        assert browser.frame()
        browser.send(CloseConnection(code=1000))
        assert browser.next(CloseConnection).code == 1000
    until(lambda: get_json(f"{site.address}/stats")["clients"] == 0)


def test_a_client_that_vanishes_is_let_go(site: Site) -> None:
    with closing(Browser(site)) as browser:
        assert browser.frame()
    until(lambda: get_json(f"{site.address}/stats")["clients"] == 0)


def test_another_sites_page_may_not_connect(site: Site) -> None:
    with closing(Browser(site, origin="http://evil.example")) as browser:
        assert browser.next(RejectConnection).status_code == 403
    with closing(Browser(site, origin=f"http://127.0.0.1:{site.port}")) as browser:
        assert browser.next(AcceptConnection)


@pytest.mark.parametrize("origin", ["null", "http://[::1", "http://h:x", "http://h:99999", "http://[v1.x]"])
def test_a_malformed_origin_is_refused_without_a_fault(site: Site, origin: str) -> None:
    with closing(Browser(site, origin=origin)) as browser:
        assert browser.next(RejectConnection).status_code in (400, 403)


@pytest.mark.parametrize("lacks", ["Sec-WebSocket-Key", "Sec-WebSocket-Version"])
def test_who_asks_without_the_handshake_is_told_what_it_takes(site: Site, lacks: str) -> None:
    handshake = {"Host": f"127.0.0.1:{site.port}", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}  # fmt: skip
    del handshake[lacks]
    head = "".join(f"{name}: {value}\r\n" for name, value in handshake.items())
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as one:
        one.sendall(f"GET /ws HTTP/1.1\r\n{head}\r\n".encode())
        said = one.recv(65536)
    assert b" 426 " in said.split(b"\r\n", 1)[0]
    assert b"Sec-WebSocket-Version: 13" in said


def test_an_unknown_view_is_not_found(site: Site) -> None:
    with closing(Browser(site, "/ws/nothing")) as browser:
        assert browser.next(RejectConnection).status_code == 404


@pytest.mark.parametrize("command", [alone, gunicorn])
def test_connections_past_the_limit_are_refused_and_a_freed_place_is_given_again(
    command: Callable[..., list[str]], start: Callable[..., Site]
) -> None:
    site = start(command, HUD_MAX_SOCKETS="2")
    held = [Browser(site), Browser(site)]
    assert [one.frame()["mode"] for one in held] == ["full", "full"]
    with closing(Browser(site)) as third:
        assert third.next(RejectConnection).status_code == 503
    held[0].close()
    until(lambda: get_json(f"{site.address}/stats")["clients"] == 1)
    with closing(Browser(site)) as fourth:
        assert fourth.frame()["mode"] == "full"
    held[1].close()


def test_two_hundred_clients_on_four_threads_leave_the_pages_answering(start: Callable[..., Site]) -> None:
    site = start(gunicorn, threads=4)
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(Browser(site))) for _ in range(200)]
        assert all(browser.frame()["mode"] == "full" for browser in crowd)
        before = get_json(f"{site.address}/stats")
        waits = []
        for _ in range(20):
            began = time.monotonic()
            get_json(f"{site.address}/stats")
            waits.append(time.monotonic() - began)
        after = get_json(f"{site.address}/stats")
        assert before["clients"] == 200
        assert statistics.median(waits) < 0.1 * patience()
        assert after["refreshes"] - before["refreshes"] < 60, "the work grows with views, not with viewers"
        assert all(browser.frame()["mode"] == "diff" for browser in crowd)


def test_a_slow_client_delays_nobody_and_catches_up_with_one_full_frame(site: Site) -> None:
    with closing(Browser(site, "/ws/big")) as slow, closing(Browser(site, "/ws/big")) as quick:
        slow.next(AcceptConnection)
        numbers = [int(quick.frame()["version"]) for _ in range(25)]
        assert numbers == sorted(numbers)
        assert get_json(f"{site.address}/stats")["clients"] == 2
        modes, last = [], 0
        while last < numbers[-1]:
            frame = slow.frame()
            modes.append(frame["mode"])
            last = frame["version"]
    assert modes.count("full") >= 2, "it lost some frames, and was given the whole again"
    assert len(modes) < len(numbers)


def test_each_of_two_workers_serves_its_own_connections(start: Callable[..., Site]) -> None:
    site = start(gunicorn, workers=2)
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(Browser(site))) for _ in range(40)]
        assert all(browser.frame()["mode"] == "full" for browser in crowd)
        held: dict[int, int] = {}

        def both_reported() -> bool:
            said = get_json(f"{site.address}/stats")
            held[said["pid"]] = said["clients"]
            return len(held) == 2

        until(both_reported)
        assert sum(held.values()) == 40
        assert all(browser.frame()["mode"] == "diff" for browser in crowd)


def test_a_worker_killed_outright_is_replaced_and_takes_connections_again(start: Callable[..., Site]) -> None:
    site = start(gunicorn)
    with closing(Browser(site)) as browser:
        assert browser.frame()["mode"] == "full"
        os.kill(get_json(f"{site.address}/stats")["pid"], 9)
        with pytest.raises((ConnectionError, StopIteration, RuntimeError)):
            while browser.sock.recv(65_536):
                pass
            raise ConnectionResetError
    site.wait()
    with closing(Browser(site)) as again:
        assert again.frame()["mode"] == "full"


@pytest.mark.parametrize("command", [alone, gunicorn])
def test_reported_to_stop_with_open_connections_it_leaves_at_once(
    command: Callable[..., list[str]], start: Callable[..., Site]
) -> None:
    site = start(command)
    with closing(Browser(site)) as browser:
        assert browser.frame()
        assert site.stop() < 4.0 * patience(), "a graceful end would wait half a minute for who is connected"
    with pytest.raises(OSError):
        urllib.request.urlopen(site.address, timeout=1)
