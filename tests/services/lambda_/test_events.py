"""Asynchronous events: done once, tried again by the clock, and told to destinations and dead-letter queues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

# Tells of each attempt in a queue, and fails when the event says so.
TELLER = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["SAID"], MessageBody=json.dumps([event, context.aws_request_id]))
    if event.get("fail"): raise ValueError("on purpose")
    return {"done": event}
"""


class Queue:
    """A queue of this test."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.client = cloud.client("sqs")
        self.url = self.client.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"

    def take(self, most: int = 10) -> list[dict[str, Any]]:
        got = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=most, MessageAttributeNames=["All"])
        found: list[dict[str, Any]] = got.get("Messages", [])
        for message in found:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def until(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        end, found = time.monotonic() + seconds, self.take()
        while len(found) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} messages"
            time.sleep(0.02)
            found += self.take()
        return found


@pytest.fixture
def queue(cloud: Cloud) -> Callable[[str], Queue]:
    return lambda name: Queue(cloud, name)


def teller(deploy: Any, said: Queue, **more: Any) -> Any:
    return deploy(TELLER, Environment={"Variables": {"SAID": said.url}}, MemorySize=256, Timeout=20, **more)


def test_an_event_is_accepted_and_done_once(deploy: Any, queue: Any, cloud: Cloud) -> None:
    said = queue("said")
    function = teller(deploy, said)
    answer = function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps({"n": 1}))
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    request = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(said.until(1)[0]["Body"]) == [{"n": 1}, request]
    assert function.client.invoke_async(FunctionName=function.name, InvokeArgs=b'{"n": 2}')["Status"] == 202
    assert json.loads(said.until(1)[0]["Body"])[0] == {"n": 2}
    cloud.clock.advance(600)
    assert said.take() == []


def test_a_failing_event_is_tried_again_after_one_and_two_minutes(deploy: Any, queue: Any, cloud: Cloud) -> None:
    said, dead = queue("said"), queue("dead")
    function = teller(deploy, said, DeadLetterConfig={"TargetArn": dead.arn})
    answer = function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps({"fail": 1}))
    request = answer["ResponseMetadata"]["RequestId"]
    said.until(1)
    cloud.clock.advance(55)
    assert said.take() == []
    cloud.clock.advance(10)
    said.until(1)
    cloud.clock.advance(105)
    assert said.take() == []
    assert dead.take() == []
    cloud.clock.advance(20)
    said.until(1)
    letter = dead.until(1)[0]
    assert json.loads(letter["Body"]) == {"fail": 1}
    told = {k: v["StringValue"] for k, v in letter["MessageAttributes"].items()}
    assert told == {"RequestID": request, "ErrorCode": "200", "ErrorMessage": "on purpose"}
    cloud.clock.advance(3600)
    assert said.take() == []


def test_destinations_are_told_of_success_and_failure(deploy: Any, queue: Any, cloud: Cloud) -> None:
    said, good, bad = queue("said"), queue("good"), queue("bad")
    function = teller(deploy, said)
    client = function.client
    config = client.put_function_event_invoke_config(
        FunctionName=function.name, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnSuccess": {"Destination": good.arn}, "OnFailure": {"Destination": bad.arn}})
    assert config["FunctionArn"] == f"{function.arn}:$LATEST"
    client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"n": 1}')
    record = json.loads(good.until(1)[0]["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"] == f"{function.arn}:$LATEST"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestPayload"] == {"n": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == {"done": {"n": 1}}
    client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"fail": 1}')
    record = json.loads(bad.until(1)[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "on purpose"
    assert good.take() == []


def test_a_bucket_keeps_what_failed(deploy: Any, cloud: Cloud) -> None:
    function = deploy("def handler(event, context): raise ValueError('on purpose')")
    s3, bucket = cloud.client("s3"), f"failed-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name, MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}})
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"n": 1}')
    end = time.monotonic() + 15
    while not s3.list_objects_v2(Bucket=bucket)["KeyCount"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    [found] = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert found["Key"].startswith(f"aws/lambda/async/{function.name}/20")
    said = json.loads(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
    assert (said["requestPayload"], said["responsePayload"]["errorMessage"]) == ({"n": 1}, "on purpose")


def test_events_for_which_there_is_no_room_wait_until_they_are_too_old(deploy: Any, queue: Any, cloud: Cloud) -> None:
    said, bad = queue("said"), queue("bad")
    function = teller(deploy, said)
    client = function.client
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    client.put_function_event_invoke_config(FunctionName=function.name, MaximumEventAgeInSeconds=100,
                                            DestinationConfig={"OnFailure": {"Destination": bad.arn}})
    for n in (1, 2):
        client.invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps({"n": n}))
        cloud.clock.advance(50)
        assert said.take() == []
        if n == 1:
            client.delete_function_concurrency(FunctionName=function.name)
            cloud.clock.advance(50)
            assert json.loads(said.until(1)[0]["Body"])[0] == {"n": 1}
            client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    cloud.clock.advance(100)
    record = json.loads(bad.until(1)[0]["Body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert "responsePayload" not in record


def test_a_destination_may_be_another_function_or_a_topic(deploy: Any, queue: Any, cloud: Cloud) -> None:
    said, heard = queue("said"), queue("heard")
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard.arn, Attributes={"RawMessageDelivery": "true"})
    second = teller(deploy, said, name="second")
    first = deploy("def handler(event, context): return 'first'", name="first")
    for name, target in (("first", second.arn), ("second", topic)):
        first.client.put_function_event_invoke_config(FunctionName=name,
                                                      DestinationConfig={"OnSuccess": {"Destination": target}})
    first.client.invoke(FunctionName="first", InvocationType="Event", Payload=b"1")
    event, _ = json.loads(said.until(1)[0]["Body"])
    assert event["responsePayload"] == "first"
    assert json.loads(heard.until(1)[0]["Body"])["responsePayload"]["done"] == event


def test_configurations_are_told_changed_and_ended(deploy: Any) -> None:
    function = deploy()
    client, name = function.client, function.name
    client.publish_version(FunctionName=name)

    def refused(call: Any, **members: Any) -> str:
        with pytest.raises(ClientError) as problem:
            call(FunctionName=name, **members)
        return problem.value.response["Error"]["Code"]

    assert refused(client.get_function_event_invoke_config) == "ResourceNotFoundException"
    assert refused(client.put_function_event_invoke_config) == "InvalidParameterValueException"
    assert refused(client.put_function_event_invoke_config, MaximumRetryAttempts=3) == "ValidationException"
    put = client.put_function_event_invoke_config
    assert refused(put, Qualifier="9", MaximumRetryAttempts=1) == "ResourceNotFoundException"
    assert refused(put, DestinationConfig={"OnSuccess": {"Destination": "arn:aws:s3:::b"}}
                   ) == "InvalidParameterValueException"
    assert refused(client.update_function_event_invoke_config, MaximumRetryAttempts=1) == "ResourceNotFoundException"
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    client.put_function_event_invoke_config(FunctionName=name, Qualifier="1", MaximumEventAgeInSeconds=90)
    changed = client.update_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=120)
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 120)
    told = client.get_function_event_invoke_config(FunctionName=name)
    for answer in (told, changed):
        del answer["ResponseMetadata"]
    assert told == changed
    found = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    assert [c["FunctionArn"].rpartition(":")[2] for c in found] == ["$LATEST", "1"]
    client.delete_function_event_invoke_config(FunctionName=name)
    assert refused(client.delete_function_event_invoke_config) == "ResourceNotFoundException"
    assert len(client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]) == 1
