"""Queues made, found, changed, emptied and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import attributes_of, make, refused


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


def test_a_new_queue_has_awss_defaults(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    assert url == f"{cloud.endpoint}/{cloud.account}/jobs"
    told = attributes_of(sqs, url)
    born = int(told.pop("CreatedTimestamp"))
    assert abs(born - cloud.clock.now()) < 5
    assert int(told.pop("LastModifiedTimestamp")) == born
    assert told == {
        "QueueArn": f"arn:aws:sqs:us-east-1:{cloud.account}:jobs", "VisibilityTimeout": "30", "DelaySeconds": "0",
        "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true", "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0"}
    assert sqs.get_queue_attributes(QueueUrl=url).get("Attributes") is None
    assert attributes_of(sqs, url, "DelaySeconds", "QueueArn").keys() == {"DelaySeconds", "QueueArn"}
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        attributes_of(sqs, url, "Nonsense")


def test_a_fifo_queue_has_attributes_of_its_own(sqs: Any) -> None:
    told = attributes_of(sqs, make(sqs, "jobs.fifo", FifoQueue="true"))
    assert {k: told[k] for k in ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")} == {
        "FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue"}


def test_making_a_queue_again_gives_the_same_one_unless_it_differs(sqs: Any) -> None:
    url = make(sqs, VisibilityTimeout="40")
    assert make(sqs) == make(sqs, VisibilityTimeout="40") == url
    with refused("QueueAlreadyExists", "different value for attribute VisibilityTimeout"):
        make(sqs, VisibilityTimeout="41")
    with pytest.raises(sqs.exceptions.QueueNameExists):
        make(sqs, DelaySeconds="1")


@pytest.mark.parametrize("name", ["", "a" * 81, "with space", "dot.ted", "jobs.fifo", "ünï"])
def test_names_of_standard_queues(sqs: Any, name: str) -> None:
    with refused("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores."):
        make(sqs, name)


@pytest.mark.parametrize("name", ["jobs", ".fifo", "a" * 76 + ".fifo", "jobs.FIFO"])
def test_names_of_fifo_queues(sqs: Any, name: str) -> None:
    with refused("InvalidParameterValue", "must end with .fifo suffix"):
        make(sqs, name, FifoQueue="true")


@pytest.mark.parametrize(("name", "low", "high"), [
    ("DelaySeconds", 0, 900), ("MaximumMessageSize", 1024, 1048576), ("MessageRetentionPeriod", 60, 1209600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20), ("VisibilityTimeout", 0, 43200)])
def test_numbers_are_within_their_ranges(sqs: Any, name: str, low: int, high: int) -> None:
    url = make(sqs)
    for good in (low, high):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(good)})
        assert attributes_of(sqs, url, name) == {name: str(good)}
    for bad in (str(low - 1), str(high + 1), "many", "", "1.5"):
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: bad})
        with refused("InvalidAttributeValue"):
            make(sqs, "other", **{name: bad})
    assert attributes_of(sqs, url, name) == {name: str(high)}


def test_attributes_that_a_queue_cannot_have(sqs: Any) -> None:
    url = make(sqs)
    for attributes, code, words in (
            ({"Nonsense": "1"}, "InvalidAttributeName", "Unknown Attribute Nonsense."),
            ({"QueueArn": "x"}, "InvalidAttributeName", "Unknown Attribute QueueArn."),
            ({"FifoQueue": "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
            ({"ContentBasedDeduplication": "true"}, "InvalidAttributeName", "Unknown Attribute"),
            ({"DeduplicationScope": "queue"}, "InvalidAttributeName", "only when FifoQueue is set to true"),
            ({"SqsManagedSseEnabled": "yes"}, "InvalidAttributeValue", "SqsManagedSseEnabled"),
            ({"Policy": "not json"}, "InvalidAttributeValue", "Policy"),
            ({"KmsMasterKeyId": "alias/aws/sqs", "SqsManagedSseEnabled": "true"}, "InvalidAttributeValue", "either"),
            ({"KmsDataKeyReusePeriodSeconds": "59"}, "InvalidAttributeValue", "KmsDataKeyReusePeriodSeconds")):
        with refused(code, words):
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    fifo = make(sqs, "a.fifo", FifoQueue="true")
    for attributes, words in (({"FifoQueue": "false"}, "FifoQueue"), ({"DeduplicationScope": "all"}, "DeduplicationScope"),
                              ({"FifoThroughputLimit": "perMessageGroupId"}, "only when the value for DeduplicationScope")):
        with refused("InvalidAttributeValue", words):
            sqs.set_queue_attributes(QueueUrl=fifo, Attributes=attributes)
    sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"DeduplicationScope": "messageGroup",
                                                        "FifoThroughputLimit": "perMessageGroupId"})
    assert attributes_of(sqs, fifo, "FifoThroughputLimit") == {"FifoThroughputLimit": "perMessageGroupId"}


def test_a_policy_is_kept_as_it_was_sent_and_taken_away_by_nothing(sqs: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    url = make(sqs, Policy=policy)
    assert attributes_of(sqs, url, "Policy") == {"Policy": policy}
    assert make(sqs, Policy=json.dumps(json.loads(policy), indent=1)) == url
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert attributes_of(sqs, url, "Policy") == {}


def test_a_change_is_told_by_the_time_of_the_last_one(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    cloud.clock.advance(100)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
    told = attributes_of(sqs, url)
    assert int(told["LastModifiedTimestamp"]) - int(told["CreatedTimestamp"]) in (100, 101)


def test_a_deleted_queue_is_gone_and_its_name_rests_for_a_minute(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    sqs.delete_queue(QueueUrl=url)
    with refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.delete_queue(QueueUrl=url)
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds after deleting a queue"):
        make(sqs)
    cloud.clock.advance(61)
    assert make(sqs) == url
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_urls_of_every_form_lead_to_the_queue(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    assert sqs.get_queue_url(QueueName="jobs")["QueueUrl"] == url
    for form in (f"https://sqs.us-east-1.amazonaws.com/{cloud.account}/jobs", f"https://queue.amazonaws.com/{cloud.account}/jobs",
                 f"http://sqs.us-east-1.localhost.localstack.cloud:4566/{cloud.account}/jobs"):
        assert attributes_of(sqs, form, "DelaySeconds") == {"DelaySeconds": "0"}
    for form in ("jobs", "http://localhost/jobs", "http://localhost/short/jobs", ""):
        with refused("InvalidAddress", "is not valid for this endpoint"):
            attributes_of(sqs, form)
    with refused("AWS.SimpleQueueService.NonExistentQueue"):
        sqs.get_queue_url(QueueName="none")


def test_another_accounts_queue_is_found_by_its_owner(cloud: Cloud, sqs: Any) -> None:
    other = cloud.other().client("sqs")
    url = make(sqs)
    assert other.get_queue_url(QueueName="jobs", QueueOwnerAWSAccountId=cloud.account)["QueueUrl"] == url
    with refused("AWS.SimpleQueueService.NonExistentQueue"):
        other.get_queue_url(QueueName="jobs")
    assert cloud.client("sqs", region="eu-west-1").list_queues().get("QueueUrls") is None


def test_listing_by_prefix_and_in_pages(sqs: Any) -> None:
    names = [f"a-{n:02}" for n in range(12)]
    for name in [*names, "b"]:
        make(sqs, name)
    assert [url.rsplit("/")[-1] for url in sqs.list_queues()["QueueUrls"]] == [*names, "b"]
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="a-", PaginationConfig={"PageSize": 5})
    assert [[url.rsplit("/")[-1] for url in page["QueueUrls"]] for page in pages] == [names[:5], names[5:10], names[10:]]
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="none")


def test_a_purge_empties_the_queue_once_a_minute(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    for n in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=str(n))
    in_flight = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    sqs.purge_queue(QueueUrl=url)
    assert attributes_of(sqs, url)["ApproximateNumberOfMessages"] == "0"
    assert attributes_of(sqs, url)["ApproximateNumberOfMessagesNotVisible"] == "0"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=in_flight)
    with refused("AWS.SimpleQueueService.PurgeQueueInProgress", "Only one PurgeQueue operation on jobs is allowed every 60"):
        sqs.purge_queue(QueueUrl=url)
    sqs.send_message(QueueUrl=url, MessageBody="after")
    cloud.clock.advance(61)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "after"
    sqs.purge_queue(QueueUrl=url)


def test_tags(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="jobs", tags={"team": "a"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"team": "b", "cost": ""})
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "b", "cost": ""}
    sqs.untag_queue(QueueUrl=url, TagKeys=["team", "none"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"cost": ""}
    for tags in ({"aws:x": "1"}, {"k" * 129: "1"}, {"k": "v" * 257}, {str(n): "" for n in range(51)}):
        with refused("InvalidParameterValue", "ag"):
            sqs.tag_queue(QueueUrl=url, Tags=tags)


def test_permissions_are_statements_of_the_policy(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    sqs.add_permission(QueueUrl=url, Label="one", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    sqs.add_permission(QueueUrl=url, Label="two", AWSAccountIds=["111122223333", "444455556666"], Actions=["*", "PurgeQueue"])
    statements = json.loads(attributes_of(sqs, url, "Policy")["Policy"])["Statement"]
    arn = f"arn:aws:sqs:us-east-1:{cloud.account}:jobs"
    assert statements == [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "SQS:SendMessage",
         "Resource": arn},
        {"Sid": "two", "Effect": "Allow", "Resource": arn, "Action": ["SQS:*", "SQS:PurgeQueue"],
         "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]}}]
    for label, accounts, actions, code, words in (
            ("one", ["111122223333"], ["SendMessage"], "InvalidParameterValue", "Already exists."),
            ("b ad", ["111122223333"], ["SendMessage"], "InvalidParameterValue", "Label"),
            ("three", ["1"], ["SendMessage"], "InvalidParameterValue", "Unable to verify."),
            ("three", ["111122223333"], ["Dance"], "InvalidParameterValue", "valid actions"),
            ("three", ["111122223333"], ["DeleteQueue"], "InvalidParameterValue", "Only the queue owner"),
            ("three", ["111122223333"], [], "MissingParameter", "Actions"),
            ("three", ["111122223333"], ["SendMessage"] * 8, "OverLimit", "8 Actions were found, maximum allowed is 7.")):
        with refused(code, words):
            sqs.add_permission(QueueUrl=url, Label=label, AWSAccountIds=accounts, Actions=actions)
    sqs.remove_permission(QueueUrl=url, Label="one")
    with refused("InvalidParameterValue", "can't find label on existing policy"):
        sqs.remove_permission(QueueUrl=url, Label="one")
    sqs.remove_permission(QueueUrl=url, Label="two")
    assert attributes_of(sqs, url, "Policy") == {}
