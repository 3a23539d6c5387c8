"""Buckets over the wire, and what Terraform reads of them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cumulet.services.s3.names import is_bucket_name
from services.s3.refusals import refused


def test_a_bucket_is_made_found_listed_and_deleted(cloud: Any) -> None:
    s3, name = cloud.client("s3"), f"mine-{cloud.account}"
    assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    head = s3.head_bucket(Bucket=name)
    assert (head["BucketRegion"], head["AccessPointAlias"]) == ("us-east-1", False)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    listed = s3.list_buckets()
    assert [one["Name"] for one in listed["Buckets"]] == [name]
    assert len(listed["Owner"]["ID"]) == 64
    s3.delete_bucket(Bucket=name)
    assert s3.list_buckets()["Buckets"] == []
    assert refused(s3.head_bucket, Bucket=name) == ("404", 404)


def test_names_belong_to_one_account(cloud: Any) -> None:
    s3, other, name = cloud.client("s3"), cloud.other().client("s3"), f"one-{cloud.account}"
    s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket=name)
    assert refused(other.create_bucket, Bucket=name) == ("BucketAlreadyExists", 409)
    assert other.list_buckets()["Buckets"] == []
    frankfurt = cloud.client("s3", region="eu-central-1")
    frankfurt.create_bucket(Bucket=name + "-eu", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert refused(frankfurt.create_bucket, Bucket=name + "-eu", CreateBucketConfiguration={
        "LocationConstraint": "eu-central-1"}) == ("BucketAlreadyOwnedByYou", 409)
    assert frankfurt.get_bucket_location(Bucket=name + "-eu")["LocationConstraint"] == "eu-central-1"


def test_the_location_must_fit_the_endpoint(cloud: Any) -> None:
    s3, frankfurt, name = cloud.client("s3"), cloud.client("s3", region="eu-central-1"), f"far-{cloud.account}"
    assert refused(frankfurt.create_bucket, Bucket=name) == ("IllegalLocationConstraintException", 400)
    assert refused(frankfurt.create_bucket, Bucket=name, CreateBucketConfiguration={
        "LocationConstraint": "eu-west-1"}) == ("IllegalLocationConstraintException", 400)
    assert refused(s3.create_bucket, Bucket=name, CreateBucketConfiguration={
        "LocationConstraint": "the-moon"}) == ("InvalidLocationConstraint", 400)
    assert refused(s3.create_bucket, Bucket=name, CreateBucketConfiguration={
        "LocationConstraint": "us-east-1"}) == ("InvalidLocationConstraint", 400)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={
        "LocationConstraint": "EU", "Tags": [{"Key": "a", "Value": "b"}]})
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_buckets_are_listed_by_page_prefix_and_region(cloud: Any) -> None:
    s3 = cloud.client("s3")
    names = sorted(f"{letter}-{cloud.account}" for letter in "abcde")
    for name in names:
        where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}} if name[0] in "bd" else {}
        s3.create_bucket(Bucket=name, **where)
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2}))
    assert [[one["Name"] for one in page["Buckets"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert pages[0]["Buckets"][1]["BucketRegion"] == "eu-west-1"
    assert [one["Name"] for one in s3.list_buckets(Prefix="c-")["Buckets"]] == [names[2]]
    assert [one["Name"] for one in s3.list_buckets(BucketRegion="eu-west-1")["Buckets"]] == [names[1], names[3]]
    assert refused(s3.list_buckets, MaxBuckets=0) == ("InvalidArgument", 400)
    assert refused(s3.list_buckets, ContinuationToken="!") == ("InvalidArgument", 400)


@pytest.mark.parametrize(("name", "right"), [
    ("abc", True), ("a-b.c1", True), ("1" * 63, True), ("ab", False), ("a" * 64, False), ("Abc", False), ("a_b", False),
    ("a..b", False), ("-abc", False), ("abc-", False), ("192.168.5.4", False), ("xn--abc", False), ("abc-s3alias", False),
    ("abc.", False), ("sthree-x", False), ("abc--x-s3", False)])
def test_names(name: str, right: bool) -> None:
    assert is_bucket_name(name) is right


def test_a_wrong_name_is_refused(cloud: Any) -> None:
    assert refused(cloud.client("s3").create_bucket, Bucket="Wrong_Name") == ("InvalidBucketName", 400)


def test_a_bucket_that_holds_something_stays(versioned: Any) -> None:
    s3 = versioned
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    assert refused(s3.delete_bucket, Bucket=s3.bucket) == ("BucketNotEmpty", 409)
    marker = s3.delete_object(Bucket=s3.bucket, Key="k")["VersionId"]
    with pytest.raises(ClientError, match="You must delete all versions"):
        s3.delete_bucket(Bucket=s3.bucket)
    version = s3.list_object_versions(Bucket=s3.bucket)["Versions"][0]["VersionId"]
    for one in (marker, version):
        s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=one)
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=s3.bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x" * 100_000)
    s3.delete_bucket(Bucket=s3.bucket)


def test_tags_of_a_bucket(s3: Any) -> None:
    assert refused(s3.get_bucket_tagging, Bucket=s3.bucket) == ("NoSuchTagSet", 404)
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "ü", "Value": ""}]
    s3.put_bucket_tagging(Bucket=s3.bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=s3.bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=s3.bucket)
    assert refused(s3.get_bucket_tagging, Bucket=s3.bucket) == ("NoSuchTagSet", 404)
    assert refused(s3.put_bucket_tagging, Bucket=s3.bucket, Tagging={"TagSet": [tags[0]] * 2}) == ("InvalidTag", 400)
    assert refused(s3.put_bucket_tagging, Bucket=s3.bucket, Tagging={"TagSet": [
        {"Key": "aws:x", "Value": "y"}]}) == ("InvalidTag", 400)


def test_public_access_is_blocked_until_told_otherwise(s3: Any) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    read = lambda: s3.get_public_access_block(Bucket=s3.bucket)["PublicAccessBlockConfiguration"]  # noqa: E731
    assert read() == dict.fromkeys(names, True)
    s3.put_public_access_block(Bucket=s3.bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert read() == dict.fromkeys(names, False) | {"BlockPublicAcls": True}
    s3.delete_public_access_block(Bucket=s3.bucket)
    assert refused(s3.get_public_access_block, Bucket=s3.bucket) == ("NoSuchPublicAccessBlockConfiguration", 404)


def test_the_owner_owns_the_objects_until_told_otherwise(s3: Any) -> None:
    read = lambda: s3.get_bucket_ownership_controls(Bucket=s3.bucket)["OwnershipControls"]["Rules"]  # noqa: E731
    assert read() == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    s3.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    assert read() == [{"ObjectOwnership": "ObjectWriter"}]
    s3.delete_bucket_ownership_controls(Bucket=s3.bucket)
    assert refused(s3.get_bucket_ownership_controls, Bucket=s3.bucket) == ("OwnershipControlsNotFoundError", 404)


def test_encryption_with_s3s_own_keys_is_how_objects_are_kept(s3: Any) -> None:
    read = lambda: s3.get_bucket_encryption(Bucket=s3.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]  # noqa: E731
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert read() == default | {"BucketKeyEnabled": False}
    s3.put_bucket_encryption(Bucket=s3.bucket, ServerSideEncryptionConfiguration={
        "Rules": [default | {"BucketKeyEnabled": True}]})
    assert read()["BucketKeyEnabled"] is True
    s3.delete_bucket_encryption(Bucket=s3.bucket)
    assert read()["BucketKeyEnabled"] is False


@pytest.mark.parametrize(("operation", "code"), [
    ("get_bucket_policy", "NoSuchBucketPolicy"), ("get_bucket_policy_status", "NoSuchBucketPolicy"),
    ("get_bucket_cors", "NoSuchCORSConfiguration"), ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
    ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError")])
def test_what_is_not_configured_is_said_to_be_missing(s3: Any, operation: str, code: str) -> None:
    assert refused(getattr(s3, operation), Bucket=s3.bucket) == (code, 404)
    assert refused(getattr(s3, operation), Bucket="no-such-bucket-here") == ("NoSuchBucket", 404)


def test_what_is_off_reads_as_off(s3: Any) -> None:
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=s3.bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=s3.bucket)
    assert s3.get_bucket_request_payment(Bucket=s3.bucket)["Payer"] == "BucketOwner"
    assert s3.get_bucket_notification_configuration(Bucket=s3.bucket).keys() == {"ResponseMetadata"}
    assert s3.get_bucket_abac(Bucket=s3.bucket)["AbacStatus"] == {"Status": "Disabled"}
    assert "Status" not in s3.get_bucket_versioning(Bucket=s3.bucket)
    s3.put_object(Bucket=s3.bucket, Key="k")
    assert refused(s3.get_object_legal_hold, Bucket=s3.bucket, Key="k") == ("InvalidRequest", 400)
    assert refused(s3.get_object_retention, Bucket=s3.bucket, Key="k") == ("InvalidRequest", 400)


def test_the_owner_has_full_control(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    for acl in (s3.get_bucket_acl(Bucket=s3.bucket), s3.get_object_acl(Bucket=s3.bucket, Key="k")):
        assert acl["Grants"] == [{"Grantee": {"ID": acl["Owner"]["ID"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    assert refused(s3.get_object_acl, Bucket=s3.bucket, Key="none") == ("NoSuchKey", 404)


def test_acls_are_refused_until_they_are_on(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    where = {"Bucket": s3.bucket, "Key": "k"}
    assert refused(s3.put_bucket_acl, Bucket=s3.bucket, ACL="private") == ("AccessControlListNotSupported", 400)
    assert refused(s3.put_object_acl, **where, ACL="private") == ("AccessControlListNotSupported", 400)
    s3.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_bucket_acl(Bucket=s3.bucket, ACL="private")
    s3.put_object_acl(**where, ACL="private")
    assert refused(s3.put_object_acl, **where | {"Key": "none"}, ACL="private") == ("NoSuchKey", 404)


def test_an_account_has_names_of_its_own(cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html"""
    s3 = cloud.client("s3")
    mine, theirs = (f"mine-{account}-us-east-1-an" for account in (cloud.account, cloud.other().account))
    assert refused(s3.create_bucket, Bucket=mine) == ("InvalidBucketName", 400)
    s3.create_bucket(Bucket=mine, BucketNamespace="account-regional")
    assert s3.head_bucket(Bucket=mine)["BucketRegion"] == "us-east-1"
    for name, namespace in ((theirs, "account-regional"), (theirs, "global"), (f"plain-{cloud.account}", "account-regional")):
        assert refused(s3.create_bucket, Bucket=name, BucketNamespace=namespace) == ("InvalidBucketName", 400)
    s3.create_bucket(Bucket=f"plain-{cloud.account}", BucketNamespace="global")
