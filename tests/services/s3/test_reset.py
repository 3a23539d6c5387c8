"""A reset takes an account's objects, uploads and bytes, and leaves those of others, however they came by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from conftest import Start
from cumulet.services.s3.resources import Current, Layout, Older, Part, Shared, Upload

LARGE = b"large " * 20_000
PART = b"p" * 5_242_880
MINE, OTHERS = "111111111111", "222222222222"


class Home:
    """A cloud of its own in a folder, seen by two accounts."""

    def __init__(self, thread: Any, folder: Path) -> None:
        self.thread, self.folder = thread, folder

    def s3(self, account: str, region: str = "us-east-1") -> Any:
        return boto3.client("s3", endpoint_url=self.thread.cloud.endpoint.replace("localhost", "127.0.0.1"),
                            region_name=region, aws_access_key_id=account, aws_secret_access_key="test")

    def reset(self, account: str, region: str | None = None) -> None:
        self.thread.call(self.thread.cloud.reset(account, region))

    def files(self) -> int:
        return sum(1 for path in (self.folder / "blobs").rglob("*") if path.is_file())

    def rows(self) -> dict[str, int]:
        """How many there are of what hangs on buckets."""
        kinds = (Current, Older, Upload, Part, Layout, Shared)
        store = self.thread.cloud.store
        return {kind.__name__: self.thread.call(store.run(lambda tx, kind=kind: tx.table(kind, "", "").count()))
                for kind in kinds}


@pytest.fixture
def home(start_cloud: Start, tmp_path: Path) -> Home:
    return Home(start_cloud(data=tmp_path / "state"), tmp_path / "state")


def filled(s3: Any, bucket: str) -> None:
    """A bucket with objects small, large and of parts, an older version, a delete marker and an unfinished upload."""
    where = {} if s3.meta.region_name == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": s3.meta.region_name}}
    s3.create_bucket(Bucket=bucket, **where)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="small", Body=b"small")
    s3.put_object(Bucket=bucket, Key="large", Body=LARGE)
    s3.put_object(Bucket=bucket, Key="large", Body=LARGE[::-1])
    s3.put_object(Bucket=bucket, Key="gone", Body=LARGE)
    s3.delete_object(Bucket=bucket, Key="gone")
    for key in ("parts", "unfinished"):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        tags = [s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=n, Body=body)["ETag"]
                for n, body in enumerate((PART, LARGE), 1)]
        if key == "parts":
            s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={
                "Parts": [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]})


def test_an_account_goes_with_all_its_bytes(home: Home) -> None:
    filled(home.s3(MINE), "mine")
    assert home.files() == 7
    assert all(count for name, count in home.rows().items() if name != "Shared")
    home.reset(MINE)
    assert home.files() == 0
    assert not any(home.rows().values())
    filled(home.s3(MINE), "mine")                          # the name is free, and nothing of before comes back
    assert home.s3(MINE).list_objects_v2(Bucket="mine")["KeyCount"] == 3


def test_what_others_copied_stays_theirs(home: Home) -> None:
    mine, others = home.s3(MINE), home.s3(OTHERS)
    filled(mine, "mine")
    mine.put_public_access_block(Bucket="mine", PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    mine.put_bucket_policy(Bucket="mine", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": OTHERS}, "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}]}))
    others.create_bucket(Bucket="theirs")
    for key in ("large", "parts"):
        others.copy_object(Bucket="theirs", Key=key, CopySource={"Bucket": "mine", "Key": key})
    theirs = others.create_multipart_upload(Bucket="mine", Key="begun")["UploadId"]
    others.upload_part(Bucket="mine", Key="begun", UploadId=theirs, PartNumber=1, Body=LARGE)
    home.reset(MINE)
    assert others.get_object(Bucket="theirs", Key="large")["Body"].read() == LARGE[::-1]
    assert others.get_object(Bucket="theirs", Key="parts")["Body"].read() == PART + LARGE
    assert (home.rows()["Current"], home.rows()["Layout"], home.rows()["Shared"]) == (2, 1, 0)
    assert home.files() == 3
    home.reset(OTHERS)
    assert (home.files(), sum(home.rows().values())) == (0, 0)


def test_one_region_of_an_account(home: Home) -> None:
    here, there = home.s3(MINE), home.s3(MINE, "eu-west-1")
    filled(here, "here")
    filled(there, "there")
    home.reset(MINE, "eu-west-1")
    assert [bucket["Name"] for bucket in here.list_buckets()["Buckets"]] == ["here"]
    assert here.get_object(Bucket="here", Key="parts")["Body"].read() == PART + LARGE
    assert home.files() == 7
    assert home.rows()["Upload"] == 1


def test_uploads_in_buckets_of_others(home: Home) -> None:
    mine, others = home.s3(MINE), home.s3(OTHERS)
    others.create_bucket(Bucket="theirs")
    others.put_bucket_policy(Bucket="theirs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": MINE}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"}]}))
    for s3 in (mine, others):
        upload = s3.create_multipart_upload(Bucket="theirs", Key="begun")["UploadId"]
        s3.upload_part(Bucket="theirs", Key="begun", UploadId=upload, PartNumber=1, Body=LARGE)
    home.reset(MINE)
    assert (home.files(), home.rows()["Upload"], home.rows()["Part"]) == (1, 1, 1)
