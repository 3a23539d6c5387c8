"""Protocols of subscriptions: what an endpoint must look like, whose it is, and whether somebody must confirm it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from cumulet.kernel import not_implemented, parse_arn

from .messages import DEFAULT_SIZE, invalid
from .resources import Topic

_PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
WEB = ("http", "https")
MAIL = ("email", "email-json")
LARGE = ("sqs", "firehose", "lambda")              # protocols of topics with messages above 256 KiB
RAW = ("sqs", "http", "https", "firehose")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_PUNCTUATION = re.compile(r"[\s().-]")


def check_endpoint(topic: Topic, protocol: str, endpoint: str) -> None:
    """AWS's complaint about an endpoint that this protocol cannot reach."""
    if protocol not in _PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if topic.FifoTopic and protocol != "sqs":
        raise invalid(f"Invalid protocol type: {protocol}")
    if protocol == "firehose":
        raise not_implemented("subscribing by the protocol firehose")
    if (topic.MaximumMessageSize or 0) > DEFAULT_SIZE and protocol not in LARGE:
        raise invalid(f"Protocol Reason: a topic whose MaximumMessageSize is above {DEFAULT_SIZE} bytes takes subscriptions by "
                      f"{', '.join(LARGE)} only")
    _CHECKS[protocol](topic, endpoint)


def _queue(topic: Topic, endpoint: str) -> None:
    queue = parse_arn(endpoint)
    if queue is None or queue.service != "sqs" or not queue.resource or len(queue.account) != 12:
        raise invalid("SQS endpoint ARN")
    if queue.resource.endswith(".fifo") and not topic.FifoTopic:
        raise invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")


def _web(scheme: str) -> Callable[[Topic, str], None]:
    def check(_: Topic, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme != scheme:
            raise invalid("Endpoint must match the specified protocol")
        try:
            good = bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or re.search(r"[\x00-\x20\x7f]", endpoint):
            raise invalid("Endpoint Reason: invalid URL")
    return check


def _mail(_: Topic, endpoint: str) -> None:
    if not _ADDRESS.fullmatch(endpoint) or ".." in endpoint:
        raise invalid("Email address")


def _phone(_: Topic, endpoint: str) -> None:
    if not is_phone(endpoint):
        raise invalid(f"Invalid SMS endpoint: {endpoint}")


def _function(_: Topic, endpoint: str) -> None:
    arn = parse_arn(endpoint)
    if arn is None or arn.service != "lambda" or not arn.resource.startswith("function:") or len(arn.account) != 12:
        raise invalid("Lambda endpoint ARN")


def _application(_: Topic, endpoint: str) -> None:
    arn = parse_arn(endpoint)
    if arn is None or arn.service != "sns" or not arn.resource.startswith("endpoint/"):
        raise invalid(f"Application endpoint arn invalid:{endpoint}")


_CHECKS = {"sqs": _queue, "http": _web("http"), "https": _web("https"), "email": _mail, "email-json": _mail, "sms": _phone,
           "lambda": _function, "application": _application}


def check_phone(phone: str) -> None:
    """That this is a number in E.164, as the operations on numbers take it."""
    if not _E164.fullmatch(phone):
        raise invalid("PhoneNumber Reason: input incorrectly formatted")


def is_phone(text: str) -> bool:
    """In E.164, perhaps with punctuation as people write it."""
    return _PHONE.fullmatch(_PUNCTUATION.sub("", text)) is not None


def plain_phone(text: str) -> str:
    """As texts are sent to it: +14155550100."""
    return "+" + _PUNCTUATION.sub("", text).removeprefix("+")


def owner_of(protocol: str, endpoint: str, caller: str) -> str:
    """The account that the endpoint belongs to: an ARN says it, anything else is its subscriber's."""
    arn = parse_arn(endpoint) if protocol in ("sqs", "lambda", "application") else None
    return arn.account if arn is not None else caller


def must_confirm(protocol: str) -> bool:
    """Does it go to somebody whose wish AWS cannot know?"""
    return protocol in (*WEB, *MAIL)
