"""What a key holds: its current object, its older versions, its delete markers, as the bucket's versioning has it."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import bodies, names
from .faults import access_denied, invalid_argument, method_not_allowed, no_such_key, no_such_version
from .resources import Bucket, Current, Older, Version

_FIELDS = tuple(field.name for field in msgspec.structs.fields(Version))
_OLD = 'SELECT "order", "etag", "version", "blob", "layout" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" = ?'
_HEAD = (f"""SELECT {', '.join('NULL' if name == 'body' else f'"{name}"' for name in _FIELDS)} """
         'FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" = ?')
# Over an older object whose bytes nobody has to release.
_OVER = """{table}."blob" = '' AND {table}."layout" = 0 AND {table}."order" > excluded."order\""""
_DELETE = 'DELETE FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" = ? RETURNING "blob", "layout"'


class Before(NamedTuple):
    """What a write needs to know of the object that it writes over."""

    order: int
    etag: str
    version: str
    blob: str
    layout: int


def before(call: Call, bucket: Bucket, key: bytes) -> Before | None:
    """The current object, without its body."""
    rows = call.table(Current).sql(_OLD, bucket.number, key)
    return Before(*rows[0]) if rows else None


# --- reading ----------------------------------------------------------------------------------------------------------


def find(call: Call, bucket: Bucket, key: str, version: str | None, method: str = "GET") -> Version:
    """The current object (for a HEAD without its body), or one version. Raises what S3 says when it is missing, or a delete
    marker."""
    raw = key.encode()
    if version is not None:
        row = exact(call, bucket, raw, version)
        if row is None:
            raise no_such_version(key, version)
        if isinstance(row, Older) and row.marker:
            raise _marked(method_not_allowed(method), row)
        return row
    table = call.table(Current)
    current = next(iter(table.rows(_HEAD, bucket.number, raw)), None) if method == "HEAD" else table.get(bucket.number, raw)
    if current is None:
        raise missing(call, bucket, key)
    return current


def missing(call: Call, bucket: Bucket, key: str) -> AwsError:
    """NoSuchKey, telling of the delete marker that hides the object; whoever may not list is not told."""
    if call.principal.kind != "root" or call.account != bucket.account:
        try:
            call.aws.s3.head_bucket(Bucket=bucket.BucketName)
        except AwsError as problem:
            return problem if problem.code != "AccessDenied" else access_denied()
    newest = _newest(call, bucket, key.encode()) if bucket.versioning else None
    return no_such_key(key) if newest is None else _marked(no_such_key(key), newest)


def _marked(problem: AwsError, row: Older) -> AwsError:
    problem.members |= {"x-amz-delete-marker": "true", "x-amz-version-id": public(row)}
    if problem.status == 405:
        problem.members["last-modified"] = formatdate(row.modified, usegmt=True)
    return problem


def exact(call: Call, bucket: Bucket, key: bytes, version: str) -> Version | None:
    """One version by its public id, delete markers too."""
    current = call.table(Current).get(bucket.number, key)
    if version == names.NULL:
        if current is not None and not current.version:
            return current
        return call.table(Older).find("nulls", bucket.number, key)
    number = names.number_of(version)
    if number is None or len(version) != names.VERSION_LENGTH:
        raise invalid_argument("Invalid version id specified", "versionId", version)
    if current is not None and current.version == version:
        return current
    older = call.table(Older).get(bucket.number, key, -number)
    return older if older is not None and older.version == version else None


def _newest(call: Call, bucket: Bucket, key: bytes) -> Older | None:
    rows = call.table(Older).scan(bucket.number, key, limit=1)
    return rows[0] if rows else None


def public(row: Version) -> str:
    """A version's id as clients see it."""
    return row.version or names.NULL


# --- writing ----------------------------------------------------------------------------------------------------------


def put_unseen(call: Call, bucket: Bucket, row: Current) -> bool:
    """Make this the current object of its key without a look at what it writes over; False where that needs one."""
    if bucket.VersioningConfiguration is not None:
        return False
    row.order = -int(call.now * 1_000_000)
    return call.table(Current).put_where(row, _OVER)


def put(call: Call, bucket: Bucket, row: Current, old: Before | None) -> str | None:
    """Make this the current object of its key; its public version id (None where there never was versioning)."""
    state = "" if bucket.VersioningConfiguration is None else bucket.versioning
    row.order = -_number(call, bucket, row.key, old, state)
    if state:
        _retire(call, bucket, row.key, old, keep_null=state == "Enabled")
        if state == "Enabled":
            row.version = _new_version(call, row.order)
    elif old is not None and (old.blob or old.layout):
        bodies.release_bytes(call, old.blob, old.layout)
    call.table(Current).put(row)
    return public(row) if state else None


def _number(call: Call, bucket: Bucket, key: bytes, old: Before | None, state: str) -> int:
    """A number in time, above those of all versions of this key."""
    last = -old.order if old is not None else 0
    if old is None and state:
        newest = _newest(call, bucket, key)
        last = -newest.order if newest is not None else 0
    return max(int(call.now * 1_000_000), last + 1)


def _new_version(call: Call, order: int) -> str:
    return names.numbered(-order, call.token(names.VERSION_LENGTH - 11, names.ALPHABET))


def _retire(call: Call, bucket: Bucket, key: bytes, old: Before | None, keep_null: bool) -> None:
    """The current object becomes an older version; without `keep_null` the null version goes for good."""
    if not keep_null:
        null = call.table(Older).find("nulls", bucket.number, key)
        if null is not None:
            _forget(call, null)
    if old is None:
        return
    row = call.table(Current).get(bucket.number, key)
    assert row is not None
    call.table(Current).delete(bucket.number, key)
    if not row.version and not keep_null:
        bodies.release_bytes(call, row.blob, row.layout)
    else:
        nulled = None if row.version else bucket.number
        call.table(Older).put(Older(**{name: getattr(row, name) for name in _FIELDS}, nulled=nulled))


def _forget(call: Call, row: Version) -> None:
    if isinstance(row, Older):
        call.table(Older).delete(row.bucket, row.key, row.order)
    else:
        call.table(Current).delete(row.bucket, row.key)
    bodies.release_bytes(call, row.blob, row.layout)


def adopt(call: Call, bucket: Bucket, row: Current | Older) -> None:
    """Take in a version that was made elsewhere: current if it is the newest, else among the older ones."""
    current = call.table(Current).get(bucket.number, row.key)
    newest = _newest(call, bucket, row.key)
    newer = (current is None or row.order < current.order) and (newest is None or row.order < newest.order)
    if newer:
        _retire(call, bucket, row.key, before(call, bucket, row.key), keep_null=True)
    if newer or isinstance(row, Older):
        call.table(type(row)).put(row)
    else:
        call.table(Older).put(Older(**{name: getattr(row, name) for name in _FIELDS}))


class Deleted(NamedTuple):
    """version: the id that the request named.  marker: of a delete marker that was made, or deleted."""

    version: str | None = None
    marker: str | None = None


def delete(call: Call, bucket: Bucket, key: bytes, version: str | None) -> Deleted:
    """Delete an object (where there is versioning: hide it behind a marker), or one version for good."""
    if version is not None:
        return _delete_version(call, bucket, key, version)
    state = bucket.versioning
    if not state:
        for blob, layout in call.table(Current).sql(_DELETE, bucket.number, key):
            bodies.release_bytes(call, blob, layout)
        return Deleted()
    old = before(call, bucket, key)
    order = -_number(call, bucket, key, old, state)
    _retire(call, bucket, key, old, keep_null=state == "Enabled")
    marker = Older(bucket=bucket.number, key=key, order=order, modified=float(int(call.now)), marker=True)
    if state == "Enabled":
        marker.version = _new_version(call, order)
    else:
        marker.nulled = bucket.number
    call.table(Older).put(marker)
    return Deleted(None, public(marker))


def _delete_version(call: Call, bucket: Bucket, key: bytes, version: str) -> Deleted:
    row = exact(call, bucket, key, version)
    if row is None:
        return Deleted(version)
    _forget(call, row)
    _promote(call, bucket, key)
    return Deleted(version, version if isinstance(row, Older) and row.marker else None)


def _promote(call: Call, bucket: Bucket, key: bytes) -> None:
    """The newest version is current again, unless it is a delete marker."""
    if before(call, bucket, key) is not None:
        return
    newest = _newest(call, bucket, key)
    if newest is None or newest.marker:
        return
    call.table(Older).delete(bucket.number, key, newest.order)
    call.table(Current).put(Current(**{name: getattr(newest, name) for name in _FIELDS}))


def change(call: Call, row: Version, **fields: Any) -> None:
    """Set some fields of a version: its tags, its extra."""
    table = call.table(type(row))
    key = (row.bucket, row.key, row.order) if isinstance(row, Older) else (row.bucket, row.key)
    if table.change(*key, **fields) is None:
        raise error.NoSuchKey("The specified key does not exist.", Key=row.key.decode())
