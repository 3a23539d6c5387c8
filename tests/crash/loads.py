"""What writes while the server is killed, and what must hold of it afterwards: a load a class."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from typing import Any, Protocol

PART = 5 * 1_048_576
Client = Callable[[str], Any]


class Load(Protocol):
    """One client's writes in one round."""

    acknowledged: int

    def write(self, n: int) -> None:
        """The n-th write, from 0; raises when the server is gone."""

    def check(self, client: Client) -> None:
        """After the restart: what was acknowledged is there, and nothing is there by half."""


class Messages:
    """A standard queue: every message that was acknowledged is received."""

    def __init__(self, client: Client, round_: int) -> None:
        self.sqs, self.round, self.sent = client("sqs"), round_, set[str]()
        self.queue = self.sqs.create_queue(QueueName="jobs")["QueueUrl"]

    @property
    def acknowledged(self) -> int:
        return len(self.sent)

    def write(self, n: int) -> None:
        body = f"{self.round}-{n}"
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        self.sent.add(body)

    def check(self, client: Client) -> None:
        sqs = client("sqs")
        there = client("dynamodb")
        for body in drained(sqs, self.queue.rpartition("/")[2]):
            there.put_item(TableName="received", Item={"id": {"S": body}})
        lost = {body for body in self.sent
                if "Item" not in there.get_item(TableName="received", Key={"id": {"S": body}})}
        assert not lost, f"messages lost: {sorted(lost)[:5]}"


class OrderedMessages:
    """A FIFO queue: sent again after the crash with its deduplication id, each message is there once, in order."""

    def __init__(self, client: Client, round_: int) -> None:
        self.sqs, self.round, self.acknowledged, self.tried = client("sqs"), round_, 0, 0
        self.queue = self._queue(self.sqs)

    @staticmethod
    def _queue(sqs: Any) -> str:
        return sqs.create_queue(QueueName="line.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]

    def write(self, n: int) -> None:
        self.tried = n
        self._send(self.sqs, self.queue, n)
        self.acknowledged += 1

    def _send(self, sqs: Any, queue: str, n: int) -> None:
        sqs.send_message(QueueUrl=queue, MessageBody=str(n), MessageGroupId=f"round-{self.round}",
                         MessageDeduplicationId=f"{self.round}-{n}")

    def check(self, client: Client) -> None:
        sqs = client("sqs")
        self._send(sqs, self._queue(sqs), self.tried)          # the client does not know whether its last one arrived
        assert drained(sqs, "line.fifo") == [str(n) for n in range(self.tried + 1)]


class Pairs:
    """Two items in one transaction: both or none."""

    def __init__(self, client: Client, round_: int) -> None:
        self.dynamodb, self.round, self.acknowledged = client("dynamodb"), round_, 0

    def write(self, n: int) -> None:
        self.dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": "pairs", "Item": {"round": {"N": str(self.round)}, "id": {"S": f"{n:06}{side}"},
                                                   "v": {"S": "x" * 500}}}} for side in "ab"])
        self.acknowledged += 1

    def check(self, client: Client) -> None:
        there = [item["id"]["S"] for page in client("dynamodb").get_paginator("query").paginate(
            TableName="pairs", KeyConditionExpression="#r = :r", ExpressionAttributeNames={"#r": "round"},
            ExpressionAttributeValues={":r": {"N": str(self.round)}}) for item in page["Items"]]
        assert there == [f"{n:06}{side}" for n in range(len(there) // 2) for side in "ab"], "half a transaction"
        assert len(there) // 2 in (self.acknowledged, self.acknowledged + 1), "transactions lost"


class Counts:
    """Transactions with a token, the last one sent again after the crash: each counts once."""

    def __init__(self, client: Client, round_: int) -> None:
        self.dynamodb, self.round, self.acknowledged, self.tried = client("dynamodb"), round_, 0, 0

    def write(self, n: int) -> None:
        self.tried = n
        self._add(self.dynamodb, n)
        self.acknowledged += 1

    def _add(self, dynamodb: Any, n: int) -> None:
        dynamodb.transact_write_items(ClientRequestToken=f"{self.round}-{n}", TransactItems=[{"Update": {
            "TableName": "received", "Key": {"id": {"S": f"count-{self.round}"}}, "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}}}}])

    def check(self, client: Client) -> None:
        dynamodb = client("dynamodb")
        self._add(dynamodb, self.tried)
        found = dynamodb.get_item(TableName="received", Key={"id": {"S": f"count-{self.round}"}})["Item"]
        assert int(found["n"]["N"]) == self.tried + 1, "a transaction counted twice, or not"


class Streamed:
    """A table with a stream: a record for each item that is there, once, in order, and none for others."""

    after: dict[str, str] = {}            # shard → the last sequence number that an earlier round has seen

    def __init__(self, client: Client, round_: int) -> None:
        self.dynamodb, self.round, self.acknowledged = client("dynamodb"), round_, 0

    def write(self, n: int) -> None:
        self.dynamodb.put_item(TableName="streamed", Item={"round": {"N": str(self.round)}, "n": {"N": str(n)}})
        self.acknowledged += 1

    def check(self, client: Client) -> None:
        told = [int(record["dynamodb"]["Keys"]["n"]["N"]) for record in self._records(client)]
        assert told == list(range(len(told))), "records out of order, twice, or missing"
        assert len(told) in (self.acknowledged, self.acknowledged + 1), "records lost"
        there = client("dynamodb").query(
            TableName="streamed", KeyConditionExpression="#r = :r", ExpressionAttributeNames={"#r": "round"},
            ExpressionAttributeValues={":r": {"N": str(self.round)}}, Select="COUNT")["Count"]
        assert there == len(told), "records of items that are not there"

    def _records(self, client: Client) -> list[dict[str, Any]]:
        streams, table = client("dynamodbstreams"), client("dynamodb").describe_table(TableName="streamed")["Table"]
        arn = table["LatestStreamArn"]
        found = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            name = shard["ShardId"]
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.after[name]} if name in self.after \
                else {"ShardIteratorType": "TRIM_HORIZON"}
            place = streams.get_shard_iterator(StreamArn=arn, ShardId=name, **where)["ShardIterator"]
            while place and (page := streams.get_records(ShardIterator=place))["Records"]:
                found += page["Records"]
                self.after[name] = page["Records"][-1]["dynamodb"]["SequenceNumber"]
                place = page.get("NextShardIterator")
        return found


class Objects:
    """Objects of all sizes, whole and unchanged."""

    def __init__(self, client: Client, round_: int) -> None:
        self.s3, self.round, self.there = client("s3"), round_, dict[str, str]()

    @property
    def acknowledged(self) -> int:
        return len(self.there)

    def write(self, n: int) -> None:
        body = os.urandom(random.choice([100, 5_000, 200_000]))
        self.s3.put_object(Bucket="files", Key=f"{self.round}/{n}", Body=body)
        self.there[f"{self.round}/{n}"] = hashlib.md5(body).hexdigest()

    def check(self, client: Client) -> None:
        found = {key: hashlib.md5(client("s3").get_object(Bucket="files", Key=key)["Body"].read()).hexdigest()
                 for key in listed(client, f"{self.round}/")}
        assert self.there.items() <= found.items(), "objects lost or changed"


class Multiparts:
    """Uploads in parts, completed: all of it or nothing."""

    def __init__(self, client: Client, round_: int) -> None:
        self.s3, self.round, self.there = client("s3"), round_, dict[str, str]()

    @property
    def acknowledged(self) -> int:
        return len(self.there)

    def write(self, n: int) -> None:
        where = {"Bucket": "files", "Key": f"big-{self.round}/{n}"}
        upload = self.s3.create_multipart_upload(**where)["UploadId"]
        bodies = [os.urandom(PART), os.urandom(1000)]
        parts = [{"PartNumber": i, "ETag": self.s3.upload_part(**where, UploadId=upload, PartNumber=i, Body=body)["ETag"]}
                 for i, body in enumerate(bodies, 1)]
        self.s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        self.there[where["Key"]] = hashlib.md5(b"".join(bodies)).hexdigest()

    def check(self, client: Client) -> None:
        s3, found = client("s3"), listed(client, f"big-{self.round}/")
        assert self.there.keys() <= set(found), "uploads lost"
        for key in found:
            body = s3.get_object(Bucket="files", Key=key)["Body"].read()
            assert len(body) == PART + 1000, f"{key} is half there"
            assert self.there.get(key) in (None, hashlib.md5(body).hexdigest()), f"{key} was changed"


class Versions:
    """One key written and deleted over and over in a versioned bucket: its whole history, in order."""

    def __init__(self, client: Client, round_: int) -> None:
        self.s3, self.round, self.history = client("s3"), round_, list[tuple[str, bool]]()

    @property
    def acknowledged(self) -> int:
        return len(self.history)

    def write(self, n: int) -> None:
        where = {"Bucket": "history", "Key": str(self.round)}
        if n % 4 == 3:
            self.history.append((self.s3.delete_object(**where)["VersionId"], True))
        else:
            self.history.append((self.s3.put_object(**where, Body=str(n))["VersionId"], False))

    def check(self, client: Client) -> None:
        s3, found = client("s3"), list[tuple[str, bool]]()
        for page in s3.get_paginator("list_object_versions").paginate(Bucket="history", Prefix=str(self.round)):
            found += [(one["VersionId"], marker) for name, marker in (("Versions", False), ("DeleteMarkers", True))
                      for one in page.get(name, []) if one["Key"] == str(self.round)]
        assert set(self.history) <= set(found), "versions lost"
        assert len(found) in (len(self.history), len(self.history) + 1), "versions that nobody wrote"
        for n, (version, marker) in enumerate(self.history):
            if not marker:
                assert s3.get_object(Bucket="history", Key=str(self.round), VersionId=version)["Body"].read() == str(n).encode()


LOADS: tuple[type[Load], ...] = (Messages, OrderedMessages, Pairs, Counts, Streamed, Objects, Multiparts, Versions)


def prepare(client: Client) -> None:
    """What the loads write into."""
    dynamodb, s3 = client("dynamodb"), client("s3")
    for name, keys in (("pairs", {"round": "N", "id": "S"}), ("streamed", {"round": "N", "n": "N"}), ("received", {"id": "S"})):
        dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in keys.items()],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
            StreamSpecification={"StreamEnabled": name == "streamed", **(
                {"StreamViewType": "KEYS_ONLY"} if name == "streamed" else {})})
    s3.create_bucket(Bucket="files")
    s3.create_bucket(Bucket="history")
    s3.put_bucket_versioning(Bucket="history", VersioningConfiguration={"Status": "Enabled"})


def drained(sqs: Any, name: str) -> list[str]:
    """All messages in the order of their coming, also those that nobody was told of."""
    queue, found = sqs.get_queue_url(QueueName=name)["QueueUrl"], list[str]()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
        sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
                                                          for i, message in enumerate(messages)])
    return found


def listed(client: Client, prefix: str) -> list[str]:
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket="files", Prefix=prefix)
    return [one["Key"] for page in pages for one in page.get("Contents", [])]
