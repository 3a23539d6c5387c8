"""Uploads in parts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cumulet.kernel import Call, Spool, operation

from .. import (
    acls,
    bodies,
    checksums,
    conditions,
    contents,
    directories,
    lifecycle,
    locking,
    names,
    owning,
    payment,
    sealing,
    sweeping,
    tagging,
    telling,
    uploads,
    versions,
)
from ..buckets import bucket_of
from ..faults import invalid_argument, invalid_request, malformed_xml
from ..resources import Extra, Part, Upload, seal_of

_NOTHING = Spool(b"")
_MOST = 1000


@operation(accepts=("RequestPayer",))
def create_multipart_upload(call: Call, Bucket: str, Key: str, ACL: str | None = None, GrantFullControl: str | None = None,
                            GrantRead: str | None = None, GrantReadACP: str | None = None, GrantWriteACP: str | None = None,
                            CacheControl: str | None = None, ContentDisposition: str | None = None,
                            ContentEncoding: str | None = None,
                            ContentLanguage: str | None = None, ContentType: str | None = None, Expires: str | None = None,
                            Metadata: dict[str, str] | None = None, ServerSideEncryption: str | None = None,
                            SSEKMSKeyId: str | None = None, SSEKMSEncryptionContext: str | None = None,
                            BucketKeyEnabled: bool | None = None, SSECustomerAlgorithm: str | None = None,
                            SSECustomerKey: str | None = None, SSECustomerKeyMD5: str | None = None,
                            StorageClass: str | None = None, WebsiteRedirectLocation: str | None = None,
                            Tagging: str | None = None, ObjectLockMode: str | None = None,
                            ObjectLockRetainUntilDate: float | None = None, ObjectLockLegalHoldStatus: str | None = None,
                            ExpectedBucketOwner: str | None = None, ChecksumAlgorithm: str | None = None,
                            ChecksumType: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    extra = owning.claimed(call, bucket, Key, acls.asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP))
    extra = locking.locked(bucket, extra, locking.Asked(ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus),
                           call.now)
    sealed = sealing.sealed(call, bucket, Key, sealing.asked(
        ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled,
        sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)))
    if sealed.seal is not None:
        extra = extra or Extra()
        extra.seal = sealed.seal
    if ChecksumAlgorithm is None and ChecksumType is not None:
        raise invalid_request("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
    algorithm = checksums.named(ChecksumAlgorithm) if ChecksumAlgorithm else checksums.DEFAULT
    kind = checksums.kind_for(algorithm, ChecksumType)
    upload = Upload(
        bucket=bucket.number, key=contents.key_bytes(Key),
        upload=names.numbered(int(call.now * 1_000_000), call.token(75, names.ALPHABET)), number=int(call.token(15), 16),
        initiated=float(int(call.now)), account=call.account, kind=ContentType or "binary/octet-stream", algorithm=algorithm,
        checksum_type=kind, declared=ChecksumAlgorithm is not None,
        facts=contents.facts(CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, Metadata,
                             directories.storage(bucket, StorageClass), WebsiteRedirectLocation),
        tags=tagging.from_header(Tagging) if Tagging else None, extra=extra)
    call.table(Upload).insert(upload)
    ends = lifecycle.abandoned(bucket.lifecycle, Key, upload.initiated)
    return {"Bucket": Bucket, "Key": Key, "UploadId": upload.upload, "AbortDate": ends[0] if ends else None,
            "AbortRuleId": ends[1] if ends else None, "RequestCharged": payment.charged(call, bucket),
            "SSEKMSEncryptionContext": sealed.context,
            "ChecksumAlgorithm": algorithm if upload.declared else None, "ChecksumType": kind if upload.declared else None,
            } | sealing.told(sealed.seal, SSECustomerKeyMD5)


@operation(accepts=("ContentLength", "RequestPayer"))
def upload_part(call: Call, Bucket: str, Key: str, PartNumber: int, UploadId: str, Body: Spool | None = None,
                ContentMD5: str | None = None, ChecksumAlgorithm: str | None = None, ChecksumCRC32: str | None = None,
                ChecksumCRC32C: str | None = None, ChecksumCRC64NVME: str | None = None, ChecksumSHA1: str | None = None,
                ChecksumSHA256: str | None = None, ChecksumSHA512: str | None = None, ChecksumMD5: str | None = None,
                ChecksumXXHASH64: str | None = None, ChecksumXXHASH3: str | None = None, ChecksumXXHASH128: str | None = None,
                SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
                SSECustomerKeyMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    uploads.check_number(PartNumber)
    upload = uploads.upload_of(call, bucket, Key, UploadId)
    keys = uploads.keys_of(call, upload, sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5))
    spool = Body or _NOTHING
    if spool.size > contents.LARGEST_PUT:
        raise contents.too_large(spool.size)
    given = checksums.given(spool, ChecksumAlgorithm, (
        ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256, ChecksumSHA512, ChecksumMD5,
        ChecksumXXHASH64, ChecksumXXHASH3, ChecksumXXHASH128))
    uploads.check_algorithm(upload, given[0] if given else None)
    md5, name, value = checksums.checked(spool, ContentMD5, given, upload.algorithm)
    checksum = value if name == upload.algorithm else checksums.of_spool(upload.algorithm, spool)
    part = uploads.part(call, upload, PartNumber, bodies.piece(call, spool, keys), md5, checksum)
    uploads.keep_part(call, upload, part)
    told = (name, value) if given else (upload.algorithm, checksum) if upload.declared else None
    return {"ETag": f'"{part.etag}"'} | ({"Checksum" + told[0]: told[1]} if told else {}) | sealing.told(
        seal_of(upload), SSECustomerKeyMD5)


@operation(accepts=("RequestPayer",))
def complete_multipart_upload(call: Call, Bucket: str, Key: str, UploadId: str, MultipartUpload: dict[str, Any] | None = None,
                              ChecksumCRC32: str | None = None, ChecksumCRC32C: str | None = None,
                              ChecksumCRC64NVME: str | None = None, ChecksumSHA1: str | None = None,
                              ChecksumSHA256: str | None = None, ChecksumSHA512: str | None = None,
                              ChecksumMD5: str | None = None, ChecksumXXHASH64: str | None = None,
                              ChecksumXXHASH3: str | None = None, ChecksumXXHASH128: str | None = None,
                              ChecksumType: str | None = None, MpuObjectSize: int | None = None, IfMatch: str | None = None,
                              IfNoneMatch: str | None = None, SSECustomerAlgorithm: str | None = None,
                              SSECustomerKey: str | None = None, SSECustomerKeyMD5: str | None = None,
                              ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    wanted = (MultipartUpload or {}).get("Parts")
    if not wanted:                                   # the document is looked at before the upload
        raise malformed_xml()
    upload = uploads.upload_of(call, bucket, Key, UploadId)
    secret = sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)
    if secret != sealing.NO_KEY:
        sealing.check(seal_of(upload), secret)
    said = {"CRC32": ChecksumCRC32, "CRC32C": ChecksumCRC32C, "CRC64NVME": ChecksumCRC64NVME, "SHA1": ChecksumSHA1,
            "SHA256": ChecksumSHA256, "SHA512": ChecksumSHA512, "MD5": ChecksumMD5, "XXHASH64": ChecksumXXHASH64,
            "XXHASH3": ChecksumXXHASH3, "XXHASH128": ChecksumXXHASH128}
    given = [(name, value) for name, value in said.items() if value is not None]
    made, unused = uploads.whole(call, upload, wanted)
    uploads.check_whole(upload, made, ChecksumType, MpuObjectSize, given[0] if given else None)
    old = versions.before(call, bucket, upload.key)
    conditions.writing(Key, None if old is None else old.etag, IfMatch, IfNoneMatch)
    row, version = uploads.complete(call, bucket, upload, made, unused, old)
    telling.created(call, bucket, "CompleteMultipartUpload", row, version)
    return {"Bucket": Bucket, "Key": Key, "Location": f"{call.endpoint}/{Bucket}/{quote(Key, safe='/')}",
            "ETag": f'"{made.etag}"', "VersionId": version, "RequestCharged": payment.charged(call, bucket),
            "Expiration": sweeping.expiration(bucket, row),
            } | checksums.members(upload.algorithm, made.checksum) | uploads.told(upload)


@operation(accepts=("RequestPayer",))
def abort_multipart_upload(call: Call, Bucket: str, Key: str, UploadId: str, IfMatchInitiatedTime: float | None = None,
                           ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if IfMatchInitiatedTime is not None and not directories.check_abortion(call, bucket, Key, UploadId, IfMatchInitiatedTime):
        return {}
    uploads.abort(call, uploads.upload_of(call, bucket, Key, UploadId))
    return {}


@operation(accepts=("RequestPayer",))
def list_parts(call: Call, Bucket: str, Key: str, UploadId: str, MaxParts: int | None = None,
               PartNumberMarker: int | None = None, SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
               SSECustomerKeyMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    upload = uploads.upload_of(call, bucket, Key, UploadId)
    secret = sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)
    if secret != sealing.NO_KEY:
        sealing.check(seal_of(upload), secret)
    limit = _MOST if MaxParts is None else MaxParts
    if limit < 0:
        raise invalid_argument("Argument max-parts must be an integer between 0 and 2147483647", "max-parts", limit)
    limit, marker = min(limit, _MOST), PartNumberMarker or 0
    rows = call.table(Part).scan(upload.number, after=marker, limit=limit + 1)
    more = len(rows) > limit
    del rows[limit:]
    return {
        "Bucket": Bucket, "Key": Key, "UploadId": UploadId, "PartNumberMarker": marker, "MaxParts": limit, "IsTruncated": more,
        "NextPartNumberMarker": rows[-1].number if rows else 0, "StorageClass": contents.storage_class(upload.facts),
        "Owner": {"ID": names.owner_id(bucket.account)}, "Initiator": {"ID": names.owner_id(upload.account)},
        "ChecksumAlgorithm": upload.algorithm if upload.declared else None,
        "ChecksumType": upload.checksum_type if upload.declared else None,
        "Parts": [{"PartNumber": row.number, "LastModified": row.modified, "ETag": f'"{row.etag}"', "Size": row.size,
                   "Checksum" + upload.algorithm: row.checksum if upload.declared else None} for row in rows]}
