"""What a call is in the words of policies: its action, and the ARN of the resource that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..resources.arns import partition_of
from .tables import Group, InstanceProfile, ManagedPolicy, Role, User

if TYPE_CHECKING:
    from ..call import Call

# Models whose prefix in policies is not their own name.
_PREFIX = {
    "apigatewayv2": "apigateway", "dynamodbstreams": "dynamodb", "efs": "elasticfilesystem", "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing", "emr": "elasticmapreduce", "opensearch": "es", "s3control": "s3", "sesv2": "ses",
    "stepfunctions": "states", "resourcegroupstaggingapi": "tag", "iot-data": "iot", "cloudhsmv2": "cloudhsm",
}
# Operations that are authorised by another action's name.
_ACTION = {
    "s3:CompleteMultipartUpload": "s3:PutObject", "s3:CopyObject": "s3:PutObject", "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteBucketCors": "s3:PutBucketCORS", "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration", "s3:DeleteBucketOwnershipControls":
    "s3:PutBucketOwnershipControls", "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging", "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock", "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration", "s3:GetObjectAttributes": "s3:GetObjectAttributes",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject", "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads", "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListParts": "s3:ListMultipartUploadParts", "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock", "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject", "s3:SelectObjectContent": "s3:GetObject",
    "lambda:Invoke": "lambda:InvokeFunction", "lambda:InvokeAsync": "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility", "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage", "sns:PublishBatch": "sns:Publish",
}
_VERSIONED = {"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion",
              "s3:GetObjectTagging": "s3:GetObjectVersionTagging", "s3:PutObjectTagging": "s3:PutObjectVersionTagging",
              "s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging", "s3:GetObjectAcl": "s3:GetObjectVersionAcl"}


@lru_cache(16384)
def _named(service: str, operation: str) -> str:
    name = f"{_PREFIX.get(service, service)}:{operation}"
    return _ACTION.get(name, name)


def action_of(service: str, operation: str, members: Mapping[str, Any]) -> str:
    """The action's name in policies: `s3:ListObjectsV2` is `s3:ListBucket`."""
    action = _named(service, operation)
    if service == "s3" and members.get("VersionId"):
        return _VERSIONED.get(action, action)
    return action


def resource_of(call: Call, members: Mapping[str, Any]) -> str:
    """The ARN that the call is about, or "*" where its service has none to tell yet."""
    find = _RESOURCE.get(call.service)
    return find(call, members) or "*" if find else "*"


def _arn(call: Call, service: str, resource: str, region: bool = True) -> str:
    partition = partition_of(call.region)
    return f"arn:{partition}:{service}:{call.region if region else ''}:{call.account}:{resource}"


def _s3(call: Call, members: Mapping[str, Any]) -> str:
    bucket = members.get("Bucket", "")
    if not bucket:
        return ""
    bucket = bucket if bucket.startswith("arn:") else f"arn:{partition_of(call.region)}:s3:::{bucket}"
    return f"{bucket}/{members['Key']}" if "Key" in members else bucket


def _sqs(call: Call, members: Mapping[str, Any]) -> str:
    url = str(members.get("QueueUrl", ""))
    if url:
        account, name = ["", *url.rstrip("/").split("/")][-2:]
        account = account if account.isdigit() and len(account) == 12 else call.account
        return f"arn:{partition_of(call.region)}:sqs:{call.region}:{account}:{name}"
    return _arn(call, "sqs", members["QueueName"]) if "QueueName" in members else str(members.get("SourceArn", ""))


def _sns(call: Call, members: Mapping[str, Any]) -> str:
    for name in ("TopicArn", "TargetArn", "ResourceArn", "SubscriptionArn"):
        if members.get(name):
            return str(members[name])
    return _arn(call, "sns", members["Name"]) if "Name" in members else ""


def _dynamodb(call: Call, members: Mapping[str, Any]) -> str:
    name = members.get("TableName") or members.get("ResourceArn") or members.get("StreamArn") or ""
    text = name if name.startswith("arn:") or not name else _arn(call, "dynamodb", f"table/{name}")
    return f"{text}/index/{members['IndexName']}" if text and members.get("IndexName") else text


def _lambda(call: Call, members: Mapping[str, Any]) -> str:
    name = members.get("FunctionName") or members.get("Resource") or ""
    return name if name.startswith("arn:") or not name else _arn(call, "lambda", f"function:{name.rpartition(':')[2]}")


def _iam(call: Call, members: Mapping[str, Any]) -> str:
    if "PolicyArn" in members and not _ENTITIES & members.keys():
        return str(members["PolicyArn"])
    for name, word, kind in _KINDS:
        if members.get(name):
            row = None if call.operation.startswith("Create") else call.table(kind).get(members[name])
            path = row.Path if row is not None else members.get("Path") or "/"
            return _arn(call, "iam", f"{word}{path}{members[name]}", region=False)
    if call.principal.kind == "user" and call.operation in _OF_ONESELF:
        return call.principal.subject
    return ""


_KINDS: tuple[tuple[str, str, Any], ...] = (
    ("InstanceProfileName", "instance-profile", InstanceProfile), ("GroupName", "group", Group), ("RoleName", "role", Role),
    ("UserName", "user", User), ("PolicyName", "policy", ManagedPolicy))
_ENTITIES = {"UserName", "RoleName", "GroupName"}
_OF_ONESELF = frozenset({"GetUser", "CreateAccessKey", "DeleteAccessKey", "ListAccessKeys", "UpdateAccessKey"})


def _sts(call: Call, members: Mapping[str, Any]) -> str:
    if "Name" in members and call.operation == "GetFederationToken":
        return f"arn:{partition_of(call.region)}:sts::{call.account}:federated-user/{members['Name']}"
    return str(members.get("RoleArn", ""))


_RESOURCE: dict[str, Callable[[Call, Mapping[str, Any]], str]] = {
    "dynamodb": _dynamodb, "dynamodbstreams": _dynamodb, "iam": _iam, "lambda": _lambda, "s3": _s3, "sns": _sns, "sqs": _sqs,
    "sts": _sts,
}
