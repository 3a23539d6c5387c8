"""Versions and delete markers over the wire, and a stateful model of one key's history."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.s3.refusals import refused


def status(s3: Any, value: str) -> None:
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": value})


def test_versioning_is_off_on_and_suspended(s3: Any) -> None:
    assert "VersionId" not in s3.put_object(Bucket=s3.bucket, Key="k", Body=b"0")
    status(s3, "Enabled")
    assert s3.get_bucket_versioning(Bucket=s3.bucket)["Status"] == "Enabled"
    one = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1")["VersionId"]
    two = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"2")["VersionId"]
    read = lambda **more: s3.get_object(Bucket=s3.bucket, Key="k", **more)["Body"].read()  # noqa: E731
    assert (read(), read(VersionId=one), read(VersionId=two), read(VersionId="null")) == (b"2", b"1", b"2", b"0")
    status(s3, "Suspended")
    assert s3.put_object(Bucket=s3.bucket, Key="k", Body=b"3")["VersionId"] == "null"
    assert (read(), read(VersionId="null"), read(VersionId=two)) == (b"3", b"3", b"2")
    assert len(s3.list_object_versions(Bucket=s3.bucket)["Versions"]) == 3
    assert refused(s3.put_bucket_versioning, Bucket=s3.bucket, VersioningConfiguration={}) == (
        "IllegalVersioningConfigurationException", 400)
    with pytest.raises(ClientError, match="Mfa Authentication must be used"):
        s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})


def test_a_delete_marker_hides_and_its_deletion_shows_again(versioned: Any) -> None:
    s3 = versioned
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x" * 100_000)["VersionId"]
    gone = s3.delete_object(Bucket=s3.bucket, Key="k")
    assert gone["DeleteMarker"] is True
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=s3.bucket, Key="k")
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", gone["VersionId"])
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", VersionId=gone["VersionId"]) == ("MethodNotAllowed", 405)
    assert s3.get_object(Bucket=s3.bucket, Key="k", VersionId=version)["ContentLength"] == 100_000
    assert "Contents" not in s3.list_objects_v2(Bucket=s3.bucket)
    again = s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=gone["VersionId"])
    assert (again["DeleteMarker"], again["VersionId"]) == (True, gone["VersionId"])
    assert s3.get_object(Bucket=s3.bucket, Key="k")["VersionId"] == version


def test_versions_that_are_none(versioned: Any) -> None:
    s3 = versioned
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["VersionId"]
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", VersionId="nonsense") == ("InvalidArgument", 400)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="other", VersionId=version) == ("NoSuchVersion", 404)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", VersionId="null") == ("NoSuchVersion", 404)
    s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=version)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", VersionId=version) == ("NoSuchVersion", 404)
    assert s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=version)["VersionId"] == version


def test_many_versions_are_deleted_at_once(versioned: Any) -> None:
    s3 = versioned
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["VersionId"]
    objects = [{"Key": "k"}, {"Key": "k", "VersionId": version}]
    done = s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": objects})["Deleted"]
    assert done[0]["DeleteMarker"] is True
    assert done[1] == {"Key": "k", "VersionId": version}
    marker = done[0]["DeleteMarkerVersionId"]
    done = s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": [{"Key": "k", "VersionId": marker}]})["Deleted"]
    assert done == [{"Key": "k", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    assert "Versions" not in s3.list_object_versions(Bucket=s3.bucket)


steps = st.lists(st.one_of(
    st.tuples(st.just("put"), st.integers(0, 99)), st.tuples(st.just("delete"), st.just(0)),
    st.tuples(st.just("status"), st.sampled_from(["Enabled", "Suspended"])), st.tuples(st.just("drop"), st.integers(0, 5))),
    max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_history_of_a_key(s3: Any, history: list[tuple[str, Any]]) -> None:
    """A list of (version, body or None for a marker), newest first, against the service."""
    clean(s3)
    model: list[tuple[str, bytes | None]] = []
    state = "Suspended"                   # as a bucket whose versioning was never on, but for its markers
    status(s3, state)
    for step, value in history:
        if step == "status":
            state = value
            status(s3, state)
        elif step == "drop":
            if value < len(model):
                version, _ = model.pop(value)
                s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=version)
        else:
            if step == "put":
                version = s3.put_object(Bucket=s3.bucket, Key="k", Body=str(value).encode())["VersionId"]
            else:
                version = s3.delete_object(Bucket=s3.bucket, Key="k")["VersionId"]
            assert (version == "null") == (state == "Suspended")
            model = [one for one in model if one[0] != version]
            model.insert(0, (version, str(value).encode() if step == "put" else None))
        check(s3, model)


def clean(s3: Any) -> None:
    found = s3.list_object_versions(Bucket=s3.bucket)
    for one in found.get("Versions", []) + found.get("DeleteMarkers", []):
        s3.delete_object(Bucket=s3.bucket, Key=one["Key"], VersionId=one["VersionId"])


def check(s3: Any, model: list[tuple[str, bytes | None]]) -> None:
    found = s3.list_object_versions(Bucket=s3.bucket)
    versions, markers = found.get("Versions", []), found.get("DeleteMarkers", [])
    assert [one["VersionId"] for one in versions] == [version for version, body in model if body is not None]
    assert [one["VersionId"] for one in markers] == [version for version, body in model if body is None]
    latest = [one["VersionId"] for one in versions + markers if one["IsLatest"]]
    assert latest == [version for version, _ in model[:1]]
    if model and model[0][1] is not None:
        assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == model[0][1]
        assert len(s3.list_objects_v2(Bucket=s3.bucket)["Contents"]) == 1
    else:
        assert refused(s3.head_object, Bucket=s3.bucket, Key="k") == ("404", 404)
        assert "Contents" not in s3.list_objects_v2(Bucket=s3.bucket)
