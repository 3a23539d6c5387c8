"""Delivery status logs: what became of each message, in CloudWatch Logs.

https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import md5
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call

from .messages import invalid

_PREFIXES = {"http": "HTTP", "https": "HTTP", "sqs": "SQS", "lambda": "Lambda", "application": "Application"}
_SETTINGS = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
TOPIC = frozenset(f"{prefix}{setting}" for prefix in _PREFIXES.values() for setting in _SETTINGS)
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")


class Outcome(NamedTuple):
    """What became of one message at one destination."""

    id: str
    text: str
    published: float
    destination: str
    ok: bool
    response: str
    status: int
    attempts: int = 1


def read(name: str, value: str) -> str:
    """A setting, checked."""
    good = re.fullmatch(r"100|[0-9]{1,2}", value) if name.endswith("SampleRate") else _ROLE.fullmatch(value)
    if value and not good:
        raise invalid(f"{name} Reason: Invalid value [{value}].")
    return value


def of_topic(call: Call, settings: Mapping[str, str], protocol: str, topic_arn: str, outcome: Outcome) -> None:
    """Note a delivery of a topic's, when its settings ask for that."""
    prefix = _PREFIXES.get(protocol)
    if prefix is None or not settings:
        return
    chosen = {setting: settings.get(f"{prefix}{setting}", "") for setting in _SETTINGS}
    told = {"messageMD5Sum": md5(outcome.text.encode()).hexdigest(), "messageId": outcome.id, "topicArn": topic_arn}
    _note(call, chosen, topic_arn.rpartition(":")[2], told, outcome)


def of_application(call: Call, settings: Mapping[str, str], name: str, outcome: Outcome) -> None:
    """Note a push. name: app/GCM/…"""
    told = {"messageMD5Sum": md5(outcome.text.encode()).hexdigest(), "messageId": outcome.id}
    _note(call, settings, name, told, outcome)


def of_text(call: Call, settings: Mapping[str, str], outcome: Outcome, price: float, parts: int, kind: str) -> None:
    """Note a text message."""
    role = settings.get("DeliveryStatusIAMRole", "")
    chosen = {"SuccessFeedbackRoleArn": role, "FailureFeedbackRoleArn": role,
              "SuccessFeedbackSampleRate": settings.get("DeliveryStatusSuccessSamplingRate", "")}
    _note(call, chosen, "DirectPublishToPhoneNumber", {"messageId": outcome.id}, outcome, {
        "priceInUSD": round(price, 5), "numberOfMessageParts": parts, "smsType": kind})


def _note(call: Call, settings: Mapping[str, str], group: str, notification: Mapping[str, Any], outcome: Outcome,
          more: Mapping[str, Any] = {}) -> None:
    role = settings.get("SuccessFeedbackRoleArn" if outcome.ok else "FailureFeedbackRoleArn", "")
    if not role or (outcome.ok and not sampled(call, settings.get("SuccessFeedbackSampleRate", ""))):
        return
    delivery = {"deliveryId": call.uuid(), "destination": outcome.destination, "providerResponse": outcome.response,
                "dwellTimeMs": round((call.now - outcome.published) * 1000), "attempts": outcome.attempts, **more}
    if outcome.status:
        delivery["statusCode"] = outcome.status
    told = {"notification": {**notification, "timestamp": _stamp(outcome.published)}, "delivery": delivery,
            "status": "SUCCESS" if outcome.ok else "FAILURE"}
    write(call, f"sns/{call.region}/{call.account}/{group}{'' if outcome.ok else '/Failure'}", json.dumps(told))


def sampled(call: Call, rate: str) -> bool:
    """One of so many in a hundred."""
    return int(call.token(8), 16) % 100 < int(rate or 0)


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{int(moment * 1000) % 1000:03d}"


def write(call: Call, group: str, text: str) -> None:
    """One line into a log group, which is made when it is not there. One stream a day."""
    logs = call.as_service().logs
    stream = datetime.fromtimestamp(call.now, UTC).strftime("%Y-%m-%d")
    line = {"timestamp": int(call.now * 1000), "message": text}
    try:
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[line])
    except AwsError as problem:
        if problem.code != "ResourceNotFoundException":
            return                                 # a log that cannot be written does not hold up a delivery
        _make(logs, group, stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[line])


def _make(logs: Any, group: str, stream: str) -> None:
    try:
        logs.create_log_group(logGroupName=group)
    except AwsError as problem:
        if problem.code != "ResourceAlreadyExistsException":
            raise
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
