"""Where policies are enforced, sources are read and destinations told with the rights of the execution role."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account
from services.lambda_.conftest import zipped

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Stage:
    """A function with a role that may do nothing yet, and a queue for each test's end."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.sqs, self.iam = cloud, cloud.client("sqs"), cloud.client("iam")
        self.client = cloud.client("lambda")
        role = self.iam.create_role(RoleName="runner", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.client.create_function(FunctionName="f", Role=role, Runtime="python3.11", Handler="app.handler", Timeout=10,
                                    Code={"ZipFile": zipped({"app.py": "def handler(event, context): return 'done'"})})

    def queue(self, name: str) -> tuple[str, str]:
        return (self.sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:{self.cloud.account}:{name}")

    def allow(self, *actions: str) -> None:
        self.iam.put_role_policy(RoleName="runner", PolicyName="p", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))

    def left(self, url: str) -> int:
        told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture
def stage(start_cloud: Start) -> Stage:
    return Stage(Cloud(start_cloud(iam="enforce"), new_account()))


def eventually(what: Any) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_sources_are_read_with_the_roles_rights(stage: Stage) -> None:
    url, arn = stage.queue("in")

    def refused(source: str, **more: Any) -> str:
        with pytest.raises(ClientError) as problem:
            stage.client.create_event_source_mapping(FunctionName="f", EventSourceArn=source, **more)
        assert problem.value.response["Error"]["Code"] == "InvalidParameterValueException"
        return str(problem.value.response["Error"]["Message"])

    assert refused(arn) == "The provided execution role does not have permissions to call ReceiveMessage on SQS"
    stage.allow("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
    assert refused(arn) == "The provided execution role does not have permissions to call DeleteMessage on SQS"
    stage.allow("sqs:*")
    stage.client.create_event_source_mapping(FunctionName="f", EventSourceArn=arn)
    stage.sqs.send_message(QueueUrl=url, MessageBody="one")
    eventually(lambda: stage.left(url) == 0)
    table = stage.cloud.client("dynamodb").create_table(
        TableName="table", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    stream = table["TableDescription"]["LatestStreamArn"]
    assert refused(stream, StartingPosition="LATEST").startswith(f"Cannot access stream {stream}. Please ensure the role")
    stage.allow("dynamodb:*")                            # and no right to the queue any more
    made = stage.client.create_event_source_mapping(FunctionName="f", EventSourceArn=stream, StartingPosition="TRIM_HORIZON")
    stage.cloud.client("dynamodb").put_item(TableName="table", Item={"k": {"S": "a"}})
    eventually(lambda: stage.client.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")


def test_kinesis_streams_are_read_with_the_roles_rights(stage: Stage) -> None:
    kinesis, arn = stage.cloud.client("kinesis"), f"arn:aws:kinesis:us-east-1:{stage.cloud.account}:stream/s"
    kinesis.create_stream(StreamName="s", ShardCount=1)
    mapping = {"FunctionName": "f", "EventSourceArn": arn, "StartingPosition": "TRIM_HORIZON"}
    with pytest.raises(ClientError, match=f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords"):
        stage.client.create_event_source_mapping(**mapping)
    stage.iam.attach_role_policy(
        RoleName="runner", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole")
    made = stage.client.create_event_source_mapping(**mapping)
    kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
    kinesis.put_record(StreamName="s", Data=b"one", PartitionKey="k")
    eventually(lambda: stage.client.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")


def test_destinations_are_told_with_the_roles_rights(stage: Stage) -> None:
    url, arn = stage.queue("out")
    stage.client.put_function_event_invoke_config(FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arn}})
    stage.allow("logs:*")
    stage.client.invoke(FunctionName="f", InvocationType="Event", Payload=b'"lost"')
    logs = stage.cloud.client("logs")

    def ends() -> int:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
        told = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"] if groups else []
        return sum(event["message"].startswith("END") for event in told)

    eventually(lambda: ends() == 1)
    stage.allow("sqs:SendMessage")
    stage.client.invoke(FunctionName="f", InvocationType="Event", Payload=b'"told"')
    eventually(lambda: stage.left(url) >= 1)
    body = stage.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["requestPayload"] for message in body] == ["told"]
