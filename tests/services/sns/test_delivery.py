"""From a publish to the queues: envelopes, raw messages, filters, FIFO, dead letters."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import md5
from typing import Any
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate
from msgspec import structs

from conftest import Cloud
from cumulet.services.sns.resources import SigningKey
from cumulet.services.sqs.resources import Message
from services.sqs.queues import bodies, make, receive, refused

TEXT = {"DataType": "String", "StringValue": "x"}


class Post:
    """A topic with queues on it."""

    def __init__(self, cloud: Cloud, **attributes: str) -> None:
        self.cloud = cloud
        self.sns = cloud.client("sns")
        self.sqs = cloud.client("sqs")
        self.fifo = attributes.get("FifoTopic") == "true"
        self.topic = self.sns.create_topic(Name="news.fifo" if self.fifo else "news", Attributes=attributes)["TopicArn"]

    def queue(self, name: str = "q", **attributes: Any) -> str:
        """A subscribed queue's URL."""
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        url = make(self.sqs, name, **fifo)
        self.subscribe(name, **attributes)
        return url

    def subscribe(self, name: str, **attributes: Any) -> str:
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()}
        return str(self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.arn(name),
                                      Attributes=given)["SubscriptionArn"])

    def arn(self, name: str) -> str:
        return f"arn:aws:sqs:us-east-1:{self.cloud.account}:{name}"

    def publish(self, message: str = "hello", **members: Any) -> dict[str, Any]:
        return dict(self.sns.publish(TopicArn=self.topic, Message=message, **members))

    def envelopes(self, url: str) -> list[dict[str, Any]]:
        return [json.loads(body) for body in bodies(receive(self.sqs, url))]

    def messages(self, url: str) -> list[str]:
        return [envelope["Message"] for envelope in self.envelopes(url)]


@pytest.fixture
def post(cloud: Cloud) -> Post:
    return Post(cloud)


def test_a_queues_policy_counts_for_each_message_as_it_is_then(post: Post) -> None:
    """A decision for a service is known by what it depends on: a policy that is another one, or asks for the time, is asked."""
    urlopen(f"{post.cloud.endpoint}/_cumulet/iam",
            json.dumps({"subject": post.cloud.account, "mode": "enforce"}).encode()).read()
    url = post.queue()

    def let_in(**condition: Any) -> None:
        post.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
             "Resource": post.arn("q"), "Condition": condition}]})})

    def got() -> list[str]:
        for n in range(2):
            post.publish(str(n))
        return [json.loads(body)["Message"] for body in bodies(receive(post.sqs, url, VisibilityTimeout=3600))]

    let_in(ArnEquals={"aws:SourceArn": post.topic})
    assert got() == ["0", "1"]
    let_in(ArnEquals={"aws:SourceArn": f"{post.topic}2"})
    assert got() == []
    until = datetime.fromtimestamp(post.cloud.clock.now() + 600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    let_in(ArnEquals={"aws:SourceArn": post.topic}, DateLessThan={"aws:CurrentTime": until})
    assert got() == ["0", "1"]
    post.cloud.clock.advance(601)
    assert got() == []


def test_a_notification_reaches_every_queue_in_its_envelope(post: Post) -> None:
    urls = [post.queue(f"q{n}") for n in range(3)]
    sent = post.publish('Grüße "🐝"\n', Subject="News", MessageAttributes={
        "text": TEXT, "number": {"DataType": "Number", "StringValue": "5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00a"}})
    for url in urls:
        (body,) = bodies(receive(post.sqs, url))
        assert body.startswith('{\n  "Type" : "Notification",\n  "MessageId" : "')
        told = json.loads(body)
        assert list(told) == ["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
                              "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes"]
        assert (told["MessageId"], told["TopicArn"], told["Subject"], told["Message"]) == (
            sent["MessageId"], post.topic, "News", 'Grüße "🐝"\n')
        assert abs(datetime.fromisoformat(told["Timestamp"]).timestamp() - post.cloud.clock.now()) < 5
        assert told["MessageAttributes"] == {
            "text": {"Type": "String", "Value": "x"}, "number": {"Type": "Number", "Value": "5"},
            "bytes": {"Type": "Binary", "Value": base64.b64encode(b"\x00a").decode()}}
        assert told["UnsubscribeURL"].startswith(f"{post.cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn={post.topic}:")


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
@pytest.mark.parametrize("subject", [None, "News"])
def test_the_signature_is_real(cloud: Cloud, version: str, algorithm: Any, subject: str | None) -> None:
    post = Post(cloud, SignatureVersion=version)
    url = post.queue()
    post.publish('signed\n  "Signature" : "', **({"Subject": subject} if subject else {}))
    (told,) = post.envelopes(url)
    assert told["SignatureVersion"] == version
    verify(cloud, told, algorithm)


def verify(cloud: Cloud, told: dict[str, Any], algorithm: Any = hashes.SHA1()) -> None:
    """By the certificate that the envelope names."""
    names = ["Message", "MessageId", *(["Subject"] if "Subject" in told else []), "Timestamp", "TopicArn", "Type"]
    text = "".join(f"{name}\n{told[name]}\n" for name in names).encode()
    assert told["SigningCertURL"].startswith(f"{cloud.endpoint}/_sns/SimpleNotificationService-")
    public: Any = load_pem_x509_certificate(urlopen(told["SigningCertURL"]).read()).public_key()
    public.verify(base64.b64decode(told["Signature"]), text, padding.PKCS1v15(), algorithm)


def test_what_is_received_is_whole_wherever_it_was_moved(post: Post) -> None:
    url, dead = post.queue(), make(post.sqs, "dead")
    post.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(
        {"deadLetterTargetArn": post.arn("dead"), "maxReceiveCount": 1})})
    post.publish("Grüße")
    read = [receive(post.sqs, url, VisibilityTimeout=0), receive(post.sqs, url), receive(post.sqs, dead, VisibilityTimeout=0)]
    post.sqs.start_message_move_task(SourceArn=post.arn("dead"))
    post.cloud.clock.idle()
    read.append(receive(post.sqs, url))
    assert [len(each) for each in read] == [1, 0, 1, 1]
    found = {(each["Body"], each["MD5OfBody"]) for messages in read for each in messages}
    ((body, digest),) = found
    assert digest == md5(body.encode()).hexdigest()
    verify(post.cloud, json.loads(body))


def test_what_was_published_is_signed_with_the_key_that_there_is_when_it_is_read(post: Post) -> None:
    url = post.queue()
    post.publish()
    (before,) = bodies(receive(post.sqs, url, VisibilityTimeout=0))
    assert post.cloud.kernel.store.run_now(lambda tx: tx.table(SigningKey, "", "").delete("notifications"))
    (after,) = bodies(receive(post.sqs, url))
    assert (len(after), after != before) == (len(before), True)
    verify(post.cloud, json.loads(after))


def test_what_earlier_versions_kept_with_blanks_for_its_signature_is_signed(post: Post) -> None:
    url = post.queue()
    post.publish('a "Signature" : "" of mine')

    def widen(tx: Any) -> None:
        table = tx.table(Message, post.cloud.account, "us-east-1")
        (row,) = table.scan()
        assert '\n  "Signature" : "",' in row.body
        table.put(structs.replace(row, body=row.body.replace('\n  "Signature" : "', f'\n  "Signature" : "{" " * 172}')))

    post.cloud.kernel.store.run_now(widen)
    (told,) = post.envelopes(url)
    assert told["Message"] == 'a "Signature" : "" of mine'
    verify(post.cloud, told)


def test_a_queue_takes_what_is_not_too_large_with_its_signature(post: Post) -> None:
    dead = make(post.sqs, "dead")
    url = post.queue(RedrivePolicy={"deadLetterTargetArn": post.arn("dead")})
    post.publish("x")
    (body,) = bodies(receive(post.sqs, url))
    post.sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "1024"})
    room = 1024 - (len(body) - 1)
    for size in (room, room + 1):
        post.publish("x" * size)
    (fits,), (large,) = bodies(receive(post.sqs, url)), receive(post.sqs, dead, MessageAttributeNames=["All"])
    assert (len(fits), len(large["Body"])) == (1024, 1025)
    assert "shorter than 1024 bytes" in large["MessageAttributes"]["ErrorMessage"]["StringValue"]


def test_raw_delivery_gives_the_message_itself_and_its_attributes(post: Post) -> None:
    url = post.queue(RawMessageDelivery="true")
    attributes = {"text": TEXT, "bytes": {"DataType": "Binary", "BinaryValue": b"\xff"}}
    post.publish("raw", Subject="unseen", MessageAttributes=attributes)
    (got,) = receive(post.sqs, url, MessageAttributeNames=["All"])
    assert (got["Body"], got["MessageAttributes"]) == ("raw", attributes)


def test_a_message_of_several_structures_gives_queues_their_own(post: Post) -> None:
    url = post.queue()
    post.publish(json.dumps({"default": "for all", "sqs": "for queues"}), MessageStructure="json")
    post.publish(json.dumps({"default": "for all", "email": "x"}), MessageStructure="json")
    assert post.messages(url) == ["for queues", "for all"]
    for message, words in (("{", "failed to parse"), ("{}", "No default entry"), ('{"default":1}', "No default entry")):
        with refused("InvalidParameter", words):
            post.publish(message, MessageStructure="json")


def test_filters_on_attributes(post: Post) -> None:
    red = post.queue("red", FilterPolicy={"color": ["red"], "size": [{"numeric": [">", 5]}]})
    rest = post.queue("rest", FilterPolicy={"color": [{"anything-but": "red"}]})
    absent = post.queue("absent", FilterPolicy={"color": [{"exists": False}]})
    for message, attributes in (
            ("1", {"color": ("String", "red"), "size": ("Number", "6")}), ("2", {"color": ("String", "red")}),
            ("3", {"color": ("String", "blue"), "size": ("Number", "9")}), ("4", {}),
            ("5", {"color": ("String.Array", '["red","green"]'), "size": ("Number", "6.5")})):
        post.publish(message, MessageAttributes={
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()})
    assert post.messages(red) == ["1", "5"]
    assert post.messages(rest) == ["3", "5"]
    assert post.messages(absent) == ["4"]


def test_filters_on_the_body(post: Post) -> None:
    url = post.queue(FilterPolicyScope="MessageBody", FilterPolicy={"order": {"total": [{"numeric": [">=", 100]}]}})
    for body in ('{"order":{"total":100}}', '{"order":{"total":99}}', '{"total":100}', "text",
                 '{"order":[{"total":5},{"total":500}]}'):
        post.publish(body)
    assert post.messages(url) == ['{"order":{"total":100}}', '{"order":[{"total":5},{"total":500}]}']


def test_a_filter_may_be_changed_and_taken_away(post: Post) -> None:
    url = post.queue("q", FilterPolicy={"a": ["x"]})
    arn = post.subscribe("q")
    post.publish("1")
    post.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy",
                                         AttributeValue='{"a":["y",{"exists":false}]}')
    post.publish("2")
    post.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}")
    post.publish("3", MessageAttributes={"a": TEXT})
    assert post.messages(url) == ["2", "3"]
    for scope, policy, words in (("MessageAttributes", {"a": {"b": ["c"]}}, "does not support nested"),
                                 ("MessageBody", {"a": [{"wrong": 1}]}, "Unrecognized match type wrong")):
        with refused("InvalidParameter", words):
            post.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue=scope)
            post.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy",
                                                 AttributeValue=json.dumps(policy))


def test_what_a_missing_queue_should_have_got_goes_to_the_dead_letter_queue(post: Post) -> None:
    dead = make(post.sqs, "dead")
    post.subscribe("missing", RedrivePolicy={"deadLetterTargetArn": post.arn("dead")}, RawMessageDelivery="true")
    post.subscribe("missing-too")
    url = post.queue("there")
    post.publish("lost", MessageAttributes={"a": TEXT})
    (got,) = receive(post.sqs, dead, MessageAttributeNames=["All"])
    assert got["Body"] == "lost"
    assert got["MessageAttributes"].keys() == {"a", "RequestID", "ErrorCode", "ErrorMessage"}
    assert got["MessageAttributes"]["ErrorMessage"]["StringValue"] == "The specified queue does not exist."
    assert post.messages(url) == ["lost"]


@pytest.mark.parametrize(("members", "code", "words"), [
    ({"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
    ({"Message": "x" * 262_145}, "InvalidParameter", "Invalid parameter: Message too long"),
    ({"Message": "x" * 262_134, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "12345"}}},
     "InvalidParameter", "Message too long"),
    ({"Subject": ""}, "InvalidParameter", "Invalid parameter: Subject"),
    ({"Subject": "x" * 100}, "InvalidParameter", "Subject"),
    ({"Subject": "a\nb"}, "InvalidParameter", "Subject"), ({"MessageStructure": "xml"}, "InvalidParameter", "MessageStructure"),
    ({"MessageDeduplicationId": "d"}, "InvalidParameter", "MessageDeduplicationId"),
    ({"MessageGroupId": "a b"}, "InvalidParameter", "MessageGroupId"),
    ({"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}}, "ParameterValueInvalid", "supported type"),
    ({"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}}, "ParameterValueInvalid", "non-empty"),
    ({"MessageAttributes": {"a": {"DataType": "String", "BinaryValue": b"x"}}}, "ParameterValueInvalid", "must use"),
    ({"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "x"}}}, "ParameterValueInvalid", "to number"),
    ({"MessageAttributes": {"a..b": TEXT}}, "ParameterValueInvalid", "a..b"),
])
def test_what_cannot_be_published(post: Post, members: dict[str, Any], code: str, words: str) -> None:
    url = post.queue()
    with refused(code, words):
        post.sns.publish(**{"TopicArn": post.topic, "Message": "x", **members})
    assert post.envelopes(url) == []


def test_the_topics_own_limit_of_size(cloud: Cloud) -> None:
    post = Post(cloud, MaximumMessageSize="1048576")
    url = post.queue(RawMessageDelivery="true")
    post.publish("x" * 1_048_576)
    assert len(bodies(receive(post.sqs, url))[0]) == 1_048_576


def test_a_topic_may_be_named_as_target(post: Post) -> None:
    url = post.queue()
    post.sns.publish(TargetArn=post.topic, Message="hello")
    assert post.messages(url) == ["hello"]
    with refused("InvalidParameter", "TopicArn or TargetArn"):
        post.sns.publish(Message="nowhere")


def test_a_batch_tells_each_entrys_fate(post: Post) -> None:
    url = post.queue()
    told = post.sns.publish_batch(TopicArn=post.topic, PublishBatchRequestEntries=[
        {"Id": "1", "Message": "one"}, {"Id": "2", "Message": "two", "Subject": "a\nb"},
        {"Id": "3", "Message": "three", "MessageAttributes": {"a": {"DataType": "Number", "StringValue": "x"}}},
        {"Id": "4", "Message": "four"}])
    assert [e["Id"] for e in told["Successful"]] == ["1", "4"]
    assert [(e["Id"], e["Code"], e["SenderFault"]) for e in told["Failed"]] == [
        ("2", "InvalidParameter", True), ("3", "ParameterValueInvalid", True)]
    assert [e["MessageId"] for e in post.envelopes(url)] == [e["MessageId"] for e in told["Successful"]]
    for entries, code in (([], "EmptyBatchRequest"),
                          ([{"Id": str(n), "Message": "x"} for n in range(11)], "TooManyEntriesInBatchRequest"),
                          ([{"Id": "a", "Message": "x"}] * 2, "BatchEntryIdsNotDistinct"),
                          ([{"Id": "a b", "Message": "x"}], "InvalidBatchEntryId"),
                          ([{"Id": str(n), "Message": "x" * 200_000} for n in range(2)], "BatchRequestTooLong")):
        with refused(code):
            post.sns.publish_batch(TopicArn=post.topic, PublishBatchRequestEntries=entries)


def test_a_fifo_topic_keeps_order_and_publishes_once(cloud: Cloud) -> None:
    post = Post(cloud, FifoTopic="true", ContentBasedDeduplication="true")
    fifo, standard = post.queue("q.fifo"), post.queue("q")
    sent = [post.publish(str(n), MessageGroupId="g") for n in (1, 2, 1, 3)]
    assert sent[0]["MessageId"] == sent[2]["MessageId"]
    assert sent[0]["SequenceNumber"] == sent[2]["SequenceNumber"] < sent[1]["SequenceNumber"] < sent[3]["SequenceNumber"]
    got = receive(post.sqs, fifo, AttributeNames=["All"])
    assert [json.loads(m["Body"])["Message"] for m in got] == ["1", "2", "3"]
    assert json.loads(got[0]["Body"])["SequenceNumber"] == sent[0]["SequenceNumber"]
    assert got[0]["Attributes"]["MessageGroupId"] == "g"
    assert post.messages(standard) == ["1", "2", "3"]
    post.publish("1", MessageGroupId="g", MessageDeduplicationId="given")
    cloud.clock.advance(301)
    post.publish("1", MessageGroupId="g")
    with refused("InvalidParameter", "The MessageGroupId parameter is required for FIFO topics"):
        post.publish("x")
    post.sns.set_topic_attributes(TopicArn=post.topic, AttributeName="ContentBasedDeduplication", AttributeValue="false")
    with refused("InvalidParameter", "ContentBasedDeduplication enabled or MessageDeduplicationId provided"):
        post.publish("x", MessageGroupId="g")


def test_deduplication_may_be_within_groups(cloud: Cloud) -> None:
    post = Post(cloud, FifoTopic="true", ContentBasedDeduplication="true", FifoThroughputScope="MessageGroup")
    url = post.queue("q")
    for group in ("g", "h", "g"):
        post.publish("same", MessageGroupId=group)
    assert post.messages(url) == ["same", "same"]


def test_a_topic_with_hundreds_of_subscriptions_reaches_them_all(post: Post) -> None:
    """The first hundred in the publishing transaction, the rest by tasks."""
    urls = [make(post.sqs, f"q{n}") for n in range(230)]
    for n in range(230):
        post.subscribe(f"q{n}", RawMessageDelivery="true")
    post.publish("all", MessageAttributes={"a": {"DataType": "Binary", "BinaryValue": b"\xfe"}})
    post.cloud.clock.idle()
    got = [receive(post.sqs, url, MessageAttributeNames=["All"]) for url in urls]
    assert {(len(messages), messages[0]["Body"], messages[0]["MessageAttributes"]["a"]["BinaryValue"]) for messages in got} == {
        (1, "all", b"\xfe")}


def test_the_trace_header_is_passed_on(post: Post) -> None:
    url = post.queue()
    post.sns.meta.events.register("before-sign.sns.Publish", lambda request, **_: request.headers.add_header(
        "X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"))
    post.publish()
    assert receive(post.sqs, url, AttributeNames=["AWSTraceHeader"])[0]["Attributes"]["AWSTraceHeader"].startswith("Root=1-57")
