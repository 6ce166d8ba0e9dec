"""Places for live connections, and how many different views those who hold them may make the process work out."""

from __future__ import annotations

from collections import Counter

from web.hub_payload import Key, common

MOST_RARE = 256
"""Views of something that the address names freely (a namespace, a pattern, a component), for all together."""
MOST_OWN = 64
"""Of these, such as nobody but one address looks at."""
KEPT_RATIO = 0.1
"""The last places are for addresses that hold less than half of all."""

FULL = "All live connections of this process are taken; HUD_MAX_SOCKETS sets how many."
GREEDY = "The last live connections are kept for others; HUD_MAX_SOCKETS sets how many there are."
SPREAD = "Too many different views are looked at just now."


class Places:
    """Who holds how many. Not safe for several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_address: Counter[str] = Counter()
        self._by_view: dict[Key, Counter[str]] = {}

    @property
    def held(self) -> int:
        """How many places are taken."""
        return self._by_address.total()

    def take(self, key: Key, address: str) -> str:
        """Take one and say ''; or say why there is none."""
        refusal = self._refusal(key, address)
        if not refusal:
            self._by_address[address] += 1
            self._by_view.setdefault(key, Counter())[address] += 1
        return refusal

    def give_back(self, key: Key, address: str) -> None:
        """Give back one that was taken."""
        for counts in (self._by_address, self._by_view[key]):
            counts[address] -= 1
            if not counts[address]:
                del counts[address]
        if not self._by_view[key]:
            del self._by_view[key]

    def _refusal(self, key: Key, address: str) -> str:
        if self.held >= self._most:
            return FULL
        if self._most - self.held <= int(self._most * KEPT_RATIO) and 2 * self._by_address[address] >= self._most:
            return GREEDY
        if common(key[1]) or key in self._by_view:
            return ""
        rare = [by for one, by in self._by_view.items() if not common(one[1])]
        own = sum(set(by) == {address} for by in rare)
        return SPREAD if len(rare) >= MOST_RARE or own >= MOST_OWN else ""
