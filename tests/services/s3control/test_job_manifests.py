"""Manifests of Batch Operations: with columns to ignore, of S3 Inventory, and such as S3 generates.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
"""

from __future__ import annotations

import csv
import gzip
import json
from typing import Any

import pytest

from services.s3.refusals import refused
from services.s3control.batch import run, wanted

TAG: dict[str, Any] = {"S3PutObjectTagging": {"TagSet": [{"Key": "seen", "Value": "1"}]}}


def generator(s3: Any, output: bool = False, **more: Any) -> dict[str, Any]:
    """A ManifestGenerator of the bucket. more: its filter."""
    said: dict[str, Any] = {"SourceBucket": f"arn:aws:s3:::{s3.bucket}", "EnableManifestOutput": output}
    if output:
        said["ManifestOutputLocation"] = {"Bucket": f"arn:aws:s3:::{s3.bucket}", "ManifestPrefix": "lists",
                                          "ManifestFormat": "S3InventoryReport_CSV_20211130"}
    return {"S3JobManifestGenerator": said | ({"Filter": more} if more else {})}


def generated(s3: Any, token: str = "t", operation: Any = TAG, output: bool = False, **more: Any) -> Any:
    """The description of a job over what is generated."""
    asked = wanted(s3, operation, token, ManifestGenerator=generator(s3, output, **more), Report={"Enabled": False})
    del asked["Manifest"]
    job = s3.control.create_job(**asked)["JobId"]
    s3.clock.idle()
    return s3.control.describe_job(AccountId=s3.account, JobId=job)["Job"]


def listed(s3: Any, job: dict[str, Any]) -> list[list[str]]:
    """The lines of the manifest that the job wrote."""
    place = job["GeneratedManifestDescriptor"]["Location"]
    bucket, _, key = place["ObjectArn"].rpartition(":")[2].partition("/")
    got = s3.get_object(Bucket=bucket, Key=key, IfMatch=place["ETag"])
    told = json.loads(got["Body"].read())
    assert told["fileSchema"] == "Bucket, Key, VersionId"
    data = b"".join(gzip.decompress(s3.get_object(Bucket=bucket, Key=one["key"])["Body"].read()) for one in told["files"])
    return list(csv.reader(data.decode().splitlines()))


def names(s3: Any, token: str, **more: Any) -> list[str]:
    return [line[1] for line in listed(s3, generated(s3, token, output=True, **more))]


def test_columns_are_ignored(shop: Any) -> None:
    text = f"1,b,x,{shop.bucket}\n2,a+1,y,{shop.bucket}\n"
    shop.etag = shop.put_object(Bucket=shop.bucket, Key="manifest.csv", Body=text.encode())["ETag"]
    manifest = wanted(shop, {})["Manifest"]
    manifest["Spec"]["Fields"] = ["Ignore", "Key", "Ignore", "Bucket"]
    job = run(shop, TAG, Manifest=manifest)
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 2
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="a 1")["TagSet"][0]["Key"] == "seen"
    manifest["Spec"]["Fields"] = ["Ignore", "Key", "Ignore", "Ignore"]
    assert refused(shop.control.create_job, **wanted(shop, TAG, "u", Manifest=manifest)) == ("BadRequestException", 400)


def test_a_report_of_inventory_is_a_manifest(shop: Any) -> None:
    rows = gzip.compress(f'"{shop.bucket}","a%201","3"\n"{shop.bucket}","b","1"\n'.encode())
    shop.put_object(Bucket=shop.bucket, Key="data/1.csv.gz", Body=rows)
    told = {"sourceBucket": shop.bucket, "destinationBucket": f"arn:aws:s3:::{shop.bucket}", "version": "2016-11-30",
            "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": [{"key": "data/1.csv.gz", "size": len(rows)}]}
    etag = shop.put_object(Bucket=shop.bucket, Key="manifest.json", Body=json.dumps(told))["ETag"]
    manifest = {"Spec": {"Format": "S3InventoryReport_CSV_20161130"},
                "Location": {"ObjectArn": f"arn:aws:s3:::{shop.bucket}/manifest.json", "ETag": etag}}
    job = run(shop, TAG, Manifest=manifest)
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 2)
    manifest["Location"] = {"ObjectArn": f"arn:aws:s3:::{shop.bucket}/manifest.csv", "ETag": shop.etag}
    job = run(shop, TAG, token="u", Manifest=manifest)
    assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == ("Failed", "InvalidManifestContent")


def test_a_manifest_is_generated_and_written(shop: Any) -> None:
    job = generated(shop, output=True, KeyNameConstraint={"MatchAnyPrefix": ["a", "b"]})
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 2)
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="a 1")["TagSet"][0]["Key"] == "seen"
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="k")["TagSet"] == []
    assert job["ManifestGenerator"]["S3JobManifestGenerator"]["Filter"] == {"KeyNameConstraint": {"MatchAnyPrefix": ["a", "b"]}}
    assert "Manifest" not in job
    assert job["GeneratedManifestDescriptor"]["Format"] == "S3InventoryReport_CSV_20211130"
    assert listed(shop, job) == [[shop.bucket, "a%201", ""], [shop.bucket, "b", ""]]
    quiet = generated(shop, "u")
    assert ("GeneratedManifestDescriptor" in quiet, quiet["ProgressSummary"]["TotalNumberOfTasks"]) == (False, 6)


def test_filters_of_a_listing(shop: Any) -> None:
    start = shop.clock.now()
    shop.clock.advance(3600)
    shop.put_object(Bucket=shop.bucket, Key="x/late.log", Body=b"x" * 100, StorageClass="STANDARD_IA")
    only = {"KeyNameConstraint": {"MatchAnyPrefix": ["a", "b", "k", "x/"]}}
    assert names(shop, "1", CreatedAfter=start + 1800, **only) == ["x/late.log"]
    assert names(shop, "2", CreatedBefore=start + 1800, **only) == ["a%201", "b", "k"]
    assert names(shop, "3", ObjectSizeGreaterThanBytes=6, **only) == ["x/late.log"]
    assert names(shop, "4", ObjectSizeLessThanBytes=6, **only) == ["a%201", "b"]
    assert names(shop, "5", MatchAnyStorageClass=["STANDARD_IA"]) == ["x/late.log"]
    assert names(shop, "6", KeyNameConstraint={"MatchAnySuffix": [".log", "1"]}) == ["a%201", "x/late.log"]
    assert names(shop, "7", KeyNameConstraint={"MatchAnySubstring": ["late"], "MatchAnyPrefix": ["x"]}) == ["x/late.log"]


def test_filters_of_encryption(shop: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    shop.put_object(Bucket=shop.bucket, Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    shop.put_object(Bucket=shop.bucket, Key="own", Body=b"x", **own)
    only = {"KeyNameConstraint": {"MatchAnyPrefix": ["b", "kms", "own"]}}
    assert names(shop, "1", MatchAnyObjectEncryption=[{"SSEKMS": {"KmsKeyArn": key}}], **only) == ["kms"]
    assert names(shop, "2", MatchAnyObjectEncryption=[{"SSEKMS": {"KmsKeyArn": key[:-1] + "z"}}], **only) == []
    assert names(shop, "3", MatchAnyObjectEncryption=[{"SSEC": {}}], **only) == ["own"]
    assert names(shop, "4", MatchAnyObjectEncryption=[{"SSES3": {}}], **only) == ["b"]


def test_all_versions_are_listed_page_by_page(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cumulet.services.s3control.generating.PAGE", 2)
    shop.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})
    newer = [shop.put_object(Bucket=shop.bucket, Key="b", Body=b"2")["VersionId"] for _ in range(2)]
    shop.delete_object(Bucket=shop.bucket, Key="b")
    job = generated(shop, output=True, KeyNameConstraint={"MatchAnyPrefix": ["a", "b"]})
    assert listed(shop, job) == [[shop.bucket, "a%201", "null"], [shop.bucket, "b", newer[1]], [shop.bucket, "b", newer[0]],
                                 [shop.bucket, "b", "null"]]
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 4)
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="b", VersionId="null")["TagSet"][0]["Key"] == "seen"


def test_generators_have_rules(shop: Any) -> None:
    asked = wanted(shop, TAG, ManifestGenerator=generator(shop))
    assert refused(shop.control.create_job, **asked) == ("BadRequestException", 400)         # and a manifest as well
    del asked["Manifest"]
    asked["ManifestGenerator"]["S3JobManifestGenerator"]["EnableManifestOutput"] = True
    assert refused(shop.control.create_job, **asked) == ("BadRequestException", 400)
    asked["ManifestGenerator"] = generator(shop)
    asked["ManifestGenerator"]["S3JobManifestGenerator"]["SourceBucket"] += "-not"
    job = shop.control.create_job(**asked)["JobId"]
    shop.clock.idle()
    told = shop.control.describe_job(AccountId=shop.account, JobId=job)["Job"]
    assert (told["Status"], told["FailureReasons"][0]["FailureCode"]) == ("Failed", "NoSuchBucket")
