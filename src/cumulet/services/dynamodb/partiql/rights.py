"""What statements are about, for policies: actions on tables and indexes, partition keys, attributes, whether they scan."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError

from .. import values as av
from ..search import Schema
from ..values import Value
from . import plan
from .binding import Bound
from .grammar import parsed
from .syntax import Delete, Exists, Insert, Parsed, Select, Update

_ACTIONS = {Select: "PartiQLSelect", Exists: "PartiQLSelect", Insert: "PartiQLInsert", Update: "PartiQLUpdate",
            Delete: "PartiQLDelete"}
Texts = list[tuple[str, list[Value] | None]]     # statements, each with its parameters


class Said(NamedTuple):
    """scans: None when nothing is selected.  select: as Query's member of that name; "" when nothing is selected."""

    leading: list[str]
    attributes: set[str]
    returned: list[str]
    scans: bool | None
    select: str


def texts(members: Mapping[str, Any]) -> Texts:
    """The statements of a call."""
    if "Statement" in members:
        return [(members["Statement"], members.get("Parameters"))]
    listed = members.get("Statements") or members.get("TransactStatements") or ()
    return [(one["Statement"], one.get("Parameters")) for one in listed]


def needs(given: Texts) -> Iterator[tuple[str, str, str]]:
    """The action, table and index of each statement that can be read; the others will be refused by the operation."""
    for text, _ in given:
        if (found := _read(text)) is not None:
            of = found.statement
            yield f"dynamodb:{_ACTIONS[type(of)]}", of.table, of.index_name if isinstance(of, Select) else ""


def said(given: Texts, schema_of: Callable[[str, str], Schema | None]) -> Said:
    """What condition keys tell of all statements together."""
    leading: list[str] = []
    attributes: set[str] = set()
    returned: list[str] = []
    scans: bool | None = None
    select = ""
    for text, parameters in given:
        bound = _bound(text, parameters)
        if bound is None:
            continue
        of = bound.statement
        attributes |= _attributes(bound)
        if isinstance(of, Update | Delete):
            returned.append(of.returning)
        schema = schema_of(of.table, of.index_name if isinstance(of, Select) else "")
        named = _leading(bound, schema) if schema is not None else None
        leading += [text for values in named or () for value in values for text in plain(value)]
        if isinstance(of, Select):
            scans = bool(scans) or named is None
            select = "SPECIFIC_ATTRIBUTES" if of.shown and select != "ALL_ATTRIBUTES" else "ALL_ATTRIBUTES"
    return Said(leading, attributes, returned, scans, select)


def plain(value: Value) -> list[str]:
    """A key value as policies write it."""
    return [base64.b64encode(data).decode() if isinstance(data, bytes) else str(data) for data in value.values()]


def _read(text: str) -> Parsed | None:
    try:
        return parsed(text)
    except AwsError:
        return None


def _bound(text: str, parameters: list[Value] | None) -> Bound | None:
    try:
        return Bound(parsed(text), parameters)
    except AwsError:
        return None


def _leading(bound: Bound, schema: Schema) -> list[plan.Hash] | None:
    """The partition keys of a statement; None when it names none."""
    of = bound.statement
    if isinstance(of, Insert):
        item = _item(bound, of)
        value = tuple(item[name] for name, _ in schema.hash if name in item)
        return [value] if value else None
    try:
        return plan.hash_values(schema, of.where, bound.values)
    except AwsError:
        return None


def _item(bound: Bound, of: Insert) -> av.Item:
    try:
        return bound.item(of.item)[0]
    except AwsError:
        return {}


def _attributes(bound: Bound) -> set[str]:
    """The top-level attributes that a statement names."""
    of = bound.statement
    if isinstance(of, Insert):
        return set(_item(bound, of))
    found = set(of.where.roots) if of.where is not None else set()
    if isinstance(of, Update):
        found |= of.change.roots
    if isinstance(of, Select):
        found |= {str(path.parts[0]) for path in of.shown}
    return found
