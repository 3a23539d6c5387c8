"""Resource policies of tables and streams: which there are, and what may become one."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import AwsError, Call, error, parse_arn, principals

from . import keys, streams
from .resources import Layout, Policy

_LARGEST = 20 * 1024
_REVISION = "0123456789"
NO_POLICY = "NO_POLICY"


class Place(NamedTuple):
    """What a policy is attached to: where it lies, its ARN, its part of the key, and its table (None: a stream)."""

    call: Call
    arn: str
    resource: str
    table: Layout | None


def find(call: Call, arn: str) -> Place:
    """The table or stream of an ARN."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "dynamodb" or not parsed.resource.startswith("table/"):
        raise error.ValidationException(f"Invalid ResourceArn: {arn}")
    parts = parsed.resource.split("/")
    if len(parts) not in (2, 4) or (len(parts) == 4 and parts[2] != "stream"):
        raise error.ValidationException(
            f"Invalid ResourceArn: {arn}. A resource policy can be attached to a table or to a stream")
    there = call if parsed.account == call.account else call.elsewhere(account=parsed.account)
    missing = error.ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn} not found")
    if parsed.region != call.region:
        raise missing
    if len(parts) == 4:
        streams.find(there, arn)
        return Place(there, arn, parsed.resource, None)
    layout = there.table(Layout).get(parts[1])
    if layout is None:
        raise missing
    return Place(there, arn, parsed.resource, layout)


def current(place: Place, expected: str | None) -> Policy | None:
    """The policy that is there, if it is the one that is expected."""
    found = place.call.table(Policy).get(place.resource)
    if expected is not None and expected != (found.revision if found is not None else NO_POLICY):
        raise missing(place.arn)
    return found


def missing(arn: str) -> AwsError:
    return error.PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {arn}")


def put(call: Call, place: Place, text: str, expected: str | None = None, lock_out: bool = True) -> str:
    """Attach a policy; its revision. lock_out: it may keep its author from ever changing it again."""
    if len(text.encode()) > _LARGEST:
        raise error.ValidationException(f"Resource-based policy document size exceeds the limit of {_LARGEST} bytes")
    found = current(place, expected)
    try:
        principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise error.ValidationException(f"Resource-based policy document is invalid: {problem}") from None
    if (name := principals.named.missing(call, text)) is not None:
        raise error.ValidationException(
            f'Resource-based policy document is invalid: Invalid principal in policy: "AWS":"{name}"')
    if not lock_out and _denies(call, place.arn, text):
        raise error.ValidationException(
            "The policy would not allow the current user to change it in the future. Set ConfirmRemoveSelfResourceAccess to "
            "attach it all the same")
    if found is not None and found.text == text:
        return found.revision
    revision = call.token(13, _REVISION, "1")
    place.call.put(Policy(place.resource, text, revision))
    _guard(place, True)
    return revision


def remove(place: Place) -> None:
    forget(place.call, place.resource)
    _guard(place, False)


def forget(call: Call, resource: str) -> None:
    """The policy goes with what it was attached to."""
    call.table(Policy).delete(resource)


def _denies(call: Call, arn: str, text: str) -> bool:
    told = principals.simulate(call, call.principal, None, None, "dynamodb:PutResourcePolicy", arn, text)
    return told.decision == "explicitDeny"


def _guard(place: Place, guarded: bool) -> None:
    """Items' calls see in the table's Layout whether there is a policy to ask."""
    if place.table is not None:
        place.table.facts = keys.changed(place.table.facts, guarded=guarded)
        place.call.put(place.table)
