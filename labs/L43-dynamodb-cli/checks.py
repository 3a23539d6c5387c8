"""The catalogue as it is told by its table."""

from typing import Any

from cumulet.faces.labs.room import Room, Wrong

_TABLE = "ProductCatalog"


def _described(room: Room) -> Any:
    return room.client("dynamodb").describe_table(TableName=_TABLE)["Table"]


def table(room: Room) -> None:
    """Its key, and how it is paid for."""
    told = _described(room)
    if told["KeySchema"] != [{"AttributeName": "Id", "KeyType": "HASH"}] or \
            told["AttributeDefinitions"] != [{"AttributeName": "Id", "AttributeType": "N"}]:
        raise Wrong(f"its key is {told['KeySchema']} of {told['AttributeDefinitions']}, not the number Id")
    if told.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST":
        raise Wrong("it is not billed by request")


def items(room: Room) -> None:
    """What a scan finds."""
    found = {item["Id"]["N"]: item for item in room.client("dynamodb").scan(TableName=_TABLE, ConsistentRead=True)["Items"]}
    if found.keys() != {"401", "402", "403", "404"}:
        raise Wrong(f"it holds the products {', '.join(sorted(found)) or 'none'}")
    if found["403"].get("Price") != {"N": "29.9"}:
        raise Wrong(f"product 403 costs {found['403'].get('Price')}")
    if set(found["404"].get("Colours", {}).get("SS", ())) != {"red", "blue"}:
        raise Wrong("product 404 has lost its colours")


def deleted(room: Room) -> None:
    """A table can only be restored under its own name when it was deleted before."""
    summary = _described(room).get("RestoreSummary", {})
    if not summary.get("SourceTableArn", "").endswith(f"/{_TABLE}"):
        raise Wrong("the table was not restored from a backup of itself")
    backup = room.client("dynamodb").describe_backup(BackupArn=summary["SourceBackupArn"])["BackupDescription"]
    if backup["BackupDetails"]["BackupName"] != "evening":
        raise Wrong(f"it was restored from the backup {backup['BackupDetails']['BackupName']}")
