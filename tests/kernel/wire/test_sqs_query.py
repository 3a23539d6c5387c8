"""SQS in the query protocol, held against the names in AWS's published examples of requests and answers."""

from __future__ import annotations

from urllib.parse import urlencode

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request


def parse(**fields: str) -> dict[str, object]:
    request = Request("POST", "/000000000000/q", {"content-type": "application/x-www-form-urlencoded",
                                                  "host": "sqs.us-east-1.amazonaws.com"}, urlencode(fields).encode())
    route = wire.route(request)
    assert route.op.protocol == "query"
    return route.op.parse(request, route.labels, request.body)


def test_attributes_are_numbered_entries() -> None:
    fields = {"Action": "CreateQueue", "QueueName": "q", "Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "40",
              "Tag.1.Key": "team", "Tag.1.Value": "blue"}
    assert parse(**fields) == {"QueueName": "q", "Attributes": {"VisibilityTimeout": "40"}, "tags": {"team": "blue"}}


def test_message_attributes_and_batches() -> None:
    fields = {"Action": "SendMessageBatch", "QueueUrl": "u", "SendMessageBatchRequestEntry.1.Id": "a",
              "SendMessageBatchRequestEntry.1.MessageBody": "one", "SendMessageBatchRequestEntry.2.Id": "b",
              "SendMessageBatchRequestEntry.2.MessageBody": "two",
              "SendMessageBatchRequestEntry.2.MessageAttribute.1.Name": "n",
              "SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.StringValue": "5",
              "SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.DataType": "Number"}
    assert parse(**fields) == {"QueueUrl": "u", "Entries": [
        {"Id": "a", "MessageBody": "one"},
        {"Id": "b", "MessageBody": "two", "MessageAttributes": {"n": {"StringValue": "5", "DataType": "Number"}}}]}


def test_names_of_attributes_are_a_flat_list() -> None:
    fields = {"Action": "ReceiveMessage", "QueueUrl": "u", "AttributeName.1": "All", "MessageAttributeName.1": "a",
              "MessageAttributeName.2": "b"}
    assert parse(**fields) == {"QueueUrl": "u", "AttributeNames": ["All"], "MessageAttributeNames": ["a", "b"]}


def test_answers_repeat_their_elements() -> None:
    op = wire.op("sqs", "ReceiveMessage", "query")
    result = {"Messages": [{"MessageId": "1", "Body": "a<b", "Attributes": {"SenderId": "x"}}]}
    body = op.serialise(result, Request("POST", "/", {}), "r").body
    assert body == (b'<ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult><Message>'
                    b"<MessageId>1</MessageId><Body>a&lt;b</Body><Attribute><Name>SenderId</Name><Value>x</Value></Attribute>"
                    b"</Message></ReceiveMessageResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
                    b"</ReceiveMessageResponse>")


def test_errors_have_the_codes_of_old() -> None:
    problem = AwsError("QueueDoesNotExist", "gone")
    request = Request("POST", "/", {})
    body = wire.op("sqs", "GetQueueUrl", "query").error(problem, request, "r").body
    assert b"<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>gone</Message>" in body
    response = wire.op("sqs", "GetQueueUrl", "json-1.0").error(problem, request, "r")
    assert response.body == b'{"message":"gone","__type":"com.amazonaws.sqs#QueueDoesNotExist"}'
    assert ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender") in response.headers
