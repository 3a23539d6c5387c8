"""The source of a copy: which version is meant, and whether it may be copied."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from cumulet.kernel import AwsError, Call, error

from . import conditions, points_multi, restoring, versions
from .buckets import bucket_of
from .faults import invalid_argument, invalid_request
from .resources import Bucket, Version
from .sealing import NO_KEY, CustomerKey


class Conditions(NamedTuple):
    """x-amz-copy-source-if-…"""

    match: str | None
    modified_since: float | None
    none_match: str | None
    unmodified_since: float | None


class Source(NamedTuple):
    """What is copied. version: as the request or the bucket names it."""

    bucket: Bucket
    key: str
    version: str | None
    row: Version


def address(header: str) -> tuple[str, str, str | None]:
    """Bucket, key and version of x-amz-copy-source."""
    path, _, version = header.removeprefix("/").partition("?versionId=")
    path = unquote(path)
    if path.startswith("arn:"):                  # of an access point: arn:…:accesspoint/NAME/object/KEY
        bucket, slash, key = path.partition("/object/")
    else:
        bucket, slash, key = path.partition("/")
    if not slash or not key or not bucket:
        raise invalid_argument("Invalid copy source object key", "x-amz-copy-source", header)
    return bucket, key, version or None


def source_of(call: Call, header: str, wanted: Conditions, expected_owner: str | None, largest: int,
              secret: CustomerKey = NO_KEY) -> Source:
    """The version to copy, after all that can be said against it."""
    name, key, version = address(header)
    if points_multi.is_name(name):
        raise invalid_request("A Multi-Region Access Point can only be the destination of a copy.")
    bucket = bucket_of(call, name, expected_owner)
    try:
        row = versions.find(call, bucket, key, version)
    except AwsError as problem:
        if problem.code == "MethodNotAllowed":
            raise invalid_request("The source of a copy request may not specifically refer to a delete marker by version "
                                  "id.") from None
        raise
    call.aws.s3.head_object(                                         # may the caller read it?
        Bucket=name, Key=key, VersionId=version, SSECustomerAlgorithm=secret.algorithm, SSECustomerKey=secret.key,
        SSECustomerKeyMD5=secret.md5)
    conditions.copying(row.etag, row.modified, wanted.match, wanted.none_match, wanted.modified_since, wanted.unmodified_since)
    if not restoring.is_readable(row, call.now):
        raise error.ObjectNotInActiveTierError("The source object of the COPY action is not in the active tier and is only "
                                               "stored in Amazon S3 Glacier.")
    if row.size > largest:
        raise invalid_request("The specified copy source is larger than the maximum allowable size for a copy source: "
                              f"{largest}")
    return Source(bucket, key, versions.public(row) if bucket.versioning else None, row)
