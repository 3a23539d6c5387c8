"""Delivery policies: how often, how soon and how fast a message is sent to a web server.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from .messages import invalid

LONGEST = 3600
_MOST_RETRIES = 100
_NUMBERS = ("minDelayTarget", "maxDelayTarget", "numRetries", "numMaxDelayRetries", "numNoDelayRetries", "numMinDelayRetries")
_FUNCTIONS = ("linear", "arithmetic", "geometric", "exponential")
_PLAIN = ("text/plain", "application/json")
_RAW = (*_PLAIN, "text/css", "text/csv", "text/html", "text/xml", "application/atom+xml", "application/octet-stream",
        "application/soap+xml", "application/x-www-form-urlencoded", "application/xhtml+xml", "application/xml")
_RETRY = {"minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0, "numNoDelayRetries": 0,
          "numMinDelayRetries": 0, "backoffFunction": "linear"}
CONTENT = "text/plain; charset=UTF-8"


class Policy(msgspec.Struct, frozen=True):
    """What counts for one subscription."""

    retry: tuple[float, ...]           # the pause before each further attempt, seconds
    per_second: int | None
    content: str


def check_topic(text: str, where: str) -> None:
    """That this is a topic's delivery policy; AWS's complaint otherwise."""
    policy = _parsed(text, where)
    _only(policy, ("http",), where)
    http = policy.get("http") or {}
    _only(http, ("defaultHealthyRetryPolicy", "defaultSicklyRetryPolicy", "disableSubscriptionOverrides",
                 "defaultThrottlePolicy", "defaultRequestPolicy"), f"{where}http.")
    _check(http, "http.default", "D", where, raw=False)


def check_subscription(text: str, where: str, raw: bool) -> None:
    """The same of a subscription's."""
    policy = _parsed(text, where)
    _only(policy, ("healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy", "guaranteed"), where)
    _check(policy, "", "", where, raw)


def _check(policy: Mapping[str, Any], prefix: str, default: str, where: str, raw: bool) -> None:
    def name(part: str) -> str:
        return f"default{part[0].upper()}{part[1:]}" if default else part

    if (retry := policy.get(name("healthyRetryPolicy"))) is not None:
        _check_retry(retry, f"{where}{_place(prefix, 'healthyRetryPolicy')}")
    if (throttle := policy.get(name("throttlePolicy"))) is not None:
        place = f"{where}{_place(prefix, 'throttlePolicy')}"
        _only(throttle, ("maxReceivesPerSecond",), f"{place}.")
        most = throttle.get("maxReceivesPerSecond")
        if most is not None and (type(most) is not int or most < 1):
            raise invalid(f"{place}.maxReceivesPerSecond must be greater than or equal to 1")
    if (request := policy.get(name("requestPolicy"))) is not None:
        place = f"{where}{_place(prefix, 'requestPolicy')}"
        _only(request, ("headerContentType",), f"{place}.")
        kind = request.get("headerContentType")
        if kind is not None and str(kind).partition(";")[0].strip() not in (_RAW if raw else _PLAIN):
            raise invalid(f"{place}.headerContentType: unsupported content type")


def _place(prefix: str, part: str) -> str:
    return f"{prefix}{part[0].upper()}{part[1:]}" if prefix else part


def _check_retry(retry: Mapping[str, Any], place: str) -> None:
    _only(retry, (*_NUMBERS, "backoffFunction"), f"{place}.")
    told = {**_RETRY, **{k: v for k, v in retry.items() if v is not None}}
    for name in _NUMBERS:
        if type(told[name]) is not int or told[name] < 0:
            raise invalid(f"{place}.{name} must be a number that is not negative")
    if not 1 <= told["minDelayTarget"] <= LONGEST:
        raise invalid(f"{place}.minDelayTarget must be between 1 and {LONGEST}")
    if not 1 <= told["maxDelayTarget"] <= LONGEST:
        raise invalid(f"{place}.maxDelayTarget must be between 1 and {LONGEST}")
    if told["maxDelayTarget"] < told["minDelayTarget"]:
        raise invalid(f"{place}.maxDelayTarget must be greater than or equal to minDelayTarget")
    if told["numRetries"] > _MOST_RETRIES:
        raise invalid(f"{place}.numRetries must be between 0 and {_MOST_RETRIES}")
    if told["numNoDelayRetries"] + told["numMinDelayRetries"] + told["numMaxDelayRetries"] > told["numRetries"]:
        raise invalid(f"{place}.numRetries must be greater than or equal to the sum of the retries of its phases")
    if told["backoffFunction"] not in _FUNCTIONS:
        raise invalid(f"{place}.backoffFunction: must be one of {', '.join(_FUNCTIONS)}")
    if sum(pauses(told)) > LONGEST:
        raise invalid(f"{place}: Total policy retry time cannot be greater than {LONGEST} seconds")


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise invalid(f"{where}failed to parse JSON.")
    return policy


def _only(policy: Any, names: tuple[str, ...], where: str) -> None:
    if not isinstance(policy, dict):
        raise invalid(f"{where.rstrip('.: ')}: must be a JSON object")
    for name in policy:
        if name not in names:
            raise invalid(f"{where}Unexpected JSON member: {name}")


def pauses(retry: Mapping[str, Any]) -> list[float]:
    """The pause before each retry, phase by phase: none, the shortest, growing, the longest."""
    shortest, longest = float(retry["minDelayTarget"]), float(retry["maxDelayTarget"])
    none, short, long = retry["numNoDelayRetries"], retry["numMinDelayRetries"], retry["numMaxDelayRetries"]
    growing = max(0, retry["numRetries"] - none - short - long)
    return [0.0] * none + [shortest] * short + _growing(retry["backoffFunction"], shortest, longest, growing) + [longest] * long


def _growing(function: str, shortest: float, longest: float, count: int) -> list[float]:
    """From the shortest to the longest pause: by even steps, by steps that grow evenly, by a factor, or doubling."""
    if function == "exponential":
        return [min(longest, shortest * 2.0 ** n) for n in range(count)]
    at = [n / (count - 1) if count > 1 else 0.0 for n in range(count)]
    if function == "geometric":
        return [shortest * (longest / shortest) ** x for x in at]
    return [shortest + (longest - shortest) * (x * x if function == "arithmetic" else x) for x in at]


def told_of_topic(text: str | None) -> str:
    """EffectiveDeliveryPolicy of a topic."""
    http = (json.loads(text) if text else {}).get("http") or {}
    told: dict[str, Any] = {"defaultHealthyRetryPolicy": _filled(http.get("defaultHealthyRetryPolicy")),
                            "disableSubscriptionOverrides": bool(http.get("disableSubscriptionOverrides", False))}
    if http.get("defaultThrottlePolicy"):
        told["defaultThrottlePolicy"] = http["defaultThrottlePolicy"]
    told["defaultRequestPolicy"] = {"headerContentType": _content(http.get("defaultRequestPolicy"))}
    return _compact({"http": told})


def told_of_subscription(topic: str | None, own: str | None) -> str:
    """EffectiveDeliveryPolicy of a subscription by HTTP or HTTPS."""
    return _compact(_merged(topic, own))


def _merged(topic: str | None, own: str | None) -> dict[str, Any]:
    http = (json.loads(topic) if topic else {}).get("http") or {}
    mine = {} if http.get("disableSubscriptionOverrides") or not own else json.loads(own)
    return {"healthyRetryPolicy": _filled(mine.get("healthyRetryPolicy") or http.get("defaultHealthyRetryPolicy")),
            "sicklyRetryPolicy": None,
            "throttlePolicy": mine.get("throttlePolicy") or http.get("defaultThrottlePolicy"),
            "requestPolicy": {"headerContentType": _content(mine.get("requestPolicy") or http.get("defaultRequestPolicy"))},
            "guaranteed": False}


def _filled(retry: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**_RETRY, **{k: v for k, v in (retry or {}).items() if v is not None}}


def _content(request: Mapping[str, Any] | None) -> str:
    kind = str((request or {}).get("headerContentType") or CONTENT)
    return kind if ";" in kind else f"{kind}; charset=UTF-8"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=512)
def effective(topic: str | None, own: str | None) -> Policy:
    """What counts, of a topic's policy and a subscription's own."""
    merged = _merged(topic, own)
    per_second = (merged["throttlePolicy"] or {}).get("maxReceivesPerSecond")
    return Policy(tuple(pauses(merged["healthyRetryPolicy"])), per_second, merged["requestPolicy"]["headerContentType"])
