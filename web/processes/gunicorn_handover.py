"""When a worker of gunicorn may go: not before somebody else serves those who look at it."""

from __future__ import annotations

import http.client
import mmap
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

LONGEST_SECONDS = 10.0
"""A worker whose successor does not come goes nevertheless."""
_PAGE = mmap.mmap(-1, mmap.PAGESIZE)
"""Shared by the parent and all whom it forks: the age of the youngest worker that was begun, and that serves."""
_AGES = struct.Struct("ii")


class Handover:
    """A worker's place in the row of those that follow each other. `age` is gunicorn's: the younger, the greater."""

    def __init__(self, age: int, page: Any = _PAGE, clock: Callable[[], float] = time.monotonic) -> None:
        self._age = age
        self._page = page
        self._clock = clock
        self._until: float | None = None
        self._asked = False
        self.orphaned = False
        self._before = _AGES.unpack_from(page)
        self._note(begun=age)

    def withdraw(self) -> None:
        """It will not serve: nobody waits for it. Called where it was made, before anything else is."""
        _AGES.pack_into(self._page, 0, *self._before)

    def serving(self) -> None:
        """This one serves from now on."""
        self._note(serving=self._age)

    def asked(self) -> None:
        """Begin to leave because that was asked; asked again, nothing changes."""
        self._asked = True
        self._begin()

    def orphan(self) -> None:
        """Begin to leave because the parent is gone."""
        self.orphaned = True
        self._begin()

    @property
    def under_way(self) -> bool:
        """True from the moment it is asked to leave, or its parent is gone."""
        return self._until is not None

    @property
    def over(self) -> bool:
        """True when it has waited long enough."""
        return self._until is not None and self._clock() >= self._until

    @property
    def may_leave(self) -> bool:
        """True when it waited long enough, or was asked and no younger one is to come: none was begun, or one serves.

        An orphan that is asked goes at once: whoever ends what is left over starts the next one.
        """
        begun, serving = _AGES.unpack_from(self._page)
        nobody_comes = self.orphaned or begun <= self._age or serving > self._age
        return self.over or (self._asked and nobody_comes)

    def _begin(self) -> None:
        self._until = self._until or self._clock() + LONGEST_SECONDS

    def _note(self, begun: int = 0, serving: int = 0) -> None:
        known = _AGES.unpack_from(self._page)
        _AGES.pack_into(self._page, 0, max(known[0], begun), max(known[1], serving))


def serves(addresses: Sequence[tuple[str, int]]) -> bool:
    """Whether somebody answers at one of a server's addresses (host, port)."""
    return any(_answers(*one) for one in addresses)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
