"""Groups that are subscribed to Kinesis streams: by themselves, by destinations, by the account's policy."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from conftest import Cloud
from enforced import document
from services.kinesis.streams import Stream
from services.sqs.queues import refused


@pytest.fixture
def stream(cloud: Cloud) -> Stream:
    return Stream(cloud, shards=4)


@pytest.fixture
def role(cloud: Cloud) -> str:
    return f"arn:aws:iam::{cloud.account}:role/logs"


def told(stream: Stream) -> list[tuple[str, Any]]:
    """The partition key of each record, and what it says."""
    return [(record["PartitionKey"], json.loads(gzip.decompress(record["Data"]))) for record in stream.records()]


def data(stream: Stream) -> list[tuple[str, Any]]:
    return [(key, said) for key, said in told(stream) if said["messageType"] == "DATA_MESSAGE"]


def subscribe(logs: Any, group: str, arn: str, **members: Any) -> None:
    logs.put_subscription_filter(**{"logGroupName": group, "filterName": "f", "filterPattern": "", "destinationArn": arn,
                                    **members})


def test_a_stream_is_tried_out_and_gets_what_fits(cloud: Cloud, logs: Any, group: str, put: Any, stream: Stream,
                                                  role: str) -> None:
    subscribe(logs, group, stream.arn, filterPattern="error", roleArn=role)
    [(_, control)] = told(stream)
    assert (control["messageType"], control["owner"], control["logGroup"]) == ("CONTROL_MESSAGE", "CloudwatchLogs", "")
    put(["an error", "fine", "error again"])
    [(_, said)] = data(stream)
    events = said.pop("logEvents")
    assert said == {"messageType": "DATA_MESSAGE", "owner": cloud.account, "logGroup": group, "logStream": "one",
                    "subscriptionFilters": ["f"]}
    assert [event["message"] for event in events] == ["an error", "error again"]
    assert all(set(event) == {"id", "timestamp", "message"} for event in events)


def test_records_are_distributed_by_stream_or_at_random(logs: Any, group: str, put: Any, stream: Stream, role: str) -> None:
    subscribe(logs, group, stream.arn, roleArn=role)
    for _ in range(4):
        put(["by stream"])
    assert len({key for key, _ in data(stream)}) == 1
    subscribe(logs, group, stream.arn, roleArn=role, distribution="Random")
    for _ in range(4):
        put(["at random"])
    assert len({key for key, _ in data(stream)}) == 5


def test_what_a_stream_refuses_comes_later(cloud: Cloud, logs: Any, group: str, put: Any, role: str) -> None:
    narrow = Stream(cloud, "narrow")
    subscribe(logs, group, narrow.arn, roleArn=role)
    noise = cloud.kernel.chance.token(700_000, "".join(map(chr, range(33, 127))))
    for turn in range(4):                    # a shard takes a MiB a second
        put([f"{turn} {noise[start:start + 200_000]}" for start in range(0, 700_000, 200_000)])
    cloud.clock.advance(30)
    found = [event["message"][0] for _, said in data(narrow) for event in said["logEvents"]]
    assert sorted(found) == [str(turn) for turn in range(4) for _ in range(4)]


def test_another_account_subscribes_by_a_destination_that_lets_it(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    owner = cloud.other()
    stream, theirs = Stream(owner), owner.client("logs")
    made = theirs.put_destination(destinationName="d", targetArn=stream.arn,
                                  roleArn=f"arn:aws:iam::{owner.account}:role/r")["destination"]
    with refused("AccessDeniedException", f"User with accountId: {cloud.account} is not authorized"):
        subscribe(logs, group, made["arn"])
    theirs.put_destination_policy(destinationName="d", accessPolicy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "logs:PutSubscriptionFilter",
        "Resource": made["arn"]}]}))
    subscribe(logs, group, made["arn"])
    put(["from afar"])
    [(_, said)] = data(stream)
    assert (said["owner"], [event["message"] for event in said["logEvents"]]) == (cloud.account, ["from afar"])
    with refused("InvalidParameterException", "cannot be used with roleArn"):
        subscribe(logs, group, made["arn"], roleArn=made["roleArn"])
    with refused("ResourceNotFoundException", "destination"):
        subscribe(logs, group, made["arn"] + "2")


def test_the_policy_of_an_account_subscribes_all_groups(logs: Any, group: str, put: Any, stream: Stream, role: str) -> None:
    logs.put_account_policy(policyName="all", policyType="SUBSCRIPTION_FILTER_POLICY", policyDocument=json.dumps({
        "DestinationArn": stream.arn, "RoleArn": role, "FilterPattern": "", "Distribution": "Random"}))
    put(["one"])
    assert [said["subscriptionFilters"] for _, said in data(stream)] == [["all"]]


def test_streams_that_take_nothing_are_refused(cloud: Cloud, logs: Any, group: str, stream: Stream, role: str) -> None:
    with refused("InvalidParameterException", "destinationArn for vendor kinesis cannot be used without roleArn"):
        subscribe(logs, group, stream.arn)
    with refused("InvalidParameterException", "Could not deliver test message to specified Kinesis stream."):
        subscribe(logs, group, stream.arn + "2", roleArn=role)
    with refused("InvalidParameterException", "cannot be in another account"):
        subscribe(logs, group, "arn:aws:kinesis:us-east-1:123456789012:stream/s", roleArn=role)
    with refused("InvalidParameterException", "Could not deliver test message to specified destination."):
        logs.put_destination(destinationName="d", targetArn=stream.arn + "2", roleArn=role)


def test_a_stream_is_written_to_with_the_rights_of_the_role(strict: Cloud) -> None:
    logs, iam, stream = strict.client("logs"), strict.client("iam"), Stream(strict)
    trust = {"Action": "sts:AssumeRole", "Principal": {"Service": "logs.amazonaws.com"}}
    role = iam.create_role(RoleName="logs", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    logs.create_log_group(logGroupName="app")
    with refused("InvalidParameterException", "Could not deliver test message to specified Kinesis stream."):
        subscribe(logs, "app", stream.arn, roleArn=role)
    iam.put_role_policy(RoleName="logs", PolicyName="p", PolicyDocument=document(
        {"Action": "kinesis:PutRecord", "Resource": stream.arn}))
    subscribe(logs, "app", stream.arn, roleArn=role)
    assert [said["messageType"] for _, said in told(stream)] == ["CONTROL_MESSAGE"]
