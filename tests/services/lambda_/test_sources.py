"""Event source mappings: messages of queues and records of streams reach their functions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account

# Tells of each batch in a queue (OUT): bodies or new images; fails where a record says so.
TELLER = """
import boto3, json, os
def handler(event, context):
    seen = [r.get("body") or r["dynamodb"].get("NewImage", {}).get("n", {}).get("N") for r in event["Records"]]
    ids = [r.get("messageId") or r["dynamodb"]["SequenceNumber"] for r in event["Records"]]
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(seen))
    bad = [i for i, s in zip(ids, seen) if s and s.startswith(("bad", "13"))]
    if os.environ.get("PARTIAL"): return {"batchItemFailures": [{"itemIdentifier": i} for i in bad]}
    if bad: raise ValueError("bad record")
"""


class Queue:
    def __init__(self, cloud: Cloud, name: str, **attributes: str) -> None:
        self.client = cloud.client("sqs")
        self.url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"

    def send(self, *bodies: str) -> None:
        for body in bodies:
            more = {"MessageGroupId": "g", "MessageDeduplicationId": body} if self.arn.endswith(".fifo") else {}
            self.client.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def take(self) -> list[Any]:
        got = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(m["Body"]) for m in got]

    def until(self, done: Callable[[list[Any]], bool], seconds: float = 20.0) -> list[Any]:
        end, found = time.monotonic() + seconds, self.take()
        while not done(found):
            assert time.monotonic() < end, found
            time.sleep(0.02)
            found += self.take()
        return found

    @property
    def left(self) -> int:
        told = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"])


def flat(batches: list[list[str]]) -> list[str]:
    return [body for batch in batches for body in batch]


def teller(deploy: Any, out: Queue, **variables: str) -> Any:
    return deploy(TELLER, Environment={"Variables": {"OUT": out.url, **variables}}, MemorySize=256, Timeout=20)


def eventually(what: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_messages_of_a_queue_reach_the_function_and_are_deleted(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")
    function = teller(deploy, out)
    made = function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    assert (made["State"], made["BatchSize"], made["FunctionArn"]) == ("Creating", 10, function.arn)
    assert function.client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled"
    queue.send("one")
    assert out.until(lambda found: len(found) == 1) == [["one"]]
    queue.send(*[f"n{i}" for i in range(12)])
    assert sorted(flat(out.until(lambda found: len(flat(found)) == 12))) == sorted(f"n{i}" for i in range(12))
    eventually(lambda: queue.left == 0)
    assert function.client.delete_event_source_mapping(UUID=made["UUID"])["State"] == "Deleting"
    queue.send("late")
    time.sleep(0.5)
    assert out.take() == []
    with pytest.raises(ClientError) as problem:
        function.client.get_event_source_mapping(UUID=made["UUID"])
    assert problem.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_records_of_a_queue_look_as_lambda_writes_them(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")
    function = deploy("import boto3, json, os\ndef handler(event, context):\n    boto3.client('sqs').send_message("
                      "QueueUrl=os.environ['OUT'], MessageBody=json.dumps(event))",
                      Environment={"Variables": {"OUT": out.url}}, MemorySize=256)
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    sent = queue.client.send_message(QueueUrl=queue.url, MessageBody="text", MessageAttributes={
        "a": {"DataType": "String", "StringValue": "v"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00"}})
    record = out.until(lambda found: bool(found))[0]["Records"][0]
    assert (record["messageId"], record["body"], record["md5OfBody"]) == (sent["MessageId"], "text", sent["MD5OfMessageBody"])
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ("aws:sqs", queue.arn, "us-east-1")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {
        "a": {"stringValue": "v", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "b": {"binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"}}
    assert record["md5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]


def test_what_fails_comes_back_after_its_visibility_timeout(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in", VisibilityTimeout="60"), Queue(cloud, "out")
    function = teller(deploy, out)
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    queue.send("bad")
    assert out.until(lambda found: len(found) == 1) == [["bad"]]
    time.sleep(0.3)
    assert queue.left == 1
    cloud.clock.advance(61)
    assert out.until(lambda found: len(found) == 1) == [["bad"]]


def test_only_what_is_reported_as_failed_comes_back(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in", VisibilityTimeout="60"), Queue(cloud, "out")
    function = teller(deploy, out, PARTIAL="1")
    queue.send("bad", "good", "fine")
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn,
                                                FunctionResponseTypes=["ReportBatchItemFailures"])
    out.until(lambda found: len(flat(found)) == 3)
    eventually(lambda: queue.left == 1)
    cloud.clock.advance(61)
    assert flat(out.until(lambda found: len(flat(found)) == 1)) == ["bad"]


def test_batches_fill_within_their_window(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")
    function = teller(deploy, out)
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn, BatchSize=25,
                                                MaximumBatchingWindowInSeconds=2)
    for i in range(25):
        queue.send(f"n{i}")
    assert [len(batch) for batch in out.until(lambda found: len(flat(found)) == 25)] == [25]
    queue.send("last")
    began = time.monotonic()
    assert out.until(lambda found: bool(found)) == [["last"]]
    assert time.monotonic() - began > 1


def test_filters_let_only_some_messages_through(deploy: Any, cloud: Cloud) -> None:
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")
    function = teller(deploy, out)
    patterns = [{"body": {"kind": ["order"], "amount": [{"numeric": [">", 10]}]}}, {"body": {"kind": [{"prefix": "vip"}]}}]
    function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=queue.arn,
        FilterCriteria={"Filters": [{"Pattern": json.dumps(p)} for p in patterns]})
    queue.send('{"kind": "order", "amount": 5}', "no json", '{"kind": "order", "amount": 50}', '{"kind": "vip-order"}')
    found = flat(out.until(lambda found: len(flat(found)) == 2))
    assert sorted(found) == ['{"kind": "order", "amount": 50}', '{"kind": "vip-order"}']
    eventually(lambda: queue.left == 0)


def test_a_mapping_is_disabled_changed_and_listed(deploy: Any, cloud: Cloud) -> None:
    queue, other, out = Queue(cloud, "in"), Queue(cloud, "other"), Queue(cloud, "out")
    function = teller(deploy, out)
    client = function.client
    made = client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn, Enabled=False,
                                              Tags={"team": "a"}, ScalingConfig={"MaximumConcurrency": 2})
    assert client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"team": "a"}
    client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=other.arn)
    queue.send("waits")
    time.sleep(0.4)
    assert out.take() == []
    changed = client.update_event_source_mapping(UUID=made["UUID"], Enabled=True, BatchSize=1)
    assert (changed["State"], changed["BatchSize"], changed["ScalingConfig"]) == ("Updating", 1, {"MaximumConcurrency": 2})
    assert out.until(lambda found: bool(found)) == [["waits"]]
    assert len(client.list_event_source_mappings()["EventSourceMappings"]) == 2
    found = client.list_event_source_mappings(EventSourceArn=queue.arn, FunctionName=function.name)["EventSourceMappings"]
    assert [m["UUID"] for m in found] == [made["UUID"]]
    first = client.list_event_source_mappings(MaxItems=1)
    second = client.list_event_source_mappings(MaxItems=1, Marker=first["NextMarker"])
    assert len({m["UUID"] for m in first["EventSourceMappings"] + second["EventSourceMappings"]}) == 2


def test_bad_mappings_are_refused(deploy: Any, cloud: Cloud) -> None:
    short, queue = Queue(cloud, "short", VisibilityTimeout="5"), Queue(cloud, "in")
    function = deploy(Timeout=10)
    client = function.client

    def refused(**members: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as problem:
            client.create_event_source_mapping(**{"FunctionName": function.name, "EventSourceArn": queue.arn, **members})
        said = problem.value.response["Error"]
        return said["Code"], said["Message"]

    said = "Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds"
    assert refused(EventSourceArn=short.arn) == ("InvalidParameterValueException", said)
    assert refused(FunctionName="none")[0] == "ResourceNotFoundException"
    assert refused(BatchSize=100)[1].startswith("Maximum batch window in seconds must be greater than 0")
    assert refused(StartingPosition="LATEST")[0] == "InvalidParameterValueException"
    assert refused(ScalingConfig={"MaximumConcurrency": 1})[0] == "ValidationException"
    assert refused(FilterCriteria={"Filters": [{"Pattern": "{"}]})[0] == "InvalidParameterValueException"
    assert refused(EventSourceArn="arn:aws:kafka:us-east-1:123456789012:cluster/s/1")[0] == "NotImplemented"
    client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    assert refused()[0] == "ResourceConflictException"


def test_a_mapping_goes_on_after_a_restart(start_cloud: Start, tmp_path: Any) -> None:
    first = start_cloud(data=tmp_path / "state")
    cloud = Cloud(first, new_account())
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")

    def make(here: Cloud) -> Any:
        import io
        import zipfile
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as z:
            z.writestr("app.py", TELLER)
        return here.client("lambda").create_function(
            FunctionName="f", Role=f"arn:aws:iam::{here.account}:role/r", Runtime="python3.11", Handler="app.handler",
            Code={"ZipFile": package.getvalue()}, Timeout=20, MemorySize=256, Environment={"Variables": {"OUT": out.url}})

    make(cloud)
    cloud.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=queue.arn)
    first.stop()
    cloud = Cloud(start_cloud(data=tmp_path / "state"), cloud.account)
    queue, out = Queue(cloud, "in"), Queue(cloud, "out")
    cloud.client("lambda").update_function_configuration(FunctionName="f", Environment={"Variables": {"OUT": out.url}})
    queue.send("after")
    assert out.until(lambda found: bool(found)) == [["after"]]


# --- streams ---


@pytest.fixture
def table(cloud: Cloud) -> Any:
    client = cloud.client("dynamodb")
    made = client.create_table(
        TableName="table", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    arn = made["TableDescription"]["LatestStreamArn"]

    def put(*numbers: int) -> str:
        for n in numbers:
            client.put_item(TableName="table", Item={"k": {"S": f"k{n}"}, "n": {"N": str(n)}, "b": {"B": b"\x01"}})
        return str(arn)

    return put


def test_records_of_a_stream_reach_the_function_in_order(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    function = teller(deploy, out)
    arn = table(1, 2)
    made = function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=arn,
                                                       StartingPosition="TRIM_HORIZON", BatchSize=10)
    assert (made["StartingPosition"], made["MaximumRetryAttempts"]) == ("TRIM_HORIZON", -1)
    assert flat(out.until(lambda found: len(flat(found)) == 2)) == ["1", "2"]
    table(*range(3, 12))
    found = flat(out.until(lambda found: len(flat(found)) == 9))
    assert found == [str(n) for n in range(3, 12)]
    eventually(lambda: function.client.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")


def test_the_latest_position_begins_with_what_comes(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    function = teller(deploy, out)
    arn = table(1)
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=arn, StartingPosition="LATEST")
    time.sleep(0.5)
    table(2)
    assert flat(out.until(lambda found: bool(found))) == ["2"]


def test_a_bad_record_is_found_by_halves_and_given_up(deploy: Any, cloud: Cloud, table: Any) -> None:
    out, lost = Queue(cloud, "out"), Queue(cloud, "lost")
    function = teller(deploy, out)
    arn = table(11, 12, 13, 14)
    function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": lost.arn}})
    record = lost.until(lambda found: bool(found))[0]
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert record["DDBStreamBatchInfo"]["streamArn"] == arn
    batches = out.until(lambda found: ["14"] in found)
    assert batches == [["11", "12", "13", "14"], ["11", "12"], ["13", "14"], ["13"], ["14"]]
    table(15)
    assert out.until(lambda found: bool(found)) == [["15"]]


def test_reported_failures_of_a_stream_are_tried_from_there(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    function = teller(deploy, out, PARTIAL="1")
    arn = table(11, 12, 13, 14)
    function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"])
    assert out.until(lambda found: len(found) >= 3)[:3] == [["11", "12", "13", "14"], ["13", "14"], ["13", "14"]]


def test_what_time_to_live_removes_tells_who_did_it(deploy: Any, cloud: Cloud, table: Any) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html"""
    out, dynamodb = Queue(cloud, "out"), cloud.client("dynamodb")
    who = TELLER.replace("seen = [", "seen = [(r.get('userIdentity') or {}).get('principalId') or ")
    function = deploy(who, Environment={"Variables": {"OUT": out.url}}, MemorySize=256, Timeout=20)
    dynamodb.update_time_to_live(TableName="table", TimeToLiveSpecification={"AttributeName": "ends", "Enabled": True})
    dynamodb.put_item(TableName="table", Item={"k": {"S": "k"}, "n": {"N": "1"}, "ends": {"N": str(int(time.time()) + 60)}})
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=table(),
                                                StartingPosition="TRIM_HORIZON")
    assert flat(out.until(bool)) == ["1"]
    cloud.clock.advance(61)
    assert flat(out.until(bool)) == ["dynamodb.amazonaws.com"]


def test_filters_of_a_stream_see_the_record(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    function = teller(deploy, out)
    arn = table(1)
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"n": {"N": ["3"]}}}}
    function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    table(2, 3, 4)
    assert flat(out.until(lambda found: bool(found))) == ["3"]


SUMS = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    state = event["state"]
    if event["isFinalInvokeForWindow"]:
        told = [state["sum"], len(event["Records"]), sorted(event["window"]), event["isWindowTerminatedEarly"]]
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(told))
        return {}
    numbers = [int(r["dynamodb"]["NewImage"]["n"]["N"]) for r in event["Records"]]
    return {"state": {"sum": state.get("sum", 0) + sum(numbers)}}
"""


def test_windows_keep_a_state_until_they_are_over(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    function = deploy(SUMS, Environment={"Variables": {"OUT": out.url}}, MemorySize=256, Timeout=20)
    client, arn = function.client, table()
    made = client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON",
                                              BatchSize=2, TumblingWindowInSeconds=900)
    assert made["TumblingWindowInSeconds"] == 900
    cloud.clock.advance(1800 - time.time() % 900)
    table(1, 2, 3)
    cloud.clock.advance(900)
    table(10, 20)
    assert out.until(bool) == [[6, 0, ["end", "start"], False]]
    cloud.clock.advance(900)
    assert out.until(bool) == [[30, 0, ["end", "start"], False]]
    with pytest.raises(ClientError, match="ParallelizationFactor must be 1"):
        client.update_event_source_mapping(UUID=made["UUID"], ParallelizationFactor=2)
    assert client.update_event_source_mapping(UUID=made["UUID"], TumblingWindowInSeconds=60)["TumblingWindowInSeconds"] == 60


# What concerns k1 waits until others were seen.
FIRST_IS_SLOW = """
import boto3, json, os, time
sqs, seen = boto3.client("sqs"), os.environ["SEEN"]
def handler(event, context):
    record = event["Records"][0]["dynamodb"]
    def others():
        told = sqs.get_queue_attributes(QueueUrl=seen, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"])
    while record["Keys"]["k"]["S"] == "k1" and others() < 2: time.sleep(0.02)
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps([record["NewImage"]["n"]["N"]]))
    sqs.send_message(QueueUrl=seen, MessageBody="x")
"""


def test_several_batches_of_a_shard_go_on_at_once_and_an_items_records_in_order(deploy: Any, cloud: Cloud, table: Any) -> None:
    out = Queue(cloud, "out")
    seen = Queue(cloud, "seen")
    function = deploy(FIRST_IS_SLOW, Environment={"Variables": {"OUT": out.url, "SEEN": seen.url}}, MemorySize=256, Timeout=20)
    arn = table(1, 2, 3)
    cloud.client("dynamodb").put_item(TableName="table", Item={"k": {"S": "k1"}, "n": {"N": "7"}})
    made = function.client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BatchSize=1, ParallelizationFactor=10)
    assert made["ParallelizationFactor"] == 10
    found = flat(out.until(lambda found: len(flat(found)) == 4))
    assert found[:2] in (["2", "3"], ["3", "2"])
    assert found[2:] == ["1", "7"]
    assert function.client.update_event_source_mapping(UUID=made["UUID"], ParallelizationFactor=2)["ParallelizationFactor"] == 2
    with pytest.raises(ClientError, match="not valid for SQS"):
        function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=Queue(cloud, "q").arn,
                                                    ParallelizationFactor=2)
    with pytest.raises(ClientError, match="kafka are not implemented") as problem:
        function.client.create_event_source_mapping(
            FunctionName=function.name, StartingPosition="LATEST",
            EventSourceArn=f"arn:aws:kafka:us-east-1:{cloud.account}:cluster/s/1")
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
