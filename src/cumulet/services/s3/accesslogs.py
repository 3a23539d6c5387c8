"""Access logs: what a logging configuration may be, and the line that tells of a request.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cumulet.kernel import Answer, AwsError, error

from . import acls, names
from .faults import malformed_xml
from .owning import no_acls
from .requestmetrics import sent_bytes
from .resources import Bucket

BY_EVENT = "EventTime"
_PERMISSIONS = frozenset({acls.FULL_CONTROL, "READ", "WRITE"})
_COPIES = {"CopyObject": "OBJECT", "UploadPartCopy": "PART"}
# What a log calls the thing that an operation is about; where it is not here, the words of the operation's name.
_THINGS = {
    "AbortMultipartUpload": "UPLOAD", "CompleteMultipartUpload": "UPLOAD", "CreateMultipartUpload": "UPLOADS",
    "DeleteObjects": "MULTI_OBJECT_DELETE", "GetBucketAcl": "ACL", "GetBucketLogging": "LOGGING_STATUS",
    "GetBucketPolicy": "BUCKETPOLICY", "GetBucketPolicyStatus": "BUCKETPOLICY", "GetObjectAcl": "ACL",
    "GetWebsiteObject": "OBJECT", "HeadWebsiteObject": "OBJECT", "ListMultipartUploads": "UPLOADS",
    "ListObjectVersions": "BUCKETVERSIONS", "ListObjects": "BUCKET", "ListObjectsV2": "BUCKET", "ListParts": "UPLOAD",
    "OptionsObject": "PREFLIGHT", "PostObject": "OBJECT", "PutBucketAcl": "ACL", "PutBucketLogging": "LOGGING_STATUS",
    "PutBucketPolicy": "BUCKETPOLICY", "DeleteBucketPolicy": "BUCKETPOLICY", "PutObjectAcl": "ACL",
    "RestoreObject": "OBJECT_RESTORE", "SelectObjectContent": "SELECT", "UploadPart": "PART",
    "GetBucketNotificationConfiguration": "NOTIFICATION", "PutBucketNotificationConfiguration": "NOTIFICATION",
    "GetBucketLifecycleConfiguration": "LIFECYCLE", "PutBucketLifecycleConfiguration": "LIFECYCLE"}
_VERBS = ("Get", "Put", "Delete", "Head", "Create", "List", "Update")


def checked(said: Mapping[str, Any], bucket: Bucket, target: Bucket | None) -> dict[str, Any]:
    """A LoggingEnabled for a bucket whose lines shall go to another, or an error."""
    name = said.get("TargetBucket")
    if not name or said.get("TargetPrefix") is None:
        raise malformed_xml()
    if target is None:
        raise _unfit("The target bucket for logging does not exist", name)
    if target.account != bucket.account:
        raise _unfit("The owner for the bucket to be logged and the target bucket must be the same.", name)
    if target.region != bucket.region:
        raise error.named("CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.", 403, TargetBucket=name,
                          SourceBucketLocation=bucket.region, TargetBucketLocation=target.region)
    if target.requester_pays or target.default_retention is not None:
        raise _unfit("The target bucket for logging must not have Requester Pays or a default retention period.", name)
    formats = said.get("TargetObjectKeyFormat")
    if formats is not None and len(formats) != 1:
        raise malformed_xml()
    if said.get("TargetGrants"):
        if target.ownership == "BucketOwnerEnforced":
            raise no_acls()
        grants(said)
    return dict(said)


def _unfit(message: str, name: str) -> AwsError:
    return error.named("InvalidTargetBucketForLogging", message, 400, TargetBucket=name)


def grants(said: Mapping[str, Any]) -> acls.Grants:
    """To whom the log objects are opened."""
    wanted = said.get("TargetGrants") or ()
    if any(one.get("Permission") not in _PERMISSIONS for one in wanted):
        raise malformed_xml()
    return [acls.from_grant(one) for one in wanted]


def is_by_event(said: Mapping[str, Any]) -> bool:
    """Are the objects named by the day of the requests, not of their delivery?"""
    parts = (said.get("TargetObjectKeyFormat") or {}).get("PartitionedPrefix")
    return parts is not None and parts.get("PartitionDateSource") == BY_EVENT


def key(said: Mapping[str, Any], bucket: Bucket, day: str, moment: float, unique: str) -> str:
    """What a log object is called. day: of its requests, where that counts."""
    prefix, at = said["TargetPrefix"], datetime.fromtimestamp(moment, UTC)
    if "PartitionedPrefix" not in (said.get("TargetObjectKeyFormat") or {}):
        return f"{prefix}{at:%Y-%m-%d-%H-%M-%S}-{unique}"
    if is_by_event(said):
        at = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    return (f"{prefix}{bucket.account}/{bucket.region}/{bucket.BucketName}/{at:%Y/%m/%d}/"
            f"{at:%Y-%m-%d-%H-%M-%S}-{unique}")


# --- lines --------------------------------------------------------------------------------------------------------------


def came(one: Answer) -> float:
    """When the request came."""
    return one.at - one.took


def day_of(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def line(bucket: Bucket, one: Answer, through: str) -> str:
    """What a log says of a request; through: the access point. (TLS and the region that it came from are not known.)"""
    _, object_key, version = one.members
    told = {header.lower(): value for header, value in one.told}
    moment = datetime.fromtimestamp(came(one), UTC)
    signature, how = _signed(one)
    took, size = str(int(one.took * 1000)), _object_size(one, told)
    return " ".join((
        names.owner_id(bucket.account), bucket.BucketName, f"[{moment:%d/%b/%Y:%H:%M:%S} +0000]", one.client or "-",
        _requester(one), one.id, _operation(one), quote(object_key, safe="/") if object_key else "-",
        f'"{one.method} {one.target} HTTP/1.1"', str(one.status), one.error or "-", str(sent_bytes(one) or "-"), size,
        took, took, _quoted(one.asked.get("referer")), _quoted(one.asked.get("user-agent")), version or "-",
        told.get("x-amz-id-2", "-"), signature, "-", how, one.asked.get("host", "-"), "-", through or "-",
        "Yes" if "access control list" in one.reason else "-", "-"))


def _requester(one: Answer) -> str:
    who = one.principal
    if who is None or who.kind == "anonymous":
        return "-"
    return names.owner_id(who.account) if who.kind == "root" else who.arn


def _operation(one: Answer) -> str:
    kind = "WEBSITE" if "WebsiteObject" in one.operation else "REST"
    if one.operation in _COPIES:
        return f"REST.COPY.{_COPIES[one.operation]}"
    return f"{kind}.{one.method}.{_thing(one.operation)}"


def _thing(operation: str) -> str:
    found = _THINGS.get(operation)
    if found is not None:
        return found
    words = next((operation[len(verb):] for verb in _VERBS if operation.startswith(verb)), operation)
    if words.startswith("Bucket") and words != "Bucket":
        words = words.removeprefix("Bucket").removesuffix("Configuration")
    return "".join("_" + letter if letter.isupper() else letter.upper() for letter in words).lstrip("_")


def _object_size(one: Answer, told: Mapping[str, str]) -> str:
    """The size of the whole object, where the request was about one's bytes."""
    if one.status >= 300:
        return "-"
    if one.operation in ("PutObject", "UploadPart"):
        return str(one.received)
    if one.operation not in ("GetObject", "HeadObject", "GetWebsiteObject", "HeadWebsiteObject"):
        return "-"
    if "content-range" in told:
        return told["content-range"].rpartition("/")[2]
    return told.get("content-length", str(one.sent) if one.sent >= 0 else "-")


def _signed(one: Answer) -> tuple[str, str]:
    """The kind of the signature, and where it was."""
    header = one.asked.get("authorization", "")
    if header:
        return "SigV2" if header.startswith("AWS ") else "SigV4", "AuthHeader"
    query = one.target.partition("?")[2].lower()
    if "x-amz-signature=" in query:
        return "SigV4", "QueryString"
    return ("SigV2", "QueryString") if "signature=" in query else ("-", "-")


def _quoted(text: str | None) -> str:
    return f'"{text}"' if text else '"-"'
