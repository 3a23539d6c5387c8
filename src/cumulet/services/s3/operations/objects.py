"""Objects: put, read, deleted."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from cumulet.kernel import AwsError, Call, Spool, error, operation

from .. import (
    acls,
    appending,
    archiving,
    bodies,
    checksums,
    conditions,
    contents,
    directories,
    hearing,
    locking,
    mfa,
    owning,
    payment,
    ranges,
    replicating,
    restoring,
    sealing,
    sweeping,
    tagging,
    telling,
    tiering,
    transforming,
    versions,
)
from ..buckets import bucket_in_use
from ..faults import invalid_argument, invalid_request, malformed_xml
from ..lambda_entrances import ENDING
from ..resources import Bucket as BucketRow
from ..resources import Current, Extra, Version, seal_of

_NOTHING = Spool(b"")
_MOST_DELETES = 1000


@operation(accepts=("ContentLength", "RequestPayer"))
def put_object(call: Call, Bucket: str, Key: str, Body: Spool | None = None, ACL: str | None = None,
               GrantFullControl: str | None = None, GrantRead: str | None = None, GrantReadACP: str | None = None,
               GrantWriteACP: str | None = None,
               CacheControl: str | None = None, ContentDisposition: str | None = None, ContentEncoding: str | None = None,
               ContentLanguage: str | None = None, ContentMD5: str | None = None, ContentType: str | None = None,
               ChecksumAlgorithm: str | None = None, ChecksumCRC32: str | None = None, ChecksumCRC32C: str | None = None,
               ChecksumCRC64NVME: str | None = None, ChecksumSHA1: str | None = None, ChecksumSHA256: str | None = None,
               ChecksumSHA512: str | None = None, ChecksumMD5: str | None = None, ChecksumXXHASH64: str | None = None,
               ChecksumXXHASH3: str | None = None, ChecksumXXHASH128: str | None = None, Expires: str | None = None,
               IfMatch: str | None = None, IfNoneMatch: str | None = None, Metadata: dict[str, str] | None = None,
               ServerSideEncryption: str | None = None, SSEKMSKeyId: str | None = None,
               SSEKMSEncryptionContext: str | None = None, BucketKeyEnabled: bool | None = None,
               SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
               SSECustomerKeyMD5: str | None = None, StorageClass: str | None = None,
               WebsiteRedirectLocation: str | None = None, Tagging: str | None = None, ObjectLockMode: str | None = None,
               ObjectLockRetainUntilDate: float | None = None, ObjectLockLegalHoldStatus: str | None = None,
               WriteOffsetBytes: int | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"""
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    hearing.unless_heard(call, bucket, writes=True)
    spool = Body or _NOTHING
    extra = owning.claimed(call, bucket, Key, acls.asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP))
    if spool.size > contents.LARGEST_PUT:
        raise contents.too_large(spool.size)
    key = contents.key_bytes(Key)
    facts = contents.facts(CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, Metadata,
                           directories.storage(bucket, StorageClass), WebsiteRedirectLocation)
    given = checksums.given(spool, ChecksumAlgorithm, (
        ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256, ChecksumSHA512, ChecksumMD5,
        ChecksumXXHASH64, ChecksumXXHASH3, ChecksumXXHASH128))
    md5, algorithm, checksum = checksums.checked(spool, ContentMD5, given)
    if IfMatch is not None or IfNoneMatch is not None:
        old = versions.before(call, bucket, key)
        conditions.writing(Key, None if old is None else old.etag, IfMatch, IfNoneMatch)
    if WriteOffsetBytes is not None and (done := appending.appended(
            call, bucket, key, WriteOffsetBytes, spool, given, ContentMD5, ServerSideEncryption)) is not None:
        return done
    if bucket.object_lock or ObjectLockMode or ObjectLockRetainUntilDate is not None or ObjectLockLegalHoldStatus:
        lock = locking.Asked(ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus)
        if lock != locking.NOTHING and given is None and ContentMD5 is None:
            raise invalid_request("Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object "
                                  "Lock parameters")
        extra = locking.locked(bucket, extra, lock, call.now)
    sealed = sealing.sealed(call, bucket, Key, sealing.asked(
        ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled,
        sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)))
    if sealed.seal is None:
        body, blob = bodies.keep(call, spool)
        etag = md5
    else:
        body, blob = bodies.keep(call, spool, sealed.keys, sealed.seal.nonce)
        etag = sealing.etag(sealed.seal, md5)
        extra = extra or Extra()
        extra.seal = sealed.seal
    row = Current(bucket=bucket.number, key=key, order=0, size=spool.size, etag=etag, modified=float(int(call.now)),
                  algorithm=algorithm, checksum=checksum, blob=blob, facts=facts, body=body, extra=extra,
                  tags=tagging.from_header(Tagging) if Tagging else None)
    if ContentType:
        row.kind = ContentType
    row.listing = contents.fragment(row)
    version = None if versions.put_unseen(call, bucket, row) else versions.put(call, bucket, row, versions.before(
        call, bucket, key))
    telling.created(call, bucket, "Put", row, version)
    told = {"ETag": f'"{etag}"', "Checksum" + algorithm: checksum, "ChecksumType": checksums.FULL_OBJECT,
            "VersionId": version, "SSEKMSEncryptionContext": sealed.context, **sealing.told(sealed.seal, SSECustomerKeyMD5)}
    if bucket.requester_pays:
        told["RequestCharged"] = payment.charged(call, bucket)
    if bucket.lifecycle:
        told["Expiration"] = sweeping.expiration(bucket, row)
    return told


@operation(accepts=("RequestPayer",))
def get_object(call: Call, Bucket: str, Key: str, IfMatch: str | None = None, IfModifiedSince: float | None = None,
               IfNoneMatch: str | None = None, IfUnmodifiedSince: float | None = None, Range: str | None = None,
               ResponseCacheControl: str | None = None, ResponseContentDisposition: str | None = None,
               ResponseContentEncoding: str | None = None, ResponseContentLanguage: str | None = None,
               ResponseContentType: str | None = None, ResponseExpires: float | None = None, VersionId: str | None = None,
               SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
               SSECustomerKeyMD5: str | None = None, PartNumber: int | None = None, ExpectedBucketOwner: str | None = None,
               ChecksumMode: str | None = None) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
    if Bucket[-7:] == ENDING and (work := transforming.begun(call, Bucket, Key, Range, PartNumber)) is not None:
        return work
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    hearing.unless_heard(call, bucket)
    row = versions.find(call, bucket, Key, VersionId)
    secret = sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)
    seal = seal_of(row)
    if seal is not None or secret is not sealing.NO_KEY:
        sealing.check(seal, secret)
    conditions.reading(row.etag, row.modified, IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince)
    if row.facts is not None:                    # else it is in the standard class
        if not restoring.is_readable(row, call.now):
            raise error.InvalidObjectState("The operation is not valid for the object's storage class",
                                           StorageClass=contents.storage_class(row.facts),
                                           AccessTier=tiering.tier_of(row, call.now) or None)
        archiving.note_read(call, row)
    found = _described(call, bucket, row, ChecksumMode, SSECustomerKeyMD5)
    offset, length = 0, row.size
    if Range is not None or PartNumber is not None:
        offset, length = _window(call, row, found, Range, PartNumber)
    _override(call, found, ResponseCacheControl, ResponseContentDisposition, ResponseContentEncoding, ResponseContentLanguage,
              ResponseContentType, ResponseExpires)
    if seal is None and length == row.size and row.body is not None:
        found["Body"] = row.body
    else:
        found["Body"] = bodies.answer(call, bodies.pieces(call, row, offset, length), sealing.opened(call, seal, secret))
    return found


@operation(accepts=("RequestPayer",))
def head_object(call: Call, Bucket: str, Key: str, IfMatch: str | None = None, IfModifiedSince: float | None = None,
                IfNoneMatch: str | None = None, IfUnmodifiedSince: float | None = None, Range: str | None = None,
                ResponseCacheControl: str | None = None, ResponseContentDisposition: str | None = None,
                ResponseContentEncoding: str | None = None, ResponseContentLanguage: str | None = None,
                ResponseContentType: str | None = None, ResponseExpires: float | None = None, VersionId: str | None = None,
                SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
                SSECustomerKeyMD5: str | None = None, PartNumber: int | None = None, ExpectedBucketOwner: str | None = None,
                ChecksumMode: str | None = None) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""
    if Bucket[-7:] == ENDING and (work := transforming.begun(call, Bucket, Key, Range, PartNumber)) is not None:
        return work
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    hearing.unless_heard(call, bucket)
    row = versions.find(call, bucket, Key, VersionId, "HEAD")
    sealing.check(seal_of(row), sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5))
    conditions.reading(row.etag, row.modified, IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince)
    found = _described(call, bucket, row, ChecksumMode, SSECustomerKeyMD5)
    _window(call, row, found, Range, PartNumber)
    _override(call, found, ResponseCacheControl, ResponseContentDisposition, ResponseContentEncoding, ResponseContentLanguage,
              ResponseContentType, ResponseExpires)
    return found


def _described(call: Call, bucket: BucketRow, row: Version, checksum_mode: str | None,
               key_md5: str | None) -> dict[str, Any]:
    """What the headers of a GET and a HEAD say of a version."""
    found: dict[str, Any] = {
        "AcceptRanges": "bytes", "LastModified": row.modified, "ContentLength": row.size, "ETag": f'"{row.etag}"',
        "ContentType": row.kind}
    if bucket.requester_pays:
        found["RequestCharged"] = payment.charged(call, bucket)
    if row.facts:
        found |= row.facts
    if bucket.VersioningConfiguration is not None:
        found["VersionId"] = versions.public(row)
    if row.tags:
        found["TagCount"] = len(row.tags)
    if row.extra is None:                        # else it may be under another's key
        found["ServerSideEncryption"] = sealing.S3
    else:
        found |= sealing.told(row.extra.seal, key_md5)
        found |= {"Restore": restoring.header(row, call.now), "ArchiveStatus": tiering.tier_of(row, call.now) or None}
        found |= locking.headers(row.extra) | {"ReplicationStatus": replicating.status_of(row)}
    if bucket.lifecycle and isinstance(row, Current):
        found["Expiration"] = sweeping.expiration(bucket, row)
    if checksum_mode == "ENABLED" and row.checksum:
        found |= checksums.members(row.algorithm, row.checksum)
    return found


def _window(call: Call, row: Version, found: dict[str, Any], header: str | None, number: int | None) -> tuple[int, int]:
    """Offset and length of what is asked for: everything, a range or a part."""
    if number is not None:
        return _part_window(call, row, found, header, number)
    window = None if header is None else ranges.asked(header, row.size)
    if window is None:
        return 0, row.size
    _narrow(found, row, *window)
    return window


def _part_window(call: Call, row: Version, found: dict[str, Any], header: str | None, number: int) -> tuple[int, int]:
    if header is not None:
        raise invalid_request("Cannot specify both Range header and partNumber query parameter")
    if not 1 <= number <= 10_000:
        raise invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)
    parts = bodies.parts_of(call, row)
    if number > max(len(parts), 1):
        raise error.named("InvalidPartNumber", "The requested partnumber is not satisfiable", 416,
                          ActualPartCount=str(max(len(parts), 1)), PartNumberRequested=str(number))
    if not parts:
        if row.size:
            _narrow(found, row, 0, row.size, keep_checksum=True)
        return 0, row.size
    part = parts[number - 1]
    offset = sum(before.size for before in parts[: number - 1])
    asked_for_sums = "ChecksumType" in found
    if part.size:
        _narrow(found, row, offset, part.size)
    found["PartsCount"] = len(parts)
    if asked_for_sums and part.checksum:
        found |= {"Checksum" + row.algorithm: part.checksum, "ChecksumType": checksums.kind_of(row.checksum)}
    return offset, part.size


def _narrow(found: dict[str, Any], row: Version, offset: int, length: int, keep_checksum: bool = False) -> None:
    """The headers of an answer of part of the bytes; the sum of all of them does not fit it."""
    found["ContentRange"] = f"bytes {offset}-{offset + length - 1}/{row.size}"
    found["ContentLength"] = length
    if not keep_checksum:
        found.pop("Checksum" + row.algorithm, None)
        found.pop("ChecksumType", None)


def _override(call: Call, found: dict[str, Any], cache_control: str | None, disposition: str | None, encoding: str | None,
              language: str | None, kind: str | None, expires: float | None) -> None:
    """The request's own wishes for some headers of the answer; only of callers who signed them."""
    if expires is None and cache_control is disposition is encoding is language is kind is None:
        return
    if call.principal.kind == "anonymous":
        raise invalid_request("Request specific response headers cannot be used for anonymous GET requests.")
    wishes = {"CacheControl": cache_control, "ContentDisposition": disposition, "ContentEncoding": encoding,
              "ContentLanguage": language, "ContentType": kind,
              "Expires": None if expires is None else formatdate(expires, usegmt=True)}
    found |= {name: value for name, value in wishes.items() if value is not None}


# --- deleting ---------------------------------------------------------------------------------------------------------


@operation(accepts=("RequestPayer",))
def delete_object(call: Call, Bucket: str, Key: str, VersionId: str | None = None, IfMatch: str | None = None,
                  IfMatchLastModifiedTime: float | None = None, IfMatchSize: int | None = None, MFA: str | None = None,
                  BypassGovernanceRetention: bool | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html"""
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    hearing.unless_heard(call, bucket, writes=True)
    _check_bypass(bucket, BypassGovernanceRetention)
    mfa.check_deletion(call, bucket, VersionId, MFA)
    if IfMatchLastModifiedTime is not None or IfMatchSize is not None:
        directories.check_deletion(call, bucket, Key, IfMatchLastModifiedTime, IfMatchSize)
    done = _delete(call, bucket, Key, VersionId, IfMatch, bool(BypassGovernanceRetention))
    return {"VersionId": done.version or done.marker, "DeleteMarker": True if done.marker else None,
            "RequestCharged": payment.charged(call, bucket)}


def _check_bypass(bucket: BucketRow, bypass: bool | None) -> None:
    """Only buckets with object lock know governance."""
    if bypass and not bucket.object_lock:
        raise invalid_argument("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
                               "x-amz-bypass-governance-retention", "true")


def _delete(call: Call, bucket: BucketRow, key: str, version: str | None, if_match: str | None,
            bypass: bool) -> versions.Deleted:
    raw = contents.key_bytes(key)
    if if_match is not None:
        old = versions.before(call, bucket, raw)
        conditions.writing(key, None if old is None else old.etag, if_match, None)
    if bucket.object_lock and version is not None:
        row = versions.exact(call, bucket, raw, version)
        if row is not None:
            locking.check_deletable(row, bypass, call.now)
    done = versions.delete(call, bucket, raw, version)
    telling.deleted(call, bucket, key, done)
    return done


@operation(accepts=("RequestPayer",))
def delete_objects(call: Call, Bucket: str, Delete: dict[str, Any], MFA: str | None = None,
                   BypassGovernanceRetention: bool | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html"""
    checksums.check_document(call, required=True)
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    _check_bypass(bucket, BypassGovernanceRetention)
    wanted = Delete.get("Objects") or ()
    if not 1 <= len(wanted) <= _MOST_DELETES or not all(one.get("Key") for one in wanted):
        raise malformed_xml()
    mfa.check_deletion(call, bucket, next((one["VersionId"] for one in wanted if one.get("VersionId")), None), MFA)
    deleted: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for one in wanted:
        name = {"Key": one["Key"], "VersionId": one.get("VersionId")}
        try:
            if one.get("LastModifiedTime") is not None or one.get("Size") is not None:
                directories.check_deletion(call, bucket, one["Key"], one.get("LastModifiedTime"), one.get("Size"))
            done = _delete(call, bucket, one["Key"], one.get("VersionId"), one.get("ETag"),
                           bool(BypassGovernanceRetention))
        except AwsError as problem:
            failed.append(name | {"Code": problem.code, "Message": problem.message})
        else:
            deleted.append(name | {"DeleteMarker": True if done.marker else None, "DeleteMarkerVersionId": done.marker})
    return {"Deleted": [] if Delete.get("Quiet") else deleted, "Errors": failed,
            "RequestCharged": payment.charged(call, bucket)}
