"""What exists in S3 Tables: table buckets, their namespaces, and tables."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored

from . import managed

_TAGS = Tagging("TagResource", "UntagResource", "ListTagsForResource")


@resource("AWS::S3Tables::TableBucket", id="TableBucketName",
          arn="arn:{partition}:s3tables:{region}:{account}:bucket/{TableBucketName}",
          missing="NotFoundException", missing_message="The specified bucket does not exist.",
          verbs=Verbs(update="none"), tags=_TAGS, columns=("TableBucketName", "created"), returns={"TableBucketARN": "arn"},
          delete_after=("AWS::S3Tables::Table",))
class TableBucket(Resource, kw_only=True):
    """A table bucket. encryption, storage_class: what new tables get.  removal: how unreferenced files go.  metrics: the id of
    its metrics configuration.  replication: where its tables are copied, with `role`, `rules` and `token`."""

    TableBucketName: Annotated[str, fixed, member("name")]
    id: str
    encryption: dict[str, str] | None = None
    storage_class: str = ""
    policy: str = ""
    removal: dict[str, Any] | None = None
    metrics: str = ""
    replication: dict[str, Any] | None = None

    @property
    def leaving(self) -> str | None:
        """What AWS manages is nothing for whoever manages resources by their lifecycle."""
        return managed.BUCKET if managed.is_managed(self.TableBucketName) else None


@stored(key=("bucket", "name"))
class Namespace(msgspec.Struct, kw_only=True):
    """A namespace of a table bucket. by: the account that made it."""

    bucket: str
    name: str
    id: str
    created: float
    by: str


@resource("AWS::S3Tables::Table", id=("TableBucketARN", "Namespace", "TableName"),
          arn="arn:{partition}:s3tables:{region}:{account}:bucket/{bucket}/table/{id}",
          missing="NotFoundException", missing_message="The specified table does not exist.",
          verbs=Verbs(update="none"), tags=_TAGS, columns=("Namespace", "TableName", "created"),
          returns={"TableARN": "arn", "WarehouseLocation": "warehouse", "VersionToken": "token"}, indexes={"id": ("id",)},
          unique=("id",))
class Table(Resource, kw_only=True):
    """An Iceberg table. storage: the name of the S3 bucket that holds its files.  location: of its metadata, "" before there is
    any.  token: of this version of it.  maintenance: what was said of each kind.  jobs: how each kind last went.
    replication: its own, in the place of its bucket's.  source: the ARN of the table that it is a copy of."""

    TableBucketARN: Annotated[str, fixed, member("tableBucketARN")]
    Namespace: Annotated[str, fixed, member("namespace")]
    TableName: Annotated[str, fixed, member("name")]
    OpenTableFormat: Annotated[str, fixed, member("format")] = "ICEBERG"
    bucket: str
    id: str
    storage: str
    token: str
    by: str
    modified: float
    modified_by: str
    location: str = ""
    encryption: dict[str, str]
    storage_class: str = "STANDARD"
    policy: str = ""
    maintenance: dict[str, dict[str, Any]] = {}
    jobs: dict[str, dict[str, Any]] = {}
    replication: dict[str, Any] | None = None
    source: str = ""

    @property
    def warehouse(self) -> str:
        return f"s3://{self.storage}"

    @property
    def leaving(self) -> str | None:
        """See TableBucket."""
        return managed.BUCKET if managed.is_managed(self.bucket) else None


@stored(key=("table", "key"))
class Loose(msgspec.Struct, kw_only=True):
    """An object that nothing in its table (by id) leads to. since: when that was first seen.  marked: when it was marked."""

    table: str
    key: str
    since: float
    marked: float = 0.0


@stored(key=("table", "destination"))
class Copied(msgspec.Struct, kw_only=True):
    """How far the copy of a table (by id) in a table bucket (by ARN) is. status: "pending", "completed" or "failed".

    copy: its ARN.  location: of the source's metadata that was copied last, at a time.  problem: why that failed.
    """

    table: str
    destination: str
    status: str = "pending"
    copy: str = ""
    location: str = ""
    at: float = 0.0
    problem: str = ""
