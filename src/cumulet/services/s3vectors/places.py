"""Which bucket or index a request means: by its names, or by its ARN, which may be another account's."""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, error, parse_arn

from .resources import NO_BUCKET, NO_INDEX, Index, VectorBucket

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Found(NamedTuple):
    """An index, and the call seen from its account."""

    there: Call
    row: Index


def invalid(message: str, path: str = "") -> AwsError:
    """A refusal; path: the member that it is about."""
    if path:
        return error.ValidationException(message, fieldList=[{"path": path, "message": message}])
    return error.ValidationException(message)


def bucket_of(call: Call, name: str | None, arn: str | None) -> tuple[Call, VectorBucket]:
    """The bucket that a request names in one of two ways, and the call seen from its account."""
    if (name is None) == (arn is None):
        raise invalid("Must specify either vectorBucketName or vectorBucketArn but not both")
    if arn is not None:
        there, path = _of_arn(call, arn, NO_BUCKET)
        return there, there.get(VectorBucket, path[0])
    return call, call.get(VectorBucket, name)


def index_of(call: Call, bucket: str | None, name: str | None, arn: str | None) -> Found:
    """The index that a request names in one of two ways."""
    if arn is not None:
        if bucket is not None or name is not None:
            raise invalid("Must specify either indexArn or both vectorBucketName and indexName")
        there, path = _of_arn(call, arn, NO_INDEX)
        bucket, name = path[0], path[1] if len(path) > 1 else ""
    elif bucket is None or name is None:
        raise invalid("Must specify either indexArn or both vectorBucketName and indexName")
    else:
        there = call
    there.get(VectorBucket, bucket)
    return Found(there, there.get(Index, bucket, name))


def tagged(call: Call, arn: str) -> tuple[Call, VectorBucket | Index]:
    """What the tag operations are about."""
    there, path = _of_arn(call, arn, "The specified resource could not be found")
    if len(path) == 1:
        return there, there.get(VectorBucket, path[0])
    return there, there.get(Index, *path)


def names_in(arn: str) -> list[str]:
    """The bucket's name and, if it is an index, the index's; nothing if the ARN is of another kind."""
    parts = parse_arn(arn)
    words = parts.resource.split("/") if parts is not None and parts.service == "s3vectors" else []
    if words[:1] == ["bucket"] and (len(words) == 2 or (len(words) == 4 and words[2] == "index")):
        return words[1::2]
    return []


def _of_arn(call: Call, arn: str, absent: str) -> tuple[Call, list[str]]:
    parts, path = parse_arn(arn), names_in(arn)
    if parts is None or not path:
        raise invalid(f"Invalid ARN: {arn}")
    if parts.region != call.region:
        raise error.NotFoundException(absent)
    return call.elsewhere(parts.account, parts.region), path
