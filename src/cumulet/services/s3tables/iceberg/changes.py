"""The updates of a commit, one after the other, on the metadata of a table.

https://iceberg.apache.org/rest-catalog-spec/ (TableUpdate)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import Invalid, layouts, metadata, schemas, shape
from .metadata import Metadata
from .snapshots import add_snapshot, remove_ref, remove_snapshots, set_ref

_LAST = -1                             # in place of an id: of what was added last in this commit
_PREVIOUS = "write.metadata.previous-versions-max"
_KEPT = 100                            # its default
Update = dict[str, Any]


def apply(table: Metadata, updates: Sequence[Any], now: float, location: str = "") -> Metadata:
    """The metadata after a commit; it is changed in place. location: of the file that holds it so far, which is noted.
    Raises Invalid."""
    written = table["last-updated-ms"]
    added: dict[str, int] = {}
    for update in updates:
        name = str(update.get("action")) if isinstance(update, dict) else ""
        if name not in _CHANGES:
            raise Invalid(f"The update {name[:64]} is not known.")
        try:
            _CHANGES[name](table, update, added)
        except (KeyError, TypeError, AttributeError):
            raise Invalid(f"The update {name} is not complete.") from None
    if location:
        most = metadata.whole(table["properties"].get(_PREVIOUS, ""), _KEPT)
        log = [*table["metadata-log"], {"metadata-file": location, "timestamp-ms": written}]
        table["metadata-log"] = log[-max(most, 1):]
    table["last-updated-ms"] = max(int(now * 1000), written)
    shape.check(table)
    return table


def _assign_uuid(table: Metadata, update: Update, added: dict[str, int]) -> None:
    if update["uuid"] != table["table-uuid"]:
        raise Invalid("The UUID of a table cannot be changed.")


def _upgrade(table: Metadata, update: Update, added: dict[str, int]) -> None:
    version = update["format-version"]
    if not isinstance(version, int) or not table["format-version"] <= version <= metadata.NEWEST:
        raise Invalid(f"The format version cannot become {version}.")
    table["format-version"] = version
    if version == metadata.NEWEST:
        table.setdefault("next-row-id", 0)


# --- schemas ---


def _add_schema(table: Metadata, update: Update, added: dict[str, int]) -> None:
    """One that is there already is used again."""
    schema = update["schema"]
    schemas.check(schema)
    schemas.check_version(schema, table["format-version"])
    said = _without(schema, "schema-id")
    number = next((one["schema-id"] for one in table["schemas"] if _without(one, "schema-id") == said), None)
    if number is None:
        number = max(one["schema-id"] for one in table["schemas"]) + 1
        table["schemas"].append({**said, "schema-id": number})
        table["last-column-id"] = max(table["last-column-id"], schemas.last_id(schema))
    added["schema"] = number


def _set_schema(table: Metadata, update: Update, added: dict[str, int]) -> None:
    table["current-schema-id"] = _chosen(table["schemas"], "schema", update["schema-id"], added)


def _current(table: Metadata) -> Any:
    return next(one for one in table["schemas"] if one["schema-id"] == table["current-schema-id"])


def _remove_schemas(table: Metadata, update: Update, added: dict[str, int]) -> None:
    gone = set(update["schema-ids"])
    if table["current-schema-id"] in gone:
        raise Invalid("The current schema cannot be removed.")
    table["schemas"] = [one for one in table["schemas"] if one["schema-id"] not in gone]


# --- partition specs and sort orders ---


def _add_spec(table: Metadata, update: Update, added: dict[str, int]) -> None:
    number = max(one["spec-id"] for one in table["partition-specs"]) + 1
    last = table["last-partition-id"]
    made, last = layouts.spec(update["spec"], _current(table), number, last)
    same = next((one for one in table["partition-specs"] if one["fields"] == made["fields"]), None)
    if same is None:
        table["partition-specs"].append(made)
        table["last-partition-id"] = last
    added["spec"] = (same or made)["spec-id"]


def _set_spec(table: Metadata, update: Update, added: dict[str, int]) -> None:
    table["default-spec-id"] = _chosen(table["partition-specs"], "spec", update["spec-id"], added)


def _remove_specs(table: Metadata, update: Update, added: dict[str, int]) -> None:
    gone = set(update["spec-ids"])
    if table["default-spec-id"] in gone:
        raise Invalid("The default partition spec cannot be removed.")
    table["partition-specs"] = [one for one in table["partition-specs"] if one["spec-id"] not in gone]


def _add_order(table: Metadata, update: Update, added: dict[str, int]) -> None:
    number = max(one["order-id"] for one in table["sort-orders"]) + 1
    made = layouts.order(update["sort-order"], _current(table), number)
    same = next((one for one in table["sort-orders"] if one["fields"] == made["fields"]), None)
    if same is None:
        table["sort-orders"].append(made)
    added["order"] = (same or made)["order-id"]


def _set_order(table: Metadata, update: Update, added: dict[str, int]) -> None:
    table["default-sort-order-id"] = _chosen(table["sort-orders"], "order", update["sort-order-id"], added)


def _chosen(kinds: list[dict[str, Any]], what: str, number: int, added: dict[str, int]) -> int:
    """The id of one that is there, or of that which this commit added last."""
    if number == _LAST:
        if what not in added:
            raise Invalid(f"This commit added no {what}.")
        return added[what]
    if not any(one[f"{what}-id"] == number for one in kinds):
        raise Invalid(f"There is no {what} {number}.")
    return number


# --- properties and statistics ---


def _set_properties(table: Metadata, update: Update, added: dict[str, int]) -> None:
    if not all(isinstance(value, str) for value in update["updates"].values()):
        raise Invalid("Properties are texts.")
    table["properties"].update(update["updates"])


def _remove_properties(table: Metadata, update: Update, added: dict[str, int]) -> None:
    table["properties"] = {key: value for key, value in table["properties"].items() if key not in update["removals"]}


def _statistics(name: str, member: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """How the statistics of a snapshot are set, and removed."""
    def remove(table: Metadata, update: Update, added: dict[str, int]) -> None:
        table[name] = [one for one in table[name] if one["snapshot-id"] != update["snapshot-id"]]

    def set_(table: Metadata, update: Update, added: dict[str, int]) -> None:
        remove(table, update[member], added)
        table[name].append(update[member])

    return set_, remove


def _without(one: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != name and value not in ([], None)}


_SET_STATISTICS, _REMOVE_STATISTICS = _statistics("statistics", "statistics")
_SET_PARTITIONS, _REMOVE_PARTITIONS = _statistics("partition-statistics", "partition-statistics")
_CHANGES: dict[str, Callable[[Metadata, Update, dict[str, int]], None]] = {
    "assign-uuid": _assign_uuid, "upgrade-format-version": _upgrade, "add-schema": _add_schema,
    "set-current-schema": _set_schema, "remove-schemas": _remove_schemas, "add-spec": _add_spec,
    "set-default-spec": _set_spec, "remove-partition-specs": _remove_specs, "add-sort-order": _add_order,
    "set-default-sort-order": _set_order, "add-snapshot": add_snapshot, "set-snapshot-ref": set_ref,
    "remove-snapshot-ref": remove_ref, "remove-snapshots": remove_snapshots, "set-properties": _set_properties,
    "remove-properties": _remove_properties, "set-statistics": _SET_STATISTICS, "remove-statistics": _REMOVE_STATISTICS,
    "set-partition-statistics": _SET_PARTITIONS, "remove-partition-statistics": _REMOVE_PARTITIONS}
