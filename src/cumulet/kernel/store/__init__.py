"""The state of a cloud: typed tables in transactions, and blobs."""

from __future__ import annotations

import asyncio
from typing import cast

from ..settings import Settings
from .contract import Store
from .sqlite import SqliteStore


def open_store(settings: Settings, loop: asyncio.AbstractEventLoop) -> Store:
    """The store that the settings ask for."""
    return cast(Store, SqliteStore(settings.data, loop, settings.ephemeral))
