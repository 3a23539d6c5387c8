"""S3 Metadata: the journal and the live inventory of a bucket, read as the tables that they are."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from cumulet.services.s3.metadata import live, merging, slices
from services.s3.iceberg import files, rows
from services.s3.refusals import refused

DAY = 86_400
KEPT = {"RecordExpiration": {"Expiration": "DISABLED"}}


@pytest.fixture
def tables(cloud: Any) -> Any:
    return cloud.client("s3tables")


def configure(s3: Any, inventory: bool = False, **journal: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"JournalTableConfiguration": KEPT | journal}
    if inventory:
        said["InventoryTableConfiguration"] = {"ConfigurationState": "ENABLED"}
    s3.create_bucket_metadata_configuration(Bucket=s3.bucket, MetadataConfiguration=said)
    return told(s3)


def told(s3: Any) -> dict[str, Any]:
    found = s3.get_bucket_metadata_configuration(Bucket=s3.bucket)["GetBucketMetadataConfigurationResult"]
    return dict(found["MetadataConfigurationResult"])


def test_a_configuration_is_made_told_and_deleted(cloud: Any, s3: Any, tables: Any) -> None:
    found = configure(s3)
    arn = f"arn:aws:s3tables:us-east-1:{cloud.account}:bucket/aws-s3"
    assert found["DestinationResult"] == {
        "TableBucketType": "aws", "TableBucketArn": arn, "TableNamespace": f"b_{s3.bucket}"}
    journal = found["JournalTableConfigurationResult"]
    assert (journal["TableStatus"], journal["TableName"], journal["RecordExpiration"]) == (
        "ACTIVE", "journal", {"Expiration": "DISABLED"})
    assert found["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    assert tables.get_table(tableArn=journal["TableArn"])["type"] == "aws"
    assert [one["arn"] for one in tables.list_table_buckets(type="aws")["tableBuckets"]] == [arn]
    assert tables.list_table_buckets()["tableBuckets"] == []
    listed = cloud.client("cloudcontrol").list_resources(TypeName="AWS::S3Tables::TableBucket")
    assert listed["ResourceDescriptions"] == []
    assert refused(s3.create_bucket_metadata_configuration, Bucket=s3.bucket, MetadataConfiguration={
        "JournalTableConfiguration": KEPT}) == ("MetadataConfigurationAlreadyExists", 409)
    s3.delete_bucket_metadata_configuration(Bucket=s3.bucket)
    for call in (s3.get_bucket_metadata_configuration, s3.delete_bucket_metadata_configuration):
        assert refused(call, Bucket=s3.bucket) == ("MetadataConfigurationNotFound", 404)
    again = configure(s3)["JournalTableConfigurationResult"]
    assert (again["TableStatus"], again["Error"]["ErrorCode"]) == ("FAILED", "JournalTableAlreadyExists")


def test_the_journal_tells_what_happened(cloud: Any, versioned: Any, tables: Any, tmp_path: Path) -> None:
    found = configure(versioned)
    put = versioned.put_object(Bucket=versioned.bucket, Key="a/ü", Body=b"abc", Metadata={"color": "red"}, Tagging="k=v")
    versioned.put_object_tagging(Bucket=versioned.bucket, Key="a/ü", Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
    marker = versioned.delete_object(Bucket=versioned.bucket, Key="a/ü")
    versioned.delete_object(Bucket=versioned.bucket, Key="a/ü", VersionId=put["VersionId"])
    cloud.clock.advance(130)
    records = sorted(rows(versioned, tables, found, "journal", tmp_path), key=lambda one: one["sequence_number"])
    assert [(one["record_type"], one["version_id"], one["is_delete_marker"], one["object_tags"]) for one in records] == [
        ("CREATE", put["VersionId"], False, {"k": "v"}), ("UPDATE_METADATA", put["VersionId"], False, {"k": "w"}),
        ("DELETE", marker["VersionId"], True, None), ("DELETE", put["VersionId"], None, None)]
    first = records[0]
    assert (first["bucket"], first["key"], first["size"], first["e_tag"], first["storage_class"], first["user_metadata"]) == (
        versioned.bucket, "a/ü", 3, put["ETag"].strip('"'), "STANDARD", {"color": "red"})
    assert (first["requester"], first["source_ip_address"], first["encryption_status"], first["is_multipart"]) == (
        cloud.account, "127.0.0.1", "SSE-S3", False)
    assert first["request_id"] == put["ResponseMetadata"]["RequestId"]


def test_the_inventory_tells_what_is_there(cloud: Any, versioned: Any, tables: Any, tmp_path: Path) -> None:
    for key in ("a", "b", "b", "c"):
        versioned.put_object(Bucket=versioned.bucket, Key=key, Body=key.encode())
    gone = versioned.delete_object(Bucket=versioned.bucket, Key="c")
    found = configure(versioned, inventory=True)["InventoryTableConfigurationResult"]
    assert (found["ConfigurationState"], found["TableName"]) == ("ENABLED", "inventory")
    cloud.clock.idle()
    assert told(versioned)["InventoryTableConfigurationResult"]["TableStatus"] == "ACTIVE"
    configuration = told(versioned)
    before = rows(versioned, tables, configuration, "inventory", tmp_path)
    assert sorted((one["key"], one["is_delete_marker"], one["size"]) for one in before) == [
        ("a", False, 1), ("b", False, 1), ("b", False, 1), ("c", False, 1), ("c", True, 0)]
    assert [one["version_id"] for one in before if one["is_delete_marker"]] == [gone["VersionId"]]
    versioned.put_object(Bucket=versioned.bucket, Key="d", Body=b"dddd", StorageClass="STANDARD_IA")
    versioned.delete_object(Bucket=versioned.bucket, Key="c", VersionId=gone["VersionId"])
    cloud.clock.advance(1000)
    after = rows(versioned, tables, configuration, "inventory", tmp_path)
    assert sorted((one["key"], one["is_delete_marker"], one["storage_class"]) for one in after) == [
        ("a", False, "STANDARD"), ("b", False, "STANDARD"), ("b", False, "STANDARD"), ("c", False, "STANDARD"),
        ("d", False, "STANDARD_IA")]


def test_an_inventory_comes_and_goes_later(cloud: Any, s3: Any, tables: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1")
    configure(s3)
    s3.update_bucket_metadata_inventory_table_configuration(
        Bucket=s3.bucket, InventoryTableConfiguration={"ConfigurationState": "ENABLED"})
    cloud.clock.idle()
    found = told(s3)
    assert [one["key"] for one in rows(s3, tables, found, "inventory", tmp_path)] == ["k"]
    s3.update_bucket_metadata_inventory_table_configuration(
        Bucket=s3.bucket, InventoryTableConfiguration={"ConfigurationState": "DISABLED"})
    assert told(s3)["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    s3.put_object(Bucket=s3.bucket, Key="l", Body=b"1")
    cloud.clock.advance(1000)
    assert len(rows(s3, tables, found, "inventory", tmp_path)) == 1
    assert len(rows(s3, tables, found, "journal", tmp_path)) == 1


def test_records_expire(cloud: Any, s3: Any, tables: Any, tmp_path: Path) -> None:
    found = configure(s3)
    s3.put_object(Bucket=s3.bucket, Key="old", Body=b"1")
    cloud.clock.advance(130)
    s3.update_bucket_metadata_journal_table_configuration(Bucket=s3.bucket, JournalTableConfiguration={
        "RecordExpiration": {"Expiration": "ENABLED", "Days": 7}})
    assert told(s3)["JournalTableConfigurationResult"]["RecordExpiration"] == {"Expiration": "ENABLED", "Days": 7}
    cloud.clock.advance(5 * DAY)
    s3.put_object(Bucket=s3.bucket, Key="young", Body=b"1")
    cloud.clock.advance(DAY)
    assert {one["key"] for one in rows(s3, tables, found, "journal", tmp_path)} == {"old", "young"}
    cloud.clock.advance(2 * DAY)
    assert [one["key"] for one in rows(s3, tables, found, "journal", tmp_path)] == ["young"]


@pytest.mark.parametrize(("said", "code"), [
    ({"Expiration": "ENABLED", "Days": 6}, "InvalidArgument"), ({"Expiration": "ENABLED"}, "InvalidArgument"),
    ({"Expiration": "DISABLED", "Days": 7}, "MalformedXML"), ({"Expiration": "MAYBE"}, "MalformedXML")])
def test_bad_expirations_are_refused(s3: Any, said: dict[str, Any], code: str) -> None:
    assert refused(s3.create_bucket_metadata_configuration, Bucket=s3.bucket, MetadataConfiguration={
        "JournalTableConfiguration": {"RecordExpiration": said}}) == (code, 400)


def test_only_s3_writes_managed_tables(cloud: Any, s3: Any, tables: Any) -> None:
    found = configure(s3)
    place = {"tableBucketARN": found["DestinationResult"]["TableBucketArn"]}
    table = tables.get_table(tableArn=found["JournalTableConfigurationResult"]["TableArn"])
    assert refused(tables.create_table_bucket, name="aws-s4")[0] == "BadRequestException"
    assert refused(tables.create_namespace, **place, namespace=["mine"]) == ("ForbiddenException", 403)
    named = place | {"namespace": table["namespace"][0], "name": "journal"}
    for call, more in ((tables.rename_table, {"newName": "other"}), (tables.update_table_metadata_location, {
            "versionToken": table["versionToken"], "metadataLocation": table["metadataLocation"]})):
        assert refused(call, **named, **more) == ("ForbiddenException", 403)
    storage = table["warehouseLocation"].removeprefix("s3://")
    assert refused(s3.put_object, Bucket=storage, Key="data/mine", Body=b"x") == ("AccessDenied", 403)
    tables.delete_table(**named)
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1")
    cloud.clock.advance(130)
    journal = told(s3)["JournalTableConfigurationResult"]
    assert (journal["TableStatus"], journal["Error"]["ErrorCode"]) == ("FAILED", "DestinationTableNotFound")
    s3.update_bucket_metadata_inventory_table_configuration(
        Bucket=s3.bucket, InventoryTableConfiguration={"ConfigurationState": "ENABLED"})
    inventory = told(s3)["InventoryTableConfigurationResult"]
    assert (inventory["TableStatus"], inventory["Error"]["ErrorCode"]) == ("FAILED", "JournalTableNotAvailable")


def test_the_first_version_has_its_table_where_it_is_told(cloud: Any, s3: Any, tables: Any, tmp_path: Path) -> None:
    arn = tables.create_table_bucket(name="lake")["arn"]
    s3.create_bucket_metadata_table_configuration(Bucket=s3.bucket, MetadataTableConfiguration={
        "S3TablesDestination": {"TableBucketArn": arn, "TableName": "events"}})
    found = s3.get_bucket_metadata_table_configuration(Bucket=s3.bucket)["GetBucketMetadataTableConfigurationResult"]
    there = found["MetadataTableConfigurationResult"]["S3TablesDestinationResult"]
    assert (there["TableNamespace"], there["TableName"], found["Status"]) == ("aws_s3_metadata", "events", "ACTIVE")
    assert told(s3)["DestinationResult"]["TableBucketType"] == "customer"
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1")
    cloud.clock.advance(130)
    assert [one["key"] for one in rows(s3, tables, told(s3), "journal", tmp_path)] == ["k"]
    assert refused(s3.update_bucket_metadata_journal_table_configuration, Bucket=s3.bucket, JournalTableConfiguration=KEPT) == (
        "MethodNotAllowed", 405)
    s3.delete_bucket_metadata_table_configuration(Bucket=s3.bucket)
    assert refused(s3.get_bucket_metadata_table_configuration, Bucket=s3.bucket) == ("MetadataConfigurationNotFound", 404)
    configure(s3)
    for call in (s3.get_bucket_metadata_table_configuration, s3.delete_bucket_metadata_table_configuration):
        assert refused(call, Bucket=s3.bucket) == ("MethodNotAllowed", 405)


def test_an_inventory_of_many_keys_is_many_files_and_only_those_of_touched_keys_change(
        cloud: Any, versioned: Any, tables: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_ROWS", 3)
    monkeypatch.setattr(slices, "_VERSIONS", 2)
    for key in "abcdefgh":
        versioned.put_object(Bucket=versioned.bucket, Key=key, Body=b"1")
    for key in "aaabbc":
        versioned.put_object(Bucket=versioned.bucket, Key=key, Body=b"22")
    configure(versioned, inventory=True)
    cloud.clock.idle()
    arn = told(versioned)["InventoryTableConfigurationResult"]["TableArn"]

    def paths() -> set[str]:
        return {one["file_path"] for one in files(versioned, tables, arn)}

    def seen() -> list[tuple[str, int]]:
        return sorted((one["key"], one["size"]) for one in rows(versioned, tables, told(versioned), "inventory", tmp_path))

    whole = [("a", 1), ("a", 2), ("a", 2), ("a", 2), ("b", 1), ("b", 2), ("b", 2), ("c", 1), ("c", 2),
             *((key, 1) for key in "defgh")]
    assert seen() == sorted(whole)
    before = paths()
    assert len(before) == 3 + 2
    versioned.put_object(Bucket=versioned.bucket, Key="e", Body=b"333")
    versioned.put_object(Bucket=versioned.bucket, Key="zz", Body=b"4444")
    cloud.clock.advance(1000)
    assert seen() == sorted([*whole, ("e", 3), ("zz", 4)])
    assert len(before & paths()) == 2
    for key in "abcdefgh":
        versioned.delete_object(Bucket=versioned.bucket, Key=key)
    cloud.clock.advance(1000)
    assert [one for one in seen() if one[1] == 0] == [(key, 0) for key in "abcdefgh"]


def test_the_annotation_table_tells_the_texts_of_objects(cloud: Any, versioned: Any, tables: Any, tmp_path: Path) -> None:
    put = versioned.put_object(Bucket=versioned.bucket, Key="a", Body=b"1")
    place = {"Bucket": versioned.bucket, "Key": "a"}
    versioned.put_object_annotation(**place, AnnotationName="ai", AnnotationPayload="zwölf \"boxes\"\n".encode())
    configure(versioned)
    assert "AnnotationTableConfigurationResult" not in told(versioned)
    versioned.update_bucket_metadata_annotation_table_configuration(
        Bucket=versioned.bucket, AnnotationTableConfiguration={"ConfigurationState": "ENABLED"})
    cloud.clock.idle()
    found = told(versioned)
    assert found["AnnotationTableConfigurationResult"]["TableStatus"] == "ACTIVE"
    only, = rows(versioned, tables, found, "annotation", tmp_path)
    assert (only["bucket"], only["object_key"], only["object_version_id"], only["name"], only["text_value"], only["size"]) == (
        versioned.bucket, "a", put["VersionId"], "ai", 'zwölf "boxes"\n', 15)
    versioned.put_object_annotation(**place, AnnotationName="more", AnnotationPayload=b"2")
    versioned.delete_object_annotation(**place, AnnotationName="ai")
    cloud.clock.advance(1000)
    assert [one["name"] for one in rows(versioned, tables, found, "annotation", tmp_path)] == ["more"]
    versioned.delete_object(**place, VersionId=put["VersionId"])
    cloud.clock.advance(1000)
    assert rows(versioned, tables, found, "annotation", tmp_path) == []
    versioned.update_bucket_metadata_annotation_table_configuration(
        Bucket=versioned.bucket, AnnotationTableConfiguration={"ConfigurationState": "DISABLED"})
    assert "AnnotationTableConfigurationResult" not in told(versioned)


def test_what_the_clock_does_is_in_the_journal(cloud: Any, s3: Any, tables: Any, tmp_path: Path) -> None:
    found = configure(s3)
    s3.put_bucket_lifecycle_configuration(Bucket=s3.bucket, LifecycleConfiguration={"Rules": [
        {"ID": "cool", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 40},
         "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}]})
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x" * 200_000)
    cloud.clock.advance(45 * DAY)
    records = sorted(rows(s3, tables, found, "journal", tmp_path), key=lambda one: one["sequence_number"])
    assert [(one["record_type"], one["storage_class"], one["requester"], one["source_ip_address"]) for one in records] == [
        ("CREATE", "STANDARD", cloud.account, "127.0.0.1"), ("UPDATE_METADATA", "GLACIER", "s3.amazonaws.com", None),
        ("DELETE", None, "s3.amazonaws.com", None)]


def test_tables_are_under_keys_where_that_is_said(cloud: Any, s3: Any, tables: Any, tmp_path: Path) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    found = configure(s3, EncryptionConfiguration={"SseAlgorithm": "aws:kms", "KmsKeyArn": key})
    place = {"tableBucketARN": found["DestinationResult"]["TableBucketArn"], "name": "journal",
             "namespace": found["DestinationResult"]["TableNamespace"]}
    assert tables.get_table_encryption(**place)["encryptionConfiguration"] == {"sseAlgorithm": "aws:kms", "kmsKeyArn": key}
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    cloud.clock.advance(130)
    record, = rows(s3, tables, found, "journal", tmp_path)
    assert (record["encryption_status"], record["kms_key_arn"], record["is_bucket_key_enabled"]) == ("SSE-KMS", key, False)
    s3.delete_bucket_metadata_configuration(Bucket=s3.bucket)
    assert refused(s3.create_bucket_metadata_configuration, Bucket=s3.bucket, MetadataConfiguration={
        "JournalTableConfiguration": KEPT | {"EncryptionConfiguration": {"SseAlgorithm": "aws:kms"}}}) == (
            "InvalidArgument", 400)


def test_replicas_are_in_the_journal_of_their_bucket(cloud: Any, versioned: Any, tables: Any, tmp_path: Path) -> None:
    source, versioned.bucket = versioned.bucket, f"copies-{cloud.account}"
    versioned.create_bucket(Bucket=versioned.bucket)
    versioned.put_bucket_versioning(Bucket=versioned.bucket, VersioningConfiguration={"Status": "Enabled"})
    found = configure(versioned)
    versioned.put_bucket_replication(Bucket=source, ReplicationConfiguration={
        "Role": f"arn:aws:iam::{cloud.account}:role/r", "Rules": [{
            "ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{versioned.bucket}"}}]})
    put = versioned.put_object(Bucket=source, Key="k", Body=b"1")
    marker = versioned.delete_object(Bucket=source, Key="k")
    cloud.clock.advance(1000)
    records = sorted(rows(versioned, tables, found, "journal", tmp_path), key=lambda one: one["sequence_number"])
    assert [(one["record_type"], one["version_id"], one["is_delete_marker"], one["requester"]) for one in records] == [
        ("CREATE", put["VersionId"], False, "s3.amazonaws.com"), ("DELETE", marker["VersionId"], True, "s3.amazonaws.com")]


def test_many_files_of_a_day_become_one(
        cloud: Any, s3: Any, tables: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_MANY", 4)
    found = configure(s3)
    arn = found["JournalTableConfigurationResult"]["TableArn"]
    cloud.clock.advance(DAY - cloud.clock.now() % DAY + 1)
    for number in range(5):
        s3.put_object(Bucket=s3.bucket, Key=f"k{number}", Body=b"1", Tagging=f"n={number}", Metadata={"n": str(number)})
        cloud.clock.advance(130)
    assert [one["record_count"] for one in files(s3, tables, arn)] == [1, 4]
    told = {one["key"]: (one["object_tags"], one["user_metadata"]) for one in rows(s3, tables, found, "journal", tmp_path)}
    assert told == {f"k{number}": ({"n": str(number)}, {"n": str(number)}) for number in range(5)}


def test_members_that_check_the_request(cloud: Any, s3: Any) -> None:
    """Whose bucket it is, and whether the document came as it was sent."""
    enabled = {"ConfigurationState": "ENABLED"}
    destination = {"S3TablesDestination": {"TableBucketArn": "arn:aws:s3tables:us-east-1:1:bucket/b", "TableName": "t"}}
    documents: dict[str, dict[str, Any]] = {
        "create_bucket_metadata_configuration": {"MetadataConfiguration": {"JournalTableConfiguration": KEPT}},
        "create_bucket_metadata_table_configuration": {"MetadataTableConfiguration": destination},
        "update_bucket_metadata_annotation_table_configuration": {"AnnotationTableConfiguration": enabled},
        "update_bucket_metadata_inventory_table_configuration": {"InventoryTableConfiguration": enabled},
        "update_bucket_metadata_journal_table_configuration": {"JournalTableConfiguration": KEPT}}
    plain: dict[str, dict[str, Any]] = {
        f"{verb}_bucket_metadata_{kind}": {} for verb in ("get", "delete") for kind in ("configuration", "table_configuration")}
    for name, members in (documents | plain).items():
        call = getattr(s3, name)
        assert refused(call, Bucket=s3.bucket, ExpectedBucketOwner=cloud.other().account, **members) == ("AccessDenied", 403)
    wrong = base64.b64encode(bytes(16)).decode()
    for name, members in documents.items():
        assert refused(getattr(s3, name), Bucket=s3.bucket, ContentMD5=wrong, **members) == ("BadDigest", 400)
    for name, members in documents.items():
        if name != "create_bucket_metadata_table_configuration":
            getattr(s3, name)(Bucket=s3.bucket, ChecksumAlgorithm="SHA256", ExpectedBucketOwner=cloud.account, **members)
    assert {kind[:7] for kind in told(s3)} == {"Destina", "Journal", "Invento", "Annotat"}
