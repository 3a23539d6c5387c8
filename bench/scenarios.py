"""What is measured: each scenario prepares its state with boto3 and gives the requests that are then sent over and over.

The targets are of two cores that nobody else uses, with cumulet durable on disk and the peers in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import cycle, repeat
from typing import Any, NamedTuple

from drive import feed
from signed import Maker, with_body

KIB = "x" * 1024
Requests = Callable[[int, bytes], bytes]        # (connection, body of its last answer) → the next request


class Scenario(NamedTuple):
    """prepare(maker) → requests.  target: calls (or pairs) a second that cumulet must reach.  per: calls that count as one.
    crowd: how many connections it is measured with once more; 0 for none."""

    name: str
    service: str
    prepare: Callable[[Maker], Requests]
    target: float
    connections: int = 16
    per: int = 1
    crowd: int = 64


def rounds(requests: list[bytes]) -> Requests:
    """Prebuilt requests, one after the other."""
    ring = cycle(requests)
    return lambda connection, answer: next(ring)


# --- Kinesis ---


def put_record(maker: Maker) -> Requests:
    """To as many shards as take all that comes: each takes a thousand records a second."""
    client = maker.client("kinesis")
    client.create_stream(StreamName="bench", ShardCount=64)
    client.get_waiter("stream_exists").wait(StreamName="bench", WaiterConfig={"Delay": 1})
    return rounds([maker.request("kinesis", "put_record", StreamName="bench", Data=b"x" * 1024, PartitionKey=f"p{n}")
                   for n in range(2000)])


# --- STS ---


def identity(maker: Maker) -> Requests:
    return rounds([maker.request("sts", "get_caller_identity")])


# --- DynamoDB ---


def _table(maker: Maker) -> None:
    client = maker.client("dynamodb")
    client.create_table(TableName="bench", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}], AttributeDefinitions=[
        {"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "S"}])
    client.get_waiter("table_exists").wait(TableName="bench", WaiterConfig={"Delay": 1})


def _fill(maker: Maker, items: Iterator[dict[str, Any]]) -> None:
    """Items in batches of 25."""
    _table(maker)
    request = maker.request("dynamodb", "batch_write_item", RequestItems={"bench": []})
    feed(maker.port, (with_body(request, json.dumps({"RequestItems": {
        "bench": [{"PutRequest": {"Item": item}} for item in batch]}}).encode()) for batch in _batches(items, 25)))


def _batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _items(partitions: int, each: int, size: int) -> Iterator[dict[str, Any]]:
    for p in range(partitions):
        for s in range(each):
            yield {"p": {"S": f"p{p}"}, "s": {"S": f"{s:06}"}, "v": {"S": "x" * size}}


def get_item(maker: Maker, partitions: int = 1000) -> Requests:
    _fill(maker, _items(partitions, 1, 1000))
    step = max(1, partitions // 1000)
    return rounds([maker.request("dynamodb", "get_item", TableName="bench", Key={"p": {"S": f"p{p}"}, "s": {"S": "000000"}})
                   for p in range(0, partitions, step)])


def put_item(maker: Maker) -> Requests:
    """Each put changes its item: a round of one letter, a round of another."""
    _table(maker)
    return rounds([maker.request("dynamodb", "put_item", TableName="bench", Item={
        "p": {"S": f"p{p}"}, "s": {"S": "000000"}, "v": {"S": letter * 1000}}) for letter in "xy" for p in range(2000)])


def transact_write(maker: Maker) -> Requests:
    """Four items put in one transaction, changed each time; without tokens, which would make a second time a repetition."""
    _table(maker)
    request = maker.request("dynamodb", "transact_write_items", TransactItems=[])
    return rounds([with_body(request, json.dumps({"TransactItems": [
        {"Put": {"TableName": "bench", "Item": {"p": {"S": f"p{p}"}, "s": {"S": str(s)}, "v": {"S": letter * 200}}}}
        for s in range(4)]}).encode()) for letter in "xy" for p in range(1000)])


def transact_get(maker: Maker) -> Requests:
    """Four items in one transaction."""
    _fill(maker, _items(1000, 4, 200))
    return rounds([maker.request("dynamodb", "transact_get_items", TransactItems=[
        {"Get": {"TableName": "bench", "Key": {"p": {"S": f"p{p}"}, "s": {"S": f"{s:06}"}}}} for s in range(4)])
        for p in range(1000)])


def query(maker: Maker, partitions: int = 10) -> Requests:
    _fill(maker, _items(partitions, 100, 180))
    step = max(1, partitions // 100)
    return rounds([maker.request("dynamodb", "query", TableName="bench", KeyConditionExpression="p = :p",
                                 ExpressionAttributeValues={":p": {"S": f"p{p}"}}) for p in range(0, partitions, step)])


# --- SQS and SNS ---


def _queue(maker: Maker, name: str = "bench") -> str:
    return str(maker.client("sqs").create_queue(QueueName=name)["QueueUrl"])


def send_message(maker: Maker) -> Requests:
    url = _queue(maker)
    return rounds([maker.request("sqs", "send_message", QueueUrl=url, MessageBody=KIB[:200])])


def fill_queue(maker: Maker, messages: int) -> str:
    """A queue with messages in it."""
    url = _queue(maker)
    request = maker.request("sqs", "send_message_batch", QueueUrl=url, Entries=[
        {"Id": str(n), "MessageBody": KIB[:200]} for n in range(10)])
    feed(maker.port, repeat(request, messages // 10), limit=90)
    return url


def receive_and_delete(maker: Maker, messages: int = 80_000) -> Requests:
    """Ten at a time, then deleted in one batch by their handles."""
    url = fill_queue(maker, messages)
    receive = maker.request("sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10)
    delete = maker.request("sqs", "delete_message_batch", QueueUrl=url, Entries=[])
    handles = re.compile(rb'"ReceiptHandle":\s*"([^"]+)"')

    def following(connection: int, answer: bytes) -> bytes:
        found = handles.findall(answer)
        if not found:
            return receive
        entries = [{"Id": str(n), "ReceiptHandle": handle.decode()} for n, handle in enumerate(found)]
        return with_body(delete, json.dumps({"QueueUrl": url, "Entries": entries}).encode())

    return following


def send_to_full(maker: Maker) -> Requests:
    url = fill_queue(maker, 100_000)
    return rounds([maker.request("sqs", "send_message", QueueUrl=url, MessageBody=KIB[:200])])


def receive_from_full(maker: Maker) -> Requests:
    return receive_and_delete(maker, 100_000)


def publish(maker: Maker, queues: int = 3) -> Requests:
    sns, sqs = maker.client("sns"), maker.client("sqs")
    topic = sns.create_topic(Name="bench")["TopicArn"]
    for n in range(queues):
        url = _queue(maker, f"bench{n}")
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return rounds([maker.request("sns", "publish", TopicArn=topic, Message=KIB[:200])])


# --- KMS, Secrets Manager, Parameter Store ---


def encrypt(maker: Maker) -> Requests:
    key = maker.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return rounds([maker.request("kms", "encrypt", KeyId=key, Plaintext=KIB[:100].encode())])


def get_secret(maker: Maker) -> Requests:
    client = maker.client("secretsmanager")
    for n in range(100):
        client.create_secret(Name=f"bench/{n}", SecretString=KIB[:200])
    return rounds([maker.request("secretsmanager", "get_secret_value", SecretId=f"bench/{n}") for n in range(100)])


def parameters_by_path(maker: Maker, parameters: int = 100) -> Requests:
    """Pages of ten from the beginning."""
    request = maker.request("ssm", "put_parameter", Name="/bench/000000", Value=KIB[:100], Type="String", Tier="Advanced")
    body = {"Value": KIB[:100], "Type": "String", "Tier": "Advanced", "Overwrite": True}
    feed(maker.port, (with_body(request, json.dumps({"Name": f"/bench/{n:06}", **body}).encode()) for n in range(parameters)))
    return rounds([maker.request("ssm", "get_parameters_by_path", Path="/bench", MaxResults=10)])


# --- S3 ---


def _bucket(maker: Maker, keys: int, size: int = 1024) -> None:
    maker.client("s3").create_bucket(Bucket="bench")
    if keys:
        request = maker.request("s3", "put_object", Bucket="bench", Key="folder/00000000", Body=b"x" * size)
        feed(maker.port, (request.replace(b"folder/00000000", b"folder/%08d" % n, 1) for n in range(keys)),
             limit=90 if maker.durable else 30)


def get_object(maker: Maker) -> Requests:
    _bucket(maker, 500)
    return rounds([maker.request("s3", "get_object", Bucket="bench", Key=f"folder/{n:08}") for n in range(500)])


def put_object(maker: Maker) -> Requests:
    _bucket(maker, 0)
    return rounds([maker.request("s3", "put_object", Bucket="bench", Key=f"folder/{n:08}", Body=b"x" * 1024)
                   for n in range(2000)])


def list_objects(maker: Maker, keys: int = 10_000) -> Requests:
    """Pages of 1,000 from different places."""
    _bucket(maker, keys, 1)
    numbers = range(0, keys - 1000, max(1, keys // 20))
    return rounds([maker.request("s3", "list_objects_v2", Bucket="bench", StartAfter=f"folder/{n:08}") for n in numbers])


SCENARIOS = (
    Scenario("STS GetCallerIdentity", "sts", identity, 20_000),
    Scenario("DynamoDB GetItem, 1 KiB", "dynamodb", get_item, 18_000),
    Scenario("DynamoDB PutItem, 1 KiB", "dynamodb", put_item, 14_000),
    Scenario("DynamoDB Query, 100 items of 200 B", "dynamodb", query, 3_000),
    Scenario("DynamoDB TransactWriteItems, 4 puts", "dynamodb", transact_write, 0),
    Scenario("DynamoDB TransactGetItems, 4 items", "dynamodb", transact_get, 0),
    Scenario("SQS SendMessage", "sqs", send_message, 14_000),
    Scenario("SQS Receive 10 + DeleteMessageBatch, pairs", "sqs", receive_and_delete, 2_500, per=2, crowd=0),
    Scenario("SNS Publish to a queue", "sns", lambda maker: publish(maker, 1), 0),
    Scenario("SNS Publish to 3 queues", "sns", publish, 7_000),
    Scenario("Kinesis PutRecord, 1 KiB", "kinesis", put_record, 0),
    Scenario("S3 GetObject, 1 KiB", "s3", get_object, 12_000),
    Scenario("S3 PutObject, 1 KiB", "s3", put_object, 8_000),
    Scenario("S3 ListObjectsV2, 1,000 of 10,000 keys", "s3", list_objects, 500, connections=4, crowd=0),
    Scenario("KMS Encrypt", "kms", encrypt, 4_000),
    Scenario("Secrets Manager GetSecretValue", "secretsmanager", get_secret, 5_000),
    Scenario("Parameter Store GetParametersByPath, 10", "ssm", parameters_by_path, 0),
)

# The same rates with much state: (name, little state, much state). Only cumulet's; the second is to be within 20 %.
GROWTH = (
    ("DynamoDB GetItem, 10,000 → 500,000 items", lambda m: get_item(m, 10_000), lambda m: get_item(m, 500_000)),
    ("DynamoDB Query, 10,000 → 500,000 items", lambda m: query(m, 100), lambda m: query(m, 5_000)),
    ("SQS SendMessage, empty → 100,000 messages", send_message, send_to_full),
    ("SQS Receive + Delete, 10,000 → 100,000 messages", lambda m: receive_and_delete(m, 30_000), receive_from_full),
    ("Parameter Store GetParametersByPath, 100 → 10,000", lambda m: parameters_by_path(m, 100),
     lambda m: parameters_by_path(m, 10_000)),
    ("S3 ListObjectsV2, 2,000 → 100,000 keys", lambda m: list_objects(m, 2_000), lambda m: list_objects(m, 100_000)),
)
