"""Orders are items of a table, found by their number or by customer."""

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

TABLE = "orders"


class Taken(Exception):
    pass


class TooLate(Exception):
    pass


def setup():
    return boto3.resource("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "S"},
                              {"AttributeName": "customer", "AttributeType": "S"},
                              {"AttributeName": "day", "AttributeType": "S"}],
        GlobalSecondaryIndexes=[{"IndexName": "by-customer", "Projection": {"ProjectionType": "ALL"},
                                 "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"},
                                               {"AttributeName": "day", "KeyType": "RANGE"}]}],
        BillingMode="PAY_PER_REQUEST")


def _table():
    return boto3.resource("dynamodb").Table(TABLE)


def place(number, customer, day, cents):
    try:
        _table().put_item(Item={"number": number, "customer": customer, "day": day, "cents": cents, "state": "placed"},
                          ConditionExpression=Attr("number").not_exists())
    except ClientError as problem:
        if problem.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise Taken(number) from None
        raise


def get(number):
    return _table().get_item(Key={"number": number}).get("Item")


def of(customer, since="0"):
    found = _table().query(IndexName="by-customer", KeyConditionExpression=Key("customer").eq(customer) & Key("day").gte(since))
    return [item["number"] for item in found["Items"]]


def cancel(number):
    try:
        _table().update_item(Key={"number": number}, UpdateExpression="SET #s = :cancelled REMOVE cents",
                             ConditionExpression="#s = :placed", ExpressionAttributeNames={"#s": "state"},
                             ExpressionAttributeValues={":cancelled": "cancelled", ":placed": "placed"})
    except boto3.client("dynamodb").exceptions.ConditionalCheckFailedException:
        raise TooLate(number) from None


def visits(customer):
    """Counts one more visit; how many there are."""
    found = _table().update_item(Key={"number": f"visits-{customer}"}, UpdateExpression="ADD visits :one",
                                 ExpressionAttributeValues={":one": 1}, ReturnValues="UPDATED_NEW")
    return int(found["Attributes"]["visits"])


def load(rows):
    with _table().batch_writer() as batch:
        for row in rows:
            batch.put_item(Item=row)


def turnover():
    total, start = 0, {}
    while True:
        page = _table().scan(FilterExpression=Attr("state").eq("placed"), Limit=10, **start)
        total += sum(int(item["cents"]) for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return total
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def move(number, customer, to):
    """One order goes to another customer, and is noted; both or neither."""
    boto3.client("dynamodb").transact_write_items(TransactItems=[
        {"Update": {"TableName": TABLE, "Key": {"number": {"S": number}}, "UpdateExpression": "SET customer = :to",
                    "ConditionExpression": "customer = :from",
                    "ExpressionAttributeValues": {":to": {"S": to}, ":from": {"S": customer}}}},
        {"Put": {"TableName": TABLE, "Item": {"number": {"S": f"moved-{number}"}}}}])
