"""The tables of a shop: keys and indexes, a transaction, the stream and its function, rights on items, units."""

import json
from pathlib import Path
from typing import Any

from cumulet.faces.labs.room import Key, Room

DAY = 86_400


def solve(room: Room) -> None:
    """As the shop grows."""
    _table(room)
    _sparse(room)
    _audit(room)
    _transaction(room)
    _expiry(room)
    _own_items(room)
    _capacity(room)


def _create(room: Room, name: str, *keys: str, **more: Any) -> None:
    """A table: a partition key, perhaps a sort key."""
    room.client("dynamodb").create_table(**{
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys], **more})


def _order(customer: str, placed: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"customer": {"S": customer}, "placed": {"S": placed}, "amount": {"N": str(amount)}, **more}


def _table(room: Room) -> None:
    dynamodb = room.client("dynamodb")
    _create(room, "Orders", "customer", "placed",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}
                                  for name, kind in (("customer", "S"), ("placed", "S"), ("amount", "N"))],
            LocalSecondaryIndexes=[{"IndexName": "by-amount", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                {"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "amount", "KeyType": "RANGE"}]}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    for day, amount in enumerate((30, 5, 80)):
        dynamodb.put_item(TableName="Orders", Item=_order("ada", f"2026-0{day + 1}-01", amount, open={"S": "y"}))
    found = dynamodb.query(TableName="Orders", IndexName="by-amount", KeyConditionExpression="customer = :c AND amount > :a",
                           ExpressionAttributeValues={":c": {"S": "ada"}, ":a": {"N": "20"}}, ScanIndexForward=False)
    assert [item["amount"]["N"] for item in found["Items"]] == ["80", "30"]


def _sparse(room: Room) -> None:
    """The index is filled while the table is in use; an order that is closed leaves it."""
    dynamodb = room.client("dynamodb")
    keys = [{"AttributeName": "open", "KeyType": "HASH"}, {"AttributeName": "placed", "KeyType": "RANGE"}]
    dynamodb.update_table(
        TableName="Orders", AttributeDefinitions=[{"AttributeName": "open", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "open", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": keys}}])

    def filled() -> bool:
        [index] = dynamodb.describe_table(TableName="Orders")["Table"]["GlobalSecondaryIndexes"]
        return bool(index["IndexStatus"] == "ACTIVE")
    room.wait(filled)
    dynamodb.update_item(TableName="Orders", Key={"customer": {"S": "ada"}, "placed": {"S": "2026-02-01"}},
                         UpdateExpression="REMOVE #o", ExpressionAttributeNames={"#o": "open"})
    assert dynamodb.scan(TableName="Orders", IndexName="open")["Count"] == 2


def _audit(room: Room) -> None:
    """Everything that happens from now on, and what the stream still knows of before."""
    _create(room, "Audit", "id")
    stream = room.client("dynamodb").describe_table(TableName="Orders")["Table"]["LatestStreamArn"]
    arn = f"arn:aws:dynamodb:us-east-1:{room.account}:table/"
    iam = room.client("iam")
    role = iam.create_role(RoleName="audit", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="audit", PolicyName="audit", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Resource": f"{arn}Orders/stream/*", "Action": [
            "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]},
        {"Effect": "Allow", "Resource": "*", "Action": "dynamodb:ListStreams"},
        {"Effect": "Allow", "Resource": f"{arn}Audit", "Action": "dynamodb:PutItem"}]}))
    functions = room.client("lambda")
    functions.create_function(
        FunctionName="audit", Runtime="python3.11", Handler="audit.handler", Role=role, Timeout=30, MemorySize=256,
        Code={"ZipFile": room.zipped({"audit.py": Path(__file__).with_name("audit.py").read_text()})})
    functions.create_event_source_mapping(FunctionName="audit", EventSourceArn=stream, StartingPosition="TRIM_HORIZON")
    changes = _changes(room, 4)
    assert sorted(changes) == ["INSERT", "INSERT", "INSERT", "MODIFY"]


def _changes(room: Room, count: int) -> list[str]:
    """What the function wrote down, once there are so many."""
    def written() -> list[str]:
        found = room.client("dynamodb").scan(TableName="Audit")["Items"]
        return [entry["change"]["S"] for entry in found] if len(found) >= count else []
    return room.wait(written)


def _transaction(room: Room) -> None:
    dynamodb = room.client("dynamodb")
    _create(room, "Stock", "product")
    dynamodb.put_item(TableName="Stock", Item={"product": {"S": "lamp"}, "pieces": {"N": "2"}})

    def buy(customer: str) -> dict[str, Any]:
        return {"TransactItems": [
            {"Put": {"TableName": "Orders", "Item": _order(customer, "2026-04-01", 20, product={"S": "lamp"})}},
            {"Update": {"TableName": "Stock", "Key": {"product": {"S": "lamp"}},
                        "UpdateExpression": "SET pieces = pieces - :one", "ConditionExpression": "pieces > :none",
                        "ExpressionAttributeValues": {":one": {"N": "1"}, ":none": {"N": "0"}}}}]}
    dynamodb.transact_write_items(**buy("bo"))
    dynamodb.transact_write_items(**buy("cy"))
    assert "[None, ConditionalCheckFailed]" in room.refused(
        "TransactionCanceledException", dynamodb.transact_write_items, **buy("dan"))
    assert "Item" not in dynamodb.get_item(TableName="Orders", Key={"customer": {"S": "dan"}, "placed": {"S": "2026-04-01"}})


def _expiry(room: Room) -> None:
    """An order that ends in an hour of the clock."""
    dynamodb = room.client("dynamodb")
    dynamodb.update_time_to_live(TableName="Orders", TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True})
    now = dynamodb.describe_table(TableName="Stock")["Table"]["CreationDateTime"].timestamp()
    dynamodb.put_item(TableName="Orders", Item=_order("visitor", "2026-05-01", 1, expires={"N": str(int(now) + 3600)}))
    room.advance(3700)
    assert "REMOVE" in _changes(room, 8)


def _own_items(room: Room) -> None:
    iam = room.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Resource": f"arn:aws:dynamodb:us-east-1:{room.account}:table/Orders", "Action": [
            "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}}}}))
    ada = room.client("dynamodb", Key.of(iam.create_access_key(UserName="ada")["AccessKey"]))
    ada.put_item(TableName="Orders", Item=_order("ada", "2026-06-01", 3))
    room.refused("AccessDeniedException", ada.put_item, TableName="Orders", Item=_order("bo", "2026-06-01", 3))
    room.refused("AccessDeniedException", ada.get_item, TableName="Orders",
                 Key={"customer": {"S": "bo"}, "placed": {"S": "2026-04-01"}})


def _capacity(room: Room) -> None:
    """Five minutes' units are there at most; then one comes each second."""
    dynamodb = room.client("dynamodb")
    _create(room, "Meter", "id", BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    dynamodb.put_item(TableName="Meter", Item={"id": {"S": "page"}, "text": {"S": "x" * 7000}})
    dynamodb.put_item(TableName="Meter", Item={"id": {"S": "book"}, "text": {"S": "x" * 399_000}})
    book = {"TableName": "Meter", "Key": {"id": {"S": "book"}}, "ConsistentRead": True}
    for _ in range(4):                                           # 98 units each, of 300
        dynamodb.get_item(**book)
    room.refused("ProvisionedThroughputExceededException", dynamodb.get_item, **book)
    room.advance(DAY)
    dynamodb.get_item(**book)
