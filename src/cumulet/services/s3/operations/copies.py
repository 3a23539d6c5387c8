"""Copies: the bytes stay where they are, and one more object uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cumulet.kernel import Call, operation

from .. import (
    acls,
    annotating,
    bodies,
    checksums,
    ciphers,
    conditions,
    contents,
    directories,
    locking,
    owning,
    payment,
    ranges,
    sealing,
    sweeping,
    tagging,
    telling,
    uploads,
    versions,
)
from ..buckets import bucket_of
from ..faults import invalid_argument, invalid_request
from ..resources import Current, Extra, Piece, Seal, Upload, Version, seal_of
from ..rewriting import Known, Unknown, identity, settled, small
from ..sources import Conditions, Source, source_of

_UNLIMITED = 1 << 62

# --- whole objects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Copy:
    """What CopyObject was asked to make."""

    bucket: str
    key: str
    source: str
    conditions: Conditions
    source_owner: str | None
    owner: str | None
    acl: acls.Asked
    algorithm: str | None
    given: tuple[Any, Any, Any, Any, Any, Any]
    kind: str | None
    storage: str | None
    redirect: str | None
    replace: bool
    tags: dict[str, str] | None
    replace_tags: bool
    encryption: sealing.Asked
    secret: sealing.CustomerKey
    if_match: str | None
    if_none_match: str | None
    lock: locking.Asked
    annotations: str | None


@operation(accepts=("RequestPayer",))
async def copy_object(call: Call, Bucket: str, Key: str, CopySource: str, ACL: str | None = None,
                      GrantFullControl: str | None = None, GrantRead: str | None = None,
                      GrantReadACP: str | None = None, GrantWriteACP: str | None = None,
                      CacheControl: str | None = None, ChecksumAlgorithm: str | None = None,
                      ContentDisposition: str | None = None, ContentEncoding: str | None = None,
                      ContentLanguage: str | None = None, ContentType: str | None = None,
                      CopySourceIfMatch: str | None = None, CopySourceIfModifiedSince: float | None = None,
                      CopySourceIfNoneMatch: str | None = None, CopySourceIfUnmodifiedSince: float | None = None,
                      Expires: str | None = None, IfMatch: str | None = None, IfNoneMatch: str | None = None,
                      Metadata: dict[str, str] | None = None, MetadataDirective: str | None = None,
                      TaggingDirective: str | None = None, ServerSideEncryption: str | None = None,
                      SSEKMSKeyId: str | None = None, SSEKMSEncryptionContext: str | None = None,
                      BucketKeyEnabled: bool | None = None, SSECustomerAlgorithm: str | None = None,
                      SSECustomerKey: str | None = None, SSECustomerKeyMD5: str | None = None,
                      CopySourceSSECustomerAlgorithm: str | None = None, CopySourceSSECustomerKey: str | None = None,
                      CopySourceSSECustomerKeyMD5: str | None = None, StorageClass: str | None = None,
                      WebsiteRedirectLocation: str | None = None,
                      Tagging: str | None = None, ObjectLockMode: str | None = None,
                      ObjectLockRetainUntilDate: float | None = None, ObjectLockLegalHoldStatus: str | None = None,
                      AnnotationDirective: str | None = None, ExpectedBucketOwner: str | None = None,
                      ExpectedSourceBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
    wanted = _Copy(
        Bucket, Key, CopySource,
        Conditions(CopySourceIfMatch, CopySourceIfModifiedSince, CopySourceIfNoneMatch, CopySourceIfUnmodifiedSince),
        ExpectedSourceBucketOwner, ExpectedBucketOwner,
        acls.asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP),
        checksums.named(ChecksumAlgorithm) if ChecksumAlgorithm else None,
        (CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, Metadata), ContentType, StorageClass,
        WebsiteRedirectLocation, _directive(MetadataDirective, "metadata"), tagging.from_header(Tagging) if Tagging else None,
        _directive(TaggingDirective, "tagging"),
        sealing.asked(ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled,
                      sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)),
        sealing.customer(CopySourceSSECustomerAlgorithm, CopySourceSSECustomerKey, CopySourceSSECustomerKeyMD5),
        IfMatch, IfNoneMatch, locking.Asked(ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus),
        AnnotationDirective)
    if AnnotationDirective not in (None, "COPY", "EXCLUDE"):
        raise invalid_argument("Unknown annotation directive.", "x-amz-object-annotation-directive", AnnotationDirective)
    result: dict[str, Any] = await settled(call, lambda call, known: _copy(call, wanted, known))
    return result


def _directive(value: str | None, what: str) -> bool:
    """Is it REPLACE?"""
    if value not in (None, "COPY", "REPLACE"):
        raise invalid_argument(f"Unknown {what} directive.", f"x-amz-{what}-directive", value)
    return value == "REPLACE"


def _copy(call: Call, wanted: _Copy, known: Known | None) -> dict[str, Any] | Unknown:
    bucket = bucket_of(call, wanted.bucket, wanted.owner)
    extra = locking.locked(bucket, owning.claimed(call, bucket, wanted.key, wanted.acl), wanted.lock, call.now)
    source = source_of(call, wanted.source, wanted.conditions, wanted.source_owner, contents.LARGEST_PUT, wanted.secret)
    key = contents.key_bytes(wanted.key)
    _check_change(wanted, source)
    facts, kind = _facts(wanted, source.row, directories.storage(bucket, wanted.storage))
    row = Current(bucket=bucket.number, key=key, order=0, size=source.row.size, etag=source.row.etag,
                  modified=float(int(call.now)), kind=kind, facts=facts, parts=source.row.parts, blob=source.row.blob,
                  layout=source.row.layout, body=source.row.body, algorithm=source.row.algorithm,
                  checksum=source.row.checksum, extra=extra,
                  tags=wanted.tags if wanted.replace_tags else source.row.tags)
    if known is not None and not known.of(source.row):
        known = None
    sealed = known.sealed if known is not None and known.path else sealing.sealed(call, bucket, wanted.key, wanted.encryption)
    if sealed.seal is None and seal_of(source.row) is None:
        unknown = _shared(call, wanted, source.row, row, known)
    else:
        unknown = _anew(call, wanted, source.row, row, known, sealed)
    if unknown is not None:
        return unknown
    old = versions.before(call, bucket, key)
    conditions.writing(wanted.key, None if old is None else old.etag, wanted.if_match, wanted.if_none_match)
    row.listing = contents.fragment(row)
    noted = wanted.annotations != "EXCLUDE" and annotating.there(call, source.row)
    version = versions.put(call, bucket, row, old)
    if noted or wanted.annotations == "COPY":
        annotating.copy(call, noted or [], bucket, row)
    telling.created(call, bucket, "Copy", row, version)
    return {"CopyObjectResult": {"ETag": f'"{row.etag}"', "LastModified": row.modified}
            | checksums.members(row.algorithm, row.checksum), "SSEKMSEncryptionContext": sealed.context,
            "CopySourceVersionId": source.version, "VersionId": version, "RequestCharged": payment.charged(call, bucket),
            "Expiration": sweeping.expiration(bucket, row)} | sealing.told(sealed.seal, wanted.encryption.customer.md5)


def _shared(call: Call, wanted: _Copy, source: Version, row: Current, known: Known | None) -> Unknown | None:
    """The copy uses the same bytes."""
    if wanted.algorithm not in (None, row.algorithm):
        row.algorithm = wanted.algorithm or ""
        if row.body is not None:
            row.checksum = checksums.of(row.algorithm, row.body)
        elif known is not None:
            row.checksum = known.checksum
        else:
            return Unknown(identity(source), bodies.pieces(call, source, 0, row.size), row.algorithm)
    if row.blob:
        bodies.share(call, row.blob)
    if row.layout:
        bodies.share_layout(call, row.layout)
    return None


def _anew(call: Call, wanted: _Copy, source: Version, row: Current, known: Known | None,
          sealed: sealing.Sealed) -> Unknown | None:
    """The copy is encrypted otherwise: its bytes are written anew, as one run."""
    reading = sealing.opened(call, seal_of(source), wanted.secret)
    row.algorithm = wanted.algorithm or row.algorithm
    row.body, row.blob, row.layout, row.parts = None, "", 0, 0
    unknown = Unknown(identity(source), bodies.pieces(call, source, 0, row.size), row.algorithm, reading, sealed)
    nonce = sealed.seal.nonce if sealed.seal is not None else b""
    if row.size <= bodies.INLINE:
        data, md5, row.checksum = small(call, unknown)
        row.body = ciphers.over(data, sealed.keys, nonce)
    elif known is not None:
        md5, row.checksum = known.md5, known.checksum
        row.blob = call.blobs.keep(call.tx, known.path)
    else:
        return unknown
    row.etag = sealing.etag(sealed.seal, md5)
    if sealed.seal is not None:
        row.extra = row.extra or Extra()
        row.extra.seal = sealed.seal
    return None


def _check_change(wanted: _Copy, source: Source) -> None:
    """A copy onto itself must change something."""
    same = (source.bucket.BucketName, source.key) == (wanted.bucket, wanted.key) and isinstance(source.row, Current)
    changes = wanted.replace or wanted.storage is not None or wanted.redirect is not None
    if same and not changes and wanted.encryption == sealing.NOTHING:
        raise invalid_request("This copy request is illegal because it is trying to copy an object to itself without changing "
                              "the object's metadata, storage class, website redirect location or encryption attributes.")


def _facts(wanted: _Copy, row: Version, storage: str | None) -> tuple[dict[str, Any] | None, str]:
    """Metadata of the source, or the request's own; storage class and redirect are always the request's."""
    if wanted.replace:
        return contents.facts(*wanted.given, storage, wanted.redirect), wanted.kind or "binary/octet-stream"
    kept = {name: value for name, value in (row.facts or {}).items() if name not in ("StorageClass", "WebsiteRedirectLocation")}
    more = contents.facts(None, None, None, None, None, None, storage, wanted.redirect) or {}
    return kept | more or None, row.kind


# --- parts ------------------------------------------------------------------------------------------------------------


@operation(accepts=("RequestPayer",))
async def upload_part_copy(call: Call, Bucket: str, Key: str, CopySource: str, PartNumber: int, UploadId: str,
                           CopySourceIfMatch: str | None = None, CopySourceIfModifiedSince: float | None = None,
                           CopySourceIfNoneMatch: str | None = None, CopySourceIfUnmodifiedSince: float | None = None,
                           CopySourceRange: str | None = None, SSECustomerAlgorithm: str | None = None,
                           SSECustomerKey: str | None = None, SSECustomerKeyMD5: str | None = None,
                           CopySourceSSECustomerAlgorithm: str | None = None, CopySourceSSECustomerKey: str | None = None,
                           CopySourceSSECustomerKeyMD5: str | None = None, ExpectedBucketOwner: str | None = None,
                           ExpectedSourceBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
    uploads.check_number(PartNumber)
    wanted = Conditions(CopySourceIfMatch, CopySourceIfModifiedSince, CopySourceIfNoneMatch, CopySourceIfUnmodifiedSince)
    theirs = sealing.customer(CopySourceSSECustomerAlgorithm, CopySourceSSECustomerKey, CopySourceSSECustomerKeyMD5)
    ours = sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)

    def work(call: Call, known: Known | None) -> dict[str, Any] | Unknown:
        bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
        upload = uploads.upload_of(call, bucket, Key, UploadId)
        largest = contents.LARGEST_PUT if CopySourceRange is None else _UNLIMITED
        source = source_of(call, CopySource, wanted, ExpectedSourceBucketOwner, largest, theirs)
        offset, length = (0, source.row.size) if CopySourceRange is None else ranges.copied(CopySourceRange, source.row.size)
        if length > contents.LARGEST_PUT:
            raise contents.too_large(length)
        known = known if known is not None and known.of(source.row) else None
        made = _part(call, upload, source.row, (offset, length), uploads.keys_of(call, upload, ours), theirs, known)
        if isinstance(made, Unknown):
            return made
        pieces, md5, checksum = made
        part = uploads.part(call, upload, PartNumber, pieces, md5, checksum)
        uploads.keep_part(call, upload, part)
        told = {"Checksum" + upload.algorithm: checksum} if upload.declared else {}
        return {"CopyPartResult": {"ETag": f'"{part.etag}"', "LastModified": part.modified} | told,
                "CopySourceVersionId": source.version} | sealing.told(seal_of(upload), ours.md5)

    result: dict[str, Any] = await settled(call, work)
    return result


def _part(call: Call, upload: Upload, source: Version, window: tuple[int, int], keys: ciphers.Keys,
          secret: sealing.CustomerKey, known: Known | None) -> tuple[list[Piece], str, str] | Unknown:
    """The pieces of a copied part, with MD5 and sum."""
    pieces = bodies.pieces(call, source, *window)
    reading = sealing.opened(call, seal_of(source), secret)
    anew = bool(reading or keys)
    nonce = bytes.fromhex(call.token(2 * ciphers.NONCE)) if keys else b""
    writing = sealing.Sealed(Seal(method="", nonce=nonce), keys) if anew else None
    unknown = Unknown(identity(source), pieces, upload.algorithm, reading, writing)
    if known is not None:
        if anew:
            seal = known.sealed.seal
            assert seal is not None
            pieces = [Piece(window[1], call.blobs.keep(call.tx, known.path), 0, b"", seal.nonce)]
        else:
            bodies.share_pieces(call, pieces)
        return pieces, known.md5, known.checksum
    if window[1] > bodies.INLINE or (not anew and any(piece.blob for piece in pieces)):
        return unknown
    data, md5, checksum = small(call, unknown)
    if anew:
        pieces = [Piece(len(data), "", 0, ciphers.over(data, keys, nonce), nonce)] if data else []
    return pieces, md5, checksum
