"""The server is killed while a table tells a stream of its changes: all of them come, in order for each item."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from servers import ServerProcess

ROUNDS, WRITERS = int(os.environ.get("KILLS", "2")), 3


def write(client: Any, item: str, acknowledged: dict[str, int]) -> None:
    """Count an item up until the server is gone."""
    while True:
        try:
            client.update_item(TableName="counts", Key={"id": {"S": item}}, UpdateExpression="ADD n :one",
                               ExpressionAttributeValues={":one": {"N": "1"}})
        except Exception:
            return
        acknowledged[item] = acknowledged.get(item, 0) + 1


def told(server: ServerProcess) -> dict[str, list[int]]:
    """The counts of each item, as the stream has them."""
    kinesis, found = server.client("kinesis"), dict[str, list[int]]()
    for shard in kinesis.list_shards(StreamName="changes")["Shards"]:
        place = kinesis.get_shard_iterator(StreamName="changes", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        for record in kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]:
            image = json.loads(record["Data"])["dynamodb"]["NewImage"]
            found.setdefault(image["id"]["S"], []).append(int(image["n"]["N"]))
    return found


def test_no_acknowledged_change_is_lost(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state", "--quiet")
    try:
        kinesis, dynamodb = server.client("kinesis"), server.client("dynamodb")
        kinesis.create_stream(StreamName="changes", ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName="changes", WaiterConfig={"Delay": 1})
        arn = kinesis.describe_stream_summary(StreamName="changes")["StreamDescriptionSummary"]["StreamARN"]
        dynamodb.create_table(TableName="counts", BillingMode="PAY_PER_REQUEST",
                              KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        dynamodb.enable_kinesis_streaming_destination(TableName="counts", StreamArn=arn)
        acknowledged: dict[str, int] = {}
        for _ in range(ROUNDS):
            before = sum(acknowledged.values())
            writers = [threading.Thread(target=write, args=(server.client("dynamodb"), f"i{n}", acknowledged))
                       for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            while sum(acknowledged.values()) < before + 30:
                time.sleep(0.001)
            server.kill()
            for writer in writers:
                writer.join()
            server = ServerProcess(tmp_path / "state", "--quiet")
        items = server.client("dynamodb").scan(TableName="counts")["Items"]
        written = {item["id"]["S"]: list(range(1, int(item["n"]["N"]) + 1)) for item in items}
        assert all(len(written[item]) >= count for item, count in acknowledged.items())
        end = time.monotonic() + 20
        while (found := told(server)) != written:
            assert time.monotonic() < end, (found, written)
            time.sleep(0.3)                  # a shard gives five times a second
    finally:
        server.kill()
