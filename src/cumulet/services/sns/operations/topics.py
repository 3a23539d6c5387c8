"""Topics: made, told, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import attributes as settings
from .. import protection, replays
from ..addresses import subscriptions_of, topic_at
from ..background import forget
from ..messages import DEFAULT_SIZE, invalid
from ..protocols import LARGE
from ..resources import Published, Subscription, Topic
from ..tags import check_tags

_MOST_WITH_LARGE = 100


@operation
def create_topic(call: Call, Name: str, Attributes: Mapping[str, str] = {},
                 Tags: Sequence[Mapping[str, str]] = (), DataProtectionPolicy: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""
    fifo = Attributes.get("FifoTopic", "").lower() == "true"
    settings.check_topic_name(Name, fifo)
    fields = settings.read_topic(Attributes, fifo)
    settings.check_named(call, fields.get("Policy"))
    tags = check_tags({}, Tags)
    if DataProtectionPolicy:
        fields["DataProtectionPolicy"] = _checked(DataProtectionPolicy, fifo)
    table = call.table(Topic)
    existing = table.get(Name)
    if existing is not None:
        if any(getattr(existing, name) != value for name, value in fields.items()):
            raise invalid("Attributes Reason: Topic already exists with different attributes")
        if tags and tags != existing.tags:
            raise invalid("Tags Reason: Topic already exists with different tags")
        return {"TopicArn": call.arn(existing)}
    topic = Topic(TopicName=Name, created=call.now, tags=tags, **fields)
    arn = call.arn(topic)
    if topic.ArchivePolicy is not None:
        topic.archived_since = call.now
    if topic.Policy is None:
        topic.Policy = settings.default_policy(arn, call.account)
    table.insert(topic)
    return {"TopicArn": arn}


@operation
def delete_topic(call: Call, TopicArn: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html"""
    region, account, name = settings.parse_topic_arn(TopicArn)
    if region != call.region:
        raise invalid("TopicArn")
    call = call.elsewhere(account) if account != call.account else call
    topic = call.table(Topic).get(name)
    if topic is not None and topic.ArchivePolicy is not None:
        raise invalid("TopicArn Reason: Topic has an ArchivePolicy; deactivate it before the topic is deleted")
    while subscriptions := subscriptions_of(call, TopicArn, None, 1000):
        for subscription in subscriptions:
            forget(call, subscription)
    call.table(Published).delete_all(name)
    call.table(Topic).delete(name)


@operation
def list_topics(call: Call, page: Page[Topic] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html"""
    rows = call.table(Topic).scan(after=page.after, limit=page.limit + 1)
    return {"Topics": [{"TopicArn": call.arn(topic)} for topic in page.cut(rows, lambda topic: topic.TopicName)]}


@operation
def get_topic_attributes(call: Call, TopicArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html"""
    call, topic = topic_at(call, TopicArn)
    table = call.table(Subscription)
    pending = table.count(topic.TopicName, index="pending")
    confirmed = _count(call, TopicArn) - pending
    return {"Attributes": {
        **settings.write_topic(topic), "TopicArn": TopicArn, "Owner": call.account,
        "SubscriptionsConfirmed": str(confirmed), "SubscriptionsPending": str(pending),
        "SubscriptionsDeleted": str(topic.unsubscribed)}}


def _count(call: Call, topic_arn: str) -> int:
    return call.table(Subscription).count(low=f"{topic_arn}:", high=f"{topic_arn};")


@operation
def set_topic_attributes(call: Call, TopicArn: str, AttributeName: str, AttributeValue: str = "") -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html"""
    call, topic = topic_at(call, TopicArn)
    if AttributeName == "FifoTopic":
        raise invalid("AttributeName")
    fields = settings.read_topic({AttributeName: AttributeValue}, topic.FifoTopic)
    if AttributeName == "MaximumMessageSize" and fields[AttributeName] > DEFAULT_SIZE:
        _check_large(call, TopicArn)
    if AttributeName == "Policy":
        settings.check_named(call, fields["Policy"])
        fields["Policy"] = fields["Policy"] or settings.default_policy(TopicArn, call.account)
    if AttributeName == "ArchivePolicy":
        replays.change(call, topic, fields["ArchivePolicy"])
        call.put(topic)
    elif fields:
        if "feedback" in fields:
            told = {**topic.feedback, **fields["feedback"]}
            fields["feedback"] = {name: value for name, value in told.items() if value}
        call.table(Topic).change(topic.TopicName, **fields)


def _check_large(call: Call, topic_arn: str) -> None:
    """Only few subscriptions, and those to machines, may come with large messages."""
    found = subscriptions_of(call, topic_arn, None, _MOST_WITH_LARGE + 1)
    if len(found) > _MOST_WITH_LARGE or any(each.Protocol not in LARGE for each in found):
        raise invalid(f"MaximumMessageSize Reason: a topic with messages above {DEFAULT_SIZE} bytes has at most "
                      f"{_MOST_WITH_LARGE} subscriptions, by {', '.join(LARGE)} only")


@operation
def put_data_protection_policy(call: Call, ResourceArn: str, DataProtectionPolicy: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html"""
    call, topic = topic_at(call, ResourceArn)
    policy = _checked(DataProtectionPolicy, topic.FifoTopic) if DataProtectionPolicy else None
    call.table(Topic).change(topic.TopicName, DataProtectionPolicy=policy)


def _checked(policy: str, fifo: bool) -> str:
    if fifo:
        raise invalid("DataProtectionPolicy Reason: FIFO topics do not support data protection policies")
    protection.compiled(policy)
    return policy


@operation
def get_data_protection_policy(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetDataProtectionPolicy.html"""
    _, topic = topic_at(call, ResourceArn)
    return {"DataProtectionPolicy": topic.DataProtectionPolicy or ""}
