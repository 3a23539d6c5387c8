"""What is inside a snapshot, and what differs between two: resource by resource, and how many of all other rows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw
import msgspec

from ..declare import Resource, about, is_resource, stored_of
from ..resources.lifecycle import fields
from ..store.copies import Copy, upgrade
from ..store.schema import MIGRATIONS, Applied
from ..store.snapshot import STATE
from ..store.statements import quote

if TYPE_CHECKING:
    from ..catalog import Catalog

# How the store and the cloud keep themselves: no news to anybody.
_INNER = frozenset({"kernel_blob", "kernel_fault", "kernel_job", "kernel_machine_key", "kernel_scopes", "kernel_setting",
                    "kernel_standing"})
Where = tuple[str, str]                # account and region, "" for what has none


class Found(NamedTuple):
    """One resource: where it is, its type and id."""

    account: str
    region: str
    type: str
    id: str


@contextmanager
def reading(path: str) -> Iterator[Copy]:
    """A snapshot as this version sees it: an older one is brought up to date, in a copy beside it."""
    file = os.path.join(path, STATE)
    copy = Copy(file)
    if copy.format == 1 + len(MIGRATIONS):
        try:
            yield copy
        finally:
            copy.close()
        return
    copy.close()
    fresh = file + ".read"
    try:
        side = apsw.Connection(file, flags=apsw.SQLITE_OPEN_READONLY)
        side.execute("VACUUM INTO ?", (fresh,))
        side.close()
        upgrade(fresh)
        copy = Copy(fresh)
        try:
            yield copy
        finally:
            copy.close()
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)


# --- what is inside --------------------------------------------------------------------------------------------------


def contents(catalog: Catalog, copy: Copy) -> dict[str, Any]:
    """Account → region → service → {"resources": {type: how many}, "rows": {table: how many}}."""
    kinds = _kinds(catalog, copy)
    told: dict[str, Any] = {}
    for table in copy.tables:
        if table in _INNER:
            continue
        kind = kinds.get(table)
        for account, region, count in copy.connection.execute(
                f"SELECT account, region, count(*) FROM ({_placed(copy.tables, table, '1')}) GROUP BY 1, 2"):
            here = told.setdefault(account, {}).setdefault(region, {}).setdefault(service_of(catalog, table),
                                                                                    {"resources": {}, "rows": {}})
            if kind is not None:
                here["resources"][about(kind).type] = count
            else:
                here["rows"][table] = count
    return told


def service_of(catalog: Catalog, table: str) -> str:
    """The folder of the service that a table belongs to; "kernel" for the kernel's."""
    return max((f for f in catalog.folders if table.startswith(f + "_")), key=len, default="kernel")


def _kinds(catalog: Catalog, *copies: Copy) -> dict[str, type[Resource]]:
    """Table → resource, of all tables that have rows. Their services are loaded, if they were not."""
    tables = {t for copy in copies for t in copy.tables}
    folders = {service_of(catalog, t) for t in tables}
    if "kernel" in folders:
        folders |= {"iam", "organizations"} & set(catalog.folders)
    found = {}
    for folder in folders - {"kernel"}:
        for kind in catalog.load(catalog.declared[folder].api).resources.values():
            found[stored_of(kind).table] = kind
    return {table: kind for table, kind in found.items() if is_resource(kind)}


def _placed(tables: Mapping[str, Applied], table: str, columns: str, schema: str = "main") -> str:
    """SQL: rows of a table with their account and region before them."""
    applied = tables[table]
    account = "t.account" if applied.scope == "global" and "account" in applied.columns else "s.account"
    if applied.belongs:                    # an object is its bucket's owner's
        owners = [f"(SELECT o.account FROM {schema}.{quote(owner)} o WHERE o.{quote(field)} = t.{quote(column)} LIMIT 1)"
                  for column, places in applied.belongs.items() for owner, _, field in (p.partition(".") for p in places)
                  if owner in tables and "account" in tables[owner].columns]
        account = f"coalesce({', '.join([*owners, account])})" if owners else account
    region = "t.region" if applied.scope == "global" and "region" in applied.columns else "s.region"
    return (f"SELECT coalesce({account}, '') AS account, coalesce({region}, '') AS region, {columns} "
            f"FROM {schema}.{quote(table)} t LEFT JOIN {schema}.kernel_scopes s ON s.id = t.scope")


# --- what differs ----------------------------------------------------------------------------------------------------


def between(catalog: Catalog, one: str, other: str) -> dict[str, Any]:
    """{"resources": added, removed and changed ones, "rows": how many of other tables}."""
    with reading(one) as before, reading(other) as after:
        kinds = _kinds(catalog, before, after)
        changes: list[dict[str, Any]] = []
        for table, kind in sorted(kinds.items()):
            changes += _resources(_read(before, table, kind), _read(after, table, kind))
        rows = []
        before.attach(after)
        for table in sorted(before.tables.keys() | after.tables.keys()):
            if table not in kinds and table not in _INNER:
                rows += _rows(before, after, table)
    return {"resources": changes, "rows": rows}


def _read(copy: Copy, table: str, kind: type[Resource]) -> dict[Found, dict[str, Any]]:
    """All resources of a kind, with their properties in CloudFormation's words."""
    applied = copy.tables.get(table)
    if applied is None:
        return {}
    wanted = {f.name: f.default for f in fields(kind)}
    columns = list(applied.columns)
    text = _placed(copy.tables, table, ", ".join(f"t.{quote(c)}" for c in columns))
    found = {}
    for account, region, *values in copy.connection.execute(text):
        row = {name: _value(applied.columns[name], value) for name, value in zip(columns, values, strict=True)}
        properties = {name: row.get(name, default) for name, default in wanted.items()}
        if row.get("tags"):
            properties["Tags"] = row["tags"]
        found[Found(account, region, about(kind).type, "|".join(str(row[name]) for name in about(kind).id))] = properties
    return found


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "blob":
        return msgspec.to_builtins(msgspec.msgpack.decode(value), str_keys=True)
    if kind == "bytes":
        return msgspec.to_builtins(value)
    return value != 0 if kind == "bool" else value


def _resources(before: dict[Found, dict[str, Any]], after: dict[Found, dict[str, Any]]) -> list[dict[str, Any]]:
    changes = []
    for one in sorted(before.keys() | after.keys()):
        old, new = before.get(one), after.get(one)
        if old == new:
            continue
        change = "added" if old is None else "removed" if new is None else "changed"
        old, new = old or {}, new or {}
        properties = {name: {"from": old.get(name), "to": new.get(name)} for name in sorted(old.keys() | new.keys())
                      if old.get(name) != new.get(name)}
        changes.append({"change": change, **one._asdict(), "properties": properties})
    return changes


def _rows(before: Copy, after: Copy, table: str) -> list[dict[str, Any]]:
    """How many rows came, went and changed, by account and region."""
    one, other = before.tables.get(table), after.tables.get(table)
    either = one or other
    assert either is not None
    key = ", ".join(f"t.{quote(name)}" for name in _key(table, either))
    both = [c for c in either.columns if c in (one or either).columns and c in (other or either).columns]
    whole = ", ".join(f"t.{quote(c)}" for c in both)

    def select(copy: Copy, columns: str, schema: str) -> str:
        if table not in copy.tables:
            return f"SELECT '' AS account, '' AS region, {', '.join(['NULL'] * (columns.count(',') + 1))} WHERE 0"
        return _placed(copy.tables, table, columns, schema)

    def count(a: str, b: str) -> dict[Where, int]:
        text = f"SELECT account, region, count(*) FROM ({a} EXCEPT {b}) GROUP BY 1, 2"
        return {(x, y): int(n) for x, y, n in before.connection.execute(text)}

    old, new = select(before, key, "main"), select(after, key, "other")
    added, removed = count(new, old), count(old, new)
    touched = count(select(after, whole, "other"), select(before, whole, "main"))
    return [{"table": table, "account": where[0], "region": where[1], "added": added.get(where, 0),
             "removed": removed.get(where, 0), "changed": touched.get(where, 0) - added.get(where, 0)}
            for where in sorted(added.keys() | removed.keys() | touched.keys())]


def _key(table: str, applied: Applied) -> list[str]:
    """The columns of the key: a table that numbers its rows has the number, others an index of that name."""
    if applied.auto:
        return [applied.auto]
    return re.findall(r'"([^"]+)"', applied.indexes[f"{table}__key"].partition("(scope, ")[2])
