"""Directory buckets: listed, sessions begun, objects renamed."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import unquote

import msgspec

from cumulet.kernel import Call, error, operation, principals

from .. import bodies, conditions, contents, directories, entrances, sealing
from ..buckets import bucket_in_use, bucket_of
from ..faults import invalid_argument, invalid_request, no_such_key
from ..resources import Bucket as BucketRow
from ..resources import Current, Renamed, Version

_REMEMBERED = 86_400.0                           # seconds that a client's token counts
_PASSING = 4                                     # old ones forgotten with each new one, so that they never pile up


@operation
def list_directory_buckets(call: Call, ContinuationToken: str | None = None,
                           MaxDirectoryBuckets: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html"""
    limit = 1000 if MaxDirectoryBuckets is None else MaxDirectoryBuckets
    rows = [row for row in call.table(BucketRow).iterate(call.account, index="owned")
            if row.zone and row.region == call.region and row.BucketName > (ContinuationToken or "")]
    return {"Buckets": [{"Name": row.BucketName, "CreationDate": float(int(row.created)),
                         "BucketArn": directories.arn_of(call, row.BucketName)} for row in rows[:limit]],
            "ContinuationToken": rows[limit - 1].BucketName if len(rows) > limit else None}


@operation
def create_session(call: Call, Bucket: str, SessionMode: str = "ReadWrite", ServerSideEncryption: str | None = None,
                   SSEKMSKeyId: str | None = None, SSEKMSEncryptionContext: str | None = None,
                   BucketKeyEnabled: bool | None = None) -> dict[str, Any]:
    """SDKs with an endpoint of their own begin one before they make the bucket: so the name is enough.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
    """
    through = entrances.entrance(call, Bucket) if Bucket.endswith(entrances.DIRECTORY) else None
    if through is None and not directories.is_name(Bucket):
        bucket_of(call, Bucket)
        raise invalid_request("Sessions are for directory buckets.")
    if through is not None or call.table(BucketRow).known(Bucket) is not None:
        bucket_of(call, Bucket)
    encryption, told = _encryption(call, Bucket, sealing.asked(ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext,
                                                               BucketKeyEnabled))
    arns = [directories.arn_of(call, through.bucket), through.arn] if through is not None else [
        directories.arn_of(call, Bucket)]
    who = directories.in_session(call, Bucket, arns, SessionMode, encryption)
    there = call.elsewhere(who.account)
    made = principals.handing.temporary(there, who, directories.MINUTES)
    there.at(made.expires, directories.session_ends, key=made.id)
    return {"Credentials": {"AccessKeyId": made.id, "SecretAccessKey": made.secret, "SessionToken": made.token,
                            "Expiration": made.expires}} | told


def _encryption(call: Call, name: str, asked: sealing.Asked) -> tuple[tuple[str, str] | None, dict[str, Any]]:
    """How a session encrypts, if it says so, and what its answer says of that."""
    if asked.method not in (None, sealing.S3, sealing.KMS):
        raise invalid_argument("The encryption method specified is not supported", "x-amz-server-side-encryption", asked.method)
    if asked.method != sealing.KMS:
        if asked.key is not None or asked.context is not None:
            raise invalid_argument("Server Side Encryption with KMS managed key requires HTTP header "
                                   "x-amz-server-side-encryption : aws:kms", "x-amz-server-side-encryption")
        return (sealing.S3, "") if asked.method else None, {"ServerSideEncryption": sealing.S3}
    if not asked.key or "alias/" in asked.key:
        raise invalid_argument("Sessions need the ID or the ARN of a KMS key.", "x-amz-server-side-encryption-aws-kms-key-id",
                               asked.key)
    bucket = bucket_in_use(call, name)
    seal = sealing.sealed(call, bucket, "", asked._replace(bucket_key=True))     # does the key exist, and may it be used?
    assert seal.seal is not None
    if asked.context is not None and seal.seal.context.keys() != {sealing.CONTEXT}:
        raise invalid_argument("The encryption context of a directory bucket is its ARN.",
                               "x-amz-server-side-encryption-context", asked.context)
    return (sealing.KMS, seal.seal.key), sealing.told(seal.seal) | {"SSEKMSEncryptionContext": seal.context}


@operation
def rename_object(call: Call, Bucket: str, Key: str, RenameSource: str, DestinationIfMatch: str | None = None,
                  DestinationIfNoneMatch: str | None = None, DestinationIfModifiedSince: float | None = None,
                  DestinationIfUnmodifiedSince: float | None = None, SourceIfMatch: str | None = None,
                  SourceIfNoneMatch: str | None = None, SourceIfModifiedSince: float | None = None,
                  SourceIfUnmodifiedSince: float | None = None, ClientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html"""
    bucket = bucket_in_use(call, Bucket)
    if not bucket.zone:
        raise invalid_request("RenameObject is only supported for objects in directory buckets.")
    told = (DestinationIfMatch, DestinationIfNoneMatch, DestinationIfModifiedSince, DestinationIfUnmodifiedSince, SourceIfMatch,
            SourceIfNoneMatch, SourceIfModifiedSince, SourceIfUnmodifiedSince)
    if ClientToken is not None and _is_done(call, bucket, ClientToken, repr((Key, RenameSource, told))):
        return {}
    table = call.table(Current)
    name, target = unquote(RenameSource).removeprefix("/"), contents.key_bytes(Key)
    row = table.get(bucket.number, contents.key_bytes(name))
    if row is None:
        raise no_such_key(name)
    conditions.copying(row.etag, row.modified, SourceIfMatch, SourceIfNoneMatch, SourceIfModifiedSince, SourceIfUnmodifiedSince)
    old = table.get(bucket.number, target)
    conditions.writing(Key, None if old is None else old.etag, DestinationIfMatch, DestinationIfNoneMatch)
    _check_times(old, DestinationIfModifiedSince, DestinationIfUnmodifiedSince)
    if row.key != target:
        if old is not None:
            bodies.release_bytes(call, old.blob, old.layout)
        table.delete(bucket.number, row.key)
        table.put(msgspec.structs.replace(row, key=target))
    return {}


def _check_times(old: Version | None, since: float | None, until: float | None) -> None:
    """The conditions on when the object that is written over was changed."""
    if old is not None:
        conditions.copying(old.etag, old.modified, None, None, since, until)


def _is_done(call: Call, bucket: BucketRow, token: str, said: str) -> bool:
    """Was the same asked before under this token? Notes that it is, now."""
    said = hashlib.sha256(said.encode()).hexdigest()
    table, old = call.table(Renamed), call.now - _REMEMBERED
    known = table.get(bucket.number, token)
    if known is None or known.at <= old:
        for row in table.scan(bucket.number, index="at", high=old, limit=_PASSING):
            table.delete(row.bucket, row.token)
        table.put(Renamed(bucket=bucket.number, token=token, said=said, at=call.now))
        return False
    if known.said != said:
        raise error.IdempotencyParameterMismatch("The client token was used with other parameters before.")
    return True
