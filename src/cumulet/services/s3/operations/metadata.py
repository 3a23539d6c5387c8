"""Metadata configurations of a bucket: its journal, its live inventory and its annotations, as tables."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation, parse_arn

from .. import checksums
from ..buckets import bucket_of
from ..faults import malformed_xml
from ..metadata import journal, live, making, parquet, settings
from ..resources import Bucket as BucketRow


def _not_allowed(method: str) -> AwsError:
    return error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, Method=method,
                       ResourceType="BUCKET")


def _new(call: Call, name: str, md5: str | None, owner: str | None) -> BucketRow:
    """A bucket that is to have a configuration, and has none yet."""
    checksums.check_document(call, md5, required=True)
    bucket = bucket_of(call, name, owner)
    if bucket.zone:
        raise _not_allowed("POST")
    if bucket.metadata is not None:
        raise error.named("MetadataConfigurationAlreadyExists", "The metadata configuration already exists for this bucket.",
                          409, BucketName=name)
    parquet.check()
    return bucket


@operation
def create_bucket_metadata_configuration(call: Call, Bucket: str, MetadataConfiguration: dict[str, Any],
                                         ContentMD5: str | None = None, ChecksumAlgorithm: str | None = None,
                                         ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataConfiguration.html"""
    bucket = _new(call, Bucket, ContentMD5, ExpectedBucketOwner)
    said = MetadataConfiguration
    wanted = said.get("JournalTableConfiguration") or {}
    expiration = settings.expiration(wanted.get("RecordExpiration"))
    encryption = settings.encryption(wanted.get("EncryptionConfiguration"))
    making.configure(call, bucket, encryption)
    assert bucket.metadata is not None
    bucket.metadata["expiration"] = expiration
    for kind in live.TABLES:
        _switch(call, bucket, kind, said.get(f"{kind.capitalize()}TableConfiguration"))
    call.put(bucket)
    if settings.days(bucket) is not None:
        journal.watch(call, bucket)


@operation
def get_bucket_metadata_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetadataConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": settings.told(bucket)}}


@operation
def delete_bucket_metadata_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketMetadataConfiguration.html"""
    _forget(call, bucket_of(call, Bucket, ExpectedBucketOwner))


def _forget(call: Call, bucket: BucketRow) -> None:
    """The tables stay."""
    settings.of(bucket)
    bucket.metadata = None
    call.put(bucket)
    journal.forget(call, bucket.number)


@operation
def update_bucket_metadata_journal_table_configuration(
        call: Call, Bucket: str, JournalTableConfiguration: dict[str, Any], ContentMD5: str | None = None,
        ChecksumAlgorithm: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateBucketMetadataJournalTableConfiguration.html"""
    bucket = _changing(call, Bucket, ContentMD5, ExpectedBucketOwner)
    settings.of(bucket)["expiration"] = settings.expiration(JournalTableConfiguration.get("RecordExpiration"))
    call.put(bucket)
    if settings.days(bucket) is not None:
        journal.watch(call, bucket)


def _changing(call: Call, name: str, md5: str | None, owner: str | None) -> BucketRow:
    """A bucket whose configuration, of the second version of the API, is to change; the first knows no inventories and no
    expiry."""
    checksums.check_document(call, md5, required=True)
    bucket = bucket_of(call, name, owner)
    if settings.of(bucket)["version"] == 1:
        raise _not_allowed("PUT")
    return bucket


@operation
def update_bucket_metadata_inventory_table_configuration(
        call: Call, Bucket: str, InventoryTableConfiguration: dict[str, Any], ContentMD5: str | None = None,
        ChecksumAlgorithm: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateBucketMetadataInventoryTableConfiguration.html"""
    bucket = _changing(call, Bucket, ContentMD5, ExpectedBucketOwner)
    _switch(call, bucket, settings.INVENTORY, InventoryTableConfiguration)
    call.put(bucket)


@operation
def update_bucket_metadata_annotation_table_configuration(
        call: Call, Bucket: str, AnnotationTableConfiguration: dict[str, Any], ContentMD5: str | None = None,
        ChecksumAlgorithm: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateBucketMetadataAnnotationTableConfiguration.html"""
    bucket = _changing(call, Bucket, ContentMD5, ExpectedBucketOwner)
    _switch(call, bucket, settings.ANNOTATION, AnnotationTableConfiguration)
    call.put(bucket)


def _switch(call: Call, bucket: BucketRow, kind: str, said: dict[str, Any] | None) -> None:
    """Have one of the tables that tell what is there now, or have it no more; the table itself stays."""
    assert bucket.metadata is not None
    encryption, wanted = settings.encryption((said or {}).get("EncryptionConfiguration")), settings.state(said)
    if wanted == settings.DISABLED:
        bucket.metadata.pop(kind, None)
        live.forget(call, bucket.number, kind)
        return
    if bucket.metadata.get(kind) is None:
        making.make(call, bucket, kind, encryption)
        live.begin(call, bucket, kind)
    if (role := (said or {}).get("Role")) is not None:
        bucket.metadata[kind]["role"] = role


# --- the first version of the API ---------------------------------------------------------------------------------------


@operation
def create_bucket_metadata_table_configuration(call: Call, Bucket: str, MetadataTableConfiguration: dict[str, Any],
                                               ContentMD5: str | None = None, ChecksumAlgorithm: str | None = None,
                                               ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataTableConfiguration.html"""
    bucket = _new(call, Bucket, ContentMD5, ExpectedBucketOwner)
    there = MetadataTableConfiguration.get("S3TablesDestination") or {}
    arn, name = there.get("TableBucketArn") or "", there.get("TableName")
    parts = parse_arn(arn)
    if not name or parts is None or parts.service != "s3tables":
        raise malformed_xml()
    if (parts.account, parts.region) != (bucket.account, bucket.region):
        raise error.named("InvalidRequest", "The table bucket must be in the same Region and account as the bucket.", 400)
    making.configure_first(call, bucket, arn, name)
    call.put(bucket)


@operation
def get_bucket_metadata_table_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetadataTableConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    _check_first(bucket, "GET")
    return {"GetBucketMetadataTableConfigurationResult": settings.first_told(bucket)}


@operation
def delete_bucket_metadata_table_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketMetadataTableConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    _check_first(bucket, "DELETE")
    _forget(call, bucket)


def _check_first(bucket: BucketRow, method: str) -> None:
    """The first version of the API does not know configurations of the second."""
    if settings.of(bucket)["version"] != 1:
        raise _not_allowed(method)
