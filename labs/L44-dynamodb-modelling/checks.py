"""The tables, their indexes, and what the function wrote down."""

from typing import Any

from cumulet.faces.labs.room import Key, Room, Wrong


def _table(room: Room, name: str) -> Any:
    return room.client("dynamodb").describe_table(TableName=name)["Table"]


def _key(schema: list[dict[str, str]]) -> list[str]:
    """HASH first."""
    return [element["AttributeName"] for element in schema]


def _all(room: Room, name: str, **more: str) -> list[dict[str, Any]]:
    return list(room.client("dynamodb").scan(TableName=name, **more)["Items"])


def table(room: Room) -> None:
    """Its keys, and those of the index that came with it."""
    told = _table(room, "Orders")
    if _key(told["KeySchema"]) != ["customer", "placed"]:
        raise Wrong(f"Orders has the keys {_key(told['KeySchema'])}")
    local = {index["IndexName"]: _key(index["KeySchema"]) for index in told.get("LocalSecondaryIndexes", [])}
    if local != {"by-amount": ["customer", "amount"]}:
        raise Wrong(f"the local indexes of Orders are {local}")


def sparse(room: Room) -> None:
    """Few of many."""
    told = _table(room, "Orders")
    indexes = {index["IndexName"]: index for index in told.get("GlobalSecondaryIndexes", [])}
    if "open" not in indexes or _key(indexes["open"]["KeySchema"]) != ["open", "placed"]:
        raise Wrong("Orders has no global index open with the keys open and placed")
    there, listed = len(_all(room, "Orders")), len(_all(room, "Orders", IndexName="open"))
    if there < 5 or listed != 2:
        raise Wrong(f"{listed} of {there} orders stand in the index")


def transaction(room: Room) -> None:
    """What was sold is gone."""
    left = room.client("dynamodb").get_item(TableName="Stock", Key={"product": {"S": "lamp"}}).get("Item", {}).get("pieces")
    sold = [item for item in _all(room, "Orders") if item.get("product") == {"S": "lamp"}]
    if left != {"N": "0"} or len(sold) != 2:
        raise Wrong(f"{len(sold)} lamps were ordered, and the stock says {left}")


def audit(room: Room) -> None:
    """The mapping, and an entry for each order that is there."""
    mappings = room.client("lambda").list_event_source_mappings(FunctionName="audit")["EventSourceMappings"]
    if [mapping["EventSourceArn"] for mapping in mappings] != [_table(room, "Orders").get("LatestStreamArn")]:
        raise Wrong("the stream of Orders is not mapped to the function audit")
    put_by = [entry["customer"]["S"] for entry in _all(room, "Audit") if entry["change"] == {"S": "INSERT"}]
    missing = {item["customer"]["S"] for item in _all(room, "Orders")} - set(put_by)
    if missing:
        raise Wrong(f"Audit tells of no order of {', '.join(sorted(missing))}")


def expiry(room: Room) -> None:
    """DynamoDB itself ended it."""
    told = room.client("dynamodb").describe_time_to_live(TableName="Orders")["TimeToLiveDescription"]
    if told.get("AttributeName") != "expires":
        raise Wrong("Orders do not end by the attribute expires")
    if not any(entry.get("by") == {"S": "dynamodb.amazonaws.com"} and entry["customer"] == {"S": "visitor"}
               for entry in _all(room, "Audit")):
        raise Wrong("Audit does not tell that DynamoDB removed the order of visitor")


def own_items(room: Room) -> None:
    """Ada asks for her own, then for another's."""
    iam = room.client("iam")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    try:
        dynamodb = room.client("dynamodb", Key.of(made))
        members = {"TableName": "Orders", "KeyConditionExpression": "customer = :c"}
        dynamodb.query(**members, ExpressionAttributeValues={":c": {"S": "ada"}})
        room.refused("AccessDeniedException", dynamodb.query, **members, ExpressionAttributeValues={":c": {"S": "bo"}})
        room.refused("AccessDeniedException", dynamodb.scan, TableName="Orders")
    finally:
        iam.delete_access_key(UserName="ada", AccessKeyId=made["AccessKeyId"])


def capacity(room: Room) -> None:
    """One unit of each; the item takes two."""
    units = _table(room, "Meter")["ProvisionedThroughput"]
    if (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) != (1, 1):
        raise Wrong(f"Meter has {units['ReadCapacityUnits']} read units and {units['WriteCapacityUnits']} write units")
    told = room.client("dynamodb").get_item(TableName="Meter", Key={"id": {"S": "page"}}, ConsistentRead=True,
                                            ReturnConsumedCapacity="TOTAL")
    if "Item" not in told or told["ConsumedCapacity"]["CapacityUnits"] != 2:
        raise Wrong(f"reading the item page takes {told['ConsumedCapacity']['CapacityUnits']} units")
