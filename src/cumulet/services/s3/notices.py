"""Event notifications: what a configuration may be, whom an event is for, and what it says.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from cumulet.kernel import AwsError, Call, parse_arn

from . import names
from .faults import invalid_argument, malformed_xml
from .resources import Bucket

Config = Mapping[str, Any]
KINDS = {"QueueConfigurations": ("QueueArn", "sqs"), "TopicConfigurations": ("TopicArn", "sns"),
         "LambdaFunctionConfigurations": ("LambdaFunctionArn", "lambda")}
_EVENTS = frozenset("s3:" + name for name in (
    "ReducedRedundancyLostObject", "ObjectCreated:*", "ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:*", "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:*", "ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete", "Replication:*",
    "Replication:OperationFailedReplication", "Replication:OperationNotTracked", "Replication:OperationMissedThreshold",
    "Replication:OperationReplicatedAfterThreshold", "LifecycleTransition", "IntelligentTiering", "ObjectAcl:Put",
    "LifecycleExpiration:*", "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated", "ObjectTagging:*",
    "ObjectTagging:Put", "ObjectTagging:Delete"))
# Kinds of events that came with later versions of the record.
_LATER = ("LifecycleTransition", "LifecycleExpiration", "IntelligentTiering", "ObjectAcl", "ObjectTagging")
# What EventBridge calls them.
_ON_THE_BUS = {
    "ObjectCreated": "Object Created", "ObjectRemoved": "Object Deleted", "LifecycleExpiration": "Object Deleted",
    "ObjectRestore:Post": "Object Restore Initiated", "ObjectRestore:Completed": "Object Restore Completed",
    "ObjectRestore:Delete": "Object Restore Expired", "LifecycleTransition": "Object Storage Class Changed",
    "IntelligentTiering": "Object Access Tier Changed", "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted", "ObjectAcl": "Object ACL Updated"}
_REASONS = {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject",
            "CompleteMultipartUpload": "CompleteMultipartUpload"}


class Happened(NamedTuple):
    """What happened to an object. name: `ObjectCreated:Put`.  order: of the version, which tells its place in time."""

    name: str
    key: str
    order: int
    size: int | None = None
    etag: str | None = None
    version: str | None = None
    more: Mapping[str, Any] = {}


# --- what a configuration may be ----------------------------------------------------------------------------------------


def checked(configuration: Config, region: str, name: Any) -> dict[str, Any]:
    """A NotificationConfiguration with an id for each entry, or an error. name(): a new id."""
    found: dict[str, Any] = {}
    for kind, (member, service) in KINDS.items():
        entries = configuration.get(kind) or ()
        for entry in entries:
            _check(entry, member, service, region)
        if entries:
            found[kind] = [dict(entry) | {"Id": entry.get("Id") or name()} for entry in entries]
    if configuration.get("EventBridgeConfiguration") is not None:
        found["EventBridgeConfiguration"] = {}
    _check_overlaps([entry for kind in KINDS for entry in found.get(kind, ())])
    return found


def _check(entry: Config, member: str, service: str, region: str) -> None:
    arn = parse_arn(entry.get(member) or "")
    if arn is None or arn.service != service:
        raise invalid_argument("The ARN could not be parsed" if arn is None else "The ARN is not well formed", member,
                               entry.get(member))
    if arn.region != region:
        raise invalid_argument("The notification destination service region is not valid for the bucket location constraint",
                               member, entry[member])
    if arn.resource.endswith(".fifo"):
        raise invalid_argument("FIFO queues and topics are not supported for notifications", member, entry[member])
    if not entry.get("Events"):
        raise malformed_xml()
    for event in entry["Events"]:
        if event not in _EVENTS:
            raise invalid_argument("The event is not supported for notifications", "Event", event)
    rules = _rules(entry)
    if len({rule.get("Name", "").lower() for rule in rules}) < len(rules):
        raise invalid_argument("Cannot specify more than one prefix rule, or more than one suffix rule, in a filter.",
                               "FilterRule")
    for rule in rules:
        if rule.get("Name", "").lower() not in ("prefix", "suffix"):
            raise invalid_argument("filter rule name must be either prefix or suffix", "FilterRule.Name", rule.get("Name"))


def _rules(entry: Config) -> Sequence[Mapping[str, str]]:
    return ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()


def _ends(entry: Config) -> tuple[str, str]:
    said = {rule["Name"].lower(): rule.get("Value", "") for rule in _rules(entry)}
    return said.get("prefix", ""), said.get("suffix", "")


def _check_overlaps(entries: Sequence[Config]) -> None:
    """One object and event may be of one entry only."""
    for number, one in enumerate(entries):
        for other in entries[number + 1:]:
            if not any(_covers(a, b) or _covers(b, a) for a in one["Events"] for b in other["Events"]):
                continue
            (prefix, suffix), (other_prefix, other_suffix) = _ends(one), _ends(other)
            if (prefix.startswith(other_prefix) or other_prefix.startswith(prefix)) and (
                    suffix.endswith(other_suffix) or other_suffix.endswith(suffix)):
                raise invalid_argument("Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if "
                                       "the prefixes are overlapping for the same event type.")


def _covers(wanted: str, event: str) -> bool:
    return wanted == event or (wanted.endswith("*") and event.startswith(wanted[:-1]))


# --- whom an event is for -----------------------------------------------------------------------------------------------


def listeners(configuration: Config, what: Happened) -> Iterator[tuple[str, Config]]:
    """The entries that an event is for: (kind, entry)."""
    for kind in KINDS:
        for entry in configuration.get(kind, ()):
            prefix, suffix = _ends(entry)
            if what.key.startswith(prefix) and what.key.endswith(suffix) and any(
                    _covers(event, "s3:" + what.name) for event in entry["Events"]):
                yield kind, entry


# --- what it says -------------------------------------------------------------------------------------------------------


def moment(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(call: Call, bucket: Bucket, what: Happened, entry: str) -> dict[str, Any]:
    """One record of a message to a queue or topic."""
    thing = {"key": quote_plus(what.key), "size": what.size, "eTag": what.etag, "versionId": what.version,
             "sequencer": f"{abs(what.order):016X}"}
    return {
        "eventVersion": "2.3" if what.name.startswith(_LATER) else "2.1", "eventSource": "aws:s3", "awsRegion": bucket.region,
        "eventTime": moment(call.now), "eventName": what.name, "userIdentity": {"principalId": _who(call)},
        "requestParameters": {"sourceIPAddress": _address(call)},
        "responseElements": {"x-amz-request-id": call.request_id, "x-amz-id-2": call.request_id},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": entry, "bucket": {
            "name": bucket.BucketName, "ownerIdentity": {"principalId": names.owner_id(bucket.account)},
            "arn": call.arn(bucket)}, "object": {name: value for name, value in thing.items() if value is not None}},
    } | dict(what.more)


def on_the_bus(call: Call, bucket: Bucket, what: Happened) -> tuple[str, dict[str, Any]]:
    """Type and detail of an event on EventBridge."""
    kind, _, how = what.name.partition(":")
    thing = {"key": what.key, "size": what.size, "etag": what.etag, "version-id": what.version,
             "sequencer": f"{abs(what.order):016X}"}
    detail: dict[str, Any] = {
        "version": "0", "bucket": {"name": bucket.BucketName},
        "object": {name: value for name, value in thing.items() if value is not None}, "request-id": call.request_id,
        "requester": call.account, "source-ip-address": _address(call)}
    if kind == "ObjectCreated":
        detail["reason"] = _REASONS[how]
    elif _ON_THE_BUS.get(kind) == "Object Deleted":
        detail["reason"] = "DeleteObject" if kind == "ObjectRemoved" else "Lifecycle Expiration"
        detail["deletion-type"] = "Delete Marker Created" if how == "DeleteMarkerCreated" else "Permanently Deleted"
    return _ON_THE_BUS.get(what.name) or _ON_THE_BUS[kind], detail


def _who(call: Call) -> str:
    principal = call.principal
    return "Anonymous" if principal.kind == "anonymous" else f"AWS:{principal.id}"


def _address(call: Call) -> str:
    return (call.request.client if call.request is not None else "") or "127.0.0.1"


def trial_message(call: Call, bucket: Bucket) -> dict[str, Any]:
    """What a destination is told when it is configured."""
    return {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": moment(call.now), "Bucket": bucket.BucketName,
            "RequestId": call.request_id, "HostId": call.request_id}


def unreachable(arn: str, problem: AwsError) -> AwsError:
    return invalid_argument("Unable to validate the following destination configurations", arn, problem.message)
