"""Every change of a table, written down in another one."""

import boto3

table = boto3.resource("dynamodb").Table("Audit")


def handler(event, context):
    for record in event["Records"]:
        entry = {"id": record["eventID"], "change": record["eventName"],
                 "customer": record["dynamodb"]["Keys"]["customer"]["S"]}
        if "userIdentity" in record:
            entry["by"] = record["userIdentity"]["principalId"]
        table.put_item(Item=entry)
