"""Appending to objects of directory buckets: what is there stays where it is, and a further piece comes behind it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-append.html
"""

from __future__ import annotations

import hashlib
from typing import Any

from cumulet.kernel import Call, Spool, error

from . import bodies, checksums, contents, directories, payment, sealing, telling, versions
from .ciphers import Keys
from .resources import Bucket, Current, Extra, LaidPart, Layout, Piece, seal_of
from .uploads import MOST_PARTS


def appended(call: Call, bucket: Bucket, key: bytes, offset: int, spool: Spool, given: tuple[str, str] | None,
             md5: str | None, method: str | None) -> dict[str, Any] | None:
    """The answer to a PutObject that appends; None where it makes a new object. Only the bytes of the object change.

    given: a checksum that came along.  method: how the request wants it encrypted.
    """
    directories.check_header(bucket, "x-amz-write-offset-bytes")
    row = call.table(Current).get(bucket.number, key)
    if offset != (row.size if row is not None else 0):
        raise error.InvalidWriteOffset("The write offset value that you specified does not match the current object size.")
    if row is None:
        return None
    extra, seal = row.extra or Extra(), seal_of(row)
    if max(row.parts, 1) + extra.appended >= MOST_PARTS:
        raise error.TooManyParts("You have attempted to add more parts than the maximum of 10000 that are allowed for this "
                                 "object. You can use the CopyObject operation to copy this object to another and then add "
                                 "more data to the newly copied object.")
    if (method or sealing.default(call, bucket)[0]) != (seal.method if seal is not None else sealing.S3):
        raise error.EncryptionTypeMismatch("The existing object was created with a different encryption type.")
    digest, _, _ = checksums.checked(spool, md5, given, row.algorithm)
    checksum = _checksum(row, spool)
    layout = _lay(call, row, spool, sealing.opened(call, seal, sealing.NO_KEY))
    extra.appended += 1
    etag = hashlib.md5(bytes.fromhex(row.etag.partition("-")[0] + digest), usedforsecurity=False).hexdigest()
    row.size, row.etag, row.modified, row.checksum = row.size + spool.size, etag, float(int(call.now)), checksum
    row.listing = contents.fragment(row)
    versions.change(call, row, size=row.size, etag=etag, modified=row.modified, checksum=checksum, listing=row.listing,
                    layout=layout, blob="", body=None, extra=extra)
    telling.created(call, bucket, "Put", row, None)
    return {"ETag": f'"{etag}"', "Size": row.size, "RequestCharged": payment.charged(call, bucket)} | checksums.members(
        row.algorithm, checksum) | sealing.told(seal)


def _checksum(row: Current, spool: Spool) -> str:
    """Of all bytes, where the algorithm can tell that from two sums; else a sum of sums."""
    more = checksums.of_spool(row.algorithm, spool)
    before, _, parts = row.checksum.partition("-")
    if checksums.ALGORITHMS[row.algorithm].poly and not parts:
        return checksums.combine(row.algorithm, before, more, spool.size)
    joined = checksums.of_parts(row.algorithm, checksums.COMPOSITE, [(before, 0), (more, 0)])
    return f"{joined.partition('-')[0]}-{int(parts or 1) + 1}"


def _lay(call: Call, row: Current, spool: Spool, keys: Keys) -> int:
    """The layout of the object with the new bytes; it is the object's alone."""
    parts, layout = _parts(call, row)
    last = parts[-1]
    pieces = _joined(call, last.pieces, spool, keys)
    parts[-1] = LaidPart(last.number, last.size + spool.size, "", pieces)
    table = call.table(Layout)
    if layout:
        table.change(layout, parts=parts)
        return layout
    return table.insert(Layout(parts=parts)).id


def _parts(call: Call, row: Current) -> tuple[list[LaidPart], int]:
    """What the object is made of now, and the layout that says so; 0 where it needs a new one."""
    if not row.layout:
        there = bodies.pieces(call, row, 0, row.size)
        return [LaidPart(1, row.size, "", there)], 0
    found = call.table(Layout).get(row.layout)
    assert found is not None
    if found.uses == 1:
        return list(found.parts), row.layout
    call.table(Layout).change(row.layout, uses=found.uses - 1)
    for part in found.parts:
        bodies.share_pieces(call, part.pieces)
    return list(found.parts), 0


def _joined(call: Call, there: list[Piece], spool: Spool, keys: Keys) -> list[Piece]:
    """The pieces with the new one behind. Short ones become one, so that a log of many lines is not one of many pieces."""
    last = there[-1] if there else None
    if last is None or last.blob or last.length + spool.size > 2 * bodies.INLINE:
        return there + bodies.piece(call, spool, keys)
    data = b"".join(bodies.chunks(call, [last], keys)) + spool.read()
    return there[:-1] + bodies.piece(call, Spool(data), keys)
