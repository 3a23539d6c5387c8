"""The protocol of SDKs before 2023: signed forms, XML answers."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Cloud

NAMESPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"


class Old:
    """A client of the query protocol."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def __call__(self, action: str, path: str = "/", **members: Any) -> ElementTree.Element:
        body = urlencode({"Action": action, "Version": "2012-11-05", **members})
        request = AWSRequest("POST", self.cloud.endpoint + path, data=body,
                             headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        SigV4Auth(Credentials(self.cloud.account, "test"), "sqs", "us-east-1").add_auth(request)
        sent = Request(request.url, data=body.encode(), headers=dict(request.headers.items()))
        try:
            with urlopen(sent) as answer:
                assert answer.headers["Content-Type"].startswith("text/xml")
                return ElementTree.fromstring(answer.read())
        except HTTPError as problem:
            return ElementTree.fromstring(problem.read())


@pytest.fixture
def old(cloud: Cloud) -> Old:
    return Old(cloud)


def texts(answer: ElementTree.Element, name: str) -> list[str | None]:
    return [element.text for element in answer.iter(NAMESPACE + name)]


def test_a_message_by_forms_and_xml(cloud: Cloud, old: Old) -> None:
    made = old("CreateQueue", QueueName="jobs", **{"Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "40",
                                                  "Tag.1.Key": "team", "Tag.1.Value": "a"})
    assert made.tag == NAMESPACE + "CreateQueueResponse"
    (url,) = texts(made, "QueueUrl")
    assert url == f"{cloud.endpoint}/{cloud.account}/jobs"
    sent = old("SendMessage", QueueUrl=url, MessageBody="a<b>&\u20ac", **{
        "MessageAttribute.1.Name": "color", "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "red"})
    assert len(texts(sent, "MD5OfMessageBody")[0] or "") == 32
    got = old("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10,
              **{"AttributeName.1": "All", "MessageAttributeName.1": "All"})
    (message,) = got.iter(NAMESPACE + "Message")
    assert message.findtext(NAMESPACE + "Body") == "a<b>&\u20ac"
    pairs = {e.findtext(NAMESPACE + "Name"): e.findtext(NAMESPACE + "Value") for e in message.iter(NAMESPACE + "Attribute")}
    assert pairs["ApproximateReceiveCount"] == "1"
    (attribute,) = message.iter(NAMESPACE + "MessageAttribute")
    assert attribute.findtext(f"{NAMESPACE}Value/{NAMESPACE}StringValue") == "red"
    old("DeleteMessage", QueueUrl=url, ReceiptHandle=message.findtext(NAMESPACE + "ReceiptHandle"))
    told = old("GetQueueAttributes", QueueUrl=url, **{"AttributeName.1": "ApproximateNumberOfMessagesNotVisible",
                                                      "AttributeName.2": "VisibilityTimeout"})
    assert {e.findtext(NAMESPACE + "Name"): e.findtext(NAMESPACE + "Value") for e in told.iter(NAMESPACE + "Attribute")} == {
        "ApproximateNumberOfMessagesNotVisible": "0", "VisibilityTimeout": "40"}
    assert texts(old("ListQueues"), "QueueUrl") == [url]


def test_the_queue_may_be_named_by_the_path(cloud: Cloud, old: Old) -> None:
    old("CreateQueue", QueueName="jobs")
    path = f"/{cloud.account}/jobs"
    batch = {"SendMessageBatchRequestEntry.1.Id": "a", "SendMessageBatchRequestEntry.1.MessageBody": "one",
             "SendMessageBatchRequestEntry.2.Id": "b", "SendMessageBatchRequestEntry.2.MessageBody": "t\x01wo"}
    sent = old("SendMessageBatch", path, **batch)
    assert [e.findtext(NAMESPACE + "Id") for e in sent.iter(NAMESPACE + "SendMessageBatchResultEntry")] == ["a"]
    (failed,) = sent.iter(NAMESPACE + "BatchResultErrorEntry")
    assert failed.findtext(NAMESPACE + "Code") == "InvalidMessageContents"
    assert texts(old("ReceiveMessage", path), "Body") == ["one"]
    old("DeleteQueue", path)
    assert [e.text for e in old("GetQueueUrl", QueueName="jobs").iter() if e.tag.endswith("Code")] == [
        "AWS.SimpleQueueService.NonExistentQueue"]


def test_errors_have_the_codes_that_old_clients_know(old: Old) -> None:
    old("CreateQueue", QueueName="jobs")
    for action, members, code in (
            ("CreateQueue", {"QueueName": "jobs", "Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "5"},
             "QueueAlreadyExists"),
            ("CreateQueue", {"QueueName": "a b"}, "InvalidParameterValue"),
            ("CreateQueue", {"QueueName": "c", "Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "x"},
             "InvalidAttributeValue"),
            ("GetQueueUrl", {"QueueName": "none"}, "AWS.SimpleQueueService.NonExistentQueue")):
        answer = old(action, **members)
        assert [e.text for e in answer.iter() if e.tag.endswith("}Code") or e.tag == "Code"] == [code]
