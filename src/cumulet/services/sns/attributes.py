"""Attributes of topics and subscriptions: texts outside, fields inside, checked in AWS's own words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cumulet.kernel import AwsError, Call, error, not_implemented, parse_arn, principals

from . import archives, feedback, filters, retrying
from .messages import invalid, timestamp
from .protocols import RAW, WEB
from .resources import Subscription, Topic

_MOST_DISPLAY = 100
_SIZES = (1024, 1_048_576)
# What these would set in motion is not here yet, and to keep them would pretend it.
_UNHONOURED = frozenset({
    *(f"Firehose{feedback}" for feedback in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"))})
_FIFO_ONLY = ("ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy")
_SUBSCRIPTION_UNHONOURED = frozenset({"SubscriptionRoleArn"})
TOPIC_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_TOPIC_NAME = re.compile(r"(?=.{1,256}$)[A-Za-z0-9_-]+\.fifo")


def check_topic_name(name: str, fifo: bool) -> None:
    if fifo and not _FIFO_TOPIC_NAME.fullmatch(name):
        raise invalid("Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only uppercase and "
                      "lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters "
                      "long.")
    if not fifo and not TOPIC_NAME.fullmatch(name):
        raise invalid("Topic Name")


def read_topic(attributes: Mapping[str, str], fifo: bool) -> dict[str, Any]:
    """The fields of `Topic` that these attributes set."""
    fields: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in _UNHONOURED:
            if value and not (value == "0" and name.endswith("SampleRate")):     # 0, AWS's default: no success is logged
                raise not_implemented(f"the topic attribute {name}")
            continue
        if name in feedback.TOPIC:
            fields["feedback"] = {**fields.get("feedback", {}), name: feedback.read(name, value)}
            continue
        reader = _TOPIC.get(name)
        if reader is None:
            raise invalid("AttributeName")
        if name in _FIFO_ONLY and not fifo:
            raise invalid("AttributeName")
        fields[name] = reader(name, value)
    return fields


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise invalid(f"{name} Reason: Invalid value [{value}]. Must be true or false.")
    return value.lower() == "true"


def _display(name: str, value: str) -> str:
    if len(value) > _MOST_DISPLAY:
        raise invalid("DisplayName")
    return value


def _policy(name: str, value: str) -> str | None:
    if not value:
        return None
    try:
        principals.check_resource_policy(value, empty=True)
    except principals.MalformedPolicy:
        raise invalid("Policy Error: null") from None
    return value


def check_named(call: Call, policy: str | None) -> None:
    """Raises when a policy names somebody of this account who is not there."""
    if policy and principals.named.missing(call, policy) is not None:
        raise invalid("Policy Error: PrincipalNotFound")


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value not in choices:
            raise invalid(f"{name} Reason: Invalid value [{value}]. Must be one of: {', '.join(choices)}.")
        return value
    return read


def _tracing(name: str, value: str) -> str:
    if value == "Active":
        raise not_implemented("the topic attribute TracingConfig=Active")
    return _one_of("PassThrough")(name, value)


def _size(name: str, value: str) -> int:
    if not value.isdigit() or not _SIZES[0] <= int(value) <= _SIZES[1]:
        raise invalid(f"{name} Reason: must be between {_SIZES[0]} and {_SIZES[1]}")
    return int(value)


def _delivery(name: str, value: str) -> str | None:
    if not value:
        return None
    retrying.check_topic(value, f"{name}: ")
    return value


_TOPIC: dict[str, Callable[[str, str], Any]] = {
    "FifoTopic": _boolean, "ContentBasedDeduplication": _boolean, "DisplayName": _display, "Policy": _policy,
    "SignatureVersion": _one_of("1", "2"), "TracingConfig": _tracing, "MaximumMessageSize": _size,
    "FifoThroughputScope": _one_of("Topic", "MessageGroup"), "DeliveryPolicy": _delivery,
    "ArchivePolicy": archives.read_policy, "KmsMasterKeyId": lambda name, value: value or None,
}
_TEXTS = ("Policy", "FifoThroughputScope", "SignatureVersion", "TracingConfig", "MaximumMessageSize", "DeliveryPolicy",
          "ArchivePolicy", "KmsMasterKeyId")


def write_topic(topic: Topic) -> dict[str, str]:
    """The settings of a topic as attributes; those never set are not told."""
    out = {**topic.feedback, "DisplayName": topic.DisplayName,
           "EffectiveDeliveryPolicy": retrying.told_of_topic(topic.DeliveryPolicy)}
    for name in _TEXTS:
        if (value := getattr(topic, name)) is not None:
            out[name] = str(value)
    if topic.archived_since is not None:
        out["BeginningArchiveTime"] = timestamp(topic.archived_since)
    if topic.FifoTopic:
        out["FifoTopic"] = "true"
        out["ContentBasedDeduplication"] = str(topic.ContentBasedDeduplication).lower()
        out.setdefault("FifoThroughputScope", "Topic")
    return out


@lru_cache(4096)
def default_policy(arn: str, account: str) -> str:
    """What AWS gives a topic that is created without a policy: its owner may do everything."""
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
               "ListSubscriptionsByTopic", "Publish")
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions], "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}}}]}, separators=(",", ":"))


def read_subscription(attributes: Mapping[str, str], where: str) -> dict[str, Any]:
    """The fields of `Subscription` that these attributes set. where: how AWS begins its errors here."""
    fields: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in _SUBSCRIPTION_UNHONOURED:
            if value:
                raise not_implemented(f"the subscription attribute {name}")
        elif name == "RawMessageDelivery":
            fields[name] = _raw(value, where)
        elif name == "FilterPolicyScope":
            if value not in ("MessageAttributes", "MessageBody"):
                raise invalid(f"{where}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
                              "MessageAttributes")
            fields[name] = value
        elif name == "FilterPolicy":
            fields[name] = value or None
        elif name == "RedrivePolicy":
            fields[name] = _redrive(value, where)
        elif name == "DeliveryPolicy":
            fields[name] = value or None
        elif name == "ReplayPolicy":
            fields[name] = value if value not in ("", "{}") else None
        else:
            raise invalid("AttributeName" if not where else "Attributes")
    return fields


def _raw(value: str, where: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise invalid(f"{where}RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
    return value.lower() == "true"


def _redrive(value: str, where: str) -> str | None:
    if not value or value == "{}":
        return None
    try:
        target = json.loads(value)["deadLetterTargetArn"]
    except (ValueError, KeyError, TypeError):
        raise invalid(f"{where}RedrivePolicy: deadLetterTargetArn is a required attribute") from None
    arn = parse_arn(target) if isinstance(target, str) else None
    if arn is None or arn.service != "sqs" or not arn.resource:
        raise invalid(f"{where}RedrivePolicy: deadLetterTargetArn is an invalid arn")
    return value


def check_subscription(subscription: Subscription, where: str) -> None:
    """That its settings go together: filter policy and scope, raw delivery and delivery policy and protocol."""
    protocol = subscription.Protocol
    if subscription.RawMessageDelivery and protocol not in RAW:
        raise invalid(f"{where}Delivery protocol [{protocol}] does not support raw message delivery.")
    if subscription.DeliveryPolicy is not None:
        if protocol not in WEB:
            raise invalid(f"{where}Delivery protocol [{protocol}] does not support delivery policy.")
        retrying.check_subscription(subscription.DeliveryPolicy, f"{where}DeliveryPolicy: ", subscription.RawMessageDelivery)
    if subscription.FilterPolicy is not None:
        try:
            filters.compiled(subscription.FilterPolicy, subscription.FilterPolicyScope == "MessageBody")
        except filters.BadPolicy as problem:
            raise invalid(f"{where}FilterPolicy: {problem}") from None


def write_subscription(subscription: Subscription, topic: Topic) -> dict[str, str]:
    out = {
        "SubscriptionArn": subscription.SubscriptionArn, "TopicArn": subscription.TopicArn,
        "Protocol": subscription.Protocol, "Endpoint": subscription.Endpoint, "Owner": subscription.owner,
        "PendingConfirmation": str(subscription.pending is not None).lower(),
        "ConfirmationWasAuthenticated": str(subscription.authenticated).lower(),
        "RawMessageDelivery": str(subscription.RawMessageDelivery).lower(),
        "SubscriptionPrincipal": subscription.principal}
    if subscription.FilterPolicy is not None:
        out["FilterPolicy"] = subscription.FilterPolicy
        out["FilterPolicyScope"] = subscription.FilterPolicyScope or "MessageAttributes"
    elif subscription.FilterPolicyScope is not None:
        out["FilterPolicyScope"] = subscription.FilterPolicyScope
    if subscription.RedrivePolicy is not None:
        out["RedrivePolicy"] = subscription.RedrivePolicy
    if subscription.DeliveryPolicy is not None:
        out["DeliveryPolicy"] = subscription.DeliveryPolicy
    if subscription.ReplayPolicy is not None:
        out["ReplayPolicy"] = subscription.ReplayPolicy
    if subscription.replay_status:
        out["ReplayStatus"] = subscription.replay_status
    if subscription.Protocol in WEB:
        out["EffectiveDeliveryPolicy"] = retrying.told_of_subscription(topic.DeliveryPolicy, subscription.DeliveryPolicy)
    return out


def parse_topic_arn(arn: str) -> tuple[str, str, str]:
    """Region, account and name; AWS's complaints when it is no topic's ARN."""
    return _parts(arn, "TopicArn", 6)


@lru_cache(4096)
def _parts(arn: str, parameter: str, count: int) -> tuple[str, str, str]:
    parts = arn.split(":")
    if len(parts) < count:
        raise invalid(f"{parameter} Reason: An ARN must have at least 6 elements, not {len(parts)}" if len(parts) < 6
                      else f"{parameter} Reason: Invalid ARN")
    if parts[0] != "arn" or parts[2] != "sns" or len(parts) != count:
        raise invalid(parameter)
    return parts[3], parts[4], ":".join(parts[5:])


def parse_subscription_arn(arn: str) -> tuple[str, str]:
    """Region and account."""
    return _parts(arn, "SubscriptionArn", 7)[:2]


def not_found(what: str) -> AwsError:
    return error.NotFoundException(f"{what} does not exist")
