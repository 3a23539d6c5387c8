"""API keys: made, found, shown, and read from files."""

from __future__ import annotations

import csv
import io
from typing import Any

from cumulet.kernel import AwsError, Call, error

from . import items
from .names import invalid, missing, new_id
from .resources import ApiKey, Item, PlanKey

Said = dict[str, Any]
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def one(call: Call, name: str) -> ApiKey:
    found = call.table(ApiKey).get(name)
    if found is None:
        raise missing("API Key identifier")
    return found


def shown(row: ApiKey, with_value: bool) -> Said:
    return {**row.said, "value": row.value if with_value else None}


def checked(call: Call, value: str | None) -> str:
    """A key's value, or a new one; nobody else has it."""
    if not value:
        return call.token(40, _LETTERS)
    if not 20 <= len(value) <= 128:
        raise invalid("API Key value should be at least 20 characters" if len(value) < 20
                      else "API Key value exceeds maximum size of 128 characters")
    if call.table(ApiKey).find("value", value) is not None:
        raise error.ConflictException("API Key already exists")
    return value


def begin(call: Call, name: str, title: str, value: str, said: Said) -> ApiKey:
    """A new key."""
    at = float(int(call.now))
    told = {"id": name, **{word: each for word, each in said.items() if each is not None}}
    told |= {"createdDate": at, "lastUpdatedDate": at}
    row = ApiKey(id=name, name=title, value=value, said=told)
    call.table(ApiKey).insert(row)
    return row


def imported(call: Call, text: bytes) -> tuple[list[str], list[str]]:
    """The ids of the keys of a file, and what is odd about it."""
    rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig")), skipinitialspace=True)
    columns = {column.strip().lower(): column for column in rows.fieldnames or ()}
    if not {"key", "name"} <= columns.keys():
        raise invalid("Missing required column(s): key, name")
    ids: list[str] = []
    warnings: list[str] = []
    for line, row in enumerate(rows, 2):
        said = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        try:
            value = checked(call, said["key"])
        except AwsError as problem:
            warnings.append(f"Line {line}: {problem.message}")
            continue
        made = begin(call, new_id(call, 10), said["name"], value, {
            "name": said["name"], "description": said.get("description") or None, "stageKeys": [],
            "enabled": said.get("enabled", "").lower() == "true"})
        ids.append(made.id)
        for plan in filter(None, (each.strip() for each in said.get("usageplanids", "").split(","))):
            if call.table(Item).get(items.PLAN, plan) is None:
                warnings.append(f"Line {line}: Invalid Usage Plan ID specified: {plan}")
            else:
                call.put(PlanKey(plan=plan, key=made.id))
    return ids, warnings
