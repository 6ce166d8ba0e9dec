"""What the system itself takes to give one frame to many connections on this machine: a bare loop, and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import selectors
import socket
import time
from multiprocessing.connection import Connection

SEND_BUFFER_BYTES = 65_536
"""As the hub has it."""
PAUSE_SECONDS = 0.3


def send_seconds(number: int, size: int, rounds: int = 10) -> float:
    """Processor seconds for one `send` of `size` bytes to one of `number` connections, all of which are read here."""
    context = multiprocessing.get_context("spawn")
    said, saying = context.Pipe(duplex=False)
    sender = context.Process(target=_send, args=(saying, number, size, rounds), daemon=True)
    sender.start()
    try:
        socks = [_connected(said.recv()) for _ in range(number)]
        with selectors.DefaultSelector() as selector:
            for one in socks:
                selector.register(one, selectors.EVENT_READ)
            while not said.poll():
                for key, _ in selector.select(0.05):
                    key.fileobj.recv(262_144)  # type: ignore[union-attr]  # a socket
        return float(said.recv())
    finally:
        sender.kill()
        sender.join()


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=30)
    made.setblocking(False)
    return made


def _send(saying: Connection, number: int, size: int, rounds: int) -> None:
    """The server's half: says its port for each connection that may come, and at the end the seconds of one send."""
    socks, frame = [], bytes(size)
    with socket.create_server(("127.0.0.1", 0), backlog=number) as listener:
        for _ in range(number):
            saying.send(listener.getsockname()[1])
            one, _ = listener.accept()
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            socks.append(one)
    used = 0.0
    for _ in range(rounds):
        time.sleep(PAUSE_SECONDS)
        before = sum(os.times()[:2])
        for one in socks:
            one.send(frame)
        used += sum(os.times()[:2]) - before
    saying.send(used / rounds / number)
