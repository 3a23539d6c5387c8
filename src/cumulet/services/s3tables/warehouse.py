"""The storage of a table: a bucket of S3 that nobody lists, with the metadata and the data of one table."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Spool

from . import managed
from .faults import bad_request
from .iceberg import Invalid, metadata
from .iceberg.metadata import Metadata
from .resources import Table

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_FOLDER = "metadata/"
_SCHEMES = ("s3", "s3a", "s3n")


def new_name(call: Call, table_id: str) -> str:
    """63 letters, as long as a bucket's name can be."""
    return f"{table_id[:19]}{call.token(34, _ALPHABET)}--table-s3"


def make(call: Call, table: Table) -> None:
    """The bucket of a new table. What is written into it is encrypted as the table says."""
    s3 = call.as_service(call.arn(table)).s3
    s3.create_bucket(Bucket=table.storage)
    if table.encryption["sseAlgorithm"] == "aws:kms":
        rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": table.encryption["kmsKeyArn"]}
        s3.put_bucket_encryption(Bucket=table.storage, ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True}]})


def write(call: Call, table: Table, said: Metadata) -> str:
    """Put the next metadata beside the ones before, with the caller's rights (but for AWS's own tables); its location."""
    before = table.location.rpartition("/")[2].partition("-")[0]
    number = metadata.whole(before, -1) + 1
    key = f"{_FOLDER}{number:05}-{call.uuid()}.metadata.json"
    peers = call.as_service(call.arn(table)) if managed.is_maker(call) else call.aws
    peers.s3.put_object(Bucket=table.storage, Key=key, Body=Spool(metadata.write(said)), ContentType="application/json")
    return f"{table.warehouse}/{key}"


def read(call: Call, table: Table) -> Metadata:
    """The table's metadata, with the caller's rights."""
    return _at(call, call.aws.s3, table, table.location)


def inner(call: Call, table: Table) -> Metadata:
    """The same; this service looks itself."""
    return _at(call, call.as_service(call.arn(table)).s3, table, table.location)


def check(call: Call, table: Table, location: str) -> None:
    """Is there metadata at a location within the table's storage? This service looks itself."""
    _at(call, call.as_service(call.arn(table)).s3, table, location)


def file(call: Call, table: Table, location: str) -> bytes:
    """Any file of the table; this service looks itself."""
    return _bytes(call, call.as_service(call.arn(table)).s3, table, location)


def key_of(table: Table, location: str) -> str:
    """The key of a file in the table's storage; "" for what is elsewhere. Hadoop's file systems call S3 otherwise."""
    scheme, _, path = location.partition("://")
    storage, _, key = path.partition("/")
    return key if scheme in _SCHEMES and storage == table.storage else ""


def _bytes(call: Call, s3: Any, table: Table, location: str) -> bytes:
    key = key_of(table, location)
    if not key:
        raise bad_request("The specified metadata location is not within the warehouse location of the table.")
    try:
        return call.read(s3.get_object(Bucket=table.storage, Key=key)["Body"])
    except AwsError as problem:
        if problem.code == "NoSuchKey":
            raise bad_request("There is no object at the specified metadata location.") from None
        raise


def _at(call: Call, s3: Any, table: Table, location: str) -> Metadata:
    data = _bytes(call, s3, table, location)
    try:
        return metadata.read(data)
    except Invalid as problem:
        raise bad_request(f"The specified metadata location is not valid. {problem}") from None
