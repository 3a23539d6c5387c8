"""The storage of tables (S3 Tables): buckets that S3 Tables makes and ends. Others reach their objects alone, as far as they
may read or write the table.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-tables.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error

from .faults import access_denied
from .resources import Bucket

_SUFFIX = "--table-s3"
_MAKER = "maintenance.s3tables.amazonaws.com"
_READS = frozenset({"GetObject", "HeadObject", "ListMultipartUploads", "ListParts"})
_MANAGED, _METADATA = ":bucket/aws-s3/table/", "metadata.s3.amazonaws.com"          # AWS's own tables, and who writes them
_WRITES = frozenset({"AbortMultipartUpload", "CompleteMultipartUpload", "CreateMultipartUpload", "PutObject", "UploadPart"})


def is_made(call: Call, name: str) -> bool:
    """Is it S3 Tables that asks for the storage of a table?"""
    return name.endswith(_SUFFIX) and _is_maker(call)


def _is_maker(call: Call) -> bool:
    return call.principal.kind == "service" and call.principal.subject == _MAKER


def make(call: Call, name: str) -> dict[str, Any]:
    """The storage of the table in whose name S3 Tables asks."""
    call.table(Bucket).insert(Bucket(
        BucketName=name, account=call.account, region=call.region, number=int(call.token(15), 16), created=call.now,
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, table=call.source_arn))
    return {"Location": f"/{name}"}


def check(call: Call, bucket: Bucket) -> None:
    """Objects are read and written; no more, and by nobody but S3 Tables."""
    if not _is_maker(call) and call.operation not in _READS and call.operation not in _WRITES:
        raise error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                          Method=call.request.method if call.request is not None else "", ResourceType="TABLE")
    ours = _is_maker(call) or call.principal.subject == _METADATA
    if _MANAGED in bucket.table and call.operation in _WRITES and not ours:
        raise access_denied()


def of(call: Call, name: str) -> str | None:
    """The ARN of the table whose storage has this name; None for other buckets, and for S3 Tables itself."""
    if not name.endswith(_SUFFIX) or _is_maker(call):
        return None
    row = call.table(Bucket).known(name)
    return row.table if row is not None else None


def needed(call: Call, table: str) -> tuple[str, str]:
    """What a request needs: to read the table's data, or to write it."""
    return f"s3tables:{'PutTableData' if call.operation in _WRITES else 'GetTableData'}", table
