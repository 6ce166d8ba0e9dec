"""Where the store lies, as the settings say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from model.addresses import DISK
from model.settings import Settings, SettingsError
from store.disk.disk_storage import DiskStorage
from store.storage import Storage


def storage_of(settings: Settings) -> Storage:
    """HUD_STORE's. Raises SettingsError when its library is not installed."""
    if settings.store == DISK:
        return DiskStorage(settings.cache_dir)
    try:
        remote = import_module("store.remote.redis_storage")
    except ImportError as error:
        raise SettingsError(
            "setting HUD_STORE: it needs a client library that is not installed: "
            f"install the extra 'redis' of pyproject.toml ({error})"
        ) from None
    storage: Storage = remote.RedisStorage(settings.store)
    return storage


def storage_at(where: Storage | Path) -> Storage:
    """A path is a directory of this host."""
    return DiskStorage(where) if isinstance(where, Path) else where
