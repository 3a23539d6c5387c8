"""The Iceberg REST catalog of a bucket: its tables."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, operation

from .. import catalog, changing, managed, replication, tables, warehouse
from ..faults import bad_request, missing
from ..finding import namespace_of, table_of
from ..iceberg import Failed, Invalid, changes, metadata, requirements
from ..resources import Table

_PURGE = ("S3 Tables does not support the dropTable operation with purge=false. You can retry with DROP TABLE PURGE, or use "
          "the S3 Tables DeleteTable API to delete the table.")


@operation
def iceberg_list_tables(call: Call, prefix: str, namespace: str, pageToken: str = "",
                        pageSize: int = catalog.MOST) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    there, _, _ = namespace_of(call, prefix, namespace)
    size = min(pageSize, catalog.MOST)
    rows = there.table(Table).scan(prefix, namespace, after=catalog.after(pageToken), limit=size + 1)
    names, token = catalog.paged([row.TableName for row in rows], size)
    return catalog.answer({"identifiers": [{"namespace": [namespace], "name": name} for name in names],
                           "next-page-token": token})


@operation
def iceberg_create_table(call: Call, prefix: str, namespace: str, body: bytes) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    said = catalog.read(body, "name", "schema")
    if said.get("stage-create"):
        raise bad_request("S3 Tables does not support the staged creation of tables.")
    if said.get("location"):
        raise bad_request("S3 Tables gives tables their location: it cannot be said.")

    def build(uuid: str, location: str) -> metadata.Metadata:
        return metadata.new(uuid, location, call.now, said["schema"], said.get("partition-spec"), said.get("write-order"),
                            said.get("properties"))

    _, row = tables.make(call, prefix, namespace, str(said["name"]), build)
    return catalog.answer(catalog.loaded(row, build(row.id, row.warehouse)))


@operation
def iceberg_load_table(call: Call, prefix: str, namespace: str, table: str, snapshots: str = "all") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    there, row = table_of(call, prefix, namespace, table)
    said = _metadata(there, row)
    if snapshots == "refs":
        named = {ref["snapshot-id"] for ref in said["refs"].values()}
        said["snapshots"] = [one for one in said["snapshots"] if one["snapshot-id"] in named]
    return catalog.answer(catalog.loaded(row, said))


def _metadata(call: Call, row: Table) -> metadata.Metadata:
    """A table that was made without a schema is none to Iceberg, until it has metadata."""
    if not row.location:
        raise missing("The specified table has no metadata yet.")
    return warehouse.read(call, row)


@operation
def iceberg_table_exists(call: Call, prefix: str, namespace: str, table: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    table_of(call, prefix, namespace, table)
    return catalog.nothing()


@operation
def iceberg_update_table(call: Call, prefix: str, namespace: str, table: str, body: bytes) -> dict[str, Any]:
    """A commit: its requirements are checked and its updates made, in one transaction.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    said = catalog.read(body, "requirements", "updates")
    if not isinstance(said["requirements"], list) or not isinstance(said["updates"], list):
        raise bad_request("Requirements and updates are lists.")
    there, row = table_of(call, prefix, namespace, table)
    managed.check(call, row.bucket)
    replication.check(row)
    current = _metadata(there, row)
    try:
        requirements.check(current, said["requirements"])
        changes.apply(current, said["updates"], call.now, row.location)
    except Failed as problem:
        raise AwsError("CommitFailedException", str(problem), 409) from None
    except Invalid as problem:
        raise bad_request(str(problem)) from None
    changing.commit(there, row, current, call.account)
    return catalog.answer({"metadata-location": row.location, "metadata": current})


@operation
def iceberg_drop_table(call: Call, prefix: str, namespace: str, table: str, purgeRequested: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    if not purgeRequested:
        raise bad_request(_PURGE)
    tables.remove(*table_of(call, prefix, namespace, table))
    return catalog.nothing()


@operation
def iceberg_rename_table(call: Call, prefix: str, body: bytes) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    said = catalog.read(body, "source", "destination")
    old, new = (_named(said[name]) for name in ("source", "destination"))
    tables.rename(call, prefix, old, new)
    return catalog.nothing()


def _named(said: Any) -> tuple[str, str]:
    """Namespace and name of a table."""
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise bad_request("A table is named by namespace and name.")
    return catalog.only(said.get("namespace")), said["name"]
