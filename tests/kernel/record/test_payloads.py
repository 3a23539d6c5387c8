"""What the inspector keeps of requests and answers: small ones, without secrets, off the way of the call."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.kernel.http.message import Response
from cumulet.kernel.record.payloads import BURST, FAST, RING, SMALL, Payloads


def told(cloud: Cloud, operation: str) -> Any:
    """The newest call of this operation, as the control API tells it."""
    calls = httpx.get(f"{cloud.endpoint}/_cumulet/calls", params={"limit": 200}).json()["calls"]
    found = [call for call in calls if call["operation"] == operation and call["account"] == cloud.account][-1]
    return httpx.get(f"{cloud.endpoint}/_cumulet/call", params={"id": found["id"]}).json()


def test_request_and_answer_of_each_protocol(cloud: Cloud) -> None:
    url = cloud.client("sqs").create_queue(QueueName="q", Attributes={"DelaySeconds": "5"})["QueueUrl"]
    call = told(cloud, "CreateQueue")
    assert (call["request"], call["response"]) == (
        {"QueueName": "q", "Attributes": {"DelaySeconds": "5"}}, {"QueueUrl": url})
    assert call["cli"] == "aws sqs create-queue --queue-name q --attributes '{\"DelaySeconds\":\"5\"}' --region us-east-1"
    cloud.client("iam").create_user(UserName="ann", Tags=[{"Key": "a", "Value": "b"}])
    call = told(cloud, "CreateUser")
    assert call["request"] == {"UserName": "ann", "Tags": [{"Key": "a", "Value": "b"}]}
    assert call["response"]["User"]["Arn"].endswith(":user/ann")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=f"b-{cloud.account}")
    s3.put_object(Bucket=f"b-{cloud.account}", Key="k", Body=b"secret content")
    assert told(cloud, "PutObject")["request"]["Key"] == "k"
    assert "secret content" not in json.dumps(told(cloud, "PutObject"))


def test_items_of_tables(cloud: Cloud) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(TableName="items", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    item = {"k": {"S": "a"}, "n": {"N": "1"}, "b": {"B": b"bytes"}, "l": {"L": [{"BOOL": True}]}}
    dynamodb.put_item(TableName="items", Item=item)
    shown = {**item, "b": {"B": "(5 bytes)"}}
    assert told(cloud, "PutItem")["request"]["Item"] == shown
    dynamodb.get_item(TableName="items", Key={"k": {"S": "a"}})
    assert told(cloud, "GetItem")["response"]["Item"] == shown


def test_errors_and_what_a_call_caused(cloud: Cloud) -> None:
    with pytest.raises(ClientError):
        cloud.client("sqs").get_queue_url(QueueName="nowhere")
    assert told(cloud, "GetQueueUrl")["response"]["message"] == "The specified queue does not exist."
    sqs, sns = cloud.client("sqs"), cloud.client("sns")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sns.create_topic(Name="t")["TopicArn"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    sns.publish(TopicArn=arn, Message="to whom it may concern")
    call = told(cloud, "Publish")
    assert call["request"] == {"TopicArn": arn, "Message": "to whom it may concern"}
    assert [inner["operation"] for inner in call["caused"]] == ["SendMessage"]
    inner = httpx.get(f"{cloud.endpoint}/_cumulet/call", params={"id": call["caused"][0]["id"]}).json()
    assert "to whom it may concern" in inner["request"]["MessageBody"]


def test_what_is_large_is_not_kept(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x" * (SMALL + 1))
    call = told(cloud, "SendMessage")
    assert (call["request"], call["response"]) == (None, None)
    assert call["call"]["members"] == ["QueueUrl", "MessageBody"]


def test_a_secret_is_masked_and_old_calls_make_room(cloud: Cloud) -> None:
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="nobody-may-read")
    call = told(cloud, "CreateSecret")
    assert call["request"]["SecretString"] == "***"
    assert call["response"]["Name"] == "db"
    session = cloud.client("sts").get_session_token()["Credentials"]
    answer = told(cloud, "GetSessionToken")["response"]["Credentials"]
    assert (answer["SecretAccessKey"], answer["SessionToken"]) == ("***", "***")
    assert answer["AccessKeyId"] == session["AccessKeyId"]
    for _ in range(RING):
        cloud.client("sts").get_caller_identity()
    kept = cloud.kernel.recorder.payloads
    assert kept.told(call["call"]["id"]) is None
    assert httpx.get(f"{cloud.endpoint}/_cumulet/call", params={"id": "none"}).status_code == 400


def test_a_burst_is_kept_shorter() -> None:
    payloads = Payloads()

    def take(number: int) -> None:
        request: Any = SimpleNamespace(body=b"{}", stream=None)
        route = SimpleNamespace(op=SimpleNamespace(service="sqs", name="ListQueues"))
        exchange: Any = SimpleNamespace(request=request, members={}, result={}, route=route, request_id=str(number))
        payloads.take(exchange, Response(200, [], b"{}"))

    def kept() -> int:
        return sum(payloads.told(str(number)) is not None for number in range(1000))

    for number in range(RING):
        time.sleep(2 * FAST / BURST)
        take(number)
    assert kept() > RING // 2              # all of them, if the machine does not stumble
    for number in range(RING, 1000):
        take(number)
    assert kept() < RING // 2
    assert payloads.told("999") == {"request": {}, "response": {}}
