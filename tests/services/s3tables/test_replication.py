"""Replication: read-only copies of tables in other table buckets, kept up to their sources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.services.s3tables.iceberg.avro import head, records
from enforced import document, own, user
from enforced import refused as denied
from services.s3.refusals import refused

from .conftest import Catalog, make
from .containers import MANIFEST, container, manifest, manifest_list, number, text
from .test_catalog import ref
from .test_sweeping import filled
from .test_tables import place

AWAY = "eu-west-1"
NAME = {"namespace": "shop", "name": "orders"}


class Away:
    """Table buckets of another region, and what is in their tables."""

    def __init__(self, cloud: Cloud) -> None:
        self.tables, self.s3 = cloud.client("s3tables", region=AWAY), cloud.client("s3", region=AWAY)
        self.bucket = str(self.tables.create_table_bucket(name="far")["arn"])

    def table(self, name: str = "orders") -> dict[str, Any]:
        return dict(self.tables.get_table(tableBucketARN=self.bucket, namespace="shop", name=name))

    def read(self, path: str) -> bytes:
        return bytes(self.s3.get_object(**place(path))["Body"].read())

    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read(self.table()["metadataLocation"]))
        return found


@pytest.fixture
def away(cloud: Cloud) -> Away:
    return Away(cloud)


def to(cloud: Cloud, *buckets: str) -> dict[str, Any]:
    return {"role": f"arn:aws:iam::{cloud.account}:role/copies", "rules": [
        {"destinations": [{"destinationTableBucketARN": one} for one in buckets]}]}


def status(tables: Any, bucket: str) -> list[dict[str, Any]]:
    """Of the table `orders`."""
    arn = tables.get_table(tableBucketARN=bucket, **NAME)["tableARN"]
    found: list[dict[str, Any]] = tables.get_table_replication_status(tableArn=arn)["destinations"]
    return found


def add(cloud: Cloud, catalog: Catalog, s3: Any, root: str, snapshot: int) -> None:
    """A further snapshot, with a data file, a manifest and a list of its own beside the first manifest."""
    for path, data in ((f"data/{snapshot}", b"more"), (f"metadata/m{snapshot}", manifest((1, f"{root}/data/{snapshot}"))),
                       (f"metadata/l{snapshot}", manifest_list(f"{root}/metadata/m", f"{root}/metadata/m{snapshot}"))):
        s3.put_object(**place(f"{root}/{path}"), Body=data)
    assert catalog.commit({"action": "add-snapshot", "snapshot": {
        "snapshot-id": snapshot, "parent-snapshot-id": snapshot - 1, "sequence-number": snapshot, "schema-id": 0,
        "timestamp-ms": int(cloud.clock.now() * 1000) + snapshot, "manifest-list": f"{root}/metadata/l{snapshot}",
        "summary": {"operation": "append"}}}, ref(snapshot)).status == 200


def test_tables_of_a_bucket_are_copied_and_follow(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, away: Away) -> None:
    root = filled(cloud, catalog, s3, tables, bucket)
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    there = away.table()
    far = there["warehouseLocation"]
    said = away.metadata()
    assert (said["location"], said["current-snapshot-id"], far != root) == (far, 1, True)
    assert said["snapshots"][0]["manifest-list"] == f"{far}/metadata/l"
    inner = away.read(f"{far}/metadata/m")
    assert [(one["manifest_path"], one["manifest_length"]) for one in records(away.read(f"{far}/metadata/l"))] == [
        (f"{far}/metadata/m", len(inner))]
    assert [one["data_file"]["file_path"] for one in records(inner)] == [f"{far}/data/{name}" for name in ("a", "b", "gone")]
    assert (away.read(f"{far}/data/a"), away.read(f"{far}/data/b")) == (b"a", b"b")
    for path in ("data/gone", "data/loose"):     # nothing leads there
        assert refused(lambda path=path: away.read(f"{far}/{path}"))[1] == 404
    add(cloud, catalog, s3, root, 2)
    cloud.clock.idle()
    said = away.metadata()
    assert [one["snapshot-id"] for one in said["snapshots"]] == [1, 2]
    assert (said["current-snapshot-id"], said["refs"]["main"]["snapshot-id"]) == (2, 2)
    assert [one["metadata-file"] for one in said["metadata-log"]] == [there["metadataLocation"]]
    assert away.read(f"{far}/data/2") == b"more"
    make(tables, bucket, "later")
    cloud.clock.idle()
    assert away.table("later")["metadataLocation"].startswith(away.table("later")["warehouseLocation"])


def test_the_status_tells_how_far_a_copy_is(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, away: Away) -> None:
    filled(cloud, catalog, s3, tables, bucket)
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    [one] = status(tables, bucket)
    last = one["lastSuccessfulReplicatedUpdate"]
    assert (one["replicationStatus"], one["destinationTableBucketArn"]) == ("completed", away.bucket)
    assert one["destinationTableArn"] == away.table()["tableARN"]
    assert last["metadataLocation"] == tables.get_table(tableBucketARN=bucket, **NAME)["metadataLocation"]
    assert abs(last["timestamp"].timestamp() - cloud.clock.now()) < 60
    assert refused(away.tables.get_table_replication_status, tableArn=one["destinationTableArn"]) == ("NotFoundException", 404)


def test_copies_can_only_be_read(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    filled(cloud, catalog, s3, tables, bucket)
    near = str(tables.create_table_bucket(name="near")["arn"])
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, near))
    cloud.clock.idle()
    copy = tables.get_table(tableBucketARN=near, **NAME)
    there = Catalog(cloud, near)
    assert there.ask("GET", "/namespaces/shop/tables/orders").body["metadata"]["current-snapshot-id"] == 1
    assert there.commit({"action": "set-properties", "updates": {"a": "1"}}).status == 403
    assert refused(tables.update_table_metadata_location, tableBucketARN=near, **NAME, versionToken=copy["versionToken"],
                   metadataLocation=copy["metadataLocation"]) == ("ForbiddenException", 403)
    assert refused(tables.rename_table, tableBucketARN=near, **NAME, newName="other") == ("ForbiddenException", 403)
    assert refused(tables.put_table_replication, tableArn=copy["tableARN"], configuration=to(cloud, bucket)) == (
        "ForbiddenException", 403)
    tables.delete_table(tableBucketARN=near, **NAME)
    assert refused(tables.get_table, tableBucketARN=near, **NAME) == ("NotFoundException", 404)


def test_configurations_are_told_under_their_tokens(cloud: Cloud, tables: Any, bucket: str, away: Away) -> None:
    who = {"tableBucketARN": bucket}
    assert refused(tables.get_table_bucket_replication, **who) == ("NotFoundException", 404)
    made = tables.put_table_bucket_replication(**who, configuration=to(cloud, away.bucket))
    assert made["status"] == "Success"
    told = tables.get_table_bucket_replication(**who)
    assert (told["versionToken"], told["configuration"]) == (made["versionToken"], to(cloud, away.bucket))
    near = str(tables.create_table_bucket(name="near")["arn"])
    assert refused(tables.put_table_bucket_replication, **who, configuration=to(cloud, near), versionToken="old") == (
        "ConflictException", 409)
    newer = tables.put_table_bucket_replication(**who, configuration=to(cloud, near), versionToken=made["versionToken"])
    assert refused(tables.delete_table_bucket_replication, **who, versionToken=made["versionToken"]) == (
        "ConflictException", 409)
    tables.delete_table_bucket_replication(**who, versionToken=newer["versionToken"])
    assert refused(tables.delete_table_bucket_replication, **who) == ("NotFoundException", 404)


def test_a_tables_own_configuration_counts(cloud: Cloud, tables: Any, bucket: str, away: Away) -> None:
    near = str(tables.create_table_bucket(name="near")["arn"])
    arn = make(tables, bucket)["tableARN"]
    assert refused(tables.get_table_replication, tableArn=arn) == ("NotFoundException", 404)
    made = tables.put_table_replication(tableArn=arn, configuration=to(cloud, away.bucket))
    assert tables.get_table_replication(tableArn=arn)["configuration"] == to(cloud, away.bucket)
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, near))
    make(tables, bucket, "second")
    cloud.clock.idle()
    assert away.table()["name"] == "orders"
    assert [one["name"] for one in tables.list_tables(tableBucketARN=near)["tables"]] == ["second"]
    tables.delete_table_replication(tableArn=arn, versionToken=made["versionToken"])
    cloud.clock.idle()
    assert [one["name"] for one in tables.list_tables(tableBucketARN=near)["tables"]] == ["orders", "second"]
    assert [one["destinationTableBucketArn"] for one in status(tables, bucket)] == [near]


def test_what_is_not_replicated_any_more_stays_as_it_was(
        cloud: Cloud, catalog: Catalog, tables: Any, bucket: str, away: Away) -> None:
    make(tables, bucket)
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    before = away.table()["metadataLocation"]
    tables.delete_table_bucket_replication(tableBucketARN=bucket)
    assert catalog.commit({"action": "set-properties", "updates": {"a": "1"}}).status == 200
    cloud.clock.idle()
    assert away.table()["metadataLocation"] == before


def test_properties_and_schemas_follow(cloud: Cloud, catalog: Catalog, tables: Any, bucket: str, away: Away) -> None:
    make(tables, bucket)
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    assert catalog.commit({"action": "set-properties", "updates": {"a": "1"}}).status == 200
    cloud.clock.idle()
    said = away.metadata()
    source = catalog.ask("GET", "/namespaces/shop/tables/orders").body["metadata"]
    assert (said["properties"], said["schemas"]) == ({"a": "1"}, source["schemas"])
    assert said["table-uuid"] != source["table-uuid"]


def test_what_cannot_be_copied_is_told(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, away: Away) -> None:
    filled(cloud, catalog, s3, tables, bucket)
    assert catalog.commit({"action": "set-snapshot-ref", "ref-name": "kept", "type": "tag", "snapshot-id": 1}).status == 200
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    [one] = status(tables, bucket)
    assert (one["replicationStatus"], one["failureMessage"]) == ("failed", "Tables with tags or branches are not supported.")
    assert catalog.commit({"action": "remove-snapshot-ref", "ref-name": "kept"}).status == 200
    cloud.clock.idle()
    assert [one["replicationStatus"] for one in status(tables, bucket)] == ["completed"]


def test_a_table_of_somebody_else_is_not_written_over(cloud: Cloud, tables: Any, bucket: str, away: Away) -> None:
    make(tables, bucket)
    away.tables.create_namespace(tableBucketARN=away.bucket, namespace=["shop"])
    own = make(away.tables, away.bucket)["metadataLocation"]
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    [one] = status(tables, bucket)
    assert one["replicationStatus"] == "failed"
    assert "identical name" in one["failureMessage"]
    assert away.table()["metadataLocation"] == own


@pytest.mark.parametrize(("ends", "code"), [
    (("SAME",), "BadRequestException"), (("FAR", "FAR"), "BadRequestException"), (("NONE",), "NotFoundException")])
def test_destinations_that_cannot_be_are_refused(
        cloud: Cloud, tables: Any, bucket: str, away: Away, ends: tuple[str, ...], code: str) -> None:
    arns = {"SAME": bucket, "FAR": away.bucket, "NONE": f"{away.bucket}s"}
    with pytest.raises(ClientError, match=code):
        tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, *(arns[one] for one in ends)))
    assert refused(tables.get_table_bucket_replication, tableBucketARN=bucket) == ("NotFoundException", 404)


def test_a_manifest_keeps_what_its_writer_said(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, away: Away) -> None:
    root = filled(cloud, catalog, s3, tables, bucket, codec="null")
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    far = away.table()["warehouseLocation"]
    for path in ("metadata/m", "metadata/l"):
        before = s3.get_object(**place(f"{root}/{path}"))["Body"].read()
        assert head(before) == head(away.read(f"{far}/{path}"))
    old, new = ([{**one, "data_file": {**one["data_file"], "file_path": ""}} for one in records(data)] for data in (
        s3.get_object(**place(f"{root}/metadata/m"))["Body"].read(), away.read(f"{far}/metadata/m")))
    assert old == new


def test_deletions_by_position_are_not_copied(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, away: Away) -> None:
    root = filled(cloud, catalog, s3, tables, bucket)
    schema = json.loads(json.dumps(MANIFEST))
    schema["fields"][2]["type"]["fields"].insert(0, {"name": "content", "type": "int"})
    entry = number(1) + number(1) + number(-5) + number(1) + text(f"{root}/data/d") + bytes(8) + number(0)
    s3.put_object(**place(f"{root}/metadata/m"), Body=container(schema, entry))
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, away.bucket))
    cloud.clock.idle()
    [one] = status(tables, bucket)
    assert (one["replicationStatus"], one["failureMessage"]) == (
        "failed", "Tables with deletions by position are not supported.")
    assert "metadataLocation" not in away.table()


def test_where_it_is_enforced_the_role_must_be_allowed(strict: Cloud) -> None:
    owner = strict.client("s3tables")
    bucket, near = (owner.create_table_bucket(name=name)["arn"] for name in ("lake", "near"))
    owner.create_namespace(tableBucketARN=bucket, namespace=["shop"])
    make(owner, bucket)
    iam = strict.client("iam")
    iam.create_role(RoleName="copies", AssumeRolePolicyDocument=document(
        {"Principal": {"Service": "replication.s3tables.amazonaws.com"}, "Action": "sts:AssumeRole"}))
    owner.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(strict, near))
    strict.clock.idle()
    [one] = status(owner, bucket)
    assert (one["replicationStatus"], "s3tables:GetTableData" in one["failureMessage"]) == ("failed", True)
    iam.put_role_policy(RoleName="copies", PolicyName="copies", PolicyDocument=own("s3tables:*"))
    owner.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(strict, near))
    strict.clock.idle()
    assert status(owner, bucket)[0]["replicationStatus"] == "completed"
    copy = owner.get_table(tableBucketARN=near, **NAME)
    where = place(copy["metadataLocation"])
    s3 = strict.client("s3")
    assert s3.get_object(**where)["Body"].read()
    writer = strict.client("s3", **user(strict, "cat", own("s3tables:*")))
    assert "explicit deny" in denied(writer.put_object, Bucket=where["Bucket"], Key="data/x", Body=b"x")


def test_another_accounts_bucket_must_let_the_role_in(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-replication-setting-up.html"""
    owner, other = strict.client("s3tables"), strict.other().client("s3tables")
    bucket, far = owner.create_table_bucket(name="lake")["arn"], other.create_table_bucket(name="far")["arn"]
    owner.create_namespace(tableBucketARN=bucket, namespace=["shop"])
    make(owner, bucket)
    role = strict.client("iam").create_role(RoleName="copies", AssumeRolePolicyDocument=document(
        {"Principal": {"Service": "replication.s3tables.amazonaws.com"}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
    strict.client("iam").put_role_policy(RoleName="copies", PolicyName="copies", PolicyDocument=own("s3tables:*"))
    owner.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(strict, far))
    strict.clock.idle()
    [one] = status(owner, bucket)
    assert (one["replicationStatus"], "s3tables:CreateTable" in one["failureMessage"]) == ("failed", True)
    lets = {"Principal": {"AWS": role}, "Action": ["s3tables:CreateTable", "s3tables:CreateNamespace", "s3tables:PutTableData"]}
    other.put_table_bucket_policy(tableBucketARN=far, resourcePolicy=document(
        {**lets, "Resource": far}, {**lets, "Resource": f"{far}/table/*"}))
    owner.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(strict, far))
    strict.clock.idle()
    assert status(owner, bucket)[0]["replicationStatus"] == "completed"
    assert other.get_table(tableBucketARN=far, **NAME)["ownerAccountId"] != strict.account


def test_a_copy_is_under_its_buckets_key(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    filled(cloud, catalog, s3, tables, bucket)
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    near = str(tables.create_table_bucket(name="near", encryptionConfiguration={
        "sseAlgorithm": "aws:kms", "kmsKeyArn": key})["arn"])
    tables.put_table_bucket_replication(tableBucketARN=bucket, configuration=to(cloud, near))
    cloud.clock.idle()
    copy = tables.get_table(tableBucketARN=near, **NAME)
    for path in (copy["metadataLocation"], f"{copy['warehouseLocation']}/data/a", f"{copy['warehouseLocation']}/metadata/m"):
        told = s3.head_object(**place(path))
        assert (told["ServerSideEncryption"], told["SSEKMSKeyId"]) == ("aws:kms", key)
