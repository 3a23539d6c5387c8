"""Accounts and regions as small integers, part of every key; and what forgetting them means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..declare import stored
from .schema import Known
from .statements import quote

# What is about the store and the cloud, not about what is in it.
_KEPT = frozenset({"kernel_fault", "kernel_machine_key", "kernel_scopes", "kernel_setting"})


@stored(auto="id", scope="global", indexes={"name": ("account", "region")}, unique=("name",))
class Scopes(msgspec.Struct):
    """One account in one region; region "" for what is the account's alone. Rows are never changed or removed."""

    account: str
    region: str
    id: int = 0


def reset_statements(tables: Sequence[Known], account: str | None,
                     region: str | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The statements that delete all rows, or those of an account, or of an account in one region.

    Rows in the scope of the partition belong to the account (and region) that their fields of that name say; those that say
    nothing are their service's to take away (`@forget`).
    """
    for name, applied in tables:
        if name in _KEPT:
            continue
        table = quote(name)
        if account is None:
            yield f"DELETE FROM {table}", ()
        elif applied.scope != "global":
            if region is None or applied.scope == "region":
                where, values = ("", ()) if region is None else (" AND region = ?", (region,))
                yield (f"DELETE FROM {table} WHERE scope IN (SELECT id FROM kernel_scopes WHERE account = ?{where})",
                       (account, *values))
        elif "account" in applied.columns and (region is None or "region" in applied.columns):
            where, values = ("", ()) if region is None else (" AND region = ?", (region,))
            yield f"DELETE FROM {table} WHERE account = ?{where}", (account, *values)
