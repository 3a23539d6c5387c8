"""The encryption of objects that are there already: changed without a copy, so that they stay what they are."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, operation

from .. import bodies, checksums, ciphers, sealing, versions
from ..buckets import bucket_in_use
from ..faults import invalid_argument, invalid_request, malformed_xml
from ..resources import Extra, LaidPart, Layout, Piece, Seal, Version, seal_of
from ..rewriting import Known, Unknown, identity, settled, small

_KEY = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:[0-9]{12}:key/.+")


@operation(accepts=("RequestPayer",))
async def update_object_encryption(call: Call, Bucket: str, Key: str, ObjectEncryption: dict[str, Any],
                                   VersionId: str | None = None, ContentMD5: str | None = None,
                                   ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html"""
    checksums.check_document(call, ContentMD5)
    said = ObjectEncryption.get("SSEKMS")
    if said is None:
        raise malformed_xml()
    arn = said.get("KMSKeyArn") or ""
    if not _KEY.fullmatch(arn):
        raise invalid_argument("The key must be named by its full ARN.", "KMSKeyArn", arn)
    if call.principal.kind == "anonymous":
        raise invalid_request("Requests that modify an object encryption configuration require Amazon Web Services "
                              "Signature Version 4. Modify the request to use Amazon Web Services Signature Version 4, "
                              "and then try again.")
    asked = sealing.Asked(sealing.KMS, arn, None, bool(said.get("BucketKeyEnabled")))

    def work(call: Call, known: Known | None) -> Unknown | None:
        bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
        row = versions.find(call, bucket, Key, VersionId, "PUT")
        seal = seal_of(row)
        if seal is not None and seal.method != sealing.KMS:
            raise invalid_request("The UpdateObjectEncryption operation doesn't support source objects with the encryption "
                                  "type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.")
        extra = row.extra or Extra()
        if seal is not None:
            extra.seal = sealing.rewrapped(call, bucket, Key, seal, asked)
            versions.change(call, row, extra=extra)
            return None
        if known is not None and not known.of(row):
            known = None
        sealed = known.sealed if known is not None else sealing.sealed(call, bucket, Key, asked)
        assert sealed.seal is not None
        extra.seal = sealed.seal
        return _encrypt(call, row, extra, sealed, known)

    await settled(call, work)
    return {}


def _encrypt(call: Call, row: Version, extra: Extra, sealed: sealing.Sealed, known: Known | None) -> Unknown | None:
    """The bytes of an object under S3's own keys, encrypted; its parts stay where they were in it."""
    seal = sealed.seal
    assert seal is not None
    unknown = Unknown(identity(row), bodies.pieces(call, row, 0, row.size), row.algorithm, (), sealed)
    layout = 0
    if row.size <= bodies.INLINE:
        body, blob = ciphers.over(small(call, unknown)[0], sealed.keys, seal.nonce), ""
    elif known is not None:
        body, blob = None, call.blobs.keep(call.tx, known.path)
    else:
        return unknown
    if row.layout:
        parts = _laid(bodies.parts_of(call, row), seal, body, blob)
        layout, body, blob = call.table(Layout).insert(Layout(parts=parts)).id, None, ""
    bodies.release_bytes(call, row.blob, row.layout)
    versions.change(call, row, extra=extra, body=body, blob=blob, layout=layout)
    return None


def _laid(parts: list[LaidPart], seal: Seal, body: bytes | None, blob: str) -> list[LaidPart]:
    """The same parts, as pieces of one run."""
    found, at = [], 0
    for part in parts:
        data = body[at : at + part.size] if body is not None else b""
        pieces = [Piece(part.size, blob, at, data, seal.nonce)] if part.size else []
        found.append(LaidPart(part.number, part.size, part.checksum, pieces))
        at += part.size
    return found
