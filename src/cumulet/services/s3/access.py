"""Buckets and objects in policies: which actions a request takes, the bucket's owner and policy, and S3's condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from cumulet.kernel import AwsError, Call, Guard

from . import annotating, cors, directories, entrances, exposure, lambda_entrances, scopes, tables, transforming, versions
from .buckets import ENFORCED
from .points import Entrance
from .resources import Bucket
from .sources import address

Targets = list[tuple[str, str]]
# With a version id, these need another action.
_VERSIONED = {
    "GetObject": "s3:GetObjectVersion", "HeadObject": "s3:GetObjectVersion", "DeleteObject": "s3:DeleteObjectVersion",
    "GetObjectTagging": "s3:GetObjectVersionTagging", "PutObjectTagging": "s3:PutObjectVersionTagging",
    "DeleteObjectTagging": "s3:DeleteObjectVersionTagging", "GetObjectAcl": "s3:GetObjectVersionAcl",
    "PutObjectAcl": "s3:PutObjectVersionAcl", "GetObjectAttributes": "s3:GetObjectVersionAttributes",
    "GetObjectAnnotation": "s3:GetObjectVersionAnnotation", "PutObjectAnnotation": "s3:PutObjectVersionAnnotation",
    "DeleteObjectAnnotation": "s3:DeleteObjectVersionAnnotation", "ListObjectAnnotations": "s3:ListObjectVersionAnnotations"}
_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")
# Members of a write that need a further action.
_FURTHER = {
    "Tagging": "s3:PutObjectTagging", "ACL": "s3:PutObjectAcl", "GrantFullControl": "s3:PutObjectAcl",
    "GrantRead": "s3:PutObjectAcl", "GrantReadACP": "s3:PutObjectAcl", "GrantWriteACP": "s3:PutObjectAcl",
    "ObjectLockMode": "s3:PutObjectRetention", "ObjectLockLegalHoldStatus": "s3:PutObjectLegalHold"}
_OF_A_NEW_BUCKET = {
    "ACL": ("s3:PutBucketAcl",), "GrantFullControl": ("s3:PutBucketAcl",), "GrantRead": ("s3:PutBucketAcl",),
    "GrantWrite": ("s3:PutBucketAcl",), "ObjectOwnership": ("s3:PutBucketOwnershipControls",),
    "ObjectLockEnabledForBucket": ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")}


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""
    bucket, operation = members.get("Bucket", ""), call.operation
    if operation == "WriteGetObjectResponse":
        return [("", transforming.point_of(call, members.get("RequestToken", "")))]
    if operation == "ListDirectoryBuckets":
        return [("s3express:ListAllMyDirectoryBuckets", "*")]
    if not bucket:                               # "*" and "arn:aws:s3:::*" are both written for ListAllMyBuckets
        return [("", _arn(call, "*"))] if operation == "ListBuckets" else None
    if directories.is_name(bucket):
        return [directories.needed(call, bucket), *_source(call, members)]
    if bucket.endswith(entrances.DIRECTORY) and (found := entrances.entrance(call, bucket)) is not None:
        return [*_of_directory(call, found), *scopes.outside(call, found, members), *_source(call, members)]
    if (table := tables.of(call, bucket)) is not None:
        return [tables.needed(call, table)]
    point = lambda_entrances.find(call, bucket)
    if point is not None:
        own = (lambda_entrances.needed(operation, bool(members.get("VersionId"))), point.arn)
        return [own] if operation in point.functions else [own, *_through(call, members, bucket)]
    return _through(call, members, bucket)


def _through(call: Call, members: Mapping[str, Any], bucket: str) -> Targets:
    """What a request needs of a bucket, and of the access point that it may come by."""
    through = entrances.target(call, bucket)
    if through is not None:                      # the access point and the bucket behind it must both allow
        found = _of(call, members, through.arn, "/object")
        return found + _of(call, members, _arn(call, through.bucket), "") + _source(call, members)
    return _of(call, members, _arn(call, bucket), "") + _source(call, members)


def _of_directory(call: Call, found: Entrance) -> Targets:
    """The access point and the directory bucket behind it must both let a session begin."""
    action, arn = directories.needed(call, found.bucket)
    return [(action, found.arn), (action, arn)]


def _of(call: Call, members: Mapping[str, Any], arn: str, objects: str) -> Targets:
    """What a request needs of a bucket, or of an access point, whose objects are under `objects`."""
    operation = call.operation
    if operation == "DeleteObjects":
        return _deleted(arn + objects, members)
    if operation == "CreateBucket":
        further = [action for name, actions in _OF_A_NEW_BUCKET.items() if members.get(name) for action in actions]
        return [("", arn), *((action, arn) for action in dict.fromkeys(further))]
    if "Key" not in members:
        return [("", arn)]
    arn = f"{arn}{objects}/{members['Key']}"
    found = [(_VERSIONED.get(operation, "") if members.get("VersionId") else "", arn)]
    if operation == "GetObjectAttributes":
        found.append(("s3:GetObjectVersion" if members.get("VersionId") else "s3:GetObject", arn))
    if operation in _WRITES:
        asked = members if not _delivers(call, members) else {**members, "ACL": None}
        found += [(action, arn) for action in dict.fromkeys(a for name, a in _FURTHER.items() if asked.get(name))]
    if members.get("BypassGovernanceRetention"):
        found.append(("s3:BypassGovernanceRetention", arn))
    return found


def _delivers(call: Call, members: Mapping[str, Any]) -> bool:
    """A service that writes a file for a bucket's owner: what AWS has people allow for that is to put objects, and no more."""
    return call.principal.kind == "service" and members.get("ACL") == "bucket-owner-full-control"


def _deleted(arn: str, members: Mapping[str, Any]) -> Targets:
    """Each object of a DeleteObjects."""
    objects = (members.get("Delete") or {}).get("Objects") or ()
    found = [("s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject", f"{arn}/{one.get('Key', '')}")
             for one in objects]
    if members.get("BypassGovernanceRetention"):
        found += [("s3:BypassGovernanceRetention", place) for _, place in found]
    return found or [("", arn)]


def _source(call: Call, members: Mapping[str, Any]) -> Targets:
    """What a copy reads. (The operation refuses a source that is none.)"""
    header = members.get("CopySource")
    if not isinstance(header, str):
        return []
    try:
        bucket, key, version = address(header)
    except AwsError:
        return []
    if directories.is_name(bucket):
        return [("s3express:CreateSession", directories.arn_of(call, bucket))]
    if bucket.endswith(entrances.DIRECTORY) and (through := entrances.entrance(call, bucket)) is not None:
        return [*_of_directory(call, through), *scopes.copied(call, through, key)]
    found = _read(call, bucket, key, version)
    said = members.get("AnnotationDirective")
    if call.operation == "CopyObject" and (said == "COPY" or (said is None and _is_noted(call, bucket, key, version))):
        found += [*_read(call, bucket, key, version, "Annotation"),
                  ("s3:PutObjectAnnotation", f"{_arn(call, members['Bucket'])}/{members['Key']}")]
    return found


def _is_noted(call: Call, bucket: str, key: str, version: str | None) -> bool:
    """Has what is copied annotations?"""
    row = call.table(Bucket).known(bucket)
    try:
        return row is not None and annotating.are_there(call, versions.find(call, row, key, version))
    except AwsError:
        return False


def _read(call: Call, bucket: str, key: str, version: str | None, what: str = "") -> Targets:
    """To read a version, or its annotations, by the access point that it is named by."""
    action, through = f"s3:GetObjectVersion{what}" if version else f"s3:GetObject{what}", entrances.target(call, bucket)
    if through is None:
        return [(action, f"{_arn(call, bucket)}/{key}")]
    return [(action, f"{through.arn}/object/{key}"), (action, f"{_arn(call, through.bucket)}/{key}")]


def _arn(call: Call, bucket: str) -> str:
    if bucket.startswith("arn:"):
        return bucket
    partition = "aws-cn" if call.region.startswith("cn-") else "aws-us-gov" if call.region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:s3:::{bucket}"


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """A bucket of this account without policy and tags, to whose owner all its objects belong; nothing is copied."""
    if "CopySource" in members:
        return False
    row = call.table(Bucket).known(members.get("Bucket", ""))
    return (row is not None and row.account == call.account and not row.policy and row.ownership == ENFORCED
            and not row.tags and not row.table)


def guard(call: Call, arn: str) -> Guard | None:
    """The bucket's owner, its policy and the access control lists, as they are for this caller."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    name, _, key = parts[5].partition("/")
    if parts[2] == "s3-object-lambda":
        return lambda_entrances.guard(call, arn)
    if name == "accesspoint" and parts[4] and (denied := scopes.guard(arn, parts[4])) is not None:
        return denied
    if name == "accesspoint" and parts[4]:
        return entrances.guard(call, arn)
    row = call.table(Bucket).known(name)
    if row is None:
        return None
    return exposure.of_object(call, row, key, arn) if key else exposure.of_bucket(call, row, arn)


# Condition keys that are members of the request.
_MEMBERS = {
    "BucketNamespace": "x-amz-bucket-namespace", "AnnotationDirective": "x-amz-object-annotation-directive",
    "Prefix": "prefix", "Delimiter": "delimiter", "MaxKeys": "max-keys", "VersionId": "versionid", "ACL": "x-amz-acl",
    "GrantFullControl": "x-amz-grant-full-control", "GrantRead": "x-amz-grant-read", "GrantReadACP": "x-amz-grant-read-acp",
    "GrantWrite": "x-amz-grant-write", "GrantWriteACP": "x-amz-grant-write-acp", "StorageClass": "x-amz-storage-class",
    "ServerSideEncryption": "x-amz-server-side-encryption", "CopySource": "x-amz-copy-source",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id", "MetadataDirective": "x-amz-metadata-directive",
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm", "IfMatch": "if-match",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location", "IfNoneMatch": "if-none-match",
    "ObjectLockMode": "object-lock-mode", "ObjectLockLegalHoldStatus": "object-lock-legal-hold"}


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html"""
    found: dict[str, str | list[str]] = {"s3:" + key: str(members[name]) for name, key in _MEMBERS.items()
                                         if members.get(name) is not None}
    through = entrances.target(call, members["Bucket"]) if members.get("Bucket") else None
    if through is not None:
        found |= entrances.keys(call, through)
    found |= {f"s3:existingobjecttag/{key}".lower(): value for key, value in _existing(call, members).items()}
    given = members.get("Tagging")
    tags = {t["Key"]: t.get("Value", "") for t in given.get("TagSet", ())} if isinstance(given, dict) else dict(
        parse_qsl(given or "", keep_blank_values=True))
    if tags:
        found |= {f"s3:requestobjecttag/{key}".lower(): value for key, value in tags.items()}
        found["s3:requestobjecttagkeys"] = list(tags)
    place = (members.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if place:
        found["s3:locationconstraint"] = place
    request = call.request
    if request is not None:
        signed = "authorization" in request.headers
        found["s3:authtype"] = "REST-HEADER" if signed else "REST-QUERY-STRING"
        found["s3:signatureversion"] = "AWS" if request.headers.get("authorization", "").startswith("AWS ") else \
            "AWS4-HMAC-SHA256"
    return found


_ORIGIN_HEADERS = {
    "AllowOrigin": "Access-Control-Allow-Origin", "AllowMethods": "Access-Control-Allow-Methods",
    "ExposeHeaders": "Access-Control-Expose-Headers", "MaxAge": "Access-Control-Max-Age",
    "AllowCredentials": "Access-Control-Allow-Credentials", "Vary": "Vary"}


def standing(call: Call, members: Mapping[str, Any]) -> list[str]:
    """The zones of directory buckets: of the one that is asked, and of the one that is copied from."""
    source = members.get("CopySource")
    names = (members.get("Bucket", ""), address(source)[0] if source else "")
    return [zone for name in names if (zone := directories.zone_needed(call.operation, name))]


def origins(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Buckets say for themselves which pages of other origins may read their answers."""
    request = call.request
    asking = "Bucket" in members and not call.operation.startswith("Options")
    row = call.table(Bucket).get(members["Bucket"]) if asking else None
    if request is None or row is None or not row.cors:
        return []
    rule = cors.rule_for(row.cors, request.headers["origin"], request.method)
    if rule is None:
        return []
    told = cors.answer(rule, request.headers["origin"])
    return [(header, told[name]) for name, header in _ORIGIN_HEADERS.items() if name in told]


def _existing(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the object that is there."""
    bucket = call.table(Bucket).known(members["Bucket"]) if "Key" in members else None
    if bucket is None:
        return {}
    try:
        return versions.find(call, bucket, members["Key"], members.get("VersionId")).tags or {}
    except AwsError:
        return {}
