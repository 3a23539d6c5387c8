"""Copies: the bytes stay where they are, and one more object uses them."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import acls, bodies, checksums, conditions, contents, owning, ranges, tagging, uploads, versions
from ..buckets import bucket_of, check_encryption
from ..faults import invalid_argument, invalid_request
from ..resources import Current, Piece, Version
from ..sources import Conditions, Source, source_of

_ATTEMPTS = 4
_UNLIMITED = 1 << 62


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Bytes whose sums must be computed before they can be copied; `identity` tells whether they are still the same."""

    identity: tuple[Any, ...]
    pieces: list[Piece]
    algorithm: str


@dataclass(frozen=True, slots=True)
class _Known:
    """Their sums."""

    identity: tuple[Any, ...]
    md5: str
    checksum: str


async def _settled(call: Call, work: Any) -> Any:
    """Run `work(call, known)` in a transaction; where it needs sums of big bytes, compute them outside and run it again."""
    known: _Known | None = None
    for _ in range(_ATTEMPTS):
        result = await call.run(work, known)
        if not isinstance(result, _Unknown):
            return result
        known = await asyncio.to_thread(_sums, call, result)
    raise error.named("OperationAborted", "A conflicting conditional operation is currently in progress against this resource. "
                      "Please try again.", 409)


def _sums(call: Call, unknown: _Unknown) -> _Known | None:
    """None when the bytes went meanwhile: the source was written over."""
    md5 = hashlib.md5(usedforsecurity=False)

    def passing() -> Any:
        for chunk in bodies.chunks(call, unknown.pieces):
            md5.update(chunk)
            yield chunk

    try:
        checksum = checksums.of_chunks(unknown.algorithm, passing())
    except FileNotFoundError:
        return None
    return _Known(unknown.identity, md5.hexdigest(), checksum)


def _identity(row: Version) -> tuple[Any, ...]:
    return row.bucket, row.key, row.order, row.etag, row.blob, row.layout


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
    encryption: str | None
    if_match: str | None
    if_none_match: str | None


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
                      StorageClass: str | None = None, WebsiteRedirectLocation: str | None = None,
                      Tagging: str | None = None, ExpectedBucketOwner: str | None = None,
                      ExpectedSourceBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
    check_encryption(ServerSideEncryption)
    wanted = _Copy(
        Bucket, Key, CopySource,
        Conditions(CopySourceIfMatch, CopySourceIfModifiedSince, CopySourceIfNoneMatch, CopySourceIfUnmodifiedSince),
        ExpectedSourceBucketOwner, ExpectedBucketOwner,
        acls.Asked(ACL, GrantFullControl, GrantRead, GrantReadACP, None, GrantWriteACP),
        checksums.named(ChecksumAlgorithm) if ChecksumAlgorithm else None,
        (CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, Metadata), ContentType, StorageClass,
        WebsiteRedirectLocation, _directive(MetadataDirective, "metadata"), tagging.from_header(Tagging) if Tagging else None,
        _directive(TaggingDirective, "tagging"), ServerSideEncryption, IfMatch, IfNoneMatch)
    result: dict[str, Any] = await _settled(call, lambda call, known: _copy(call, wanted, known))
    return result


def _directive(value: str | None, what: str) -> bool:
    """Is it REPLACE?"""
    if value not in (None, "COPY", "REPLACE"):
        raise invalid_argument(f"Unknown {what} directive.", f"x-amz-{what}-directive", value)
    return value == "REPLACE"


def _copy(call: Call, wanted: _Copy, known: _Known | None) -> dict[str, Any] | _Unknown:
    bucket = bucket_of(call, wanted.bucket, wanted.owner)
    extra = owning.claimed(call, bucket, wanted.key, wanted.acl)
    source = source_of(call, wanted.source, wanted.conditions, wanted.source_owner, contents.LARGEST_PUT)
    key = contents.key_bytes(wanted.key)
    _check_change(wanted, source)
    facts, kind = _facts(wanted, source.row)
    row = Current(bucket=bucket.number, key=key, order=0, size=source.row.size, etag=source.row.etag,
                  modified=float(int(call.now)), kind=kind, facts=facts, parts=source.row.parts, blob=source.row.blob,
                  layout=source.row.layout, body=source.row.body, algorithm=source.row.algorithm,
                  checksum=source.row.checksum, extra=extra,
                  tags=wanted.tags if wanted.replace_tags else source.row.tags)
    if wanted.algorithm not in (None, row.algorithm):
        row.algorithm = wanted.algorithm or ""
        if row.body is not None:
            row.checksum = checksums.of(row.algorithm, row.body)
        elif known is not None and known.identity == _identity(source.row):
            row.checksum = known.checksum
        else:
            return _Unknown(_identity(source.row), bodies.pieces(call, source.row, 0, row.size), row.algorithm)
    old = versions.before(call, bucket, key)
    conditions.writing(wanted.key, None if old is None else old.etag, wanted.if_match, wanted.if_none_match)
    if row.blob:
        bodies.share(call, row.blob)
    if row.layout:
        bodies.share_layout(call, row.layout)
    row.listing = contents.fragment(row)
    version = versions.put(call, bucket, row, old)
    return {"CopyObjectResult": {"ETag": f'"{row.etag}"', "LastModified": row.modified}
            | checksums.members(row.algorithm, row.checksum),
            "CopySourceVersionId": source.version, "VersionId": version, "ServerSideEncryption": "AES256"}


def _check_change(wanted: _Copy, source: Source) -> None:
    """A copy onto itself must change something."""
    same = (source.bucket.BucketName, source.key) == (wanted.bucket, wanted.key) and isinstance(source.row, Current)
    changes = wanted.replace or wanted.storage is not None or wanted.redirect is not None or wanted.encryption is not None
    if same and not changes:
        raise invalid_request("This copy request is illegal because it is trying to copy an object to itself without changing "
                              "the object's metadata, storage class, website redirect location or encryption attributes.")


def _facts(wanted: _Copy, row: Version) -> tuple[dict[str, Any] | None, str]:
    """Metadata of the source, or the request's own; storage class and redirect are always the request's."""
    if wanted.replace:
        return contents.facts(*wanted.given, wanted.storage, wanted.redirect), wanted.kind or "binary/octet-stream"
    kept = {name: value for name, value in (row.facts or {}).items() if name not in ("StorageClass", "WebsiteRedirectLocation")}
    more = contents.facts(None, None, None, None, None, None, wanted.storage, wanted.redirect) or {}
    return kept | more or None, row.kind


# --- parts ------------------------------------------------------------------------------------------------------------


@operation(accepts=("RequestPayer",))
async def upload_part_copy(call: Call, Bucket: str, Key: str, CopySource: str, PartNumber: int, UploadId: str,
                           CopySourceIfMatch: str | None = None, CopySourceIfModifiedSince: float | None = None,
                           CopySourceIfNoneMatch: str | None = None, CopySourceIfUnmodifiedSince: float | None = None,
                           CopySourceRange: str | None = None, ExpectedBucketOwner: str | None = None,
                           ExpectedSourceBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
    uploads.check_number(PartNumber)
    wanted = Conditions(CopySourceIfMatch, CopySourceIfModifiedSince, CopySourceIfNoneMatch, CopySourceIfUnmodifiedSince)

    def work(call: Call, known: _Known | None) -> dict[str, Any] | _Unknown:
        bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
        upload = uploads.upload_of(call, bucket, Key, UploadId)
        largest = contents.LARGEST_PUT if CopySourceRange is None else _UNLIMITED
        source = source_of(call, CopySource, wanted, ExpectedSourceBucketOwner, largest)
        offset, length = (0, source.row.size) if CopySourceRange is None else ranges.copied(CopySourceRange, source.row.size)
        if length > contents.LARGEST_PUT:
            raise contents.too_large(length)
        pieces = bodies.pieces(call, source.row, offset, length)
        if known is None or known.identity != _identity(source.row):
            if any(piece.blob for piece in pieces):
                return _Unknown(_identity(source.row), pieces, upload.algorithm)
            data = b"".join(piece.data for piece in pieces)
            known = _Known((), hashlib.md5(data, usedforsecurity=False).hexdigest(), checksums.of(upload.algorithm, data))
        bodies.share_pieces(call, pieces)
        now = float(int(call.now))
        uploads.keep_part(call, upload, uploads.copied_part(upload, PartNumber, pieces, known.md5, known.checksum, now))
        told = {"Checksum" + upload.algorithm: known.checksum} if upload.declared else {}
        return {"CopyPartResult": {"ETag": f'"{known.md5}"', "LastModified": now} | told,
                "CopySourceVersionId": source.version, "ServerSideEncryption": "AES256"}

    result: dict[str, Any] = await _settled(call, work)
    return result
