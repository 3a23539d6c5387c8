"""Replication from bucket to bucket, across regions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from enforced import document
from services.s3.browser import ask
from services.s3.refusals import refused

BIG = b"0123456789abcdef" * 20_000


@pytest.fixture
def pair(versioned: Any, cloud: Any) -> Any:
    """A client with two versioned buckets in two regions: `bucket`, `target`."""
    versioned.target = f"target-{cloud.account}"
    versioned.create_bucket(Bucket=versioned.target, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    versioned.put_bucket_versioning(Bucket=versioned.target, VersioningConfiguration={"Status": "Enabled"})
    return versioned


def rule(s3: Any, **more: Any) -> dict[str, Any]:
    return {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{s3.target}"}} | more


def configure(s3: Any, cloud: Any, *rules: dict[str, Any]) -> dict[str, Any]:
    said = {"Role": f"arn:aws:iam::{cloud.account}:role/replicator", "Rules": list(rules) or [rule(s3)]}
    s3.put_bucket_replication(Bucket=s3.bucket, ReplicationConfiguration=said)
    return said


def test_configurations_are_kept(pair: Any, cloud: Any) -> None:
    said = configure(pair, cloud)
    assert pair.get_bucket_replication(Bucket=pair.bucket)["ReplicationConfiguration"] == said
    pair.delete_bucket_replication(Bucket=pair.bucket)
    assert refused(pair.get_bucket_replication, Bucket=pair.bucket) == ("ReplicationConfigurationNotFoundError", 404)


@pytest.mark.parametrize(("change", "code", "status"), [
    ({"DeleteMarkerReplication": None}, "InvalidRequest", 400), ({"Priority": None}, "InvalidRequest", 400),
    ({"Destination": {"Bucket": "arn:aws:s3:::no-such-bucket-here"}}, "InvalidRequest", 400),
    ({"Status": "Perhaps"}, "MalformedXML", 400), ({"Prefix": "a"}, "MalformedXML", 400),
    ({"ExistingObjectReplication": {"Status": "Enabled"}}, "NotImplemented", 501)])
def test_wrong_rules_are_refused(pair: Any, cloud: Any, change: dict[str, Any], code: str, status: int) -> None:
    wrong = {name: value for name, value in (rule(pair) | change).items() if value is not None}
    said = {"Role": f"arn:aws:iam::{cloud.account}:role/r", "Rules": [wrong]}
    assert refused(pair.put_bucket_replication, Bucket=pair.bucket, ReplicationConfiguration=said) == (code, status)


def test_both_buckets_have_versions(pair: Any, cloud: Any) -> None:
    said = {"Role": f"arn:aws:iam::{cloud.account}:role/r", "Rules": [rule(pair)]}
    for bucket in (pair.target, pair.bucket):
        pair.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        put = {"Bucket": pair.bucket, "ReplicationConfiguration": said}
        assert refused(pair.put_bucket_replication, **put) == ("InvalidRequest", 400)
        pair.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    configure(pair, cloud)
    assert refused(pair.put_bucket_versioning, Bucket=pair.bucket, VersioningConfiguration={"Status": "Suspended"}) == (
        "InvalidBucketState", 409)


@pytest.mark.parametrize("body", [b"short", BIG])
def test_new_objects_follow_with_all_that_they_have(pair: Any, cloud: Any, body: bytes) -> None:
    pair.put_object(Bucket=pair.bucket, Key="before", Body=b"x")
    configure(pair, cloud)
    put = pair.put_object(Bucket=pair.bucket, Key="k", Body=body, Metadata={"a": "b"}, Tagging="t=1", ContentType="text/plain")
    cloud.clock.idle()
    got = pair.get_object(Bucket=pair.target, Key="k")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"], got["TagCount"]) == (body, {"a": "b"}, "text/plain", 1)
    assert (got["VersionId"], got["ETag"], got["ReplicationStatus"]) == (put["VersionId"], put["ETag"], "REPLICA")
    assert pair.head_object(Bucket=pair.bucket, Key="k")["ReplicationStatus"] == "COMPLETED"
    assert "ReplicationStatus" not in pair.head_object(Bucket=pair.bucket, Key="before")
    assert refused(pair.head_object, Bucket=pair.target, Key="before") == ("404", 404)
    pair.delete_object(Bucket=pair.bucket, Key="k", VersionId=put["VersionId"])
    assert pair.get_object(Bucket=pair.target, Key="k")["Body"].read() == body


def test_uploads_in_parts_and_copies_follow(pair: Any, cloud: Any) -> None:
    configure(pair, cloud)
    upload = pair.create_multipart_upload(Bucket=pair.bucket, Key="parts")["UploadId"]
    part = pair.upload_part(Bucket=pair.bucket, Key="parts", UploadId=upload, PartNumber=1, Body=BIG)["ETag"]
    pair.complete_multipart_upload(Bucket=pair.bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": part}]})
    pair.copy_object(Bucket=pair.bucket, Key="copy", CopySource=f"{pair.bucket}/parts")
    cloud.clock.idle()
    for key in ("parts", "copy"):
        assert pair.get_object(Bucket=pair.target, Key=key)["Body"].read() == BIG


def test_tags_follow_later(pair: Any, cloud: Any) -> None:
    configure(pair, cloud)
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"x")
    cloud.clock.idle()
    tags = [{"Key": "a", "Value": "b"}]
    pair.put_object_tagging(Bucket=pair.bucket, Key="k", Tagging={"TagSet": tags})
    cloud.clock.idle()
    assert pair.get_object_tagging(Bucket=pair.target, Key="k")["TagSet"] == tags


def test_markers_follow_where_that_is_wanted(pair: Any, cloud: Any) -> None:
    configure(pair, cloud)
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"x")
    pair.delete_object(Bucket=pair.bucket, Key="k")
    cloud.clock.idle()
    assert pair.get_object(Bucket=pair.target, Key="k")["Body"].read() == b"x"
    configure(pair, cloud, rule(pair, DeleteMarkerReplication={"Status": "Enabled"}))
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"y")
    marker = pair.delete_object(Bucket=pair.bucket, Key="k")["VersionId"]
    cloud.clock.idle()
    assert refused(pair.get_object, Bucket=pair.target, Key="k") == ("NoSuchKey", 404)
    listed = pair.list_object_versions(Bucket=pair.target)
    assert [one["VersionId"] for one in listed["DeleteMarkers"]] == [marker]
    assert len(listed["Versions"]) == 2


def test_rules_choose(pair: Any, cloud: Any) -> None:
    configure(pair, cloud, rule(pair, Filter={"Prefix": "a/"}), rule(
        pair, ID="cold", Priority=2, Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "c", "Value": "1"}]}},
        Destination={"Bucket": f"arn:aws:s3:::{pair.target}", "StorageClass": "GLACIER_IR"}))
    for key, tags in (("a/warm", ""), ("a/cold", "c=1"), ("b", "")):
        pair.put_object(Bucket=pair.bucket, Key=key, Body=b"x", Tagging=tags)
    cloud.clock.idle()
    told = {one["Key"]: one["StorageClass"] for one in pair.list_objects_v2(Bucket=pair.target)["Contents"]}
    assert told == {"a/warm": "STANDARD", "a/cold": "GLACIER_IR"}


def test_replicas_are_not_replicated_again(pair: Any, cloud: Any) -> None:
    configure(pair, cloud)
    back = rule(pair, Destination={"Bucket": f"arn:aws:s3:::{pair.bucket}"})
    pair.put_bucket_replication(Bucket=pair.target, ReplicationConfiguration={
        "Role": f"arn:aws:iam::{cloud.account}:role/r", "Rules": [back]})
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"x")
    pair.put_object(Bucket=pair.target, Key="l", Body=b"y")
    cloud.clock.idle()
    assert pair.get_object(Bucket=pair.bucket, Key="l")["ReplicationStatus"] == "REPLICA"
    assert len(pair.list_object_versions(Bucket=pair.bucket)["Versions"]) == 2


def test_a_destination_that_is_gone_is_a_failure(pair: Any, cloud: Any) -> None:
    configure(pair, cloud)
    pair.delete_bucket(Bucket=pair.target)
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"x")
    cloud.clock.idle()
    assert pair.head_object(Bucket=pair.bucket, Key="k")["ReplicationStatus"] == "FAILED"


@pytest.fixture
def abroad(versioned: Any, cloud: Any) -> Any:
    """A client with a versioned bucket, and one of another account, in another region: `bucket`, `target`."""
    versioned.target = f"abroad-{cloud.account}"
    versioned.other = cloud.other()
    client = versioned.other.client("s3", region="eu-west-1")
    client.create_bucket(Bucket=versioned.target, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
                         ObjectOwnership="ObjectWriter")
    client.put_bucket_versioning(Bucket=versioned.target, VersioningConfiguration={"Status": "Enabled"})
    return versioned


def destination(s3: Any, **more: Any) -> dict[str, Any]:
    return {"Destination": {"Bucket": f"arn:aws:s3:::{s3.target}", "Account": s3.other.account} | more}


def test_other_accounts_get_replicas(abroad: Any, cloud: Any) -> None:
    configure(abroad, cloud, rule(abroad, **destination(abroad)))
    there = abroad.other.client("s3")
    mine = abroad.list_buckets()["Owner"]["ID"]
    abroad.put_object(Bucket=abroad.bucket, Key="k", Body=b"x")
    cloud.clock.idle()
    assert there.get_object_acl(Bucket=abroad.target, Key="k")["Owner"]["ID"] == mine
    configure(abroad, cloud, rule(abroad, **destination(abroad, AccessControlTranslation={"Owner": "Destination"})))
    abroad.put_object(Bucket=abroad.bucket, Key="l", Body=b"y")
    cloud.clock.idle()
    assert there.get_object_acl(Bucket=abroad.target, Key="l")["Owner"]["ID"] == there.list_buckets()["Owner"]["ID"]
    assert there.get_object(Bucket=abroad.target, Key="l")["Body"].read() == b"y"


@pytest.mark.parametrize(("more", "code"), [
    ({"Account": "111122223333"}, "InvalidRequest"), ({"AccessControlTranslation": {"Owner": "Me"}}, "MalformedXML"),
    ({"Account": None, "AccessControlTranslation": {"Owner": "Destination"}}, "InvalidArgument")])
def test_owners_of_destinations_are_named_rightly(abroad: Any, cloud: Any, more: dict[str, Any], code: str) -> None:
    there = {name: value for name, value in (destination(abroad)["Destination"] | more).items() if value is not None}
    said = {"Role": f"arn:aws:iam::{cloud.account}:role/r", "Rules": [rule(abroad, Destination=there)]}
    assert refused(abroad.put_bucket_replication, Bucket=abroad.bucket, ReplicationConfiguration=said) == (code, 400)


def test_the_role_and_the_bucket_policy_decide_where_that_counts(abroad: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""
    configure(abroad, cloud, rule(abroad, **destination(abroad)))
    enforce = json.dumps({"subject": abroad.other.account, "mode": "enforce"}).encode()
    assert ask(cloud.endpoint, "POST", "/_cumulet/iam", enforce, Content_Type="application/json").status == 200

    def status(key: str) -> str:
        abroad.put_object(Bucket=abroad.bucket, Key=key, Body=b"x")
        cloud.clock.idle()
        return str(abroad.head_object(Bucket=abroad.bucket, Key=key)["ReplicationStatus"])

    assert status("no-role") == "FAILED"
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="replicator", AssumeRolePolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"Service": "s3.amazonaws.com"}}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="replicator", PolicyName="it", PolicyDocument=document(
        {"Action": ["s3:GetObjectVersionForReplication", "s3:ReplicateObject"], "Resource": "*"}))
    assert status("no-bucket-policy") == "FAILED"
    abroad.other.client("s3").put_bucket_policy(Bucket=abroad.target, Policy=document(
        {"Action": "s3:ReplicateObject", "Principal": {"AWS": role}, "Resource": f"arn:aws:s3:::{abroad.target}/*"}))
    assert status("both") == "COMPLETED"
    assert [one["Key"] for one in abroad.other.client("s3").list_objects_v2(Bucket=abroad.target)["Contents"]] == ["both"]


def test_changes_of_replicas_go_back_where_that_is_wanted(pair: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html"""
    configure(pair, cloud)
    pair.put_object(Bucket=pair.bucket, Key="k", Body=b"x")
    cloud.clock.idle()
    back = rule(pair, Destination={"Bucket": f"arn:aws:s3:::{pair.bucket}"})

    def tagged(value: str) -> list[dict[str, str]]:
        pair.put_object_tagging(Bucket=pair.target, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": value}]})
        cloud.clock.idle()
        return list(pair.get_object_tagging(Bucket=pair.bucket, Key="k")["TagSet"])

    for criteria, found in ((None, []), ({"ReplicaModifications": {"Status": "Enabled"}}, [{"Key": "a", "Value": "2"}])):
        pair.put_bucket_replication(Bucket=pair.target, ReplicationConfiguration={
            "Role": f"arn:aws:iam::{cloud.account}:role/r",
            "Rules": [back | ({"SourceSelectionCriteria": criteria} if criteria else {})]})
        assert tagged("2" if criteria else "1") == found
    assert pair.head_object(Bucket=pair.target, Key="k")["ReplicationStatus"] == "REPLICA"
    assert len(pair.list_object_versions(Bucket=pair.bucket)["Versions"]) == 1
