"""Namespaces made and removed, and what namespaces and tables may be called: both APIs do so by this.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets-naming.html
"""

from __future__ import annotations

import re

from cumulet.kernel import Call

from . import managed
from .faults import bad_request, conflict
from .finding import bucket_of, namespace_of
from .resources import Namespace, Table

_NAMESPACE = re.compile(r"(?!aws)[a-z0-9](?:[a-z0-9_]{0,253}[a-z0-9])?")
_TABLE = re.compile(r"[a-z0-9](?:[a-z0-9_]{0,253}[a-z0-9])?")


def check_table(name: str) -> None:
    if not _TABLE.fullmatch(name):
        raise bad_request("The specified table name is not valid.")


def make_namespace(call: Call, arn: str, name: str) -> None:
    """A new namespace of a table bucket."""
    there, bucket = bucket_of(call, arn)
    managed.check(call, bucket.TableBucketName)
    if not _NAMESPACE.fullmatch(name) and not managed.is_namespace(call, bucket.TableBucketName, name):
        raise bad_request("The specified namespace name is not valid.")
    if there.table(Namespace).get(bucket.TableBucketName, name) is not None:
        raise conflict("A namespace with an identical name already exists in the bucket.")
    there.put(Namespace(bucket=bucket.TableBucketName, name=name, id=call.uuid(), created=call.now, by=call.account))


def remove_namespace(call: Call, arn: str, name: str) -> None:
    """An empty namespace goes."""
    there, _, row = namespace_of(call, arn, name)
    managed.check(call, row.bucket)
    if there.table(Table).scan(arn, name, limit=1):
        raise conflict("The namespace that you tried to delete is not empty.")
    there.table(Namespace).delete(row.bucket, row.name)
