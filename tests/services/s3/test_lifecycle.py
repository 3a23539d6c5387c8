"""Lifecycle rules, acted out by the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.conftest import Cloud

from services.s3.refusals import refused

DAY = 86_400
BIG = b"x" * (128 * 1024)


@pytest.fixture
def cloud(start_cloud: Any) -> Cloud:
    """A cloud of its own, whose clock is moved by years."""
    return Cloud(start_cloud(), "111122223333")


def configure(s3: Any, *rules: dict[str, Any], **more: Any) -> None:
    whole = [{"ID": f"rule-{n}", "Status": "Enabled", "Filter": {"Prefix": ""}} | rule for n, rule in enumerate(rules)]
    s3.put_bucket_lifecycle_configuration(Bucket=s3.bucket, LifecycleConfiguration={"Rules": whole}, **more)


def classes(s3: Any) -> dict[str, str]:
    return {one["Key"]: one["StorageClass"] for one in s3.list_objects_v2(Bucket=s3.bucket).get("Contents", ())}


def test_rules_are_kept(s3: Any) -> None:
    rules = [{"ID": "logs", "Status": "Enabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}},
              "Expiration": {"Days": 3}}, {"Status": "Disabled", "Prefix": "", "Expiration": {"Days": 1}}]
    s3.put_bucket_lifecycle_configuration(Bucket=s3.bucket, LifecycleConfiguration={"Rules": rules})
    told = s3.get_bucket_lifecycle_configuration(Bucket=s3.bucket)
    assert told["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert told["Rules"][0] == rules[0]
    assert len(told["Rules"][1].pop("ID")) == 48
    assert told["Rules"][1] == rules[1]
    s3.delete_bucket_lifecycle(Bucket=s3.bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=s3.bucket) == ("NoSuchLifecycleConfiguration", 404)


@pytest.mark.parametrize(("rule", "code"), [
    ({}, "InvalidRequest"), ({"Expiration": {"Days": 0}}, "InvalidArgument"), ({"Expiration": {}}, "InvalidRequest"),
    ({"Expiration": {"Days": 1}, "Prefix": "a"}, "MalformedXML"),
    ({"Expiration": {"Date": datetime(2030, 1, 1, 5, tzinfo=UTC)}}, "InvalidArgument"),
    ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
    ({"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
    ({"Transitions": [{"Days": 40, "StorageClass": "STANDARD"}]}, "MalformedXML"),
    ({"Transitions": [{"Days": 40, "StorageClass": "GLACIER"}], "Expiration": {"Days": 40}}, "InvalidArgument"),
    ({"Expiration": {"ExpiredObjectDeleteMarker": True}, "Filter": {"Tag": {"Key": "a", "Value": "b"}}}, "InvalidRequest"),
    ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}}, "InvalidArgument"),
    ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}}, "InvalidArgument")])
def test_wrong_rules_are_refused(s3: Any, rule: dict[str, Any], code: str) -> None:
    wanted = {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}} | rule]}
    assert refused(s3.put_bucket_lifecycle_configuration, Bucket=s3.bucket, LifecycleConfiguration=wanted) == (code, 400)


def test_ids_are_unique(s3: Any) -> None:
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    assert refused(s3.put_bucket_lifecycle_configuration, Bucket=s3.bucket, LifecycleConfiguration={"Rules": [rule, rule]}) == (
        "InvalidArgument", 400)


def test_objects_move_and_expire_at_midnight(s3: Any, cloud: Cloud) -> None:
    configure(s3, {"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
                   "Expiration": {"Days": 365}})
    put = s3.put_object(Bucket=s3.bucket, Key="k", Body=BIG)
    s3.put_object(Bucket=s3.bucket, Key="small", Body=b"x")
    midnight = (cloud.clock.now() // DAY + 1 + 365) * DAY
    when = datetime.fromtimestamp(midnight, UTC).strftime("%a, %d %b %Y 00:00:00 GMT")
    assert put["Expiration"] == f'expiry-date="{when}", rule-id="rule-0"'
    assert s3.head_object(Bucket=s3.bucket, Key="k")["Expiration"] == put["Expiration"]
    cloud.clock.advance(30 * DAY)
    assert classes(s3)["k"] == "STANDARD"
    cloud.clock.advance(DAY)
    assert classes(s3) == {"k": "STANDARD_IA", "small": "STANDARD"}
    assert s3.head_object(Bucket=s3.bucket, Key="k")["StorageClass"] == "STANDARD_IA"
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == BIG
    cloud.clock.advance(60 * DAY)
    assert classes(s3)["k"] == "GLACIER"
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k") == ("InvalidObjectState", 403)
    cloud.clock.advance(midnight - cloud.clock.now() - 60)
    assert set(classes(s3)) == {"k", "small"}
    cloud.clock.advance(61)
    assert classes(s3) == {}


def test_archived_objects_come_back_for_a_while(s3: Any, cloud: Cloud) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    s3.put_object(**where, Body=b"cold", StorageClass="GLACIER")
    ask = {"RestoreRequest": {"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}}}
    assert "Restore" not in s3.head_object(**where)
    assert s3.restore_object(**where, **ask)["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert s3.head_object(**where)["Restore"] == 'ongoing-request="true"'
    assert refused(s3.restore_object, **where, **ask) == ("RestoreAlreadyInProgress", 409)
    copy = {"Bucket": s3.bucket, "Key": "l", "CopySource": f"{s3.bucket}/k"}
    assert refused(s3.copy_object, **copy) == ("ObjectNotInActiveTierError", 403)
    cloud.clock.advance(4 * 3600)
    assert refused(s3.get_object, **where) == ("InvalidObjectState", 403)
    cloud.clock.advance(3600)
    assert s3.get_object(**where)["Body"].read() == b"cold"
    assert s3.head_object(**where)["Restore"].startswith('ongoing-request="false", expiry-date="')
    s3.copy_object(**copy, StorageClass="STANDARD")
    assert s3.get_object(Bucket=s3.bucket, Key="l")["Body"].read() == b"cold"
    again = s3.restore_object(**where, RestoreRequest={"Days": 5})       # there already: it stays longer
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 200
    cloud.clock.advance(4 * DAY)
    assert s3.get_object(**where)["Body"].read() == b"cold"
    cloud.clock.advance(3 * DAY)
    assert refused(s3.get_object, **where) == ("InvalidObjectState", 403)


def test_tiers_take_their_time(s3: Any, cloud: Cloud) -> None:
    for storage, tier, seconds in (("GLACIER", "Expedited", 300), ("DEEP_ARCHIVE", "Standard", 12 * 3600),
                                   ("DEEP_ARCHIVE", "Bulk", 48 * 3600)):
        where = {"Bucket": s3.bucket, "Key": storage + tier}
        s3.put_object(**where, Body=b"x", StorageClass=storage)
        s3.restore_object(**where, RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": tier}})
        cloud.clock.advance(seconds - 60)
        assert s3.head_object(**where)["Restore"] == 'ongoing-request="true"'
        cloud.clock.advance(61)
        assert s3.get_object(**where)["Body"].read() == b"x"
    s3.put_object(Bucket=s3.bucket, Key="d", Body=b"x", StorageClass="DEEP_ARCHIVE")
    fast = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    assert refused(s3.restore_object, Bucket=s3.bucket, Key="d", RestoreRequest=fast) == ("InvalidArgument", 400)
    assert refused(s3.restore_object, Bucket=s3.bucket, Key="d", RestoreRequest={"Days": 0}) == ("InvalidArgument", 400)
    s3.put_object(Bucket=s3.bucket, Key="warm", Body=b"x")
    assert refused(s3.restore_object, Bucket=s3.bucket, Key="warm", RestoreRequest={"Days": 1}) == ("InvalidObjectState", 403)


def test_a_restore_may_be_hurried(s3: Any, cloud: Cloud) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    s3.put_object(**where, Body=b"x", StorageClass="GLACIER")
    for tier in ("Bulk", "Expedited"):
        s3.restore_object(**where, RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": tier}})
    slower = {"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}}
    assert refused(s3.restore_object, **where, RestoreRequest=slower) == ("RestoreAlreadyInProgress", 409)
    cloud.clock.advance(301)
    assert s3.get_object(**where)["Body"].read() == b"x"


def test_filters_by_prefix_tags_and_size(s3: Any, cloud: Cloud) -> None:
    configure(s3, {"Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "t", "Value": "1"}], "ObjectSizeGreaterThan": 2}},
                   "Expiration": {"Days": 1}}, {"Filter": {"ObjectSizeLessThan": 2}, "Expiration": {"Days": 1}},
              {"Status": "Disabled", "Expiration": {"Days": 1}})
    for key, body, tags in (("a/goes", b"xxx", "t=1&u=2"), ("a/untagged", b"xxx", ""), ("a/short", b"xx", "t=1"),
                            ("b/other", b"xxx", "t=1"), ("tiny", b"x", "")):
        s3.put_object(Bucket=s3.bucket, Key=key, Body=body, Tagging=tags)
    cloud.clock.advance(2 * DAY)
    assert set(classes(s3)) == {"a/untagged", "a/short", "b/other"}


def test_noncurrent_versions_go_but_for_the_newest(versioned: Any, cloud: Cloud) -> None:
    s3 = versioned
    configure(s3, {"NoncurrentVersionExpiration": {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1}})
    made = []
    for number in range(4):
        made.append(s3.put_object(Bucket=s3.bucket, Key="k", Body=b"%d" % number)["VersionId"])
        cloud.clock.advance(60)
    cloud.clock.advance(2 * DAY)
    assert len(s3.list_object_versions(Bucket=s3.bucket)["Versions"]) == 4
    cloud.clock.advance(DAY)
    left = [one["VersionId"] for one in s3.list_object_versions(Bucket=s3.bucket)["Versions"]]
    assert left == [made[3], made[2]]


def test_noncurrent_versions_move(versioned: Any, cloud: Cloud) -> None:
    s3 = versioned
    configure(s3, {"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "DEEP_ARCHIVE"}]},
              TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"old")
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"new")
    cloud.clock.advance(3 * DAY)
    told = [one["StorageClass"] for one in s3.list_object_versions(Bucket=s3.bucket)["Versions"]]
    assert told == ["STANDARD", "DEEP_ARCHIVE"]


def test_expiry_hides_then_old_versions_go_then_the_marker(versioned: Any, cloud: Cloud) -> None:
    s3 = versioned
    configure(s3, {"Expiration": {"Days": 1}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    cloud.clock.advance(2 * DAY)
    listed = s3.list_object_versions(Bucket=s3.bucket)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (1, 1)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k") == ("NoSuchKey", 404)
    cloud.clock.advance(3 * DAY)
    listed = s3.list_object_versions(Bucket=s3.bucket)
    assert ("Versions" in listed, "DeleteMarkers" in listed) == (False, False)


def test_markers_that_hide_nothing_go(versioned: Any, cloud: Cloud) -> None:
    s3 = versioned
    configure(s3, {"Expiration": {"ExpiredObjectDeleteMarker": True}})
    s3.put_object(Bucket=s3.bucket, Key="kept", Body=b"x")
    for key in ("kept", "gone"):
        s3.delete_object(Bucket=s3.bucket, Key=key)
    cloud.clock.advance(DAY)
    assert [one["Key"] for one in s3.list_object_versions(Bucket=s3.bucket)["DeleteMarkers"]] == ["kept"]


def test_abandoned_uploads_are_aborted(s3: Any, cloud: Cloud) -> None:
    configure(s3, {"Filter": {"Prefix": "up/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}})
    made = s3.create_multipart_upload(Bucket=s3.bucket, Key="up/k")
    assert made["AbortRuleId"] == "rule-0"
    assert made["AbortDate"].timestamp() == (cloud.clock.now() // DAY + 2) * DAY
    s3.upload_part(Bucket=s3.bucket, Key="up/k", UploadId=made["UploadId"], PartNumber=1, Body=BIG)
    s3.create_multipart_upload(Bucket=s3.bucket, Key="other")
    cloud.clock.advance(2 * DAY)
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=s3.bucket)["Uploads"]] == ["other"]
    assert refused(s3.list_parts, Bucket=s3.bucket, Key="up/k", UploadId=made["UploadId"]) == ("NoSuchUpload", 404)


def test_rules_that_are_gone_do_nothing(s3: Any, cloud: Cloud) -> None:
    configure(s3, {"Expiration": {"Days": 1}})
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    s3.delete_bucket_lifecycle(Bucket=s3.bucket)
    cloud.clock.advance(5 * DAY)
    assert set(classes(s3)) == {"k"}


def test_a_sweep_goes_on_where_a_slice_ended(s3: Any, cloud: Cloud) -> None:
    for number in range(1203):
        s3.put_object(Bucket=s3.bucket, Key=f"k{number}", Body=b"")
    configure(s3, {"Expiration": {"Days": 1}})
    cloud.clock.advance(2 * DAY)
    assert classes(s3) == {}


def test_the_old_form_has_the_address_of_the_new_one(s3: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycle.html"""
    old = {"ID": "old", "Prefix": "logs/", "Status": "Enabled", "Transition": {"Days": 30, "StorageClass": "GLACIER"},
           "Expiration": {"Days": 60}}
    s3.put_bucket_lifecycle(Bucket=s3.bucket, LifecycleConfiguration={"Rules": [old]})
    rule = s3.get_bucket_lifecycle_configuration(Bucket=s3.bucket)["Rules"][0]
    assert (rule["Prefix"], rule["Transitions"], rule["Expiration"]) == (
        "logs/", [{"Days": 30, "StorageClass": "GLACIER"}], {"Days": 60})
    assert s3.get_bucket_lifecycle(Bucket=s3.bucket)["Rules"] == [old]
