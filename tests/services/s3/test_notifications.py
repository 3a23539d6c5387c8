"""Event notifications to queues, topics and the event bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Cloud

from services.s3.refusals import refused


@pytest.fixture
def queue(cloud: Any) -> Any:
    """A queue that can be read: `queue.arn`, `queue.events()`."""
    return Queue(cloud)


class Queue:
    """A queue of this account."""

    def __init__(self, cloud: Any, name: str = "events") -> None:
        self.cloud = cloud
        self.sqs = cloud.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"

    def bodies(self) -> list[dict[str, Any]]:
        """All messages, which are gone then."""
        self.cloud.clock.idle()
        found: list[dict[str, Any]] = []
        while got := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def events(self) -> list[dict[str, Any]]:
        return [record for body in self.bodies() for record in body["Records"]]


def configure(s3: Any, queue: Queue, *events: str, **more: Any) -> None:
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={"QueueConfigurations": [
        {"Id": "mine", "QueueArn": queue.arn, "Events": list(events), **more}]})
    assert [body["Event"] for body in queue.bodies()] == ["s3:TestEvent"]


def test_a_destination_is_tried_when_it_is_configured(s3: Any, queue: Queue) -> None:
    entry = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={"QueueConfigurations": [entry]})
    test = queue.bodies()[0]
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", s3.bucket)
    told = s3.get_bucket_notification_configuration(Bucket=s3.bucket)["QueueConfigurations"][0]
    assert told.pop("Id")
    assert told == entry
    missing = {"QueueConfigurations": [entry | {"QueueArn": queue.arn + "-none"}]}
    put = lambda **more: refused(s3.put_bucket_notification_configuration, Bucket=s3.bucket, **more)  # noqa: E731
    assert put(NotificationConfiguration=missing) == ("InvalidArgument", 400)
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration=missing,
                                             SkipDestinationValidation=True)
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=s3.bucket)


@pytest.mark.parametrize("change", [
    {"Events": ["s3:Nothing"]}, {"QueueArn": "nonsense"}, {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:q"},
    {"QueueArn": "arn:aws:sqs:us-east-1:111122223333:q.fifo"},
    {"Filter": {"Key": {"FilterRules": [{"Name": "middle", "Value": "x"}]}}},
    {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "x"}, {"Name": "Prefix", "Value": "y"}]}}}])
def test_wrong_configurations_are_refused(s3: Any, queue: Queue, change: dict[str, Any]) -> None:
    entry = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]} | change
    assert refused(s3.put_bucket_notification_configuration, Bucket=s3.bucket, NotificationConfiguration={
        "QueueConfigurations": [entry]}) == ("InvalidArgument", 400)


def test_entries_may_not_overlap(s3: Any, queue: Queue) -> None:
    def entry(event: str, prefix: str) -> dict[str, Any]:
        rules = [{"Name": "prefix", "Value": prefix}]
        return {"QueueArn": queue.arn, "Events": [event], "Filter": {"Key": {"FilterRules": rules}}}

    def put(*entries: dict[str, Any]) -> dict[str, Any]:
        return {"Bucket": s3.bucket, "NotificationConfiguration": {"QueueConfigurations": list(entries)}}

    overlapping = put(entry("s3:ObjectCreated:*", "a"), entry("s3:ObjectCreated:Put", "ab"))
    assert refused(s3.put_bucket_notification_configuration, **overlapping) == ("InvalidArgument", 400)
    s3.put_bucket_notification_configuration(**put(entry("s3:ObjectCreated:*", "a"), entry("s3:ObjectCreated:Put", "b")))


def test_what_is_created_is_told(s3: Any, queue: Queue, cloud: Any) -> None:
    configure(s3, queue, "s3:ObjectCreated:*")
    put = s3.put_object(Bucket=s3.bucket, Key="a b/ü", Body=b"hello")
    event = queue.events()[0]
    assert (event["eventVersion"], event["eventSource"], event["awsRegion"]) == ("2.1", "aws:s3", "us-east-1")
    assert (event["eventName"], event["userIdentity"]["principalId"]) == ("ObjectCreated:Put", f"AWS:{cloud.account}")
    thing = event["s3"]["object"]
    assert (thing["key"], thing["size"], thing["eTag"]) == ("a+b%2F%C3%BC", 5, put["ETag"].strip('"'))
    assert "versionId" not in thing
    bucket = event["s3"]["bucket"]
    assert (event["s3"]["configurationId"], bucket["name"], bucket["arn"]) == ("mine", s3.bucket, f"arn:aws:s3:::{s3.bucket}")
    s3.copy_object(Bucket=s3.bucket, Key="b", CopySource=f"{s3.bucket}/a b/ü")
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="c")["UploadId"]
    part = s3.upload_part(Bucket=s3.bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(Bucket=s3.bucket, Key="c", UploadId=upload, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": part}]})
    s3.delete_object(Bucket=s3.bucket, Key="b")
    later = queue.events()
    assert {(one["eventName"], one["s3"]["object"]["key"]) for one in later} == {
        ("ObjectCreated:Copy", "b"), ("ObjectCreated:CompleteMultipartUpload", "c")}
    assert all(one["s3"]["object"]["sequencer"] > thing["sequencer"] for one in later)


def test_what_is_removed_tagged_or_opened_is_told(versioned: Any, queue: Queue) -> None:
    s3 = versioned
    own = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls=own)
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["VersionId"]
    configure(s3, queue, "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put")
    s3.put_object_tagging(Bucket=s3.bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object_tagging(Bucket=s3.bucket, Key="k")
    s3.put_object_acl(Bucket=s3.bucket, Key="k", ACL="private")
    marker = s3.delete_object(Bucket=s3.bucket, Key="k")["VersionId"]
    s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    events = {one["eventName"]: one for one in queue.events()}
    assert set(events) == {"ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put", "ObjectRemoved:DeleteMarkerCreated",
                           "ObjectRemoved:Delete"}
    assert events["ObjectRemoved:DeleteMarkerCreated"]["s3"]["object"]["versionId"] == marker
    assert events["ObjectRemoved:Delete"]["s3"]["object"]["versionId"] == version
    assert events["ObjectTagging:Put"]["eventVersion"] == "2.3"


def test_filters_by_prefix_and_suffix(s3: Any, queue: Queue) -> None:
    configure(s3, queue, "s3:ObjectCreated:Put", Filter={"Key": {"FilterRules": [
        {"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]}})
    for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
        s3.put_object(Bucket=s3.bucket, Key=key, Body=b"x")
    assert [one["s3"]["object"]["key"] for one in queue.events()] == ["in%2Fa.jpg"]


def test_topics_are_told(s3: Any, queue: Queue, cloud: Any) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="events")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"})
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={"TopicConfigurations": [
        {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]})
    assert queue.bodies()[0]["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    assert [one["eventName"] for one in queue.events()] == ["ObjectCreated:Put"]


def test_the_event_bus_is_told(s3: Any, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, dict[str, Any], list[str]]] = []
    monkeypatch.setattr(cloud.kernel.bus, "emit", lambda call, source, kind, detail, resources: heard.append(
        (kind, detail, list(resources))) if source == "aws.s3" else None)
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=s3.bucket)["EventBridgeConfiguration"] == {}
    s3.put_object(Bucket=s3.bucket, Key="a/b", Body=b"x")
    s3.delete_object(Bucket=s3.bucket, Key="a/b")
    assert [kind for kind, _, _ in heard] == ["Object Created", "Object Deleted"]
    _, detail, resources = heard[0]
    assert (detail["object"]["key"], detail["reason"], detail["requester"]) == ("a/b", "PutObject", cloud.account)
    assert resources == [f"arn:aws:s3:::{s3.bucket}"]
    assert heard[1][1]["deletion-type"] == "Permanently Deleted"


def test_functions_that_are_not_there_are_refused(s3: Any) -> None:
    assert refused(s3.put_bucket_notification_configuration, Bucket=s3.bucket, NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:f",
                                          "Events": ["s3:ObjectCreated:*"]}]}) == ("InvalidArgument", 400)


def test_what_the_clock_does_is_told(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(), "111122223333")
    queue, s3 = Queue(cloud), cloud.client("s3")
    s3.bucket = "things"
    s3.create_bucket(Bucket=s3.bucket)
    configure(s3, queue, "s3:ObjectRestore:*", "s3:LifecycleTransition", "s3:LifecycleExpiration:*")
    s3.put_object(Bucket=s3.bucket, Key="cold", Body=b"x", StorageClass="GLACIER")
    s3.restore_object(Bucket=s3.bucket, Key="cold", RestoreRequest={"Days": 1})
    assert [one["eventName"] for one in queue.events()] == ["ObjectRestore:Post"]
    cloud.clock.advance(5 * 3600)
    event = queue.events()[0]
    assert event["eventName"] == "ObjectRestore:Completed"
    assert event["glacierEventData"]["restoreEventData"]["lifecycleRestoreStorageClass"] == "GLACIER"
    cloud.clock.advance(2 * 86_400)
    assert [one["eventName"] for one in queue.events()] == ["ObjectRestore:Delete"]
    s3.put_object(Bucket=s3.bucket, Key="big", Body=b"x" * 131_072)
    rule = {"Status": "Enabled", "Filter": {"Prefix": "big"}, "Expiration": {"Days": 3},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]}
    s3.put_bucket_lifecycle_configuration(Bucket=s3.bucket, LifecycleConfiguration={"Rules": [rule]})
    cloud.clock.advance(2 * 86_400)
    event = queue.events()[0]
    assert event["lifecycleEventData"] == {"transitionEventData": {"destinationStorageClass": "GLACIER_IR"}}
    cloud.clock.advance(2 * 86_400)
    assert [one["eventName"] for one in queue.events()] == ["LifecycleExpiration:Delete"]


def test_a_queue_says_which_buckets_may_write_to_it(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), "111122223333")
    queue, s3 = Queue(cloud), cloud.client("s3")
    s3.bucket = "enforced"
    s3.create_bucket(Bucket=s3.bucket)

    def open_to(bucket: str) -> None:
        statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
                     "Resource": queue.arn, "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
                                                          "StringEquals": {"aws:SourceAccount": cloud.account}}}
        queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})

    open_to("another")
    entry = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    assert refused(s3.put_bucket_notification_configuration, Bucket=s3.bucket, NotificationConfiguration={
        "QueueConfigurations": [entry]}) == ("InvalidArgument", 400)
    open_to(s3.bucket)
    configure(s3, queue, "s3:ObjectCreated:*")
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    assert [one["eventName"] for one in queue.events()] == ["ObjectCreated:Put"]


def test_the_old_form_has_the_address_of_the_new_one(s3: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotification.html"""
    topic = cloud.client("sns").create_topic(Name="old-form")["TopicArn"]
    s3.put_bucket_notification(Bucket=s3.bucket, NotificationConfiguration={
        "TopicConfiguration": {"Topic": topic, "Event": "s3:ReducedRedundancyLostObject"}})
    told = s3.get_bucket_notification_configuration(Bucket=s3.bucket)["TopicConfigurations"][0]
    assert (told["TopicArn"], told["Events"]) == (topic, ["s3:ReducedRedundancyLostObject"])
    assert s3.get_bucket_notification(Bucket=s3.bucket)["TopicConfiguration"]["Topic"] == topic
