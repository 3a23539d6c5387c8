"""Calls that the page makes: what they do, and what is told of them."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

from .conftest import Page


def test_a_call_does_what_the_api_does(page: Page) -> None:
    made = page.invoke("sqs", "CreateQueue", QueueName="jobs", Attributes={"DelaySeconds": "5"}, tags={"team": "red"})
    assert made["status"] == 200
    assert made["ms"] > 0
    assert made["cli"] == ('aws sqs create-queue --queue-name jobs --attributes \'{"DelaySeconds":"5"}\' '
                           '--tags \'{"team":"red"}\' --region us-east-1')
    sqs = page.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    assert made["result"]["QueueUrl"] == url
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"] == {"DelaySeconds": "5"}


def test_a_call_goes_to_its_region(page: Page) -> None:
    page.invoke("sqs", "CreateQueue", "eu-central-1", QueueName="there")
    assert "QueueUrls" not in page.cloud.client("sqs").list_queues()
    assert len(page.cloud.client("sqs", region="eu-central-1").list_queues()["QueueUrls"]) == 1


def test_errors_are_told_with_aws_words(page: Page) -> None:
    missing = page.invoke("sqs", "GetQueueUrl", QueueName="nowhere")
    assert (missing["status"], missing["error"]["code"]) == (400, "AWS.SimpleQueueService.NonExistentQueue")
    assert missing["error"]["message"] == "The specified queue does not exist."
    wrong = page.invoke("sqs", "CreateQueue", Name="x")
    assert wrong["error"]["code"] == "ParamValidationError"
    assert "QueueName" in wrong["error"]["message"]
    absent = page.invoke("gamelift", "ListFleets")
    assert (absent["status"], absent["error"]["code"]) == (501, "NotImplemented")


def test_every_protocol_is_spoken(page: Page) -> None:
    page.invoke("s3", "CreateBucket", Bucket=f"b-{page.cloud.account}")
    assert page.invoke("s3", "ListBuckets")["result"]["Buckets"][0]["Name"] == f"b-{page.cloud.account}"
    page.invoke("iam", "CreateUser", UserName="ann")
    assert [u["UserName"] for u in page.invoke("iam", "ListUsers")["result"]["Users"]] == ["ann"]
    page.invoke("dynamodb", "CreateTable", TableName="things", BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    page.cloud.client("dynamodb").get_waiter("table_exists").wait(TableName="things", WaiterConfig={"Delay": 1})
    page.invoke("dynamodb", "PutItem", TableName="things", Item={"k": {"S": "a"}, "v": {"B": {"base64": "AAEC"}}})
    got = page.invoke("dynamodb", "GetItem", TableName="things", Key={"k": {"S": "a"}})
    assert got["status"] == 200, got
    item = got["result"]["Item"]
    assert item == {"k": {"S": "a"}, "v": {"B": {"base64": "AAEC"}}}


def test_blobs_come_as_text_or_base64(page: Page) -> None:
    key = page.invoke("kms", "CreateKey")["result"]["KeyMetadata"]["KeyId"]
    sealed = page.invoke("kms", "Encrypt", KeyId=key, Plaintext="hello")["result"]["CiphertextBlob"]
    opened = page.invoke("kms", "Decrypt", CiphertextBlob=sealed)
    plain = opened["result"]["Plaintext"]
    assert opened["cli"].split(" --")[1] == f"ciphertext-blob {sealed['base64']}"
    assert base64.b64decode(plain["base64"]) == b"hello"


def test_the_decision_is_told_and_explained(page: Page) -> None:
    iam = page.cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="First-pass-1")
    user = Page(page.cloud)
    user.sign_in(username="ann", password="First-pass-1")
    told = user.invoke("sqs", "CreateQueue", QueueName="hers")
    assert (told["decision"]["allowed"], told["decision"]["mode"]) == (False, "audit")
    assert "is not authorized to perform: sqs:createqueue" in told["decision"]["message"]
    explained = user.ask("GET", f"control/explain?request={told['request']}").json()
    assert (explained["decision"], explained["action"]) == ("denied", "sqs:CreateQueue")
    answer = page.ask("POST", "control/iam", {"subject": page.cloud.account, "mode": "enforce"})
    assert answer.status_code == 200
    refused = user.invoke("sqs", "CreateQueue", QueueName="other")
    assert (refused["status"], refused["error"]["code"]) == (403, "AccessDenied")


def test_calls_are_in_the_record_with_their_principal(page: Page) -> None:
    told = page.invoke("sqs", "ListQueues")
    calls = page.ask("GET", "control/calls?limit=500").json()["calls"]
    found = next(c for c in calls if c["id"] == told["request"])
    assert (found["service"], found["operation"], found["principal"]) == (
        "sqs", "ListQueues", f"arn:aws:iam::{page.cloud.account}:root")


def test_the_feed_tells_calls_as_they_come(page: Page) -> None:
    headers = {"x-cumulet-token": page.token}
    with page.http.stream("GET", "api/control/calls?follow=1", headers=headers) as feed:
        told: dict[str, Any] = {}
        for line in _lines_while(feed, page):
            entry = json.loads(line)
            if entry["account"] == page.cloud.account:
                told = entry
                break
    assert told["operation"] == "ListTopics"


def _lines_while(feed: httpx.Response, page: Page) -> Any:
    """The feed's lines; a call is made as soon as it is open."""
    Page(page.cloud, page.token).invoke("sns", "ListTopics")
    yield from feed.iter_lines()


def test_a_call_that_waits_is_answered_when_something_comes(page: Page) -> None:
    url = page.invoke("sqs", "CreateQueue", QueueName="slow")["result"]["QueueUrl"]
    page.cloud.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    got = page.invoke("sqs", "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=5)
    assert got["result"]["Messages"][0]["Body"] == "m"


def test_bad_questions_are_told_so(page: Page) -> None:
    for body in ({}, {"service": "sqs"}, {"service": "sqs", "operation": "ListQueues", "params": []}, [],
                 {"service": "nothing", "operation": "X"}, {"service": "sqs", "operation": "X"}):
        assert page.ask("POST", "invoke", body).status_code == 400
    assert page.ask("GET", "nothing").status_code == 404
