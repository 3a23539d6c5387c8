"""Other services call functions: what happens in a bucket, what a topic is told, what a log group gets."""

from __future__ import annotations

import base64
import gzip
import json
import time
from typing import Any

from conftest import Cloud

TELLER = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(event))
"""


def teller(deploy: Any, cloud: Cloud) -> tuple[Any, Any]:
    """A function that tells what it was given; and what gives the next of these."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="out")["QueueUrl"]
    function = deploy(TELLER, Environment={"Variables": {"OUT": url}}, MemorySize=256, Timeout=20)

    def told() -> Any:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return json.loads(message["Body"])
        raise AssertionError("nothing was told")

    return function, told


def test_objects_that_are_put_invoke(deploy: Any, cloud: Cloud) -> None:
    function, told = teller(deploy, cloud)
    s3, bucket = cloud.client("s3"), f"b-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    function.client.add_permission(FunctionName=function.name, StatementId="s3", Action="lambda:InvokeFunction",
                                   Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}")
    configuration = {"LambdaFunctionConfigurations": [{
        "LambdaFunctionArn": function.arn, "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}}}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert found[0]["LambdaFunctionArn"] == function.arn
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"x")
    s3.put_object(Bucket=bucket, Key="b.jpg", Body=b"x")
    record = told()["Records"][0]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "b.jpg")


def test_messages_of_a_topic_invoke(deploy: Any, cloud: Cloud) -> None:
    function, told = teller(deploy, cloud)
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    sns.publish(TopicArn=topic, Message="hello", Subject="s")
    record = told()["Records"][0]
    assert (record["EventSource"], record["Sns"]["Message"], record["Sns"]["Subject"]) == ("aws:sns", "hello", "s")


def test_lines_of_a_log_group_invoke(deploy: Any, cloud: Cloud) -> None:
    function, told = teller(deploy, cloud)
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_subscription_filter(logGroupName="g", filterName="f", filterPattern="ERROR", destinationArn=function.arn)
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now, "message": "ERROR here"}, {"timestamp": now, "message": "fine"}])
    said = json.loads(gzip.decompress(base64.b64decode(told()["awslogs"]["data"])))
    assert [e["message"] for e in said["logEvents"]] == ["ERROR here"]
