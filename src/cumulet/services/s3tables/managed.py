"""Tables that AWS manages: those of S3 Metadata, in the table bucket `aws-s3` of an account and region. All others read them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-aws-managed-buckets.html
"""

from __future__ import annotations

import re

from cumulet.kernel import AwsError, Call, error

BUCKET, CUSTOMER = "aws-s3", "customer"
_MAKER, _FOR = "s3.amazonaws.com", "metadata.s3.amazonaws.com"
_FIRST = "aws_s3_metadata"             # where tables of the first version of S3 Metadata are, in anybody's table buckets
_NAMESPACE = re.compile(r"b_[a-z0-9_-]{1,253}")


def is_managed(bucket: str) -> bool:
    return bucket == BUCKET


def kind(bucket: str) -> str:
    """What a table bucket and its tables are called."""
    return "aws" if is_managed(bucket) else CUSTOMER


def is_maker(call: Call) -> bool:
    """Is it S3 that asks, for itself or for who configures a bucket's metadata?"""
    return call.via[-1:] == (_MAKER,) or (call.principal.kind == "service" and call.principal.subject == _FOR)


def is_namespace(call: Call, bucket: str, name: str) -> bool:
    """Is it a namespace that only S3 makes?"""
    return is_maker(call) and bool(_NAMESPACE.fullmatch(name) if is_managed(bucket) else name == _FIRST)


def refused() -> AwsError:
    return error.ForbiddenException("The tables of an AWS managed table bucket can only be read.")


def check(call: Call, bucket: str) -> None:
    """Raises ForbiddenException where this caller does not change anything."""
    if is_managed(bucket) and not is_maker(call):
        raise refused()
