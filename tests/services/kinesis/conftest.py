"""A Kinesis client, streams to try on, and what an error says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., str]


@pytest.fixture
def kinesis(cloud: Any) -> Any:
    return cloud.client("kinesis")


@pytest.fixture
def make(kinesis: Any) -> Make:
    """`make("name", 2)` creates a stream; further members as CreateStream has them."""

    def create(name: str = "s", shards: int | None = 1, **members: Any) -> str:
        kinesis.create_stream(StreamName=name, **({"ShardCount": shards} if shards else {}), **members)
        return name

    return create


def shard_id(index: int) -> str:
    return f"shardId-{index:012d}"


def iterator(kinesis: Any, stream: str, index: int = 0, kind: str = "TRIM_HORIZON", **members: Any) -> str:
    told: str = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id(index), ShardIteratorType=kind,
                                           **members)["ShardIterator"]
    return told


def read(kinesis: Any, stream: str, index: int = 0, kind: str = "TRIM_HORIZON", **members: Any) -> list[bytes]:
    """The data of what one read gives."""
    told = kinesis.get_records(ShardIterator=iterator(kinesis, stream, index, kind, **members))
    return [record["Data"] for record in told["Records"]]


def refused(call: Callable[..., Any], code: str, **members: Any) -> str:
    """The message with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == code, caught.value.response
    message: str = caught.value.response["Error"]["Message"]
    return message
