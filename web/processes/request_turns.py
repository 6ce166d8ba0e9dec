"""Which request is begun next, so that no address keeps others waiting however much it asks."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Generic, TypeVar

Request = TypeVar("Request")


class RequestTurns(Generic[Request]):
    """Requests under way, and those that wait, address by address in turn. Not safe for several threads.

    Threads that compute take turns at Python's one lock, so each of them that is at work makes every other answer
    later: what one address asks at once beyond its share waits here and holds no thread.
    """

    def __init__(self, most: int, share: Callable[[str], int]) -> None:
        """`most` requests under way at a time, and of an address so many as `share` says."""
        self._most, self._share = most, share
        self._under_way: dict[Request, str] = {}
        self._of: Counter[str] = Counter()
        self._waiting: dict[str, deque[Request]] = {}

    def begin(self, request: Request, address: str) -> bool:
        """Whether it may begin now; else `end` gives it when its turn comes."""
        if self._has_room(address):
            self._enter(request, address)
            return True
        self._waiting.setdefault(address, deque()).append(request)
        return False

    def end(self, request: Request) -> list[Request]:
        """It is answered; those that begin instead. One that never began changes nothing."""
        address = self._under_way.pop(request, None)
        if address is None:
            return []
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]
        begun = []
        while (following := next(filter(self._has_room, self._waiting), None)) is not None:
            begun.append(self._next_of(following))
        return begun

    def _has_room(self, address: str) -> bool:
        return len(self._under_way) < self._most and self._of[address] < self._share(address)

    def _enter(self, request: Request, address: str) -> None:
        self._under_way[request] = address
        self._of[address] += 1

    def _next_of(self, address: str) -> Request:
        """Its first; whatever else it waits for comes after the others' first."""
        waiting = self._waiting.pop(address)
        request = waiting.popleft()
        if waiting:
            self._waiting[address] = waiting
        self._enter(request, address)
        return request
