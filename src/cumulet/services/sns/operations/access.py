"""Who else may use a topic, and its tags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from ..addresses import topic_at
from ..messages import invalid
from ..resources import Topic
from ..tags import check_tags

_ACTIONS = frozenset({"*", "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes",
                      "ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy",
                      "RemovePermission", "SetTopicAttributes", "Subscribe"})
_MOST_STATEMENTS = 100


@operation
def add_permission(call: Call, TopicArn: str, Label: str, AWSAccountId: Sequence[str], ActionName: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html"""
    call, topic = topic_at(call, TopicArn)
    if not AWSAccountId or not ActionName or not Label:
        raise error.ValidationException("AWSAccountId, ActionName and Label must not be empty", Message="")
    if any(action not in _ACTIONS for action in ActionName):
        raise invalid("Policy statement action out of service scope!")
    if any(len(account) != 12 or not account.isdigit() for account in AWSAccountId):
        raise invalid("Policy Error: PrincipalNotFound")
    policy = json.loads(topic.Policy or "{}")
    statements = _statements(policy)
    if any(statement.get("Sid") == Label for statement in statements):
        raise invalid("Statement already exists")
    if len(statements) >= _MOST_STATEMENTS:
        raise invalid("Policy Error: too many statements")
    partition = TopicArn.split(":")[1]
    principals = [f"arn:{partition}:iam::{account}:root" for account in AWSAccountId]
    actions = [f"SNS:{action}" for action in ActionName]
    statements.append({"Sid": Label, "Effect": "Allow", "Principal": {"AWS": _one_or_all(principals)},
                       "Action": _one_or_all(actions), "Resource": TopicArn})
    _save(call, topic, {**policy, "Statement": statements})


@operation
def remove_permission(call: Call, TopicArn: str, Label: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html"""
    call, topic = topic_at(call, TopicArn)
    policy = json.loads(topic.Policy or "{}")
    left = [statement for statement in _statements(policy) if statement.get("Sid") != Label]
    _save(call, topic, {**policy, "Statement": left})


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found = policy.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _save(call: Call, topic: Topic, policy: dict[str, Any]) -> None:
    call.table(Topic).change(topic.TopicName, Policy=json.dumps(policy, separators=(",", ":")))


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html"""
    call, topic = _tagged(call, ResourceArn)
    call.table(Topic).change(topic.TopicName, tags=check_tags(topic.tags, Tags))


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html"""
    call, topic = _tagged(call, ResourceArn)
    call.table(Topic).change(topic.TopicName, tags={k: v for k, v in topic.tags.items() if k not in TagKeys})


@operation
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html"""
    _, topic = _tagged(call, ResourceArn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in topic.tags.items()]}


def _tagged(call: Call, arn: str) -> tuple[Call, Topic]:
    """Tag operations have an error of their own for a topic that is not there."""
    try:
        return topic_at(call, arn)
    except AwsError as problem:
        if problem.code == "NotFoundException":
            raise error.ResourceNotFoundException("Resource does not exist") from None
        raise
