"""Metrics exports of Storage Lens: what a day's files tell of what is stored."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cumulet.services.s3.lens import exporting, measuring
from enforced import document
from services.s3control.conftest import reached

DAY = 86_400
COLUMNS = ["version_number", "configuration_id", "report_date", "aws_account_number", "aws_region", "storage_class",
           "record_type", "record_value", "bucket_name", "metric_name", "metric_value"]


@pytest.fixture
def lens(s3: Any, control: Any, cloud: Any) -> Any:
    """A client with a bucket `bucket` that holds nothing, and one that takes exports: `reports`, which is not measured."""
    s3.delete_object(Bucket=s3.bucket, Key="k")
    s3.account, s3.control, s3.reports = cloud.account, control, f"reports-{cloud.account}"
    s3.create_bucket(Bucket=s3.reports)
    return s3


def configure(s3: Any, form: str = "CSV", bucket: Any = None, account: Any = None, **more: Any) -> None:
    said = {"Id": "daily", "IsEnabled": True, "AccountLevel": {"BucketLevel": bucket or {}} | (account or {}),
            "Exclude": {"Buckets": [f"arn:aws:s3:::{s3.reports}"]},
            "DataExport": {"S3BucketDestination": {"Format": form, "OutputSchemaVersion": "V_1", "AccountId": s3.account,
                                                   "Arn": f"arn:aws:s3:::{s3.reports}", "Prefix": "out"}}} | more
    s3.control.put_storage_lens_configuration(ConfigId="daily", AccountId=s3.account, StorageLensConfiguration={
        name: value for name, value in said.items() if value is not None})


def manifests(s3: Any) -> list[str]:
    place = f"out/StorageLens/{s3.account}/daily/V_1/manifests/"
    return [one["Key"] for one in s3.list_objects_v2(Bucket=s3.reports, Prefix=place).get("Contents", [])]


def manifest(s3: Any) -> dict[str, Any]:
    """The newest one."""
    found: dict[str, Any] = json.loads(s3.get_object(Bucket=s3.reports, Key=max(manifests(s3)))["Body"].read())
    return found


def read(s3: Any) -> dict[tuple[str, ...], dict[str, int]]:
    """The metrics by record's type, its value, region, bucket, storage class."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for file in manifest(s3)["reportFiles"]:
        data = s3.get_object(Bucket=s3.reports, Key=file["key"])["Body"].read()
        assert (len(data), hashlib.md5(data).hexdigest()) == (file["size"], file["md5Checksum"])
        for row in csv.DictReader(data.decode().splitlines()):
            key = tuple(row[name] for name in ("record_type", "record_value", "aws_region", "bucket_name", "storage_class"))
            assert row["metric_name"] not in found.setdefault(key, {})
            found[key][row["metric_name"]] = int(row["metric_value"])
    return found


def next_day(cloud: Any) -> None:
    cloud.clock.advance(DAY)
    cloud.clock.idle()


def some(metrics: dict[str, int], *names: str) -> tuple[int, ...]:
    return tuple(metrics[name] for name in names)


def test_what_is_stored_is_told_of_account_and_bucket(lens: Any, cloud: Any) -> None:
    lens.put_bucket_versioning(Bucket=lens.bucket, VersioningConfiguration={"Status": "Enabled"})
    lens.put_object(Bucket=lens.bucket, Key="a", Body=b"12345")
    lens.put_object(Bucket=lens.bucket, Key="a", Body=b"123")
    lens.put_object(Bucket=lens.bucket, Key="cold", Body=b"1" * 10, StorageClass="GLACIER")
    lens.put_object(Bucket=lens.bucket, Key="gone", Body=b"1")
    lens.delete_object(Bucket=lens.bucket, Key="gone")
    upload = lens.create_multipart_upload(Bucket=lens.bucket, Key="large")["UploadId"]
    lens.upload_part(Bucket=lens.bucket, Key="large", UploadId=upload, PartNumber=1, Body=b"1" * 7)
    configure(lens)
    next_day(cloud)
    found = read(lens)
    bucket = found["BUCKET", lens.bucket, "us-east-1", lens.bucket, "STANDARD"]
    assert some(bucket, "StorageBytes", "ObjectCount") == (3 + 5 + 1 + 4 + 7, 5)
    assert some(bucket, "CurrentVersionStorageBytes", "CurrentVersionObjectCount") == (3, 1)
    assert some(bucket, "NonCurrentVersionStorageBytes", "NonCurrentVersionObjectCount") == (6, 2)
    assert some(bucket, "DeleteMarkerStorageBytes", "DeleteMarkerObjectCount") == (4, 1)
    assert some(bucket, "IncompleteMultipartUploadStorageBytes", "IncompleteMultipartUploadObjectCount") == (7, 1)
    assert some(bucket, "IncompleteMPUStorageBytesOlderThan7Days", "IncompleteMPUObjectCountOlderThan7Days") == (0, 0)
    assert some(bucket, "EncryptedStorageBytes", "EncryptedObjectCount", "UnencryptedObjectCount") == (16, 4, 1)
    cold = found["BUCKET", lens.bucket, "us-east-1", lens.bucket, "GLACIER"]
    assert some(cold, "StorageBytes", "ObjectCount", "CurrentVersionObjectCount") == (10, 1, 1)
    assert found["ACCOUNT", lens.account, "us-east-1", "", "STANDARD"] == bucket
    assert found["BUCKET", lens.bucket, "us-east-1", lens.bucket, ""]["VersioningEnabledBucketCount"] == 1
    assert not any(lens.reports in key for key in found)
    assert "TotalLifecycleRuleCount" not in found["BUCKET", lens.bucket, "us-east-1", lens.bucket, ""]
    cloud.clock.advance(7 * DAY)
    cloud.clock.idle()
    assert read(lens)["ACCOUNT", lens.account, "us-east-1", "", "STANDARD"]["IncompleteMPUObjectCountOlderThan7Days"] == 1


def test_the_manifest_tells_of_the_day_before(lens: Any, cloud: Any) -> None:
    configure(lens)
    next_day(cloud)
    said = manifest(lens)
    day = lens.get_object(Bucket=lens.reports, Key=manifests(lens)[0])["LastModified"]
    file = said["reportFiles"][0]
    assert said == {
        "sourceAccountId": lens.account, "configId": "daily", "destinationBucket": f"arn:aws:s3:::{lens.reports}",
        "reportVersion": "V_1", "reportDate": said["reportDate"], "reportFormat": "CSV", "reportSchema": ",".join(COLUMNS),
        "reportFiles": [file]}
    assert file["key"].startswith(f"out/StorageLens/{lens.account}/daily/V_1/reports/dt={said['reportDate']}/")
    assert file["key"].endswith(".csv")
    assert manifests(lens)[0].endswith(f"/manifests/dt={said['reportDate']}/manifest.json")
    assert said["reportDate"] < day.strftime("%Y-%m-%d")
    next_day(cloud)
    assert len(manifests(lens)) == 2


def test_prefixes_are_told_that_hold_enough(lens: Any, cloud: Any) -> None:
    for key, size in (("a/b/c/1", 60), ("a/x ö/2", 39), ("small/3", 1), ("4", 0)):
        lens.put_object(Bucket=lens.bucket, Key=key, Body=b"1" * size)
    chosen = {"Delimiter": "/", "MaxDepth": 2, "MinStorageBytesPercentage": 5.0}
    configure(lens, bucket={"PrefixLevel": {"StorageMetrics": {"IsEnabled": True, "SelectionCriteria": chosen}}})
    next_day(cloud)
    prefixes = {key[1]: some(metrics, "StorageBytes", "ObjectCount") for key, metrics in read(lens).items()
                if key[0] == "PREFIX"}
    assert prefixes == {"a/": (99, 2), "a/b/": (60, 1), "a/x%20%C3%B6/": (39, 1)}


def test_groups_are_told(lens: Any, cloud: Any) -> None:
    lens.put_object(Bucket=lens.bucket, Key="a/1.png", Body=b"1" * 10, Tagging="k=v")
    lens.put_object(Bucket=lens.bucket, Key="a/2.txt", Body=b"1" * 20)
    lens.put_object(Bucket=lens.bucket, Key="b/3.png", Body=b"1" * 40)
    filters = {"png": {"MatchAnySuffix": [".png", ".gif"]}, "old": {"MatchObjectAge": {"DaysGreaterThan": 3}},
               "tagged": {"MatchAnyTag": [{"Key": "k", "Value": "v"}]},
               "both": {"And": {"MatchAnyPrefix": ["a/"], "MatchObjectSize": {"BytesGreaterThan": 10, "BytesLessThan": 21}}},
               "either": {"Or": {"MatchAnyPrefix": ["b/"], "MatchAnyTag": [{"Key": "k", "Value": "v"}]}},
               "left-out": {"MatchAnyPrefix": ["a/"]}}
    arn = f"arn:aws:s3:us-east-1:{lens.account}:storage-lens-group/"
    for name, condition in filters.items():
        lens.control.create_storage_lens_group(AccountId=lens.account, StorageLensGroup={"Name": name, "Filter": condition})
    configure(lens, account={"StorageLensGroupLevel": {"SelectionCriteria": {"Exclude": [f"{arn}left-out"]}}})
    next_day(cloud)
    found = read(lens)
    groups = {key[1].removeprefix(arn): metrics["StorageBytes"] for key, metrics in found.items()
              if key[0] == "STORAGE_LENS_GROUP_ACCOUNT"}
    assert groups == {"png": 50, "tagged": 10, "both": 20, "either": 50}
    assert found["STORAGE_LENS_GROUP_BUCKET", f"{arn}png", "us-east-1", lens.bucket, "STANDARD"]["ObjectCount"] == 2
    cloud.clock.advance(3 * DAY)
    cloud.clock.idle()
    assert read(lens)["STORAGE_LENS_GROUP_ACCOUNT", f"{arn}old", "us-east-1", "", "STANDARD"]["StorageBytes"] == 70


def test_rules_are_counted_where_asked_for(lens: Any, cloud: Any) -> None:
    lens.put_bucket_versioning(Bucket=lens.bucket, VersioningConfiguration={"Status": "Enabled"})
    lens.put_bucket_versioning(Bucket=lens.reports, VersioningConfiguration={"Status": "Enabled"})
    lens.put_bucket_lifecycle_configuration(Bucket=lens.bucket, LifecycleConfiguration={"Rules": [
        {"ID": "1", "Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"ID": "2", "Status": "Enabled", "Filter": {"Prefix": "b"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
    lens.put_bucket_replication(Bucket=lens.bucket, ReplicationConfiguration={
        "Role": f"arn:aws:iam::{lens.account}:role/r", "Rules": [
            {"ID": "r", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""},
             "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{lens.reports}"}}]})
    lens.put_object(Bucket=lens.bucket, Key="x", Body=b"123")
    cloud.clock.idle()
    on = {"AdvancedCostOptimizationMetrics": {"IsEnabled": True}, "AdvancedDataProtectionMetrics": {"IsEnabled": True}}
    configure(lens, bucket=on, account=on)
    next_day(cloud)
    found = read(lens)
    told = found["BUCKET", lens.bucket, "us-east-1", lens.bucket, ""]
    assert some(told, "TotalLifecycleRuleCount", "ExpirationLifecycleRuleCount", "AbortIncompleteMPULifecycleRuleCount",
                "NoncurrentVersionExpirationLifecycleRuleCount", "TransitionLifecycleRuleCount") == (2, 1, 1, 1, 0)
    assert some(told, "SameRegionReplicationRuleCount", "CrossRegionReplicationRuleCount",
                "SameAccountReplicationRuleCount", "InvalidDestinationReplicationRuleCount") == (1, 0, 1, 0)
    assert found["ACCOUNT", lens.account, "us-east-1", "", ""] == told
    stored = found["BUCKET", lens.bucket, "us-east-1", lens.bucket, "STANDARD"]
    assert some(stored, "ReplicatedStorageBytesSource", "ReplicatedObjectCountSource", "ReplicatedStorageBytes") == (3, 1, 0)


def test_locked_objects_are_counted(lens: Any, cloud: Any) -> None:
    name = f"locked-{cloud.account}"
    lens.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    lens.put_object(Bucket=name, Key="free", Body=b"1")
    lens.put_object(Bucket=name, Key="held", Body=b"12", ObjectLockLegalHoldStatus="ON")
    configure(lens, Exclude=None, Include={"Buckets": [f"arn:aws:s3:::{name}"]})
    next_day(cloud)
    found = read(lens)
    assert {key[3] for key in found} == {"", name}
    assert some(found["BUCKET", name, "us-east-1", name, "STANDARD"], "ObjectLockEnabledStorageBytes",
                "ObjectLockEnabledObjectCount", "ObjectCount") == (2, 1, 2)


def test_regions_are_told_apart_and_left_out(lens: Any, cloud: Any) -> None:
    for region in ("eu-west-1", "eu-west-2"):
        there = cloud.client("s3", region=region)
        there.create_bucket(Bucket=f"{region}-{lens.account}", CreateBucketConfiguration={"LocationConstraint": region})
        there.put_object(Bucket=f"{region}-{lens.account}", Key="k", Body=b"12")
    lens.put_object(Bucket=lens.bucket, Key="k", Body=b"1")
    configure(lens, Exclude={"Regions": ["eu-west-2"], "Buckets": [f"arn:aws:s3:::{lens.reports}"]})
    next_day(cloud)
    assert {key[2]: metrics["StorageBytes"] for key, metrics in read(lens).items() if key[0] == "ACCOUNT" and key[4]} == {
        "us-east-1": 1, "eu-west-1": 2}


def test_an_export_may_be_parquet(lens: Any, cloud: Any, tmp_path: Path) -> None:
    lens.put_object(Bucket=lens.bucket, Key="k", Body=b"12345")
    configure(lens, "Parquet")
    next_day(cloud)
    said = manifest(lens)
    assert said["reportSchema"].startswith("message s3.storage.lens { required string version_number;")
    assert said["reportSchema"].endswith("required long metric_value; }")
    file = said["reportFiles"][0]
    assert file["key"].endswith(".par")
    path = tmp_path / "file.par"
    path.write_bytes(lens.get_object(Bucket=lens.reports, Key=file["key"])["Body"].read())
    rows = duckdb.sql(f"SELECT record_type, record_value, metric_value FROM read_parquet('{path}') "
                      "WHERE metric_name = 'StorageBytes' ORDER BY 1").fetchall()
    assert rows == [("ACCOUNT", lens.account, 5), ("BUCKET", lens.bucket, 5)]
    assert duckdb.sql(f"SELECT * FROM read_parquet('{path}')").columns == COLUMNS


def test_an_export_is_encrypted_as_asked_for(lens: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    configure(lens, DataExport={"S3BucketDestination": {
        "Format": "CSV", "OutputSchemaVersion": "V_1", "AccountId": lens.account, "Arn": f"arn:aws:s3:::{lens.reports}",
        "Prefix": "out", "Encryption": {"SSEKMS": {"KeyId": key}}}})
    next_day(cloud)
    for place in (manifests(lens)[0], manifest(lens)["reportFiles"][0]["key"]):
        told = lens.head_object(Bucket=lens.reports, Key=place)
        assert (told["ServerSideEncryption"], told["SSEKMSKeyId"]) == ("aws:kms", key)


def test_the_destinations_policy_lets_the_export_in(strict: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens_iam_permissions.html"""
    s3, control = strict.client("s3"), reached(strict.client("s3control"))
    s3.account, s3.control, s3.reports = strict.account, control, f"reports-{strict.account}"
    s3.create_bucket(Bucket=s3.reports)
    configure(s3)
    for source, days in (("other", 0), ("daily", 1)):
        s3.put_bucket_policy(Bucket=s3.reports, Policy=document({
            "Principal": {"Service": "storage-lens.s3.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{s3.reports}/out/StorageLens/{s3.account}/*", "Condition": {"StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": s3.account,
                "aws:SourceArn": f"arn:aws:s3:us-east-1:{s3.account}:storage-lens/{source}"}}}))
        next_day(strict)
        assert len(manifests(s3)) == days


def test_cloudwatch_is_told_where_asked_for(lens: Any, cloud: Any) -> None:
    lens.put_object(Bucket=lens.bucket, Key="k", Body=b"12345")
    configure(lens, DataExport={"CloudWatchMetrics": {"IsEnabled": True}})
    start = cloud.clock.now()
    next_day(cloud)
    dimensions = {"configuration_id": "daily", "metrics_version": "1.0", "aws_account_number": lens.account,
                  "aws_region": "us-east-1", "record_type": "BUCKET", "bucket_name": lens.bucket, "storage_class": "STANDARD"}
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/S3/Storage-Lens", MetricName="StorageBytes", StartTime=start - DAY, EndTime=start + DAY, Period=DAY,
        Statistics=["Sum", "SampleCount"], Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()])
    assert [(one["Sum"], one["SampleCount"], one["Unit"]) for one in found["Datapoints"]] == [(5.0, 1.0, "Bytes")]
    assert manifests(lens) == []


def test_what_is_disabled_or_deleted_exports_nothing(lens: Any, cloud: Any) -> None:
    configure(lens)
    configure(lens, IsEnabled=False)
    next_day(cloud)
    assert manifests(lens) == []
    configure(lens)
    lens.control.delete_storage_lens_configuration(ConfigId="daily", AccountId=lens.account)
    next_day(cloud)
    assert manifests(lens) == []


def test_a_destination_that_is_not_there_stops_nothing(lens: Any, cloud: Any) -> None:
    configure(lens)
    lens.delete_bucket(Bucket=lens.reports)
    next_day(cloud)
    lens.create_bucket(Bucket=lens.reports)
    next_day(cloud)
    assert len(manifests(lens)) == 1


def test_much_is_summed_up_and_told_in_slices(lens: Any, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_ROWS", 3)
    monkeypatch.setattr(measuring, "_UPLOADS", 2)
    monkeypatch.setattr(exporting, "_SUMS", 4)
    lens.put_bucket_versioning(Bucket=lens.bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(20):
        lens.put_object(Bucket=lens.bucket, Key=f"p{number % 10}/k", Body=b"12")
    for number in range(5):
        lens.create_multipart_upload(Bucket=lens.bucket, Key=f"u{number // 3}")
    configure(lens, bucket={"PrefixLevel": {"StorageMetrics": {"IsEnabled": True}}})
    next_day(cloud)
    found = read(lens)
    assert len(manifest(lens)["reportFiles"]) == 4
    assert some(found["ACCOUNT", lens.account, "us-east-1", "", "STANDARD"], "CurrentVersionObjectCount",
                "NonCurrentVersionObjectCount", "IncompleteMultipartUploadObjectCount", "StorageBytes") == (10, 10, 5, 40)
    assert {key[1]: metrics["StorageBytes"] for key, metrics in found.items() if key[0] == "PREFIX"} == {
        f"p{number}/": 4 for number in range(10)}
    assert found["BUCKET", lens.bucket, "us-east-1", lens.bucket, ""]["VersioningEnabledBucketCount"] == 1
