"""Filters of event sources: EventBridge's patterns over one record, whose data may be JSON in a text.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error

_MOST = 10
_ENVELOPE = {"id": "1", "account": "1", "source": "1", "time": "2020-01-01T00:00:00Z", "region": "1", "resources": [],
             "detail-type": "1"}


def check(call: Call, criteria: Mapping[str, Any] | None) -> None:
    """Raises when they are not filters."""
    found = _patterns(criteria)
    if len(found) > _MOST:
        raise error.InvalidParameterValueException(f"Number of filters exceeds the limit of {_MOST}.")
    for pattern in found:
        try:
            _matches(call, pattern, {})
        except (AwsError, ValueError) as problem:
            raise error.InvalidParameterValueException(f"Invalid filter pattern definition. {problem}") from None


def _patterns(criteria: Mapping[str, Any] | None) -> list[str]:
    return [f["Pattern"] for f in (criteria or {}).get("Filters") or [] if f.get("Pattern")]


def wanted(call: Call, criteria: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], data: str) -> list[bool]:
    """Of each record, whether some filter lets it through. data: the record's field that may be JSON in a text, or ""."""
    found = _patterns(criteria)
    if not found:
        return [True] * len(records)
    seen = [{**record, data: _parsed(record.get(data))} if data else record for record in records]
    return [any(_matches(call, pattern, one) for pattern in found) for one in seen]


def _parsed(value: Any) -> Any:
    if isinstance(value, str):
        try:
            found = json.loads(value)
        except ValueError:
            return value
        return found if isinstance(found, dict) else value
    return value


def _matches(call: Call, pattern: str, record: Mapping[str, Any]) -> bool:
    """By EventBridge, whose language it is."""
    asked = json.dumps({"detail": json.loads(pattern)})
    return bool(call.as_service().events.test_event_pattern(
        EventPattern=asked, Event=json.dumps(_ENVELOPE | {"detail": record}))["Result"])
