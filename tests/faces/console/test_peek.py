"""Looking into a queue."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Page


def peek(page: Page, url: str) -> Any:
    answer = page.ask("POST", "peek", {"queue": url})
    assert answer.status_code == 200, answer.text
    return answer.json()["messages"]


def test_a_look_receives_nothing(page: Page) -> None:
    sqs = page.cloud.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    assert [(m["body"], m["state"], m["receives"]) for m in peek(page, url)] == [
        ("first", "available", 0), ("second", "available", 0), ("later", "delayed", 0)]
    assert peek(page, url)[0]["attributes"] == ["n"]
    got = sqs.receive_message(QueueUrl=url)["Messages"]
    assert [m["Body"] for m in got] == ["first"]
    assert {m["body"]: m["state"] for m in peek(page, url)} == {"first": "in flight", "second": "available", "later": "delayed"}


def test_who_may_not_receive_may_not_look(page: Page) -> None:
    iam, sqs = page.cloud.client("iam"), page.cloud.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="First-pass-1")
    user = Page(page.cloud)
    signed = user.sign_in(username="ann", password="First-pass-1")
    assert signed.status_code == 200, signed.text
    page.ask("POST", "control/iam", {"subject": page.cloud.account, "mode": "enforce"})
    refused = user.ask("POST", "peek", {"queue": url})
    assert refused.status_code == 403, refused.text
    assert "is not authorized to perform: sqs:receivemessage" in refused.json()["error"]
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}]}))
    assert peek(user, url) == []


def test_a_queue_that_is_not_there(page: Page) -> None:
    answer = page.ask("POST", "peek", {"queue": f"{page.cloud.endpoint}/{page.cloud.account}/nowhere"})
    assert (answer.status_code, answer.json()["error"]) == (400, "The specified queue does not exist.")
