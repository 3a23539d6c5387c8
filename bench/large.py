"""Measures cumulet with much state and writes docs/large.md: ten million items, a million messages, a million keys.

    python bench/large.py [--only WORD] [--scale 1.0] [--seconds 4] [--dry]

One server a subject: little state, the rates, much state, the rates again. Nothing is restarted or warmed in between.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from contenders import CONTENDERS, Running, running
from drive import Requests, drive, feed
from scenarios import KIB, rounds
from signed import Maker, with_body

MIB = 1_048_576
LIMIT = 3600.0           # seconds that filling may take


class Row(NamedTuple):
    """One rate a second with little and with much state."""

    what: str
    little: float
    much: float


class Subject:
    """Something that grows, in a server of its own."""

    name: str
    little: int
    much: int
    unit: str

    def __init__(self, server: Running, maker: Maker) -> None:
        self.server, self.maker = server, maker

    def fill(self, start: int, end: int) -> None:
        """From so many to so many."""
        raise NotImplementedError

    def calls(self, size: int) -> dict[str, Requests]:
        """What is measured at this size, by name."""
        raise NotImplementedError

    def feed(self, requests: Iterator[bytes]) -> None:
        feed(self.server.port, requests, limit=LIMIT)


def _item(n: int, letter: str = "x") -> dict[str, Any]:
    return {"p": {"S": f"p{n // 100:07}"}, "s": {"S": f"{n % 100:02}"}, "v": {"S": letter * 150}}


class Items(Subject):
    """A table with a sort key, partitions of a hundred items."""

    name, little, much, unit = "DynamoDB", 10_000, 10_000_000, "items"

    def fill(self, start: int, end: int) -> None:
        if not start:
            self.maker.client("dynamodb").create_table(TableName="large", BillingMode="PAY_PER_REQUEST", KeySchema=[
                {"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}], AttributeDefinitions=[
                {"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "S"}])
        request = self.maker.request("dynamodb", "batch_write_item", RequestItems={"large": []})
        self.feed(with_body(request, json.dumps({"RequestItems": {"large": [
            {"PutRequest": {"Item": _item(n)}} for n in range(first, min(first + 25, end))]}}).encode())
            for first in range(start, end, 25))

    def calls(self, size: int) -> dict[str, Requests]:
        get = self.maker.request("dynamodb", "get_item", TableName="large", Key={})
        put = self.maker.request("dynamodb", "put_item", TableName="large", Item={})
        query = self.maker.request("dynamodb", "query", TableName="large", KeyConditionExpression="p = :p",
                                   ExpressionAttributeValues={":p": {"S": ""}})
        spread = [size // 2003 * n for n in range(2000)]
        return {
            "GetItem": rounds([with_body(get, json.dumps({"TableName": "large", "Key": {
                k: v for k, v in _item(n).items() if k != "v"}}).encode()) for n in spread]),
            "PutItem (over what is there)": rounds([with_body(put, json.dumps(
                {"TableName": "large", "Item": _item(n, letter)}).encode()) for letter in "yz" for n in spread]),
            "Query, 100 items": rounds([with_body(query, json.dumps({
                "TableName": "large", "KeyConditionExpression": "p = :p",
                "ExpressionAttributeValues": {":p": _item(n)["p"]}}).encode()) for n in spread]),
        }


class Messages(Subject):
    """A standard queue."""

    name, little, much, unit = "SQS", 10_000, 1_000_000, "messages waiting"

    def fill(self, start: int, end: int) -> None:
        self.url = str(self.maker.client("sqs").create_queue(QueueName="large")["QueueUrl"])
        request = self.maker.request("sqs", "send_message_batch", QueueUrl=self.url, Entries=[
            {"Id": str(n), "MessageBody": KIB[:200]} for n in range(10)])
        self.feed(request for _ in range((end - start) // 10))

    def calls(self, size: int) -> dict[str, Requests]:
        return {"SendMessage": rounds([self.maker.request("sqs", "send_message", QueueUrl=self.url, MessageBody=KIB[:200])]),
                "ReceiveMessage, 10": rounds([self.maker.request("sqs", "receive_message", QueueUrl=self.url,
                                                                MaxNumberOfMessages=10, VisibilityTimeout=0)])}


class Keys(Subject):
    """A bucket with a folder of a thousand keys each; versioning is off."""

    name, little, much, unit = "S3", 10_000, 1_000_000, "keys"

    def fill(self, start: int, end: int) -> None:
        if not start:
            self.maker.client("s3").create_bucket(Bucket="large")
        request = self.maker.request("s3", "put_object", Bucket="large", Key="0000/000000", Body=b"x" * 100)
        self.feed(request.replace(b"0000/000000", b"%04d/%06d" % (n // 1000, n), 1) for n in range(start, end))

    def calls(self, size: int) -> dict[str, Requests]:
        get = self.maker.request("s3", "get_object", Bucket="large", Key="0000/000000")
        page = self.maker.request("s3", "list_objects_v2", Bucket="large", Prefix="0000/")
        return {"GetObject": rounds([get.replace(b"0000/000000", b"%04d/%06d" % (n // 1000, n), 1)
                                     for n in range(0, size, max(1, size // 2000))]),
                "ListObjectsV2, a folder of 1,000": rounds([page.replace(b"0000%2F", b"%04d%%2F" % n, 1)
                                                            for n in range(0, size // 1000, max(1, size // 20_000))])}


def measure(kind: type[Subject], scale: float, seconds: float) -> tuple[list[Row], str]:
    """Its rates before and after, and what it cost."""
    much = max(kind.little, int(kind.much * scale))
    with running(CONTENDERS[0]) as server:
        subject = kind(server, Maker(server.port))
        subject.fill(0, kind.little)
        before = _rates(server, subject, kind.little, seconds)
        memory, began = server.memory(), time.perf_counter()
        if much > kind.little:
            subject.fill(kind.little, much)
        took = time.perf_counter() - began
        after = _rates(server, subject, much, seconds)
        rows = [Row(f"{kind.name} {name}: {kind.little:,} → {much:,} {kind.unit}", before[name], after[name])
                for name in before]
        if kind is Keys:
            rows.append(_delete_a_folder(server, subject, much))
        return rows, (f"{kind.name}: {much - kind.little:,} {kind.unit} written in {took:,.0f} s "
                      f"({(much - kind.little) / took:,.0f} a second); memory {memory:.0f} MiB → {server.memory():.0f} MiB")


def _rates(server: Running, subject: Subject, size: int, seconds: float) -> dict[str, float]:
    found = {}
    for name, requests in subject.calls(size).items():
        drive(server.port, requests, 4, 0.5)
        found[name] = drive(server.port, requests, 4, seconds).rate
    return found


def _delete_a_folder(server: Running, subject: Subject, much: int) -> Row:
    """A folder of 1,000 keys by DeleteObjects, the first of the small bucket's and the last of all."""
    client, rates = subject.maker.client("s3"), []
    for folder in (0, much // 1000 - 1):
        keys = [{"Key": one["Key"]} for one in client.list_objects_v2(Bucket="large", Prefix=f"{folder:04}/")["Contents"]]
        began = time.perf_counter()
        client.delete_objects(Bucket="large", Delete={"Objects": keys, "Quiet": True})
        rates.append(len(keys) / (time.perf_counter() - began))
    return Row("S3 delete of a prefix of 1,000 keys: keys", rates[0], rates[1])


def fan_out(queues: int) -> tuple[float, float]:
    """One message to so many queues: ms to the answer, and queues reached a second."""
    with running(CONTENDERS[0]) as server:
        maker = Maker(server.port)
        sns, sqs = maker.client("sns"), maker.client("sqs")
        topic = sns.create_topic(Name="large")["TopicArn"]
        for n in range(queues):
            url = sqs.create_queue(QueueName=f"large{n}")["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        answers, rates = [], []
        for _ in range(5):
            began = time.perf_counter()
            sns.publish(TopicArn=topic, Message=KIB[:200])
            answers.append(time.perf_counter() - began)
            for n in range(queues):
                url = f"http://127.0.0.1:{server.port}/123456789012/large{n}"
                got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages")
                if not got:
                    raise RuntimeError(f"queue {n} was not reached")
                if n == queues - 1:
                    rates.append(queues / (time.perf_counter() - began))
        return min(answers) * 1000, max(rates)


def page(rows: list[Row], notes: list[str]) -> str:
    lines = ["# Much state", "",
             "Written by `python bench/large.py`: rates of one server with little and with much state, over four connections,",
             "on the machine of [the benchmarks](benchmarks.md). Everything is durable.", "",
             f"{datetime.date.today()}, {os.cpu_count()} cores.", "",
             "| what | little | much | change |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {row.what} | {row.little:,.0f}/s | {row.much:,.0f}/s | {row.much / row.little - 1:+.0%} |" for row in rows]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes), ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--scale", type=float, default=1.0, help="of what is much")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--dry", action="store_true", help="print, do not write docs/large.md")
    asked = parser.parse_args()
    rows: list[Row] = []
    notes: list[str] = []
    for kind in (Items, Messages, Keys):
        if asked.only.lower() in kind.name.lower():
            found, note = measure(kind, asked.scale, asked.seconds)
            rows, notes = rows + found, [*notes, note]
            print(page(found, [note]), flush=True)
    if asked.only.lower() in "sns":
        (few_ms, few), (many_ms, many) = fan_out(10), fan_out(int(1000 * min(1.0, asked.scale * 10)))
        rows.append(Row("SNS to 10 → 1,000 queues, received from each: queues", few, many))
        notes.append(f"SNS: Publish answered after {few_ms:.1f} ms with 10 subscriptions, {many_ms:.1f} ms with 1,000")
    text = page(rows, notes)
    print(text)
    if not asked.dry and not asked.only:
        (Path(__file__).parents[1] / "docs" / "large.md").write_text(text)


if __name__ == "__main__":
    main()
