"""A table moves to its next metadata."""

from __future__ import annotations

from cumulet.kernel import Call

from . import replication, warehouse
from .faults import stale
from .iceberg.metadata import Metadata
from .resources import Table

_TOKEN = 20


def new_token(call: Call) -> str:
    return call.token(_TOKEN)


def check_token(row: Table, token: str | None) -> None:
    """Is the table still in the version that somebody saw?"""
    if token is not None and token != row.token:
        raise stale()


def point(call: Call, row: Table, location: str, by: str) -> None:
    """The table's metadata is that at this location from now on. by: the account that says so."""
    row.location, row.token, row.modified, row.modified_by = location, new_token(call), call.now, by
    call.put(row)
    replication.changed(call, row)


def commit(call: Call, row: Table, said: Metadata, by: str) -> None:
    """Write new metadata, and point there."""
    point(call, row, warehouse.write(call, row, said), by)
