"""What a job asks of S3 for one object, by the operation that it was made for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-operations.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from cumulet.kernel import not_implemented, parse_arn

from .manifests import bad
from .resources import Task

# RequesterPays is honoured by nobody having to pay: jobs ask as S3 itself.
_COPY = {"TargetResource", "TargetKeyPrefix", "CannedAccessControlList", "AccessControlGrants", "MetadataDirective",
         "NewObjectMetadata", "NewObjectTagging", "RedirectLocation", "RequesterPays", "StorageClass", "SSEAwsKmsKeyId",
         "BucketKeyEnabled", "ChecksumAlgorithm", "ObjectLockLegalHoldStatus", "ObjectLockMode", "ObjectLockRetainUntilDate",
         "ModifiedSinceConstraint", "UnModifiedSinceConstraint", "AnnotationDirective"}
_METADATA = {"CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "UserMetadata",
             "SSEAlgorithm"}
_GRANTEES = {"id": ("CanonicalUser", "ID"), "emailAddress": ("AmazonCustomerByEmail", "EmailAddress"), "uri": ("Group", "URI")}
_GRANTS = {"FULL_CONTROL": "GrantFullControl", "READ": "GrantRead", "READ_ACP": "GrantReadACP", "WRITE_ACP": "GrantWriteACP"}


class Asked(NamedTuple):
    """One call to S3. operation: as boto3 names it.  actions: what the job's role must be allowed, and on what."""

    operation: str
    members: dict[str, Any]
    actions: list[tuple[str, str]]


def check(name: str, options: Mapping[str, Any]) -> None:
    """What CreateJob says of an operation, or an error."""
    if name not in _PLANS:
        raise not_implemented(f"s3control: jobs of {name}")
    plan(name, options, Task(job="", number=0, bucket="b", key="k"))


def plan(name: str, options: Mapping[str, Any], task: Task) -> Asked:
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
        "CopySourceIfModifiedSince": said.get("ModifiedSinceConstraint"), **_granted(said.get("AccessControlGrants") or ()),
        "CopySourceIfUnmodifiedSince": said.get("UnModifiedSinceConstraint"),
        **{name: new.get(name) for name in _METADATA - {"UserMetadata", "SSEAlgorithm"}},
        **{name: said.get(name) for name in ("AnnotationDirective", "BucketKeyEnabled", "ChecksumAlgorithm",
                                             "ObjectLockLegalHoldStatus", "ObjectLockMode", "ObjectLockRetainUntilDate")}}
    return Asked("copy_object", members, [("s3:GetObjectVersion" if task.version else "s3:GetObject", _arn(task)),
                                          ("s3:PutObject", f"arn:aws:s3:::{target.resource}/{key}")])


def _granted(grants: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Grants as the headers of a write."""
    found: dict[str, list[str]] = {}
    for one in grants:
        if one.get("Permission") not in _GRANTS:
            raise bad("Objects are granted with READ, READ_ACP, WRITE_ACP or FULL_CONTROL.")
        who = one["Grantee"]
        found.setdefault(_GRANTS[one["Permission"]], []).append(f'{who["TypeIdentifier"]}="{who["Identifier"]}"')
    return {name: ", ".join(grantees) for name, grantees in found.items()}


def _method(algorithm: str | None, key: str | None) -> str | None:
    return "aws:kms" if key or algorithm == "KMS" else algorithm


def _tag(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("put_object_tagging", task, "s3:PutObjectTagging", Tagging={"TagSet": said.get("TagSet") or []})


def _untag(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("delete_object_tagging", task, "s3:DeleteObjectTagging")


def _grant(task: Task, said: Mapping[str, Any]) -> Asked:
    wanted = said.get("AccessControlPolicy") or {}
    canned, listed = wanted.get("CannedAccessControlList"), wanted.get("AccessControlList")
    if (canned is None) == (listed is None):
        raise bad("Either a canned access control list or a list of grants must be specified.")
    if listed is None:
        return _asked("put_object_acl", task, "s3:PutObjectAcl", ACL=canned)
    grants = [{"Grantee": _grantee(one["Grantee"]), "Permission": one["Permission"]} for one in listed.get("Grants") or ()]
    return _asked("put_object_acl", task, "s3:PutObjectAcl", AccessControlPolicy={
        "Owner": {"ID": listed["Owner"].get("ID")}, "Grants": grants})


def _grantee(said: Mapping[str, str]) -> dict[str, str]:
    kind, member = _GRANTEES[said["TypeIdentifier"]]
    return {"Type": kind, member: said["Identifier"]}


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


def _encrypt(task: Task, said: Mapping[str, Any]) -> Asked:
    return _asked("update_object_encryption", task, "s3:UpdateObjectEncryption",
                  ObjectEncryption=said.get("ObjectEncryption") or {})


_PLANS = {"S3PutObjectCopy": _copy, "S3PutObjectTagging": _tag, "S3DeleteObjectTagging": _untag, "S3PutObjectAcl": _grant,
          "S3InitiateRestoreObject": _restore, "S3PutObjectLegalHold": _hold, "S3PutObjectRetention": _retain,
          "S3UpdateObjectEncryption": _encrypt}


def _honoured(what: str, said: Mapping[str, Any], known: set[str]) -> None:
    for name in said:
        if name not in known:
            raise not_implemented(f"s3control: jobs of {what} with {name}")
