"""Kinesis as the SDKs for Java speak to it: signed requests in CBOR."""

from __future__ import annotations

from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Cloud
from cumulet.kernel.wire import cbor
from cumulet.kernel.wire.eventstream import Decoder

from .conftest import Make, iterator, read, shard_id

TYPE = "application/x-amz-cbor-1.1"
Java = Any


@pytest.fixture
def java(cloud: Cloud) -> Java:
    """`java("PutRecord", StreamName="s", …)`: the status, and what is answered."""

    def ask(operation: str, **members: Any) -> tuple[int, Any]:
        try:
            with send(cloud, operation, cbor.dumps(members)) as answer:
                status, said = answer.status, answer
                body = answer.read()
        except HTTPError as refusal:
            status, said, body = refusal.code, refusal, refusal.read()                 # type: ignore[assignment]
        assert said.headers["Content-Type"] == TYPE
        return status, cbor.loads(body)

    return ask


def send(cloud: Cloud, operation: str, body: bytes) -> HTTPResponse:
    request = AWSRequest("POST", cloud.endpoint + "/", data=body, headers={
        "Content-Type": TYPE, "X-Amz-Target": f"Kinesis_20131202.{operation}"})
    SigV4Auth(Credentials(cloud.account, "test"), "kinesis", "us-east-1").add_auth(request)
    answer: HTTPResponse = urlopen(Request(request.url, data=body, headers=dict(request.headers.items())), timeout=20)
    return answer


def test_records_go_in_and_come_out(cloud: Cloud, kinesis: Any, java: Java) -> None:
    assert java("CreateStream", StreamName="s", ShardCount=1) == (200, {})
    status, put = java("PutRecord", StreamName="s", Data=b"\0\xff", PartitionKey="\u20ac")
    assert (status, put["ShardId"]) == (200, shard_id(0))
    _, many = java("PutRecords", StreamName="s", Records=[{"Data": data, "PartitionKey": "k"} for data in (b"b", b"")])
    assert (many["FailedRecordCount"], len(many["Records"])) == (0, 2)
    assert read(kinesis, "s") == [b"\0\xff", b"b", b""]
    _, place = java("GetShardIterator", StreamName="s", ShardId=shard_id(0), ShardIteratorType="TRIM_HORIZON")
    status, got = java("GetRecords", ShardIterator=place["ShardIterator"])
    assert status == 200
    first = got["Records"][0]
    moment = first.pop("ApproximateArrivalTimestamp")
    assert type(moment) is int
    assert abs(moment - cloud.clock.now() * 1000) < 60_000
    assert first == {"Data": b"\0\xff", "PartitionKey": "\u20ac", "SequenceNumber": put["SequenceNumber"]}
    assert [record["Data"] for record in got["Records"]] == [b"\0\xff", b"b", b""]
    assert got["MillisBehindLatest"] == 0


def test_a_page_begins_at_a_moment_in_milliseconds(cloud: Cloud, kinesis: Any, make: Make, java: Java) -> None:
    make("s")
    kinesis.put_record(StreamName="s", Data=b"early", PartitionKey="k")
    cloud.clock.advance(10)
    kinesis.put_record(StreamName="s", Data=b"late", PartitionKey="k")
    middle = cbor.Stamp(int((cloud.clock.now() - 5) * 1000))
    _, place = java("GetShardIterator", StreamName="s", ShardId=shard_id(0), ShardIteratorType="AT_TIMESTAMP", Timestamp=middle)
    _, got = java("GetRecords", ShardIterator=place["ShardIterator"])
    assert [record["Data"] for record in got["Records"]] == [b"late"]


def test_encrypted_records(kinesis: Any, make: Make, java: Java) -> None:
    make("s", None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    put = kinesis.put_record(StreamName="s", Data=b"sealed", PartitionKey="k")
    index = int(put["ShardId"].rpartition("-")[2])
    _, got = java("GetRecords", ShardIterator=iterator(kinesis, "s", index))
    assert [(record["Data"], record["EncryptionType"]) for record in got["Records"]] == [(b"sealed", "KMS")]


def test_errors(cloud: Cloud, java: Java) -> None:
    status, said = java("DescribeStreamSummary", StreamName="none")
    assert (status, said["__type"]) == (400, "ResourceNotFoundException")
    assert "none" in said["message"]
    status, said = java("PutRecord", StreamName="s", PartitionKey="k", Data="text is no blob")
    assert (status, said["__type"]) == (400, "SerializationException")
    assert java("PutRecord", StreamName="s", PartitionKey="k")[1]["__type"] == "ValidationException"
    assert java("CreateChannel", StreamName="s")[0] == 501
    with pytest.raises(HTTPError) as caught:
        send(cloud, "ListStreams", b"\xbf\xff\xff")
    assert cbor.loads(caught.value.read())["__type"] == "SerializationException"


def test_a_subscription(cloud: Cloud, kinesis: Any, make: Make) -> None:
    """Its events are a stream like any other's; their payloads are in CBOR."""
    make("s")
    arn = f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    kinesis.put_record(StreamName="s", Data=b"\xff", PartitionKey="k")
    asked = {"ConsumerARN": consumer, "ShardId": shard_id(0), "StartingPosition": {"Type": "TRIM_HORIZON"}}
    decoder = Decoder()
    messages: list[tuple[dict[str, Any], bytes]] = []
    with send(cloud, "SubscribeToShard", cbor.dumps(asked)) as answer:
        assert answer.headers["Content-Type"] == "application/vnd.amazon.eventstream"
        while len(messages) < 2:
            messages += decoder.feed(answer.read1())
    assert [headers[":event-type"] for headers, _ in messages[:2]] == ["initial-response", "SubscribeToShardEvent"]
    assert {headers[":content-type"] for headers, _ in messages} == {TYPE}
    event = cbor.loads(messages[1][1])
    assert [record["Data"] for record in event["Records"]] == [b"\xff"]
    assert type(event["Records"][0]["ApproximateArrivalTimestamp"]) is int
