"""Jobs of Batch Operations: what a job may be, what it does to one object, and what is told of it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from cumulet.kernel import not_implemented, parse_arn

from . import generating, invoking, manifests
from .manifests import bad
from .resources import Job, Task

REPORT = "Report_CSV_20180820"
OPEN = frozenset({"New", "Preparing", "Suspended", "Ready", "Active"})
INVOKE, REPLICATE = "LambdaInvoke", "S3ReplicateObject"          # what is not asked of S3's API
_COPY = {"TargetResource", "TargetKeyPrefix", "CannedAccessControlList", "MetadataDirective", "NewObjectMetadata",
         "NewObjectTagging", "RedirectLocation", "StorageClass", "SSEAwsKmsKeyId", "BucketKeyEnabled", "ChecksumAlgorithm",
         "ObjectLockLegalHoldStatus", "ObjectLockMode", "ObjectLockRetainUntilDate"}
_METADATA = {"CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "UserMetadata",
             "SSEAlgorithm"}


class Asked(NamedTuple):
    """One call to S3. operation: as boto3 names it.  actions: what the job's role must be allowed, and on what."""

    operation: str
    members: dict[str, Any]
    actions: list[tuple[str, str]]


def check(said: Mapping[str, Any]) -> None:
    """CreateJob's members, or an error."""
    operation = said["Operation"]
    if len(operation) != 1:
        raise bad("Exactly one operation must be specified.")
    name, options = next(iter(operation.items()))
    if name == INVOKE:
        invoking.check(options or {})
    elif name != REPLICATE:
        if name not in _PLANS:
            raise not_implemented(f"s3control: jobs of {name}")
        _PLANS[name](Task(job="", number=0, bucket="b", key="k"), options or {})
    if (said["Manifest"] is None) == (said["ManifestGenerator"] is None):
        raise bad("Either a manifest or a manifest generator must be specified.")
    if said["Manifest"] is not None:
        manifests.check(said["Manifest"])
    else:
        generating.check(said["ManifestGenerator"])
    report = said["Report"]
    if report["Enabled"] and (not report.get("Bucket") or report.get("Format") != REPORT or not report.get("ReportScope")):
        raise bad("An enabled report needs a bucket, a format and a scope.")


def operation_of(job: Job) -> tuple[str, Mapping[str, Any]]:
    """The name of what the job does, and what is said of it."""
    name, options = next(iter(job.said["Operation"].items()))
    return name, options or {}


def plan(job: Job, task: Task) -> Asked:
    """What the job asks S3 for one object."""
    name, options = operation_of(job)
    return _PLANS[name](task, options)


# --- the operations -----------------------------------------------------------------------------------------------------


def _asked(operation: str, task: Task, action: str, **members: Any) -> Asked:
    version = {"VersionId": task.version} if task.version else {}
    return Asked(operation, {"Bucket": task.bucket, "Key": task.key, **version, **members}, [(action, _arn(task))])


def _arn(task: Task) -> str:
    return f"arn:aws:s3:::{task.bucket}/{task.key}"


def _copy(task: Task, said: Mapping[str, Any]) -> Asked:
    _honoured("S3PutObjectCopy", said, _COPY)
    target = parse_arn(said.get("TargetResource") or "")
    if target is None or target.service != "s3":
        raise bad("TargetResource must be the ARN of a bucket.")
    new = said.get("NewObjectMetadata") or {}
    _honoured("NewObjectMetadata", new, _METADATA)
    prefix, tags = said.get("TargetKeyPrefix"), said.get("NewObjectTagging")
    key = f"{prefix}/{task.key}" if prefix else task.key
    source = quote(f"{task.bucket}/{task.key}") + (f"?versionId={task.version}" if task.version else "")
    members = {
        "Bucket": target.resource, "Key": key, "CopySource": source, "ACL": said.get("CannedAccessControlList"),
        "MetadataDirective": "REPLACE" if new else said.get("MetadataDirective"), "Metadata": new.get("UserMetadata"),
        "TaggingDirective": "REPLACE" if tags is not None else None,
        "Tagging": urlencode({tag["Key"]: tag["Value"] for tag in tags}) if tags else None,
        "WebsiteRedirectLocation": said.get("RedirectLocation"), "StorageClass": said.get("StorageClass"),
        "ServerSideEncryption": _method(new.get("SSEAlgorithm"), said.get("SSEAwsKmsKeyId")),
        "SSEKMSKeyId": said.get("SSEAwsKmsKeyId"),
        **{name: new.get(name) for name in _METADATA - {"UserMetadata", "SSEAlgorithm"}},
        **{name: said.get(name) for name in ("BucketKeyEnabled", "ChecksumAlgorithm", "ObjectLockLegalHoldStatus",
                                             "ObjectLockMode", "ObjectLockRetainUntilDate")}}
    return Asked("copy_object", members, [("s3:GetObjectVersion" if task.version else "s3:GetObject", _arn(task)),
                                          ("s3:PutObject", f"arn:aws:s3:::{target.resource}/{key}")])


def _method(algorithm: str | None, key: str | None) -> str | None:
    return "aws:kms" if key or algorithm == "KMS" else algorithm


def _tag(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("put_object_tagging", task, "s3:PutObjectTagging", Tagging={"TagSet": said.get("TagSet") or []})


def _untag(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("delete_object_tagging", task, "s3:DeleteObjectTagging")


def _grant(task: Task, said: Mapping[str, Any]) -> Asked:
    wanted = said.get("AccessControlPolicy") or {}
    canned = wanted.get("CannedAccessControlList")
    if canned is None:
        raise not_implemented("s3control: jobs of S3PutObjectAcl with AccessControlList")
    return _asked("put_object_acl", task, "s3:PutObjectAcl", ACL=canned)


def _restore(task: Task, said: Mapping[str, Any]) -> Asked:
    wanted = {"Days": said.get("ExpirationInDays"), "GlacierJobParameters": {
        "Tier": (said.get("GlacierJobTier") or "STANDARD").capitalize()}}
    return _asked("restore_object", task, "s3:RestoreObject", RestoreRequest=wanted)


def _hold(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("put_object_legal_hold", task, "s3:PutObjectLegalHold", LegalHold={"Status": said["LegalHold"]["Status"]})


def _retain(task: Task, said: Mapping[str, Any]) -> Asked:
    _honoured("Retention", said["Retention"], {"Mode", "RetainUntilDate"})
    return _asked("put_object_retention", task, "s3:PutObjectRetention", Retention=said["Retention"],
                  BypassGovernanceRetention=said.get("BypassGovernanceRetention"))


_PLANS = {"S3PutObjectCopy": _copy, "S3PutObjectTagging": _tag, "S3DeleteObjectTagging": _untag, "S3PutObjectAcl": _grant,
          "S3InitiateRestoreObject": _restore, "S3PutObjectLegalHold": _hold, "S3PutObjectRetention": _retain}


def _honoured(what: str, said: Mapping[str, Any], known: set[str]) -> None:
    for name in said:
        if name not in known:
            raise not_implemented(f"s3control: jobs of {what} with {name}")
