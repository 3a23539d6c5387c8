"""PutEvents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation, parse_arn

from ..delivery import put
from ..envelopes import envelope
from ..failover import copy, route
from ..names import DEFAULT, absent, invalid

_MOST_BYTES = 1_048_576
_REQUIRED = ("Source", "DetailType", "Detail")


@operation
def put_events(call: Call, Entries: Sequence[dict[str, Any]], EndpointId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""
    if EndpointId is not None:
        return _by_endpoint(call, EndpointId, Entries)
    if sum(map(_size, Entries)) > _MOST_BYTES:
        raise invalid("Total size of the entries in the request is over the limit.")
    told = [_put(call, entry) for entry in Entries]
    return {"FailedEntryCount": sum("ErrorCode" in each for each in told), "Entries": told}


def _by_endpoint(call: Call, id: str, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """To the bus of the region that takes them now, with the caller's rights there; perhaps a copy to the other one."""
    way = route(call, id)
    if way is None:
        raise absent(f"Endpoint '{id}' does not exist.")
    if any((entry.get("EventBusName") or way.bus).rpartition("/")[2] != way.bus for entry in entries):
        raise invalid(f"EventBusName must be {way.bus}, the event bus of the endpoint.")
    named = [{**entry, "EventBusName": way.bus} for entry in entries]
    told: dict[str, Any] = call.elsewhere(region=way.region).aws.events.put_events(Entries=named)
    taken = [entry for entry, said in zip(named, told["Entries"], strict=True) if "EventId" in said]
    if way.copy and taken:
        call.task(copy, region=way.copy, role=way.role, entries=taken)
    return told


def _size(entry: Mapping[str, Any]) -> int:
    """As AWS counts: fourteen for the time, and the bytes of all texts."""
    texts = [entry.get(name) or "" for name in _REQUIRED] + list(entry.get("Resources") or ())
    return (14 if "Time" in entry else 0) + sum(len(text.encode()) for text in texts)


def problem_of(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is wrong with an entry, as it is told."""
    for name in _REQUIRED:
        if not entry.get(name):
            return _refused("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    return _refused("MalformedDetail", "Detail is malformed.") if not isinstance(detail, dict) else None


def _put(call: Call, entry: Mapping[str, Any]) -> dict[str, Any]:
    if (problem := problem_of(entry)) is not None:
        return problem
    if entry["Source"].lower().startswith("aws.") and call.principal.kind != "service":
        return _refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    there, bus = _bus(call, entry.get("EventBusName"))
    number = call.uuid()
    put(there, bus, envelope(number, entry["DetailType"], entry["Source"], call.principal.account or call.account, there.region,
                             entry.get("Time", call.now), entry.get("Resources") or (), entry["Detail"].strip()))
    return {"EventId": number}


def _refused(code: str, message: str) -> dict[str, Any]:
    return {"ErrorCode": code, "ErrorMessage": message}


def _bus(call: Call, name: str | None) -> tuple[Call, str]:
    """Where a bus is. What is put to one that is not there is lost without a word, as with AWS."""
    arn = parse_arn(name) if name and name.startswith("arn:") else None
    if arn is None:
        return call, name or DEFAULT
    return call.elsewhere(arn.account, arn.region), arn.resource.removeprefix("event-bus/")
