"""Schemas and their versions in the tables."""

from __future__ import annotations

from cumulet.kernel import Call

from .checking import absent
from .resources import Registry, Schema, SchemaEdition


def schema_of(call: Call, registry: str, name: str) -> Schema:
    row = call.table(Schema).get(registry, name)
    if row is None:
        if call.table(Registry).get(registry) is None:
            raise absent(f"Registry with name {registry} does not exist.")
        raise absent(f"Schema with name {name} does not exist.")
    return row


def edition_of(call: Call, row: Schema, version: str | None) -> SchemaEdition:
    """One version; the newest where none is named."""
    wanted = version or row.SchemaVersion
    found = call.table(SchemaEdition).get(row.RegistryName, row.SchemaName, int(wanted)) if wanted.isdecimal() else None
    if found is None:
        raise absent(f"Schema version {wanted} of {row.SchemaName} does not exist.")
    return found


def keep(call: Call, row: Schema) -> None:
    """Write down the schema, and its newest version."""
    row.modified = call.now
    call.put(row)
    call.put(SchemaEdition(registry=row.RegistryName, schema=row.SchemaName, number=int(row.SchemaVersion), kind=row.Type,
                           content=row.Content, created=call.now))


def renew(call: Call, row: Schema, content: str, kind: str) -> None:
    """Another version, where it says something else."""
    if (row.Content, row.Type) != (content, kind):
        row.last += 1
        row.SchemaVersion, row.Content, row.Type = str(row.last), content, kind
        keep(call, row)
