"""The state of a cloud: typed tables in transactions, and blobs."""

from __future__ import annotations

import asyncio
from typing import cast

from ..settings import Settings
from .contract import Store
from .sqlite import SqliteStore


def open_store(settings: Settings, loop: asyncio.AbstractEventLoop) -> Store:
    """The store that the settings ask for: SQLite in the data folder, or the PostgreSQL of a URL."""
    if settings.store == "postgres":
        raise ValueError("store = postgres: whoever starts the cloud starts that server, and gives its URL")
    if settings.store:
        from .postgres import PostgresStore

        return cast(Store, PostgresStore(settings.store, settings.data, loop, settings.ephemeral))
    return cast(Store, SqliteStore(settings.data, loop, settings.ephemeral, begins=settings.begins))
