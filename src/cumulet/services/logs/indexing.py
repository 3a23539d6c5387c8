"""Field indexes: which fields a policy names, and when events had them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from cumulet.kernel import Call

from .keeping import oldest_kept
from .names import invalid
from .queryrows import Reader
from .reading import Walk
from .resources import LogGroup

DEFAULTS = ("@logStream", "@aws.region", "@aws.account", "@source.log", "traceId")
_TYPES = ("FIELD_INDEX", "FACET")
_MOST, _LONGEST = 20, 100
_BLOCKS = 16                           # so many are looked at from either end
_FOREVER = 2**60


class Span(NamedTuple):
    """The first and the last event that has a field, in milliseconds."""

    first: int | None
    last: int | None


def fields(document: str) -> dict[str, str]:
    """The fields of a policy: name → type."""
    try:
        said: Any = json.loads(document)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("Fields", []), list):
        raise invalid("The index policy is not valid: it must be JSON with Fields or FieldsV2.")
    further = said.get("FieldsV2", {})
    if not isinstance(further, dict) or any(not isinstance(each, dict) or each.get("type") not in _TYPES
                                            for each in further.values()):
        raise invalid("The index policy is not valid: a field of FieldsV2 has the type FIELD_INDEX or FACET.")
    plain = said.get("Fields", [])
    if set(plain) & set(further):
        raise invalid("The index policy is not valid: field names within Fields and FieldsV2 must be mutually exclusive.")
    found = {**dict.fromkeys(plain, "FIELD_INDEX"), **{name: each["type"] for name, each in further.items()}}
    if not 1 <= len(found) <= _MOST or any(not isinstance(name, str) or not 1 <= len(name) <= _LONGEST for name in found):
        raise invalid(f"The index policy is not valid: it has between 1 and {_MOST} fields, of {_LONGEST} characters at most.")
    return found


def span(call: Call, group: LogGroup, name: str, since: float) -> Span:
    """When a field was seen first and last, of what came since the policy was made."""
    return Span(*(_edge(call, group, name, int(since * 1000), ahead) for ahead in (True, False)))


def _edge(call: Call, group: LogGroup, name: str, since: int, ahead: bool) -> int | None:
    reader, raw = Reader([name]), name.partition(".")[0].encode()
    walk = Walk(group.number, oldest_kept(group, call.now), _FOREVER, ahead=ahead, within=lambda data: raw in data,
                matches=lambda message: reader.columns([message])[name][0] is not None)
    for _ in range(_BLOCKS):
        found = [event.time for event in walk.step(call, 1, 2**31) if event.came >= since]
        if found:
            return min(found) if ahead else max(found)
        if walk.done:
            break
    return None
