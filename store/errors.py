"""What can be wrong with a store, as types."""

from __future__ import annotations


class StoreError(Exception):
    """Anything the store cannot do; the message is one sentence for an operator."""


class StoreBusy(StoreError):  # noqa: N818 (the name says what the store is)
    """Another collector holds this store. `pid` is its process, 0 when it could not be read."""

    def __init__(self, message: str, pid: int = 0) -> None:
        super().__init__(message)
        self.pid = pid


class StoreForeign(StoreError):  # noqa: N818 (the name says what the store is)
    """The directory holds something that is not ours: it is left alone."""


class StoreFull(StoreError):  # noqa: N818 (the name says what the disk is)
    """There is no room to begin a store; with some it could be begun."""


class StoreDamaged(StoreError):  # noqa: N818 (the name says what the store is)
    """Stored bytes that are not what was written: cut short, altered, or never ours."""


class StoreUnwritable(StoreError):  # noqa: N818 (the name says what the store is)
    """The store cannot take more just now: the disk is full, or something holds the database."""


class StoreUnreachable(StoreUnwritable):
    """The server that holds the store does not answer. Whoever noticed it has logged it."""


class StoreFenced(StoreError):  # noqa: N818 (the name says what was done to the writer)
    """Another collector has taken over: this one may not write any more."""


class StoreMoved(StoreError):  # noqa: N818 (the name says what the store did)
    """A key went away while a reader followed its manifest: read the manifest again."""
