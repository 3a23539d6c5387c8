"""A Kinesis stream for tests of what writes to one or reads it."""

from __future__ import annotations

from typing import Any


class Stream:
    """A stream, made and ready. made: it is there already."""

    def __init__(self, cloud: Any, name: str = "stream", shards: int = 1, made: bool = False,
                 region: str = "us-east-1") -> None:
        self._cloud = cloud
        self.client = cloud.client("kinesis", region=region)
        self.name = name
        if not made:
            self.client.create_stream(StreamName=name, ShardCount=shards)
        self.client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        self.arn = f"arn:aws:kinesis:{region}:{cloud.account}:stream/{name}"

    def put(self, *texts: str, key: str = "") -> None:
        self.client.put_records(StreamName=self.name, Records=[
            {"Data": text.encode(), "PartitionKey": key or text} for text in texts])

    def shards(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_shards(StreamName=self.name)["Shards"]
        return found

    def records(self) -> list[dict[str, Any]]:
        """All records, shard by shard, when nothing is due any more."""
        self._cloud.clock.idle()
        found = []
        for shard in self.shards():
            place = self.client.get_shard_iterator(StreamName=self.name, ShardId=shard["ShardId"],
                                                   ShardIteratorType="TRIM_HORIZON")
            found += self.client.get_records(ShardIterator=place["ShardIterator"])["Records"]
        return found
