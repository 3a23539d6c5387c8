"""What the simulator says of forty calls, and what the services do with them."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cumulet.faces.labs.room import Key, Room, Wrong

REFUSED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


def _cases(room: Room) -> Iterator[tuple[str, str, dict[str, str], bool]]:
    """(operation as boto3 names it, resource, context, allowed?): forty."""
    account = room.account
    bucket, me = f"arn:aws:s3:::sim-{account}", f"arn:aws:iam::{account}:user/sim"
    yield "s3:list_buckets", "*", {}, True
    for prefix, good in (("home/sim/", True), ("home/ann/", False), ("", False), ("home/sim/deep/", True)):
        yield "s3:list_objects_v2", bucket, {"s3:prefix": prefix} if prefix else {}, good
    for key in ("home/sim/a", "home/sim/b/c", "home/ann/a", "top", "home/simon/a"):
        for operation in ("get_object", "put_object", "delete_object"):
            yield f"s3:{operation}", f"{bucket}/{key}", {}, key.startswith("home/sim/") and operation != "delete_object"
    for operation, good in (("get_bucket_tagging", False), ("delete_bucket", False)):
        yield f"s3:{operation}", bucket, {}, good
    for name in ("jobs", "others"):
        for operation, good in (("send_message", True), ("get_queue_attributes", True), ("purge_queue", False),
                                ("receive_message", False)):
            yield f"sqs:{operation}", f"arn:aws:sqs:{room.region}:{account}:{name}", {}, good and name == "jobs"
    tables = f"arn:aws:dynamodb:{room.region}:{account}:table/"
    for name in ("books", "people"):
        for operation, good in (("get_item", True), ("put_item", True), ("query", True), ("delete_item", False)):
            yield f"dynamodb:{operation}", f"{tables}{name}", {}, good and name == "books"
    for operation, good in (("get_user", True), ("create_access_key", False)):
        yield f"iam:{operation}", me, {}, good


def _members(operation: str, resource: str, context: dict[str, str]) -> dict[str, Any]:
    """What the real call takes."""
    last = resource.rpartition(":")[2]
    if operation.startswith("s3:"):
        bucket, _, key = last.partition("/")
        if operation == "s3:list_buckets":
            return {}
        if operation == "s3:list_objects_v2":
            return {"Bucket": bucket} | ({"Prefix": context["s3:prefix"]} if context else {})
        return {"Bucket": bucket} | ({"Key": key} if key else {}) | ({"Body": b"x"} if operation == "s3:put_object" else {})
    if operation.startswith("sqs:"):
        more = {"MessageBody": "hello"} if operation == "sqs:send_message" else \
            {"AttributeNames": ["All"]} if operation == "sqs:get_queue_attributes" else {}
        return {"QueueUrl": f"http://localhost:4566/{resource.split(':')[4]}/{last}", **more}
    if operation.startswith("dynamodb:"):
        table, key = {"TableName": last.partition("/")[2]}, {"id": {"S": "1"}}
        if operation == "dynamodb:put_item":
            return {**table, "Item": key}
        if operation == "dynamodb:query":
            return {**table, "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": "1"}}}
        return {**table, "Key": key}
    return {"UserName": "sim"}


def _action(operation: str) -> str:
    """`s3:list_objects_v2` → `s3:ListBucket`."""
    service, _, name = operation.partition(":")
    special = {"list_objects_v2": "ListBucket", "list_buckets": "ListAllMyBuckets"}
    return f"{service}:{special.get(name) or name.title().replace('_', '')}"


def _simulated(room: Room, operation: str, resource: str, context: dict[str, str]) -> bool:
    entries = [{"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
               for name, value in context.items()]
    answer = room.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{room.account}:user/sim", ActionNames=[_action(operation)], ResourceArns=[resource],
        ContextEntries=entries)
    return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")


def user(room: Room) -> None:
    """The simulator's answers are those that the text asks for."""
    for operation, resource, context, good in _cases(room):
        if _simulated(room, operation, resource, context) != good:
            raise Wrong(f"{_action(operation)} on {resource} {context or ''} should be {'allowed' if good else 'denied'}")


def agrees(room: Room) -> None:
    """And so are those of the services, with a key of sim's that is gone afterwards."""
    iam = room.client("iam")
    made = iam.create_access_key(UserName="sim")["AccessKey"]
    try:
        count = 0
        for operation, resource, context, good in _cases(room):
            service, _, name = operation.partition(":")
            try:
                getattr(room.client(service, Key.of(made)), name)(**_members(operation, resource, context))
                done = True
            except ClientError as problem:
                done = problem.response["Error"]["Code"] not in REFUSED
            if done != good or _simulated(room, operation, resource, context) != done:
                raise Wrong(f"{operation} on {resource} was {'let' if done else 'refused'}, and should be "
                            f"{'let' if good else 'refused'}")
            count += 1
        if count != 40:
            raise Wrong(f"{count} calls were compared")
    finally:
        iam.delete_access_key(UserName="sim", AccessKeyId=made["AccessKeyId"])
