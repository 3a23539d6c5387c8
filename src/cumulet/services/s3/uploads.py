"""Objects made of parts: what a part may be, and how parts become an object, by reference."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error

from . import bodies, checksums, contents, sealing, versions
from .ciphers import Keys
from .faults import bad_digest, invalid_argument, invalid_request, malformed_xml, no_such_upload
from .resources import Bucket, Current, LaidPart, Layout, Part, Piece, Upload, seal_of

MIB = 1 << 20
SMALLEST = 5 * MIB
MOST_PARTS = 10_000


def upload_of(call: Call, bucket: Bucket, key: str, upload_id: str) -> Upload:
    """An upload under way; raises NoSuchUpload."""
    upload = call.table(Upload).get(bucket.number, key.encode(), upload_id)
    if upload is None:
        raise no_such_upload(upload_id)
    return upload


def check_number(number: int) -> None:
    if not 1 <= number <= MOST_PARTS:
        raise invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)


def check_algorithm(upload: Upload, given: str | None) -> None:
    """Parts carry the sum that the upload was declared with."""
    if not upload.declared or given == upload.algorithm:
        return
    if given is None and upload.checksum_type == checksums.FULL_OBJECT:
        return
    actual = given.lower() if given else "null"
    raise invalid_request(f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, actual "
                          f"checksum Type: {actual}")


def keep_part(call: Call, upload: Upload, part: Part) -> None:
    """A part, in place of one with the same number."""
    table = call.table(Part)
    old = table.get(upload.number, part.number)
    if old is not None:
        bodies.release_pieces(call, old.pieces)
    table.put(part)


def drop(call: Call, upload: Upload) -> None:
    """Forget an upload; its parts' bytes are the caller's affair."""
    call.table(Part).delete_all(upload.number)
    call.table(Upload).delete(upload.bucket, upload.key, upload.upload)


def abort(call: Call, upload: Upload) -> None:
    for part in call.table(Part).iterate(upload.number):
        bodies.release_pieces(call, part.pieces)
    drop(call, upload)


# --- completing -------------------------------------------------------------------------------------------------------


class Whole(NamedTuple):
    """The object that parts make."""

    parts: list[Part]
    size: int
    etag: str
    checksum: str


def whole(call: Call, upload: Upload, wanted: Sequence[Mapping[str, Any]]) -> tuple[Whole, list[Part]]:
    """The parts that a client lists, checked, and those that it leaves out."""
    there = {part.number: part for part in call.table(Part).iterate(upload.number)}
    chosen = [_listed(upload, there, one) for one in wanted]
    for before, after in pairwise(chosen):
        if after.number <= before.number:
            raise error.named("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part "
                              "number.", 400, UploadId=upload.upload)
    for part in chosen[:-1]:
        if part.size < SMALLEST:
            raise error.named("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                              ProposedSize=str(part.size), MinSizeAllowed=str(SMALLEST), PartNumber=str(part.number),
                              ETag=part.etag)
    joined = hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in chosen), usedforsecurity=False).hexdigest()
    total = checksums.of_parts(upload.algorithm, upload.checksum_type, [(part.checksum, part.size) for part in chosen])
    numbers = {part.number for part in chosen}
    return (Whole(chosen, sum(part.size for part in chosen), f"{joined}-{len(chosen)}", total),
            [part for number, part in there.items() if number not in numbers])


def _listed(upload: Upload, there: Mapping[int, Part], one: Mapping[str, Any]) -> Part:
    """One part of the client's list."""
    number, etag = one.get("PartNumber"), one.get("ETag")
    if number is None or etag is None:
        raise malformed_xml()
    part = there.get(number)
    given = one.get("Checksum" + upload.algorithm)
    if upload.declared and given is None and upload.checksum_type == checksums.COMPOSITE:
        raise invalid_request(f"The upload was created using a {upload.algorithm.lower()} checksum. The complete request must "
                              f"include the checksum for each part. It was missing for part {number} in the request.")
    if part is None or part.etag != etag.strip().strip('"') or given not in (None, part.checksum):
        raise _invalid_part(upload, number, etag)
    return part


def _invalid_part(upload: Upload, number: int, etag: str) -> AwsError:
    return error.named("InvalidPart", "One or more of the specified parts could not be found.  The part may not have been "
                       "uploaded, or the specified entity tag may not match the part's entity tag.", 400,
                       UploadId=upload.upload, PartNumber=str(number), ETag=etag.strip().strip('"'))


def check_whole(upload: Upload, made: Whole, said_type: str | None, said_size: int | None,
                said_sum: tuple[str, str] | None) -> None:
    """What the client says of the object as a whole."""
    if said_type is not None and said_type != upload.checksum_type:
        raise bad_digest(f"The upload was created using the {upload.checksum_type} checksum mode. The complete request must "
                         "use the same checksum mode.")
    if said_size is not None and said_size != made.size:
        raise invalid_request(f"The provided 'x-amz-mp-object-size' header value {said_size} does not match what was computed: "
                              f"{made.size}")
    if said_sum is not None:
        name, value = said_sum
        if name != upload.algorithm or value.partition("-")[0] != made.checksum.partition("-")[0]:
            raise checksums.mismatch(name)


def lay(call: Call, upload: Upload, made: Whole) -> Current:
    """The object: its bytes stay where the parts have them."""
    laid = [LaidPart(part.number, part.size, part.checksum if upload.declared else "", part.pieces) for part in made.parts]
    layout = call.table(Layout).insert(Layout(parts=laid))
    row = Current(bucket=upload.bucket, key=upload.key, order=0, size=made.size, etag=made.etag,
                  modified=float(int(call.now)), kind=upload.kind, algorithm=upload.algorithm, checksum=made.checksum,
                  parts=len(laid), layout=layout.id, facts=upload.facts, tags=upload.tags,
                  extra=upload.extra)
    row.listing = contents.fragment(row)
    return row


def complete(call: Call, bucket: Bucket, upload: Upload, made: Whole, unused: Sequence[Part],
             old: versions.Before | None) -> tuple[Current, str | None]:
    """Put the object in its place; it, and its version."""
    for part in unused:
        bodies.release_pieces(call, part.pieces)
    row = lay(call, upload, made)
    drop(call, upload)
    return row, versions.put(call, bucket, row, old)


def part(call: Call, upload: Upload, number: int, pieces: list[Piece], md5: str, checksum: str) -> Part:
    """A part, as it will be kept. Entity tags of parts under others' keys are not the MD5 of their bytes."""
    etag = md5
    if seal_of(upload) is not None and pieces:
        etag = hashlib.md5(pieces[0].nonce + bytes.fromhex(md5), usedforsecurity=False).hexdigest()
    return Part(upload=upload.number, number=number, size=sum(piece.length for piece in pieces), etag=etag,
                modified=float(int(call.now)), checksum=checksum, pieces=pieces)


def keys_of(call: Call, upload: Upload, given: sealing.CustomerKey) -> Keys:
    """The keys that the parts of an upload are encrypted with."""
    seal = seal_of(upload)
    if seal is not None and seal.method == sealing.CUSTOMER:
        if given == sealing.NO_KEY:
            raise invalid_request("The multipart upload initiate requested encryption. Subsequent part requests must include "
                                  "the appropriate encryption parameters.")
        try:
            sealing.check(seal, given)
        except AwsError as problem:
            if problem.code != "AccessDenied":
                raise
            raise invalid_request("The provided encryption parameters did not match the ones used originally.") from None
    elif given != sealing.NO_KEY:
        raise invalid_request("The multipart upload initiate requested no encryption with a key of the customer's.")
    return sealing.opened(call, seal, given)


def told(upload: Upload) -> dict[str, Any]:
    """What answers without the customer's key say of the encryption."""
    seal = seal_of(upload)
    return {} if seal is not None and seal.method == sealing.CUSTOMER else sealing.told(seal)
