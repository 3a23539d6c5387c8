"""Inventories: configurations, and the reports that the clock writes."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from services.s3.refusals import refused

DAY = 86_400


@pytest.fixture
def told(versioned: Any, cloud: Any) -> Any:
    """A versioned bucket, and one that takes reports: `reports`."""
    versioned.reports = f"reports-{cloud.account}"
    versioned.create_bucket(Bucket=versioned.reports)
    return versioned


def configuration(s3: Any, **more: Any) -> dict[str, Any]:
    return {"Id": "all", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
            "OptionalFields": ["Size", "ETag", "StorageClass", "EncryptionStatus"],
            "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{s3.reports}", "Format": "CSV", "Prefix": "in"}}
            } | more


def configure(s3: Any, name: str = "all", **more: Any) -> None:
    s3.put_bucket_inventory_configuration(Bucket=s3.bucket, Id=name,
                                          InventoryConfiguration=configuration(s3, **{"Id": name, **more}))


def read(s3: Any, name: str = "all") -> tuple[dict[str, Any], list[list[str]]]:
    """The newest manifest, and all lines of its files; its checksums are right."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=s3.reports, Prefix=f"in/{s3.bucket}/{name}/2").get("Contents", [])]
    place = max(key for key in keys if key.endswith("manifest.json"))
    data = s3.get_object(Bucket=s3.reports, Key=place)["Body"].read()
    sums = s3.get_object(Bucket=s3.reports, Key=place.replace("manifest.json", "manifest.checksum"))["Body"].read().decode()
    assert sums == hashlib.md5(data).hexdigest()
    manifest, lines = json.loads(data), []
    for file in manifest["files"]:
        packed = s3.get_object(Bucket=s3.reports, Key=file["key"])["Body"].read()
        assert (len(packed), hashlib.md5(packed).hexdigest()) == (file["size"], file["MD5checksum"])
        lines += list(csv.reader(gzip.decompress(packed).decode().splitlines()))
    return manifest, lines


def test_configurations_are_kept(told: Any) -> None:
    for number in range(101):
        configure(told, f"i{number:03}")
    assert told.get_bucket_inventory_configuration(Bucket=told.bucket, Id="i007")["InventoryConfiguration"] == configuration(
        told, Id="i007")
    page = told.list_bucket_inventory_configurations(Bucket=told.bucket)
    rest = told.list_bucket_inventory_configurations(Bucket=told.bucket, ContinuationToken=page["NextContinuationToken"])
    assert (len(page["InventoryConfigurationList"]), page["IsTruncated"]) == (100, True)
    assert ([one["Id"] for one in rest["InventoryConfigurationList"]], rest["IsTruncated"]) == (["i100"], False)
    told.delete_bucket_inventory_configuration(Bucket=told.bucket, Id="i007")
    for call in (told.get_bucket_inventory_configuration, told.delete_bucket_inventory_configuration):
        assert refused(call, Bucket=told.bucket, Id="i007") == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize(("change", "code", "status"), [
    ({"Schedule": {"Frequency": "Hourly"}}, "MalformedXML", 400), ({"Id": "other"}, "InvalidArgument", 400),
    ({"OptionalFields": ["IntelligentTieringAccessTier"]}, "NotImplemented", 501),
    ({"Destination": {"S3BucketDestination": {"Bucket": "a-name", "Format": "CSV"}}}, "InvalidArgument", 400),
    ({"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::a-name", "Format": "ORC"}}}, "NotImplemented", 501)])
def test_wrong_configurations_are_refused(told: Any, change: dict[str, Any], code: str, status: int) -> None:
    wrong = {"Bucket": told.bucket, "Id": "all", "InventoryConfiguration": configuration(told, **change)}
    assert refused(told.put_bucket_inventory_configuration, **wrong) == (code, status)


def test_a_report_tells_all_versions(told: Any, cloud: Any) -> None:
    old = told.put_object(Bucket=told.bucket, Key="a b", Body=b"1")
    new = told.put_object(Bucket=told.bucket, Key="a b", Body=b"22", StorageClass="STANDARD_IA")
    gone = told.put_object(Bucket=told.bucket, Key="gone", Body=b"333")
    marker = told.delete_object(Bucket=told.bucket, Key="gone")["VersionId"]
    configure(told)
    cloud.clock.advance(DAY)
    manifest, lines = read(told)
    assert (manifest["sourceBucket"], manifest["fileFormat"], manifest["version"]) == (told.bucket, "CSV", "2016-11-30")
    assert manifest["fileSchema"].split(", ") == ["Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "ETag",
                                                  "StorageClass", "EncryptionStatus"]
    assert sorted(lines) == sorted([
        [told.bucket, "a%20b", new["VersionId"], "true", "false", "2", new["ETag"].strip('"'), "STANDARD_IA", "SSE-S3"],
        [told.bucket, "a%20b", old["VersionId"], "false", "false", "1", old["ETag"].strip('"'), "STANDARD", "SSE-S3"],
        [told.bucket, "gone", marker, "true", "true", "", "", "", ""],
        [told.bucket, "gone", gone["VersionId"], "false", "false", "3", gone["ETag"].strip('"'), "STANDARD", "SSE-S3"]])
    links = told.list_objects_v2(Bucket=told.reports, Prefix=f"in/{told.bucket}/all/hive/")["Contents"]
    text = told.get_object(Bucket=told.reports, Key=links[0]["Key"])["Body"].read().decode()
    assert set(text.splitlines()) == {f"s3://{told.reports}/{file['key']}" for file in manifest["files"]}


def test_reports_come_every_day_or_week(told: Any, cloud: Any) -> None:
    told.put_object(Bucket=told.bucket, Key="logs/1", Body=b"x")
    told.put_object(Bucket=told.bucket, Key="other", Body=b"x")
    configure(told, "weekly", Schedule={"Frequency": "Weekly"})
    configure(told, "daily", IncludedObjectVersions="Current", Filter={"Prefix": "logs/"}, OptionalFields=[])
    cloud.clock.advance(7 * DAY)

    def reports(name: str) -> int:
        found = told.list_objects_v2(Bucket=told.reports, Prefix=f"in/{told.bucket}/{name}/2")["Contents"]
        return sum(one["Key"].endswith("manifest.json") for one in found)

    assert (reports("daily"), reports("weekly")) == (7, 1)
    assert read(told, "daily")[1] == [[told.bucket, "logs/1"]]
    configure(told, "daily", IsEnabled=False)
    cloud.clock.advance(2 * DAY)
    assert reports("daily") == 7


def test_the_destination_may_refuse(told: Any, cloud: Any) -> None:
    told.put_object(Bucket=told.bucket, Key="k", Body=b"x")
    configure(told, Destination={"S3BucketDestination": {"Bucket": "arn:aws:s3:::nowhere-to-go", "Format": "CSV"}})
    cloud.clock.advance(2 * DAY)
    assert "Contents" not in told.list_objects_v2(Bucket=told.reports)
    assert told.get_object(Bucket=told.bucket, Key="k")["Body"].read() == b"x"


def test_a_report_may_be_parquet(told: Any, cloud: Any, tmp_path: Path) -> None:
    put = told.put_object(Bucket=told.bucket, Key="a b/ü", Body=b"22", StorageClass="STANDARD_IA")
    told.put_object(Bucket=told.bucket, Key="gone", Body=b"333")
    told.delete_object(Bucket=told.bucket, Key="gone")
    there = configuration(told)["Destination"]["S3BucketDestination"] | {"Format": "Parquet"}
    configure(told, Destination={"S3BucketDestination": there}, OptionalFields=["Size", "LastModifiedDate", "ETag"])
    cloud.clock.advance(DAY)
    keys = [one["Key"] for one in told.list_objects_v2(Bucket=told.reports)["Contents"]]
    manifest = json.loads(told.get_object(Bucket=told.reports, Key=next(
        one for one in keys if one.endswith("manifest.json")))["Body"].read())
    assert (manifest["fileFormat"], manifest["fileSchema"]) == ("Parquet", (
        "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional binary version_id (UTF8); "
        "optional boolean is_latest; optional boolean is_delete_marker; optional int64 size; "
        "optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); }"))
    found = []
    for file in manifest["files"]:
        data = told.get_object(Bucket=told.reports, Key=file["key"])["Body"].read()
        assert (len(data), hashlib.md5(data).hexdigest(), file["key"][-8:]) == (file["size"], file["MD5checksum"], ".parquet")
        path = tmp_path / "file.parquet"
        path.write_bytes(data)
        with duckdb.connect(":memory:") as database:
            found += database.execute(
                f"SELECT key, is_latest, is_delete_marker, size, e_tag, last_modified_date IS NULL FROM read_parquet('{path}')"
            ).fetchall()
    assert sorted(found)[0] == ("a b/ü", True, False, 2, put["ETag"].strip('"'), False)
    assert sorted((key, latest, marker, size) for key, latest, marker, size, *_ in found[1:]) == [
        ("gone", False, False, 3), ("gone", True, True, None)]


def test_a_report_tells_access_control_lists(told: Any, cloud: Any) -> None:
    told.put_bucket_ownership_controls(Bucket=told.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    told.delete_public_access_block(Bucket=told.bucket)
    told.put_object(Bucket=told.bucket, Key="mine", Body=b"1")
    told.put_object(Bucket=told.bucket, Key="read", Body=b"1", ACL="authenticated-read")
    owner = told.get_object_acl(Bucket=told.bucket, Key="mine")["Owner"]["ID"]
    configure(told, OptionalFields=["ObjectAccessControlList", "ObjectOwner"], IncludedObjectVersions="Current")
    cloud.clock.advance(DAY)
    found = {key: (json.loads(base64.b64decode(acl)), who) for _, key, acl, who in read(told)[1]}
    mine = {"canonicalId": owner, "permission": "FULL_CONTROL", "type": "CanonicalUser"}
    assert found["mine"] == ({"version": "2022-11-10", "status": "AVAILABLE", "grants": [mine]}, owner)
    assert found["read"][0]["grants"] == [mine, {
        "uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "permission": "READ", "type": "Group"}]
