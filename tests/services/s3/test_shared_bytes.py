"""Bytes are kept as long as any object, version, part or copy uses them, and no longer."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.services.s3.resources import Layout, Part, Shared

SIZE = 70_001
KEYS = "abc"
_numbers = itertools.count()

steps = st.lists(st.one_of(
    st.tuples(st.just("put"), st.sampled_from(KEYS), st.just("")),
    st.tuples(st.just("copy"), st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.tuples(st.just("parts"), st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.tuples(st.just("abandon"), st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS), st.just("")),
    st.tuples(st.just("status"), st.sampled_from(["Enabled", "Suspended"]), st.just(""))), max_size=12)


class Home:
    """A cloud of its own in a folder."""

    def __init__(self, thread: Any, folder: Path) -> None:
        self.thread, self.folder = thread, folder
        self.s3 = boto3.client("s3", endpoint_url=thread.cloud.endpoint.replace("localhost", "127.0.0.1"),
                               region_name="us-east-1", aws_access_key_id="111111111111", aws_secret_access_key="test")

    def kept(self) -> tuple[int, ...]:
        """How many rows and files there are that only bytes of objects need. (A database may be shared with other tests.)"""
        rows = [self.thread.call(self.thread.cloud.store.run(lambda tx, kind=kind: tx.table(kind, "", "").count()))
                for kind in (Layout, Part, Shared)]
        return *rows, sum(path.is_file() and path.stat().st_size == SIZE for path in self.folder.rglob("*"))


@pytest.fixture(scope="module")
def home(start_cloud: Any, tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("bytes")
    return Home(start_cloud(folder), folder)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_nothing_is_lost_and_nothing_is_left(home: Home, history: list[tuple[str, str, str]]) -> None:
    s3, bucket, before = home.s3, f"bytes-{next(_numbers)}", home.kept()
    s3.create_bucket(Bucket=bucket)
    model: dict[str, bytes] = {}
    for step, key, source in history:
        where = {"Bucket": bucket, "Key": key}
        if step == "status":
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": key})
        elif step == "put":
            body = bytes([next(_numbers) % 256]) * SIZE
            s3.put_object(**where, Body=body)
            model[key] = body
        elif step == "delete":
            s3.delete_object(**where)
            model.pop(key, None)
        elif source in model and step == "copy" and key != source:
            s3.copy_object(**where, CopySource=f"{bucket}/{source}")
            model[key] = model[source]
        elif source in model and step in ("parts", "abandon"):
            upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
            part = s3.upload_part_copy(**upload, PartNumber=2, CopySource=f"{bucket}/{source}")["CopyPartResult"]
            s3.upload_part(**upload, PartNumber=3, Body=b"x" * SIZE)
            if step == "parts":
                s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 2, "ETag": part["ETag"]}]})
                model[key] = model[source]
        for name, body in model.items():
            assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == body
    everything = s3.list_object_versions(Bucket=bucket)
    for one in everything.get("Versions", []) + everything.get("DeleteMarkers", []):
        s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=bucket)
    assert home.kept() == before
