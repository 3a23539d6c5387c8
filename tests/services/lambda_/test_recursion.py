"""Loops that feed themselves are stopped after sixteen rounds, unless the function may."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.services.lambda_ import lineage

# Invokes itself, and tells of each round in a queue.
AGAIN = """
import boto3, json, os
sqs, client = boto3.client("sqs"), boto3.client("lambda")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["SAID"], MessageBody=str(event["n"]))
    if event["n"] < 19:
        client.invoke(FunctionName=context.function_name, InvocationType="Event", Payload=json.dumps({"n": event["n"] + 1}))
"""
# Puts each message back into its own queue, one more.
BACK = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event["Records"]:
        for queue, more in (("HERE", 1), ("SAID", 0)):
            sqs.send_message(QueueUrl=os.environ[queue], MessageBody=str(int(record["body"]) + more))
"""
# Publishes to its own topic, or puts into its own bucket, what it was told, one more.
ROUND = """
import boto3, json, os
sqs, sns, s3 = boto3.client("sqs"), boto3.client("sns"), boto3.client("s3")
def handler(event, context):
    record = event["Records"][0]
    n = int(record["Sns"]["Message"] if "Sns" in record else record["s3"]["object"]["key"])
    sqs.send_message(QueueUrl=os.environ["SAID"], MessageBody=str(n))
    if n < 19 and "Sns" in record:
        sns.publish(TopicArn=os.environ["TOPIC"], Message=str(n + 1))
    elif n < 19:
        s3.put_object(Bucket=os.environ["BUCKET"], Key=str(n + 1), Body=b"")
"""
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"


def taken(cloud: Cloud, url: str, count: int) -> list[str]:
    sqs, end = cloud.client("sqs"), time.monotonic() + 20
    found: list[str] = []
    while len(found) < count and time.monotonic() < end:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
    return found


def made(cloud: Cloud, name: str, **attributes: str) -> tuple[str, str]:
    url = cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"


def test_a_function_that_invokes_itself_is_stopped(deploy: Any, cloud: Cloud) -> None:
    (said, _), (lost, lost_arn) = made(cloud, "said"), made(cloud, "lost")
    function = deploy(AGAIN, Environment={"Variables": {"SAID": said}}, MemorySize=256,
                      DeadLetterConfig={"TargetArn": lost_arn})
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps({"n": 1}))
    assert [json.loads(body) for body in taken(cloud, lost, 1)] == [{"n": 17}]
    assert sorted(map(int, taken(cloud, said, 16))) == list(range(1, 17))


def test_a_function_that_feeds_its_own_queue_is_stopped(deploy: Any, cloud: Cloud) -> None:
    lost, lost_arn = made(cloud, "lost")
    here, here_arn = made(cloud, "here", RedrivePolicy=json.dumps({"deadLetterTargetArn": lost_arn, "maxReceiveCount": 1}))
    said, _ = made(cloud, "said")
    function = deploy(BACK, Environment={"Variables": {"HERE": here, "SAID": said}}, MemorySize=256)
    function.client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=here_arn, BatchSize=1)
    sqs = cloud.client("sqs")
    sqs.send_message(QueueUrl=here, MessageBody="1")
    assert sorted(map(int, taken(cloud, said, 16))) == list(range(1, 17))
    end, names = time.monotonic() + 20, ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while sqs.get_queue_attributes(QueueUrl=here, AttributeNames=names)["Attributes"] != dict(zip(names, "01", strict=True)):
        assert time.monotonic() < end
        time.sleep(0.02)
    cloud.clock.advance(31)
    assert taken(cloud, lost, 1) == ["17"]


def traced(client: Any, operation: str, trace: str) -> None:
    """What the client sends comes with a trace."""
    client.meta.events.register(f"before-send.{operation}",
                                lambda request, **_: request.headers.update({"X-Amzn-Trace-Id": trace}))


def test_a_function_that_feeds_its_own_topic_or_bucket_is_stopped(deploy: Any, cloud: Cloud) -> None:
    (said, _), (lost, lost_arn) = made(cloud, "said"), made(cloud, "lost")
    sns, s3, bucket = cloud.client("sns"), cloud.client("s3"), f"round-{cloud.account}"
    topic = sns.create_topic(Name="round")["TopicArn"]
    function = deploy(ROUND, Environment={"Variables": {"SAID": said, "TOPIC": topic, "BUCKET": bucket}}, MemorySize=256,
                      DeadLetterConfig={"TargetArn": lost_arn})
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function.arn, "Events": ["s3:ObjectCreated:*"]}]})
    trace = TRACE
    for _ in range(13):                                  # that often it was through the function when it comes in
        trace = lineage.extended(trace, function.arn)
    traced(sns, "sns.Publish", trace)
    traced(s3, "s3.PutObject", trace)
    sns.publish(TopicArn=topic, Message="14")
    s3.put_object(Bucket=bucket, Key="14", Body=b"")
    stopped = [json.loads(body)["Records"][0] for body in taken(cloud, lost, 2)]
    assert [r["Sns"]["Message"] if "Sns" in r else r["s3"]["object"]["key"] for r in stopped] == ["17", "17"]
    assert {"Sns" in r for r in stopped} == {True, False}
    assert sorted(taken(cloud, said, 6)) == ["14", "14", "15", "15", "16", "16"]


def test_a_bucket_s_queue_and_topic_hand_the_trace_on(cloud: Cloud) -> None:
    s3, sqs, sns, bucket = cloud.client("s3"), cloud.client("sqs"), cloud.client("sns"), f"told-{cloud.account}"
    (direct, direct_arn), (behind, behind_arn) = made(cloud, "direct"), made(cloud, "behind")
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=behind_arn)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": direct_arn, "Events": ["s3:ObjectCreated:Put"]}],
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectRemoved:Delete"]}]})
    traced(s3, "s3", TRACE)
    s3.put_object(Bucket=bucket, Key="1", Body=b"")
    s3.delete_object(Bucket=bucket, Key="1")
    for url in (direct, behind):
        found: dict[str, Any] = {}
        while "Records" not in found.get("Body", ""):    # the test event comes first
            found, = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5,
                                         MessageSystemAttributeNames=["AWSTraceHeader"])["Messages"]
        assert found["Attributes"]["AWSTraceHeader"] == TRACE


def test_who_waits_is_told_and_who_may_goes_on(deploy: Any, cloud: Cloud) -> None:
    function = deploy("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']")
    client, name = function.client, function.name
    sent: dict[str, str] = {}
    client.meta.events.register("before-send.lambda.Invoke", lambda request, **_: request.headers.update(sent))
    sent["X-Amzn-Trace-Id"] = TRACE
    given = function()
    for _ in range(15):
        sent["X-Amzn-Trace-Id"] = given
        given = function()
    assert given.startswith(TRACE + ";Lineage=")
    assert lineage.passes(given, function.arn) == 16
    sent["X-Amzn-Trace-Id"] = given
    with pytest.raises(ClientError, match="recursive loop with other AWS resources") as problem:
        function()
    assert problem.value.response["Error"]["Code"] == "RecursiveInvocationException"
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    assert client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")["RecursiveLoop"] == "Allow"
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    assert lineage.passes(function(), function.arn) == 17
    with pytest.raises(ClientError, match="Function not found"):
        client.put_function_recursion_config(FunctionName="nobody", RecursiveLoop="Allow")


def test_the_lineage_keeps_each_function_on_the_way() -> None:
    trace = lineage.extended(lineage.extended(TRACE, "arn:a"), "arn:b")
    assert (lineage.passes(trace, "arn:a"), lineage.passes(trace, "arn:b"), lineage.passes(trace, "arn:c")) == (1, 1, 0)
    assert lineage.passes(lineage.extended(trace, "arn:a"), "arn:a") == 2
    assert lineage.furthest([TRACE, trace], "arn:a") == trace
    assert lineage.passes(TRACE + ";Lineage=x|:|y:z", "arn:a") == 0
