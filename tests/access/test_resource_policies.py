"""Policies of queues, topics and buckets whose statements mean nothing are refused: nothing of them would count."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

Put = Callable[[str], Any]


def queue(cloud: Cloud) -> tuple[Put, str, str, str]:
    """How its policy is put; the ARN that statements are about, an action, and the code of a refusal."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    return (lambda text: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text}),
            f"arn:aws:sqs:us-east-1:{cloud.account}:q", "sqs:SendMessage", "InvalidAttributeValue")


def topic(cloud: Cloud) -> tuple[Put, str, str, str]:
    sns = cloud.client("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]
    return (lambda text: sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text), arn,
            "sns:Publish", "InvalidParameter")


def bucket(cloud: Cloud) -> tuple[Put, str, str, str]:
    s3, name = cloud.client("s3"), f"guarded-{cloud.account}"
    s3.create_bucket(Bucket=name)
    return (lambda text: s3.put_bucket_policy(Bucket=name, Policy=text), f"arn:aws:s3:::{name}/*", "s3:GetObject",
            "MalformedPolicy")


@pytest.mark.parametrize("change", [
    {"Condition": {"StringResembles": {"aws:userid": "a"}}}, {"Condition": {"StringEquals": {"aws:userid": {"a": 1}}}},
    {"Condition": 5}, {"Principal": ["*"]}, {"Principal": {"AWS": [5]}}, {"Action": [["x"]]}, {"Effect": "Perhaps"}])
@pytest.mark.parametrize("made", [queue, topic, bucket])
def test_what_means_nothing_is_not_kept(cloud: Cloud, made: Callable[[Cloud], tuple[Put, str, str, str]],
                                        change: dict[str, Any]) -> None:
    put, arn, action, code = made(cloud)
    deny = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": arn}
    put(json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    deep = '{"Statement":' * 1_500 + "1" + "}" * 1_500
    for text in (json.dumps({"Version": "2012-10-17", "Statement": [deny | change]}), deep):
        with pytest.raises(ClientError) as problem:
            put(text)
        assert problem.value.response["Error"]["Code"] == code
