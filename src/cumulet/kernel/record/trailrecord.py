"""A call as CloudTrail writes it down.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from .. import wire
from ..access import catalogue
from ..access.actions import action_of
from ..access.contract import Principal
from ..errors import AwsError

_VERSION = "1.11"
_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_MOST = 100_000                        # bytes of the parameters of a request, or of what was answered
_READS = ("Get", "List", "Describe")
# What begins so and yet was always told to rules: sessions that somebody gets.
_GIVES = frozenset({"GetFederationToken", "GetSessionToken"})
# Operations on what lies in a resource: events of data, which a trail has only on demand. S3's follow from their members.
_DATA = {
    "dynamodb": frozenset({"BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement",
                           "ExecuteTransaction", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
                           "TransactWriteItems", "UpdateItem"}),
    "dynamodbstreams": frozenset({"GetRecords", "GetShardIterator"}),
    "lambda": frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"}),
    "sns": frozenset({"Publish", "PublishBatch"}),
    "sqs": frozenset({"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch",
                      "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"}),
    "logs": frozenset({"PutLogEvents", "GetLogEvents", "FilterLogEvents", "StartLiveTail"}),
    "events": frozenset({"PutEvents", "PutPartnerEvents"}),
    "cloudwatch": frozenset({"PutMetricData", "GetMetricData", "GetMetricStatistics"}),
    "s3": frozenset({"CreateSession", "DeleteObjects", "HeadBucket", "ListMultipartUploads", "ListObjectVersions",
                     "ListObjects", "ListObjectsV2"}),
    "s3vectors": frozenset({"DeleteVectors", "GetVectors", "ListVectors", "PutVectors", "QueryVectors"}),
}
# Those of Lambda carry the version of its API, some also that of the operation.
_SECOND = frozenset({"AddPermission", "GetFunction", "GetFunctionConfiguration", "GetPolicy", "RemovePermission", "TagResource",
                     "UntagResource", "UpdateFunctionCode", "UpdateFunctionConfiguration"})
# S3's configurations have older names there than in its API. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
_S3 = re.compile(r"(Get|Put|Delete)(?:(PublicAccessBlock)|(Bucket(?:Lifecycle|Notification))Configuration)")
# Services without a region: their calls are recorded in this one.
_GLOBAL, _HOME = frozenset({"account", "iam", "organizations"}), "us-east-1"


class Taken(NamedTuple):
    """What is kept of a call until it is told. via: the service that made it for somebody.  answer: the result, or error."""

    id: str
    at: float
    service: str
    operation: str
    account: str
    region: str
    principal: Principal
    via: str
    client: str
    agent: str
    host: str                          # by TLS; "" without
    members: Mapping[str, Any]
    answer: Any


@lru_cache(4096)
def is_data(service: str, operation: str) -> bool:
    """Is it about what lies in a resource, rather than about the resource?"""
    return operation in _DATA.get(service, ()) or (
        service == "s3" and "Key" in wire.model(service).operations[operation].members)


@lru_cache(4096)
def only_reads(operation: str) -> bool:
    """Is it one of the calls that only those rules are told of that ask for all?"""
    return operation.startswith(_READS) and operation not in _GIVES


def region_of(service: str, region: str) -> str:
    """Where a call is recorded."""
    return _HOME if service in _GLOBAL else region


def source_of(service: str) -> str:
    """`monitoring` for CloudWatch: what stands before `.amazonaws.com`, and behind `aws.` in events."""
    return str(wire.model(service).metadata.get("endpointPrefix", service)).rpartition(".")[2]


def record(taken: Taken, event_id: str) -> dict[str, Any]:
    """The record."""
    listed = catalogue.action(action_of(taken.service, taken.operation))
    reads = listed.level in ("Read", "List") if listed is not None else only_reads(taken.operation)
    model = wire.model(taken.service).operations[taken.operation]
    said: dict[str, Any] = {
        "eventVersion": _VERSION, "userIdentity": identity(taken.principal, taken.via), "eventTime": _iso(taken.at),
        "eventSource": source_of(taken.service) + ".amazonaws.com", "eventName": _name(taken), "awsRegion": taken.region,
        "sourceIPAddress": taken.client, "userAgent": taken.agent}
    failed = isinstance(taken.answer, AwsError)
    if failed:
        said |= {"errorCode": taken.answer.code, "errorMessage": taken.answer.message}
    asked = _told(model.model.shapes, model.input, taken.members)
    if taken.service == "s3" and "bucket" in asked:
        asked = {"bucketName": asked.pop("bucket"), **asked}
    said |= {"requestParameters": _within(asked),
             "responseElements": None if failed or reads else _within(_told(model.model.shapes, model.output, taken.answer)),
             "requestID": taken.id, "eventID": event_id, "readOnly": reads, "eventType": "AwsApiCall", "managementEvent": True,
             "recipientAccountId": taken.account, "eventCategory": "Management"}
    if taken.host:
        said["tlsDetails"] = {"clientProvidedHostHeader": taken.host}
    return said


def _name(taken: Taken) -> str:
    if taken.service == "s3":
        return _S3.sub(lambda said: said[1] + (said[3] or "Bucket" + said[2]), taken.operation)
    if taken.service != "lambda":
        return taken.operation
    path: str = wire.model("lambda").operations[taken.operation].raw["http"]["requestUri"]
    version = path.split("/")[1].replace("-", "")
    return taken.operation + version + ("v2" if taken.operation in _SECOND else "")


def _iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identity(who: Principal, via: str = "") -> dict[str, Any]:
    """Who asked. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
    if who.kind == "anonymous":
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    if who.kind == "service":
        return {"type": "AWSService", "invokedBy": who.arn}
    kind = {"root": "Root", "user": "IAMUser", "role": "AssumedRole", "federated": "FederatedUser"}[who.kind]
    said: dict[str, Any] = {"type": kind, "principalId": who.id, "arn": who.arn, "accountId": who.account,
                            "accessKeyId": who.access_key}
    if who.kind == "user":
        said["userName"] = who.arn.rpartition("/")[2]
    if who.issued:
        attributes = {"creationDate": _iso(who.issued), "mfaAuthenticated": "true" if who.mfa_at else "false"}
        said["sessionContext"] = {"attributes": attributes}
        if who.source_identity:
            said["sessionContext"]["sourceIdentity"] = who.source_identity
    if who.kind == "role":
        issuer = {"type": "Role", "principalId": who.id.partition(":")[0], "arn": who.subject, "accountId": who.account,
                  "userName": who.subject.rpartition("/")[2]}
        said.setdefault("sessionContext", {})["sessionIssuer"] = issuer
    return {**said, "invokedBy": via} if via else said


def _within(told: Any) -> Any:
    """AWS leaves out what is too large."""
    return told if told and len(orjson.dumps(told)) <= _MOST else None


def _told(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Any) -> Any:
    """A value with its members' names in camel case, without what is secret, and without bytes."""
    if shape.get("sensitive") and value is not None:
        return _HIDDEN
    kind = shape["type"]
    if kind == "structure" and isinstance(value, Mapping):
        known = shape.get("members", {})
        found = {name: _told(shapes, {**shapes[known[name]["shape"]], **known[name]}, inner)
                 for name, inner in value.items() if name in known}
        return {name[:1].lower() + name[1:]: inner for name, inner in found.items() if inner is not None}
    if kind == "list" and isinstance(value, (list, tuple)):
        return [_told(shapes, shapes[shape["member"]["shape"]], inner) for inner in value]
    if kind == "map" and isinstance(value, Mapping):
        return {str(name): _told(shapes, shapes[shape["value"]["shape"]], inner) for name, inner in value.items()}
    if kind == "timestamp" and isinstance(value, (int, float)):
        moment = datetime.fromtimestamp(value, UTC)
        return f"{moment:%b} {moment.day}, {moment.year}, {moment.hour % 12 or 12}:{moment:%M:%S %p}"
    return value if isinstance(value, (str, int, float, bool)) else None
