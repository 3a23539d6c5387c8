"""Rules about calls: "AWS API Call via CloudTrail". As long as no rule asks for such events, none is made.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call

from . import patterns
from .envelopes import compact
from .resources import Rule

ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_KIND = "AWS API Call via CloudTrail"
_ENABLED = """SELECT "EventPattern", "State" FROM {table} WHERE scope = {scope} AND "State" <> 'DISABLED'
              AND "EventPattern" IS NOT NULL"""


def follow(call: Call, *changed: str | None) -> None:
    """Rules with these patterns came, went, or were switched: say anew which calls are to be told."""
    if not any(map(asks, changed)):
        return
    states = [state for pattern, state in call.table(Rule).sql(_ENABLED) if asks(pattern)]
    call.cloud.trail.ask(call.tx, call.account, call.region, bool(states), ALL in states)


def asks(text: str | None) -> bool:
    """Does a pattern ask for calls: by their kind, or by what only they tell?"""
    return text is not None and _asks(patterns.read(text))


def _asks(pattern: Mapping[str, Any]) -> bool:
    options = pattern.get("$or")
    if isinstance(options, list) and any(isinstance(each, dict) and _asks(each) for each in options):
        return True
    kinds = pattern.get("detail-type")
    if kinds is not None:
        return patterns.compiled(compact({"detail-type": kinds}))({"detail-type": _KIND})
    detail = pattern.get("detail")
    return isinstance(detail, dict) and not detail.keys().isdisjoint(("eventName", "eventSource"))


def only_reads(call: Call, event: Mapping[str, Any]) -> bool:
    """Is this a call that only those rules are told of that ask for all?"""
    return event.get("detail-type") == _KIND and bool(call.cloud.trail.only_reads(str(event["detail"].get("eventName", ""))))
