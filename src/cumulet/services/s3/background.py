"""What happens in S3 unasked: the objects of an account that is reset go with their bytes."""

from __future__ import annotations

from cumulet.kernel import Call, forget

from . import bodies, uploads
from .resources import Bucket, Current, Older, Upload

_BYTES = """SELECT "blob", "layout" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND ("blob" <> '' OR "layout" <> 0)"""

_ELSEWHERE = """SELECT {columns} FROM {table} WHERE scope = {scope} AND "account" = ?"""


@forget
def objects_go(call: Call) -> None:
    """Versions, uploads and their bytes hang on their buckets' numbers; what another account's copies share stays."""
    for bucket in call.table(Bucket).iterate(call.account, index="owned"):
        if call.region and bucket.region != call.region:
            continue
        for upload in call.table(Upload).iterate(bucket.number):
            uploads.abort(call, upload)
        for kind in (Current, Older):
            table = call.table(kind)
            for blob, layout in table.sql(_BYTES, bucket.number):
                bodies.release_bytes(call, blob, layout)
            table.delete_all(bucket.number)
    if not call.region:
        for upload in call.table(Upload).rows(_ELSEWHERE, call.account):         # begun in buckets of others
            uploads.abort(call, upload)
