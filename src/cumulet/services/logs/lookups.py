"""Lookup tables as queries use them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Lookup.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import NamedTuple

from cumulet.kernel import Call, error

from .names import invalid
from .settings import LookupTable

Lookup = list[dict[str, str]]
_LARGEST = 10 * 1024 * 1024


class Parsed(NamedTuple):
    """A CSV text. rows: by the names of its header."""

    fields: list[str]
    rows: Lookup


def parsed(body: str) -> Parsed:
    """What CSV with a header holds."""
    if len(body.encode()) > _LARGEST:
        raise invalid("The content of a lookup table must not exceed 10 MB.")
    try:
        lines = [line for line in csv.reader(io.StringIO(body, newline=""), strict=True) if line]
    except csv.Error as problem:
        raise invalid(f"The content of the lookup table is not valid CSV: {problem}") from None
    fields = [name.strip() for name in lines[0]] if lines else []
    if not fields or not all(fields) or len(set(fields)) < len(fields):
        raise invalid("The first row of a lookup table must be a header row with different column names.")
    if any(len(line) != len(fields) for line in lines):
        raise invalid("All rows of a lookup table must have as many columns as its header.")
    return Parsed(fields, [dict(zip(fields, line, strict=True)) for line in lines[1:]])


def lookups(call: Call, names: Collection[str]) -> dict[str, Lookup]:
    """The tables that a query names."""
    found: dict[str, Lookup] = {}
    for name in names:
        row = call.table(LookupTable).get(name)
        if row is None:
            raise error.MalformedQueryException(f"Lookup table '{name}' does not exist.")
        found[name] = parsed(row.body).rows
    return found
