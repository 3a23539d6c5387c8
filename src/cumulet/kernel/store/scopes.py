"""Accounts and regions as small integers, part of every key; and what forgetting them means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

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


class Reach(NamedTuple):
    """The tables of which a reset takes rows away, quoted. scoped: those in the scopes of the account (and region).
    named: of the partition's rows, those whose fields of that name say so; those that say nothing are their service's to take
    away (`@forget`).
    """

    scoped: tuple[str, ...]
    named: tuple[str, ...]


def reach(tables: Sequence[Known], regional: bool) -> Reach:
    """Of a reset of an account, or of a region of one."""
    known = [(quote(name), applied) for name, applied in tables if name not in _KEPT]
    scoped = (table for table, applied in known
              if applied.scope != "global" and (not regional or applied.scope == "region"))
    named = (table for table, applied in known if applied.scope == "global" and "account" in applied.columns
             and (not regional or "region" in applied.columns))
    return Reach(tuple(scoped), tuple(named))


def of_account(account: str, region: str | None) -> tuple[str, tuple[str, ...]]:
    """SQL and its values: is a row with an account (and a region) meant?"""
    return ("account = ?", (account,)) if region is None else ("account = ? AND region = ?", (account, region))


def reset_statements(tables: Sequence[Known], account: str | None,
                     region: str | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The statements that delete all rows, or those of an account, or of an account in one region."""
    if account is None:
        yield from ((f"DELETE FROM {quote(name)}", ()) for name, _ in tables if name not in _KEPT)
        return
    where, values = of_account(account, region)
    reached = reach(tables, region is not None)
    for table in reached.scoped:
        yield f"DELETE FROM {table} WHERE scope IN (SELECT id FROM kernel_scopes WHERE {where})", values
    for table in reached.named:
        yield f"DELETE FROM {table} WHERE {where}", values
