"""The search for resources."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Page


def search(page: Page, text: str) -> Any:
    answer = page.ask("GET", f"search?q={text}")
    assert answer.status_code == 200, answer.text
    return {(found["type"], found["id"]) for found in answer.json()["resources"]}


def test_resources_are_found_by_a_part_of_their_name(page: Page) -> None:
    bucket = f"orders-{page.cloud.account}"
    page.cloud.client("s3").create_bucket(Bucket=bucket)
    page.cloud.client("sqs").create_queue(QueueName="Orders-queue")
    page.cloud.client("iam").create_user(UserName="ordering")
    page.cloud.client("sqs", region="eu-west-1").create_queue(QueueName="orders-elsewhere")
    page.cloud.other().client("sqs").create_queue(QueueName="orders-of-another")
    assert search(page, "order") == {("AWS::S3::Bucket", bucket), ("AWS::SQS::Queue", "Orders-queue"),
                                     ("AWS::IAM::User", "ordering")}
    assert search(page, "queue") == {("AWS::SQS::Queue", "Orders-queue")}
    assert search(page, "o") == set()
    assert search(page, "nothing-has-this") == set()


def test_who_may_not_see_resources_finds_none(page: Page) -> None:
    iam = page.cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="First-pass-1")
    user = Page(page.cloud)
    user.sign_in(username="ann", password="First-pass-1")
    page.ask("POST", "control/iam", {"subject": page.cloud.account, "mode": "enforce"})
    assert user.ask("GET", "search?q=ann").status_code == 403
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "tag:GetResources", "Resource": "*"}]}))
    assert search(user, "ann") == {("AWS::IAM::User", "ann")}
