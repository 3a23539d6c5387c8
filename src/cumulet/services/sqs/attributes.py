"""Queue attributes: strings outside, fields of `Queue` inside, checked in AWS's own words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn, principals

from .content import invalid
from .resources import Queue

RANGES = {
    "DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1_048_576), "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43_200),
}
_REUSE = "KmsDataKeyReusePeriodSeconds"
_RANGES = {**RANGES, _REUSE: (60, 86_400)}
_BOOLEANS = ("SqsManagedSseEnabled", "FifoQueue", "ContentBasedDeduplication")
_ONLY_FIFO = ("FifoQueue", "ContentBasedDeduplication")
_CHOICES = {"DeduplicationScope": ("messageGroup", "queue"), "FifoThroughputLimit": ("perQueue", "perMessageGroupId")}
_DOCUMENTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_READ_ONLY = ("QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
              "ApproximateNumberOfMessagesDelayed", "CreatedTimestamp", "LastModifiedTimestamp")
KNOWN = frozenset((*_RANGES, "KmsMasterKeyId", *_BOOLEANS, *_CHOICES, *_DOCUMENTS, *_READ_ONLY, "All"))
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"(?=.{1,80}$)[A-Za-z0-9_-]+\.fifo")
_MOST_RECEIVES = 1000
_MOST_SOURCES = 10


def check_name(name: str, fifo: bool) -> None:
    """A queue's name: `.fifo` ends those of FIFO queues and no others."""
    if fifo and not _FIFO_NAME.fullmatch(name):
        raise error.InvalidParameterValue("The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
                                          "underscores, must end with .fifo suffix and be 1 to 80 in length.")
    if not fifo and not _NAME.fullmatch(name):
        raise error.InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")


def read(attributes: Mapping[str, str], fifo: bool) -> dict[str, Any]:
    """The fields of `Queue` that these attributes set, each checked by itself."""
    return {name: _READERS[name](name, value, fifo) if name in _READERS else _unknown(name)
            for name, value in attributes.items()}


def _unknown(name: str) -> Any:
    raise error.InvalidAttributeName(f"Unknown Attribute {name}.")


def bad(name: str) -> AwsError:
    return error.InvalidAttributeValue(f"Invalid value for the parameter {name}.")


def _number(name: str, value: str, fifo: bool) -> int:
    low, high = _RANGES[name]
    if not re.fullmatch(r"[0-9]{1,10}", value) or not low <= int(value) <= high:
        raise bad(name)
    return int(value)


def _boolean(name: str, value: str, fifo: bool) -> bool:
    if name in _ONLY_FIFO and not fifo:
        _unknown(name)
    if value.lower() not in ("true", "false"):
        raise bad(name)
    return value.lower() == "true"


def _choice(name: str, value: str, fifo: bool) -> str:
    if not fifo:
        raise error.InvalidAttributeName(f"You can specify the {name} only when FifoQueue is set to true.")
    if value not in _CHOICES[name]:
        raise bad(name)
    return value


def _document(name: str, value: str, fifo: bool) -> str | None:
    """A JSON object; "" takes it away."""
    if not value:
        return None
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise invalid(value, name, f"{_TITLES[name]} is not a valid JSON map.")
    return value


def _policy(name: str, value: str, fifo: bool) -> str | None:
    """Who may use the queue; "" takes it away."""
    if not value:
        return None
    try:
        principals.check_resource_policy(value, empty=True)
    except principals.MalformedPolicy:
        raise bad(name) from None
    return value


_TITLES = {"RedrivePolicy": "Redrive policy", "RedriveAllowPolicy": "Redrive allow policy"}


_READERS: dict[str, Callable[[str, str, bool], Any]] = {
    **dict.fromkeys(_RANGES, _number), **dict.fromkeys(_BOOLEANS, _boolean), **dict.fromkeys(_CHOICES, _choice),
    **dict.fromkeys(_DOCUMENTS, _document), "Policy": _policy, "KmsMasterKeyId": lambda name, value, fifo: value or None,
}


def apply(call: Call, queue: Queue, fields: Mapping[str, Any]) -> None:
    """Set fields on a queue, with the rules between them."""
    if fields.get("SqsManagedSseEnabled") and fields.get("KmsMasterKeyId"):
        raise error.InvalidAttributeValue("You can use one type of server-side encryption (SSE) at one time. You can either "
                                          "enable KMS SSE or SQS SSE.")
    for name, value in fields.items():
        setattr(queue, name, value)
    if fields.get("KmsMasterKeyId"):
        queue.SqsManagedSseEnabled = False
    elif fields.get("SqsManagedSseEnabled"):
        queue.KmsMasterKeyId = None
    if queue.FifoQueue:
        queue.DeduplicationScope = queue.DeduplicationScope or "queue"
        queue.FifoThroughputLimit = queue.FifoThroughputLimit or "perQueue"
        if queue.FifoThroughputLimit == "perMessageGroupId" and queue.DeduplicationScope != "messageGroup":
            raise error.InvalidAttributeValue(
                "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.")
    if fields.get("Policy") and principals.named.missing(call, fields["Policy"]) is not None:
        raise bad("Policy")
    if "RedrivePolicy" in fields:
        _redrive(call, queue, queue.RedrivePolicy)
    if fields.get("RedriveAllowPolicy"):
        _check_allow(fields["RedriveAllowPolicy"])


def _redrive(call: Call, queue: Queue, text: str | None) -> None:
    """Where this queue's dead letters go, and after how many receives."""
    queue.dead_letter, queue.max_receives = None, 0
    if text is None:
        return
    policy = json.loads(text)
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if policy.get(name) in (None, ""):
            raise invalid(text, "RedrivePolicy", f"Redrive policy does not contain mandatory attribute: {name}.")
    if policy.keys() - {"deadLetterTargetArn", "maxReceiveCount"}:
        raise invalid(text, "RedrivePolicy", "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
    most = str(policy["maxReceiveCount"])
    if isinstance(policy["maxReceiveCount"], bool) or not re.fullmatch(r"[0-9]{1,5}", most) \
            or not 1 <= int(most) <= _MOST_RECEIVES:
        raise invalid(text, "RedrivePolicy", f"Invalid value for maxReceiveCount: {most}, valid values are from 1 to "
                      f"{_MOST_RECEIVES} both inclusive.")
    target = _target(call, text, str(policy["deadLetterTargetArn"]))
    if target.FifoQueue != queue.FifoQueue:
        raise invalid(text, "RedrivePolicy", "Dead-letter queue must be same type of queue as the source.")
    if target.QueueName == queue.QueueName:
        raise invalid(text, "RedrivePolicy", "Dead letter target and source queue must be different.")
    _check_allowed(call, text, target, call.arn(queue))
    queue.dead_letter, queue.max_receives = target.QueueName, int(most)
    # As AWS gives it back: the count is a number, whatever was sent.
    queue.RedrivePolicy = json.dumps({"deadLetterTargetArn": policy["deadLetterTargetArn"], "maxReceiveCount": int(most)},
                                     separators=(",", ":"))


def _target(call: Call, text: str, arn: str) -> Queue:
    parts = parse_arn(arn)
    if parts is None or parts.service != "sqs" or not parts.resource:
        raise invalid(text, "RedrivePolicy", "Invalid value for deadLetterTargetArn.")
    if parts.account != call.account or parts.region != call.region:
        raise invalid(text, "RedrivePolicy", "Dead-letter queue must be in the same account and region as the source.")
    target = call.table(Queue).get(parts.resource)
    if target is None:
        raise invalid(text, "RedrivePolicy", "Dead letter target does not exist.")
    return target


def _check_allowed(call: Call, text: str, target: Queue, source_arn: str) -> None:
    """The dead-letter queue's own word on who may use it."""
    if target.RedriveAllowPolicy is None:
        return
    policy = json.loads(target.RedriveAllowPolicy)
    permission = policy.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (permission == "byQueue" and source_arn not in policy.get("sourceQueueArns", ())):
        raise invalid(text, "RedrivePolicy", f"Dead letter target does not allow redrive from source queue: {source_arn}.")


def _check_allow(text: str) -> None:
    policy = json.loads(text)
    permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns")
    if permission is None:
        raise invalid(text, "RedriveAllowPolicy",
                      "Redrive allow policy does not contain mandatory attribute: redrivePermission.")
    if permission not in ("allowAll", "denyAll", "byQueue"):
        raise invalid(text, "RedriveAllowPolicy", f"Invalid value for redrivePermission: {permission}, valid values are: "
                      "[allowAll, denyAll, byQueue].")
    if (permission == "byQueue") != (sources is not None):
        raise invalid(text, "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy. sourceQueueArns must be "
                      "given with byQueue, and only with it.")
    if sources is not None and (not isinstance(sources, list) or not 1 <= len(sources) <= _MOST_SOURCES):
        raise invalid(text, "RedriveAllowPolicy", f"sourceQueueArns must hold 1 to {_MOST_SOURCES} queue ARNs.")
    for arn in sources or ():
        if not isinstance(arn, str) or (parts := parse_arn(arn)) is None or parts.service != "sqs":
            raise invalid(text, "RedriveAllowPolicy", f"{arn} is not the ARN of a queue.")


def differing(queue: Queue, fields: Mapping[str, Any]) -> str | None:
    """The first attribute in which an existing queue is not as a new CreateQueue asks."""
    return next((name for name, value in fields.items()
                 if not _same(getattr(queue, name), value)), None)


def _same(old: Any, new: Any) -> bool:
    """Documents are compared by meaning."""
    if isinstance(old, str) and isinstance(new, str) and old[:1] == "{":
        return bool(_canonical(json.loads(old)) == _canonical(json.loads(new)))
    return bool(old == new)


def _canonical(document: Any) -> Any:
    if isinstance(document, dict) and "maxReceiveCount" in document:
        return {**document, "maxReceiveCount": str(document["maxReceiveCount"])}
    return document


def write(queue: Queue) -> dict[str, str]:
    """The settings of a queue as attributes; those of FIFO queues only for them."""
    out = {name: str(getattr(queue, name)) for name in RANGES}
    out["SqsManagedSseEnabled"] = str(queue.SqsManagedSseEnabled).lower()
    if queue.FifoQueue:
        out["FifoQueue"] = "true"
        out["ContentBasedDeduplication"] = str(queue.ContentBasedDeduplication).lower()
        out["DeduplicationScope"] = queue.DeduplicationScope or "queue"
        out["FifoThroughputLimit"] = queue.FifoThroughputLimit or "perQueue"
    if queue.KmsMasterKeyId is not None:
        out["KmsMasterKeyId"] = queue.KmsMasterKeyId
        out[_REUSE] = str(queue.KmsDataKeyReusePeriodSeconds)
    for name in _DOCUMENTS:
        if (text := getattr(queue, name)) is not None:
            out[name] = text
    out["CreatedTimestamp"] = str(int(queue.created))
    out["LastModifiedTimestamp"] = str(int(queue.modified))
    return out
