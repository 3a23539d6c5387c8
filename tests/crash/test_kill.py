"""`kill -9` under load: nothing acknowledged is lost, nothing is half-written, and the restart is quick.

CRASHES rounds (by default a few; `make soak` runs 200).
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from servers import ServerProcess

ROUNDS = int(os.environ.get("CRASHES", "4"))
PART = 5 * 1_048_576
Work = Callable[[int], None]


class Writers:
    """What was acknowledged in one round, and what was only tried."""

    def __init__(self, server: ServerProcess, round_: int) -> None:
        self.sqs, self.dynamodb, self.s3 = (server.client(s) for s in ("sqs", "dynamodb", "s3"))
        self.round = round_
        self.queue = self.sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        self.sent: set[str] = set()
        self.items: set[str] = set()
        self.objects: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self.stop = False

    def send(self, n: int) -> None:
        body = f"{self.round}-{n}"
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        self.sent.add(body)

    def put_pair(self, n: int) -> None:
        """Two items in one transaction: both or none."""
        key = f"{self.round}-{n}"
        self.dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": "pairs", "Item": {"id": {"S": key + side}, "v": {"S": "x" * 500}}}} for side in "ab"])
        self.items.add(key)

    def put_object(self, n: int) -> None:
        key = f"{self.round}/{n}"
        body = os.urandom(random.choice([100, 5_000, 200_000]))
        self.s3.put_object(Bucket="files", Key=key, Body=body)
        self.objects[key] = hashlib.md5(body).hexdigest()

    def multipart(self, n: int) -> None:
        key = f"{self.round}/big-{n}"
        upload = self.s3.create_multipart_upload(Bucket="files", Key=key)["UploadId"]
        bodies = [os.urandom(PART), os.urandom(1000)]
        tags = [self.s3.upload_part(Bucket="files", Key=key, UploadId=upload, PartNumber=i, Body=b)["ETag"]
                for i, b in enumerate(bodies, 1)]
        self.s3.complete_multipart_upload(Bucket="files", Key=key, UploadId=upload, MultipartUpload={
            "Parts": [{"PartNumber": i, "ETag": t} for i, t in enumerate(tags, 1)]})
        self.parts[key] = hashlib.md5(b"".join(bodies)).hexdigest()

    def run(self, work: Work) -> threading.Thread:
        def loop() -> None:
            n = 0
            while not self.stop:
                try:
                    work(n)
                except (BotoCoreError, ClientError):
                    if not self.stop:
                        raise
                    return
                n += 1

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        return thread


def drain(sqs: Any, queue: str) -> set[str]:
    """All messages, also those that nobody was told of."""
    found: set[str] = set()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found |= {m["Body"] for m in messages}
        sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]}
                                                          for i, m in enumerate(messages)])
    return found


def check(server: ServerProcess, done: Writers) -> None:
    sqs, dynamodb, s3 = (server.client(s) for s in ("sqs", "dynamodb", "s3"))
    lost = done.sent - drain(sqs, sqs.get_queue_url(QueueName="jobs")["QueueUrl"])
    assert not lost, f"messages lost: {sorted(lost)[:5]}"
    there: set[str] = set()
    for page in dynamodb.get_paginator("scan").paginate(TableName="pairs"):
        there |= {item["id"]["S"] for item in page["Items"]}
    ours = {key for key in there if key.startswith(f"{done.round}-")}
    assert {k[:-1] for k in ours if k.endswith("a")} == {k[:-1] for k in ours if k.endswith("b")}, "half a transaction"
    assert done.items <= {k[:-1] for k in ours}, "items lost"
    listed = {o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="files", Prefix=f"{done.round}/")
              for o in p.get("Contents", [])}
    assert done.objects.keys() | done.parts.keys() <= listed, "objects lost"
    for key in listed:
        body = s3.get_object(Bucket="files", Key=key)["Body"].read()
        known = done.objects.get(key) or done.parts.get(key)
        if known is not None:
            assert hashlib.md5(body).hexdigest() == known, f"{key} was changed"
        elif "/big-" in key:
            assert len(body) == PART + 1000, f"{key} is half there"


def test_kill_9_under_load_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "state"
    server = ServerProcess(data)
    server.client("sqs").create_queue(QueueName="jobs")
    server.client("s3").create_bucket(Bucket="files")
    server.client("dynamodb").create_table(
        TableName="pairs", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    slowest, acknowledged = 0.0, 0
    for round_ in range(ROUNDS):
        writers = Writers(server, round_)
        threads = [writers.run(work) for work in (writers.send, writers.send, writers.put_pair, writers.put_object,
                                                  writers.multipart)]
        time.sleep(random.uniform(0.2, 1.0))
        writers.stop = True
        server.kill()
        for thread in threads:
            thread.join(30)
        server = ServerProcess(data)
        slowest = max(slowest, server.took)
        check(server, writers)
        acknowledged += len(writers.sent) + len(writers.items) + len(writers.objects) + len(writers.parts)
    server.stop()
    print(f"{ROUNDS} kills, {acknowledged} acknowledged writes, none lost; slowest restart {slowest:.2f} s")
    assert acknowledged > ROUNDS * 10
