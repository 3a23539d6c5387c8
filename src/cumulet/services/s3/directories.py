"""Directory buckets (S3 Express One Zone): their names and zones, what may be asked of them, and the sessions that ask.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cumulet.kernel import Call, Principal, error, not_implemented, principals, timer

from .faults import access_denied, invalid_argument, malformed_xml, precondition_failed
from .resources import Bucket, Current, Upload

CLASS = "EXPRESS_ONEZONE"
SUFFIX = "--x-s3"
MINUTES = 300                                    # seconds that a session lasts
READ_ONLY = "ReadOnly"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--(?P<zone>[a-z0-9]+(?:-[a-z0-9]+)*)--x-s3")
_ZONES = {"AvailabilityZone": (re.compile(r"[a-z]{3,4}\d-az\d+"), "SingleAvailabilityZone"),
          "LocalZone": (re.compile(r"[a-z]{3,4}\d-[a-z]{3}\d-az\d+"), "SingleLocalZone")}
_SESSION = "s3express:session"                   # how a session's principal carries its bucket and mode
_ENCRYPTION = "s3express:encryption"
_READS = frozenset({"GetObject", "GetObjectAttributes", "HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjectsV2",
                    "ListParts"})
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html
_ZONAL = _READS | {
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "CreateSession", "DeleteObject",
    "DeleteObjects", "PutObject", "RenameObject", "UploadPart", "UploadPartCopy"}
_REGIONAL = frozenset({
    "CreateBucket", "DeleteBucket", "DeleteBucketEncryption", "DeleteBucketMetricsConfiguration", "GetBucketEncryption",
    "GetBucketMetricsConfiguration", "ListBucketMetricsConfigurations", "PutBucketEncryption",
    "PutBucketMetricsConfiguration"})
_NOT_HERE = frozenset({
    "DeleteBucketInventoryConfiguration", "DeleteBucketLifecycle", "DeleteBucketPolicy", "GetBucketInventoryConfiguration",
    "GetBucketLifecycleConfiguration", "GetBucketPolicy", "ListBucketInventoryConfigurations",
    "PutBucketInventoryConfiguration", "PutBucketLifecycleConfiguration", "PutBucketPolicy"})


def is_name(name: str) -> bool:
    return name.endswith(SUFFIX)


def zone_of(name: str, wanted: Mapping[str, Any]) -> str:
    """The zone that a new directory bucket is in: as its name and its configuration both say."""
    place, kind = wanted.get("Location") or {}, wanted.get("Bucket") or {}
    rule, redundancy = _ZONES.get(place.get("Type", ""), (None, ""))
    if rule is None or kind.get("Type") != "Directory" or wanted.get("LocationConstraint"):
        raise malformed_xml()
    if kind.get("DataRedundancy", redundancy) != redundancy:
        raise malformed_xml()
    zone = place.get("Name") or ""
    if not rule.fullmatch(zone):
        raise error.named("InvalidRequest", "The specified zone is not valid", 400, Zone=zone)
    found = _NAME.fullmatch(name)
    if found is None or found["zone"] != zone or not 3 <= len(name) <= 63:
        raise error.named("InvalidBucketName", "The specified bucket is not valid.", 400, BucketName=name)
    return zone


def zone_needed(operation: str, name: str) -> str:
    """The zone in which an operation on a bucket is answered; "" for those of the region."""
    found = _NAME.fullmatch(name) if operation in _ZONAL else None
    return found["zone"] if found is not None else ""


def kind_of(zone: str) -> str:
    """AvailabilityZone or LocalZone."""
    return next(kind for kind, (rule, _) in _ZONES.items() if rule.fullmatch(zone))


def arn_of(call: Call, name: str) -> str:
    """The ARN of a directory bucket; where there is none, of the one that would be the caller's."""
    row = call.table(Bucket).known(name)
    account, region = (row.account, row.region) if row is not None else (call.account, call.region)
    return f"arn:aws:s3express:{region}:{account}:bucket/{name}"


def needed(call: Call, name: str) -> tuple[str, str]:
    """The action that a request needs: zonal operations all need a session, regional ones actions of their own."""
    asked = call.operation
    if asked in _ZONAL:
        action = "CreateSession"
    elif asked.endswith(("BucketEncryption", "MetricsConfiguration", "MetricsConfigurations")):
        verb = "Put" if asked.startswith(("Put", "Delete")) else "Get"
        action = f"{verb}{'Encryption' if 'Encryption' in asked else 'Metrics'}Configuration"
    else:
        action = asked
    return f"s3express:{action}", arn_of(call, name)


def check(call: Call, bucket: Bucket, name: str) -> None:
    """May this be asked of a directory bucket, by this session? name: the bucket's, or its access point's."""
    asked = call.operation
    if asked in _NOT_HERE:
        raise not_implemented(f"s3:{asked} on directory buckets")
    if asked not in _ZONAL and asked not in _REGIONAL:
        raise error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                          Method=call.request.method if call.request is not None else "", ResourceType="BUCKET")
    said = session_of(call.principal)
    if said is not None and (said[0] != name or (said[1] == READ_ONLY and asked not in _READS)):
        raise access_denied()


def session_of(who: Principal) -> tuple[str, ...] | None:
    """Bucket and mode of the session that somebody calls with."""
    return next((values for name, values in who.keys if name == _SESSION), None)


def encryption_of(who: Principal) -> tuple[str, str | None] | None:
    """How the objects of this session are encrypted where their requests do not say it: method and key."""
    found = next((values for name, values in who.keys if name == _ENCRYPTION), None)
    return (found[0], found[1] or None) if found is not None else None


def in_session(call: Call, bucket: str, arns: Sequence[str], mode: str, encryption: tuple[str, str] | None) -> Principal:
    """The caller as one who has a session of a bucket, and may do nothing else by it. arns: of the bucket, and of the access
    point that is named instead of it.  encryption: method and key."""
    who = call.principal
    if who.kind == "anonymous":
        raise access_denied()
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3express:*", "Resource": list(arns)}]}
    more = ((_SESSION, (bucket, mode)), *(((_ENCRYPTION, encryption),) if encryption is not None else ()))
    return msgspec.structs.replace(who, keys=(*who.keys, *more),
                                   session_policies=(*who.session_policies, msgspec.json.encode(policy).decode()))


@timer
def session_ends(call: Call, key: str) -> None:
    """The credentials of a session are over."""
    call.table(principals.Session).delete(key)


def storage(bucket: Bucket, asked: str | None) -> str | None:
    """The storage class of a new object: directory buckets have one, and no other bucket has it."""
    if bucket.zone and asked in (None, CLASS):
        return CLASS
    if not bucket.zone and asked != CLASS:
        return asked
    raise error.named("InvalidStorageClass", "The storage class you specified is not valid", 400, StorageClassRequested=asked)


def check_listing(prefix: str | None, delimiter: str | None, start_after: str | None) -> None:
    """Directories are listed, not beginnings of names."""
    if prefix and not prefix.endswith("/"):
        raise invalid_argument("This bucket does not support a prefix that does not end in a delimiter. Specify a prefix that "
                               "ends with a delimiter and try again.", "prefix", prefix)
    if delimiter not in (None, "", "/"):
        raise invalid_argument("This bucket does not support a delimiter other than '/'.", "delimiter", delimiter)
    if start_after:
        raise invalid_argument("This bucket does not support StartAfter.", "start-after", start_after)


def check_header(bucket: Bucket, header: str) -> None:
    """Raises where a header comes to a bucket that is no directory bucket, and so does not know it."""
    if not bucket.zone:
        raise error.named("NotImplemented", "A header you provided implies functionality that is not implemented", 501,
                          Header=header)


def check_abortion(call: Call, bucket: Bucket, key: str, upload: str, initiated: float) -> bool:
    """Is the upload there? Raises where it was begun at another time."""
    check_header(bucket, "x-amz-if-match-initiated-time")
    row = call.table(Upload).get(bucket.number, key.encode(), upload)
    if row is not None and int(row.initiated) != int(initiated):
        raise precondition_failed("If-Match-Initiated-Time")
    return row is not None


def check_deletion(call: Call, bucket: Bucket, key: str, modified: float | None, size: int | None) -> None:
    """Is the object as a deletion expects it? Only directory buckets ask."""
    check_header(bucket, "x-amz-if-match-last-modified-time" if modified is not None else "x-amz-if-match-size")
    row = call.table(Current).get(bucket.number, key.encode())
    if row is not None and modified is not None and int(modified) != int(row.modified):
        raise precondition_failed("If-Match-Last-Modified-Time")
    if row is not None and size is not None and size != row.size:
        raise precondition_failed("If-Match-Size")
