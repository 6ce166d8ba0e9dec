"""Every client of a NATS server, from /connz, page by page: as many as it gives at a time, and as few as it must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collectors.core.amounts import figure
from collectors.servers.nats_subscribers import Connection
from model.sources import CollectError, ErrorKind

PAGE, SMALLEST_PAGE = 1024, 64
MAX_CONNECTIONS = 32 * 1024
Ask = Callable[[str, Mapping[str, str]], Mapping[str, Any]]


class Connections:
    """What has been read so far; `missing` are those that the server counts and that were not read."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.clients: list[Connection] = []
        self._total = 0.0
        self._limit, self._detailed = PAGE, True

    @property
    def missing(self) -> int:
        """How many there are beyond what was read."""
        return max(0, int(self._total) - len(self.clients))

    def read(self) -> None:
        """All of them, in the order in which they connected. Raises CollectError; what came before is kept."""
        seen: set[Any] = set()
        while len(self.clients) < MAX_CONNECTIONS:
            page = self._page()
            clients = [one for one in _list(page.get("connections")) if isinstance(one, dict)]
            fresh = [one for one in clients if figure(one.get("cid")) is None or one["cid"] not in seen]
            seen.update(one["cid"] for one in fresh if figure(one.get("cid")) is not None)
            self.clients += fresh
            total = figure(page.get("total"))
            self._total = len(self.clients) + bool(fresh) if total is None else total  # unsaid, one more may be
            if not fresh or (total is not None and len(self.clients) >= total):
                return

    def _page(self) -> Mapping[str, Any]:
        """The next page; a smaller one, at last without subscriptions, where it is more than may be read."""
        while True:
            detail = {"subs": "detail"} if self._detailed else {}
            query = {**detail, "limit": str(self._limit), "offset": str(len(self.clients))}
            try:
                return self._ask("/connz", query)
            except CollectError as error:
                if error.kind is not ErrorKind.TOO_LARGE or not self._lessen():
                    raise

    def _lessen(self) -> bool:
        if self._limit > SMALLEST_PAGE:
            self._limit //= 4
        elif self._detailed:
            self._limit, self._detailed = PAGE, False
        else:
            return False
        return True


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
