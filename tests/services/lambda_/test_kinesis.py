"""Event source mappings of Kinesis streams: records reach their functions, in order for each key, through splits and merges."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account
from services.kinesis.streams import Stream

from .conftest import zipped
from .test_measuring import Metric, metric  # noqa: F401
from .test_sources import Queue, eventually, flat

# Tells of the data of each batch in a queue; fails where a record says so.
READER = """
import base64, boto3, json, os
def handler(event, context):
    seen = [base64.b64decode(r["kinesis"]["data"]).decode()[:1000] for r in event["Records"]]
    ids = [r["kinesis"]["sequenceNumber"] for r in event["Records"]]
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(seen))
    bad = [i for i, s in zip(ids, seen) if s.startswith("bad")]
    if os.environ.get("PARTIAL"): return {"batchItemFailures": [{"itemIdentifier": i} for i in bad]}
    if bad: raise ValueError("bad record")
"""
ECHO = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(event))
    return {"state": {"count": event.get("state", {}).get("count", 0) + len(event["Records"])}}
"""


@pytest.fixture
def stream(cloud: Cloud) -> Stream:
    return Stream(cloud)


@pytest.fixture
def out(cloud: Cloud) -> Queue:
    return Queue(cloud, "out")


def reader(deploy: Any, out: Queue, code: str = READER, **variables: str) -> Any:
    return deploy(code, Environment={"Variables": {"OUT": out.url, **variables}}, MemorySize=256, Timeout=20)


def follow(function: Any, stream: Stream, position: str = "TRIM_HORIZON", **members: Any) -> Any:
    return function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=stream.arn, StartingPosition=position, **members)


def test_records_of_a_shard_reach_the_function_in_order(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put("1", "2")
    made = follow(function, stream, BatchSize=10)
    assert (made["StartingPosition"], made["BatchSize"], made["MaximumRetryAttempts"]) == ("TRIM_HORIZON", 10, -1)
    assert flat(out.until(lambda found: len(flat(found)) == 2)) == ["1", "2"]
    stream.put(*map(str, range(3, 12)))
    assert flat(out.until(lambda found: len(flat(found)) == 9)) == [str(n) for n in range(3, 12)]
    eventually(lambda: function.client.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")


def test_many_small_batches_come_of_few_reads(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put(*map(str, range(200)), key="k")
    follow(function, stream, BatchSize=5)                # a shard gives five times a second
    found = out.until(lambda found: len(found) == 40)
    assert sorted(flat(found), key=int) == [str(n) for n in range(200)]
    assert all(len(batch) == 5 for batch in found)


def test_a_batch_is_no_larger_than_what_a_function_takes(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    for n in range(6):
        stream.put(f"{n}" + "x" * 999_999, key="k")
        cloud.clock.advance(1)
    follow(function, stream)
    found = out.until(lambda found: len(flat(found)) == 6)
    assert [[text[0] for text in batch] for batch in found] == [["0", "1", "2", "3"], ["4", "5"]]


def test_an_event_looks_as_lambda_writes_it(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out, ECHO)
    stream.put("hello", key="k")
    follow(function, stream)
    [event] = out.until(bool)
    [record] = event["Records"]
    number, arrived = record["kinesis"].pop("sequenceNumber"), record["kinesis"].pop("approximateArrivalTimestamp")
    role = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    assert record == {
        "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "k", "data": base64.b64encode(b"hello").decode()},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": role, "awsRegion": "us-east-1", "eventSourceARN": stream.arn}
    assert abs(arrived - time.time()) < 60 * 60 * 24


def test_records_without_a_key_reach_the_function_without_one(deploy: Any, stream: Stream, out: Queue) -> None:
    stream.client.update_stream_mode(StreamARN=stream.arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    stream.client.update_stream_record_distribution_strategy(StreamARN=stream.arn, RecordDistributionStrategy="AUTO")
    stream.client.put_records(StreamName=stream.name, Records=[{"Data": b"bare"}, {"Data": b"keyed", "PartitionKey": "k"}])
    follow(reader(deploy, out, ECHO), stream, ParallelizationFactor=2, BatchSize=10)
    events = out.until(lambda found: sum(len(event["Records"]) for event in found) == 2)
    told = {record["kinesis"]["data"]: record["kinesis"]["partitionKey"] for event in events for record in event["Records"]}
    assert told == {base64.b64encode(b"bare").decode(): None, base64.b64encode(b"keyed").decode(): "k"}


def test_a_mapping_begins_with_what_comes_or_at_a_moment(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put("old")
    cloud.clock.advance(5)
    follow(function, stream, "LATEST")
    stream.put("new")
    assert out.until(bool) == [["new"]]
    other = deploy(READER, "other", Environment={"Variables": {"OUT": out.url}}, MemorySize=256, Timeout=20)
    follow(other, stream, "AT_TIMESTAMP", StartingPositionTimestamp=cloud.clock.now() - 3)
    assert out.until(bool) == [["new"]]


def test_children_of_a_shard_are_read_after_it(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put(*(f"a{n}" for n in range(5)), key="same")
    follow(function, stream, BatchSize=2)
    stream.client.split_shard(StreamName="stream", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127))
    eventually(lambda: len(stream.shards()) == 3)
    eventually(lambda: stream.client.describe_stream_summary(StreamName="stream")["StreamDescriptionSummary"]
               ["StreamStatus"] == "ACTIVE")
    stream.put(*(f"b{n}" for n in range(5)), key="same")
    assert flat(out.until(lambda found: len(flat(found)) == 10)) == [f"{row}{n}" for row in "ab" for n in range(5)]


def test_a_bad_record_is_found_by_halves_and_given_up(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    lost = Queue(cloud, "lost")
    function = reader(deploy, out)
    stream.put("1", "2", "bad", "4", key="k")
    follow(function, stream, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0,
           DestinationConfig={"OnFailure": {"Destination": lost.arn}})
    [record] = lost.until(bool)
    told = record["KinesisBatchInfo"]
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert (told["batchSize"], told["streamArn"], told["shardId"]) == (1, stream.arn, "shardId-000000000000")
    assert told["startSequenceNumber"] == told["endSequenceNumber"]
    assert out.until(lambda found: ["4"] in found) == [["1", "2", "bad", "4"], ["1", "2"], ["bad", "4"], ["bad"], ["4"]]


def test_a_bucket_has_the_whole_event_that_was_given_up(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    s3, bucket = cloud.client("s3"), f"lost-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    stream.put("bad", key="k")
    made = follow(reader(deploy, out), stream, MaximumRetryAttempts=0,
                  DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}})
    eventually(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1)
    [found] = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert found["Key"].startswith(f"aws/lambda/{made['UUID']}/shardId-000000000000/20")
    said = json.loads(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
    assert said["KinesisBatchInfo"]["batchSize"] == 1
    assert json.loads(said["payload"])["Records"][0]["kinesis"]["partitionKey"] == "k"


def test_a_consumer_is_a_source_as_well(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out, ECHO)
    consumer = stream.client.register_stream_consumer(StreamARN=stream.arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    mapping = {"FunctionName": function.name, "StartingPosition": "TRIM_HORIZON"}
    with pytest.raises(ClientError, match="Stream not found"):
        function.client.create_event_source_mapping(**mapping, EventSourceArn=consumer + "0")
    function.client.create_event_source_mapping(**mapping, EventSourceArn=consumer)
    stream.put("one")
    [event] = out.until(bool)
    assert [record["eventSourceARN"] for record in event["Records"]] == [consumer]


def test_a_stream_of_another_account_is_a_source_as_well(deploy: Any, cloud: Cloud, out: Queue) -> None:
    function, theirs = reader(deploy, out), Stream(cloud.other())
    role = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    theirs.client.put_resource_policy(ResourceARN=theirs.arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": role.split(":")[4]}, "Resource": theirs.arn,
        "Action": ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
                   "kinesis:GetShardIterator", "kinesis:ListShards"]}]}))
    follow(function, theirs)
    theirs.put("from afar")
    assert out.until(bool) == [["from afar"]]


def test_the_age_of_records_is_measured(deploy: Any, cloud: Cloud, stream: Stream, out: Queue, metric: Metric) -> None:  # noqa: F811
    stream.put("old")
    cloud.clock.advance(30)
    follow(reader(deploy, out), stream)
    out.until(bool)
    assert metric("IteratorAge", "SampleCount", 1, FunctionName="function") == 1
    assert 30_000 <= metric("IteratorAge", "Maximum", FunctionName="function") < 60_000


def test_reported_failures_are_tried_from_there(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out, PARTIAL="1")
    stream.put("1", "bad", "3", key="k")
    follow(function, stream, BatchSize=3, MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    stream.put("4")
    assert out.until(lambda found: ["4"] in found) == [["1", "bad", "3"], ["bad", "3"], ["bad", "3"], ["4"]]


def test_filters_see_data_that_is_json(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put(json.dumps({"n": 1}), json.dumps({"n": 3}), "no JSON", key="k")
    stream.put(json.dumps({"n": 3}), key="other")
    pattern = {"data": {"n": [{"numeric": [">", 2]}]}, "partitionKey": ["k"]}
    follow(function, stream, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert out.until(bool) == [['{"n": 3}']]


def test_old_records_are_given_up(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    lost = Queue(cloud, "lost")
    stream.put("bad")
    cloud.clock.advance(120)
    function = reader(deploy, out)
    follow(function, stream, MaximumRecordAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": lost.arn}})
    [record] = lost.until(bool)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"


def test_windows_keep_a_state_until_they_are_over(deploy: Any, cloud: Cloud, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out, ECHO)
    follow(function, stream, TumblingWindowInSeconds=60)
    stream.put("1", "2", key="k")
    first = out.until(bool)
    assert [(e["shardId"], e["eventSourceARN"], e["isFinalInvokeForWindow"]) for e in first] == [
        ("shardId-000000000000", stream.arn, False)]
    cloud.clock.advance(61)
    [last] = out.until(bool)
    assert (last["Records"], last["isFinalInvokeForWindow"], last["state"]) == ([], True, {"count": 2})


def test_a_window_is_over_when_its_shard_is(deploy: Any, stream: Stream, out: Queue) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html"""
    follow(reader(deploy, out, ECHO), stream, TumblingWindowInSeconds=900)
    stream.put("1", "2", key="k")
    [first] = out.until(bool)
    assert first["isFinalInvokeForWindow"] is False
    stream.client.split_shard(StreamName="stream", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127))
    [last] = out.until(bool)
    assert (last["shardId"], last["Records"], last["isFinalInvokeForWindow"], last["state"]) == (
        "shardId-000000000000", [], True, {"count": 2})
    eventually(lambda: stream.client.describe_stream_summary(StreamName="stream")["StreamDescriptionSummary"]
               ["StreamStatus"] == "ACTIVE")
    stream.put("3", key="k")
    [fresh] = out.until(bool)
    assert (fresh["shardId"] != "shardId-000000000000", fresh["state"]) == (True, {})


def test_several_batches_of_a_shard_go_on_at_once(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)
    stream.put("a0", "a1", key="a")
    stream.put("b0", "b1", key="b")
    follow(function, stream, BatchSize=1, ParallelizationFactor=10)
    found = flat(out.until(lambda found: len(flat(found)) == 4))
    assert [[text for text in found if text[0] == key] for key in "ab"] == [["a0", "a1"], ["b0", "b1"]]


def test_positions_that_make_no_sense_are_refused(deploy: Any, stream: Stream, out: Queue) -> None:
    function = reader(deploy, out)

    def refused(**members: Any) -> str:
        with pytest.raises(ClientError) as problem:
            function.client.create_event_source_mapping(
                FunctionName=function.name, **{"EventSourceArn": stream.arn, **members})
        said = problem.value.response["Error"]
        return f"{said['Code']}: {said['Message']}"

    assert "startingPosition" in refused()
    assert "AT_TIMESTAMP" in refused(StartingPosition="AT_TIMESTAMP")
    assert "AT_TIMESTAMP" in refused(StartingPosition="LATEST", StartingPositionTimestamp=1)
    assert refused(StartingPosition="LATEST", EventSourceArn=stream.arn + "s") \
        == f"InvalidParameterValueException: Stream not found: {stream.arn}s"


def test_a_mapping_goes_on_after_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    cloud = Cloud(start_cloud(data=tmp_path / "state"), new_account())
    stream, out = Stream(cloud), Queue(cloud, "out")
    cloud.client("lambda").create_function(
        FunctionName="f", Role=f"arn:aws:iam::{cloud.account}:role/r", Runtime="python3.11", Handler="app.handler", Timeout=20,
        Code={"ZipFile": zipped({"app.py": READER})}, MemorySize=256, Environment={"Variables": {"OUT": out.url}})
    made = cloud.client("lambda").create_event_source_mapping(
        FunctionName="f", EventSourceArn=stream.arn, StartingPosition="LATEST")
    stream.put("before")
    assert out.until(bool) == [["before"]]
    eventually(lambda: cloud.client("lambda").get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")
    stream.client.split_shard(StreamName="stream", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127))
    cloud.thread.stop()
    cloud = Cloud(start_cloud(data=tmp_path / "state"), cloud.account)
    stream, out = Stream(cloud, made=True), Queue(cloud, "out")
    cloud.client("lambda").update_function_configuration(FunctionName="f", Environment={"Variables": {"OUT": out.url}})
    eventually(lambda: len(stream.shards()) == 3)
    stream.put("after")
    assert out.until(bool) == [["after"]]
