"""What a commit requires of the table that it was made for.

https://iceberg.apache.org/rest-catalog-spec/ (TableRequirement)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import Failed, Invalid
from .metadata import Metadata

# What each kind compares: the member of the requirement, and the one of the metadata.
_EQUAL = {
    "assert-table-uuid": ("uuid", "table-uuid"), "assert-last-assigned-field-id": ("last-assigned-field-id", "last-column-id"),
    "assert-current-schema-id": ("current-schema-id", "current-schema-id"),
    "assert-last-assigned-partition-id": ("last-assigned-partition-id", "last-partition-id"),
    "assert-default-spec-id": ("default-spec-id", "default-spec-id"),
    "assert-default-sort-order-id": ("default-sort-order-id", "default-sort-order-id")}


def check(metadata: Metadata, wanted: Sequence[Any]) -> None:
    """Raises Failed when the table is not as required."""
    for one in wanted:
        kind = str(one.get("type")) if isinstance(one, dict) else ""
        if kind == "assert-create":
            raise Failed("Requirement failed: table already exists")
        if kind == "assert-ref-snapshot-id":
            _check_ref(metadata, one)
        elif kind in _EQUAL:
            said, has = _EQUAL[kind]
            if one.get(said) != metadata.get(has):
                raise Failed(f"Requirement failed: {has} is {metadata.get(has)}, expected {one.get(said)}")
        else:
            raise Invalid(f"The requirement {kind[:64]} is not known.")


def _check_ref(metadata: Metadata, one: dict[str, Any]) -> None:
    """The branch or tag is where it was, or is not there as it was not."""
    name, wanted = str(one.get("ref")), one.get("snapshot-id")
    found = metadata["refs"].get(name)
    if found is None and wanted is not None:
        raise Failed(f"Requirement failed: branch or tag {name} is missing, expected {wanted}")
    if found is not None and found["snapshot-id"] != wanted:
        raise Failed(f"Requirement failed: {found['type']} {name} has changed: expected id {wanted} != {found['snapshot-id']}")
