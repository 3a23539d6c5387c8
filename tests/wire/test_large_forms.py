"""Forms that are larger than what is held while it comes: they are received, then routed."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx

from conftest import Cloud


def ask(cloud: Cloud, **form: str) -> httpx.Response:
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={cloud.account}/20260101/us-east-1/sqs/aws4_request, "
               "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64, "X-Amz-Date": "20260101T000000Z",
               "Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(cloud.endpoint, content=urlencode({"Version": "2012-11-05", **form}), headers=headers)


def test_a_message_of_a_mebibyte_in_a_form(cloud: Cloud) -> None:
    url = cloud.client("sqs").create_queue(QueueName="large")["QueueUrl"]
    body = "ä" * (1_048_576 // 2)                                        # six bytes a character in the form
    answer = ask(cloud, Action="SendMessage", QueueUrl=url, MessageBody=body)
    assert answer.status_code == 200, answer.text[:300]
    assert cloud.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == body


def test_a_form_beyond_all_that_operations_take(cloud: Cloud) -> None:
    answer = ask(cloud, Action="SendMessage", QueueUrl="x", MessageBody="x" * (17 * 1_048_576))
    assert answer.status_code == 413
