"""Functions that subscribe."""

from __future__ import annotations

import json
import time
from typing import Any

from conftest import Cloud
from services.lambda_.conftest import ROLE, zipped
from services.sqs.queues import bodies, make, receive, refused

# Tells a queue what it was given.
TELLER = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["SAID"], MessageBody=json.dumps(event))
"""


class Function:
    """A function that tells what it gets."""

    def __init__(self, cloud: Cloud) -> None:
        self.sqs = cloud.client("sqs")
        self.url = make(self.sqs, "said")
        made = cloud.client("lambda").create_function(
            FunctionName="f", Role=ROLE, Runtime="python3.11", Handler="app.handler", Timeout=20, MemorySize=256,
            Code={"ZipFile": zipped({"app.py": TELLER})}, Environment={"Variables": {"SAID": self.url}})
        self.arn = made["FunctionArn"]

    def got(self) -> dict[str, Any]:
        """The next event."""
        end = time.monotonic() + 20
        while not (found := receive(self.sqs, self.url)):
            assert time.monotonic() < end
            time.sleep(0.02)
        (body,) = bodies(found)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=found[0]["ReceiptHandle"])
        return dict(json.loads(body))


def test_a_function_gets_an_event_for_each_message(cloud: Cloud, sns: Any, topic: str) -> None:
    f = Function(cloud)
    arn = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f.arn)["SubscriptionArn"]
    assert arn.startswith(topic)
    sent = sns.publish(TopicArn=topic, Message="hello", Subject="S", MessageAttributes={
        "a": {"DataType": "String", "StringValue": "b"}})
    (record,) = f.got()["Records"]
    assert {k: v for k, v in record.items() if k != "Sns"} == {
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": arn}
    told = record["Sns"]
    assert (told["Type"], told["MessageId"], told["TopicArn"], told["Subject"], told["Message"]) == (
        "Notification", sent["MessageId"], topic, "S", "hello")
    assert told["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}
    assert told["SigningCertUrl"].endswith(".pem")
    assert arn in told["UnsubscribeUrl"]
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "x", "lambda": "for functions"}), MessageStructure="json")
    plain = f.got()["Records"][0]["Sns"]
    assert (plain["Message"], plain["Subject"], plain["MessageAttributes"]) == ("for functions", None, {})


def test_a_function_that_is_gone_leaves_dead_letters(cloud: Cloud, sns: Any, topic: str) -> None:
    sqs = cloud.client("sqs")
    dead = make(sqs, "dead")
    gone = f"arn:aws:lambda:us-east-1:{cloud.account}:function:gone"
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=gone, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:dead"})})
    sns.publish(TopicArn=topic, Message="lost")
    (got,) = receive(sqs, dead, MessageAttributeNames=["All"])
    assert json.loads(got["Body"])["Message"] == "lost"
    assert got["MessageAttributes"]["ErrorCode"]["StringValue"] == "ResourceNotFoundException"


def test_anothers_function_is_asked_to_confirm(cloud: Cloud, sns: Any, topic: str) -> None:
    other = cloud.other()
    f = Function(other)
    assert sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f.arn)["SubscriptionArn"] == "pending confirmation"
    asked = f.got()["Records"][0]["Sns"]
    assert asked["Type"] == "SubscriptionConfirmation"
    other.client("sns").confirm_subscription(TopicArn=topic, Token=asked["Token"])
    sns.publish(TopicArn=topic, Message="now")
    assert f.got()["Records"][0]["Sns"]["Message"] == "now"


def test_large_messages_go_to_machines_only(cloud: Cloud, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    with refused("InvalidParameter", "MaximumMessageSize"):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize", AttributeValue="1048576")
    large = sns.create_topic(Name="large", Attributes={"MaximumMessageSize": "1048576"})["TopicArn"]
    with refused("InvalidParameter", "MaximumMessageSize"):
        sns.subscribe(TopicArn=large, Protocol="email", Endpoint="a@example.com")
