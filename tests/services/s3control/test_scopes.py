"""Access points of directory buckets, and the scopes that keep them to some names and operations."""

from __future__ import annotations

from typing import Any

import pytest

from enforced import document, user
from services.s3.refusals import refused
from services.s3.test_directories import CONFIGURATION, ZONE
from services.s3control.test_points import enforce

NAME = f"front--{ZONE}--xa-s3"


@pytest.fixture
def express(cloud: Any) -> Any:
    """A client with a directory bucket, and two objects in it."""
    client = cloud.client("s3")
    client.bucket = f"fast-{cloud.account}--{ZONE}--x-s3"
    client.create_bucket(Bucket=client.bucket, CreateBucketConfiguration=CONFIGURATION)
    for key in ("in/a", "out/b"):
        client.put_object(Bucket=client.bucket, Key=key, Body=key.encode())
    return client


def make(control: Any, cloud: Any, express: Any, name: str = NAME, **more: Any) -> Any:
    return control.create_access_point(AccountId=cloud.account, Name=name, Bucket=express.bucket, **more)


def test_a_point_is_made_told_listed_and_used(control: Any, cloud: Any, express: Any) -> None:
    arn = f"arn:aws:s3express:us-east-1:{cloud.account}:accesspoint/{NAME}"
    assert make(control, cloud, express)["AccessPointArn"] == arn
    assert control.get_access_point(AccountId=cloud.account, Name=NAME)["Bucket"] == express.bucket
    mine = {"AccountId": cloud.account}
    assert control.list_access_points(**mine)["AccessPointList"] == []
    for more in ({}, {"DirectoryBucket": express.bucket}):
        listed = control.list_access_points_for_directory_buckets(**mine, **more)["AccessPointList"]
        assert [one["Name"] for one in listed] == [NAME]
    express.put_object(Bucket=NAME, Key="in/c", Body=b"through")
    assert express.get_object(Bucket=express.bucket, Key="in/c")["Body"].read() == b"through"
    assert express.list_objects_v2(Bucket=NAME)["KeyCount"] == 3


def test_names_and_buckets_go_together(control: Any, cloud: Any, express: Any) -> None:
    plain = f"plain-{cloud.account}"
    express.create_bucket(Bucket=plain)
    for name in ("front", "front--use1-az5--xa-s3", f"Front--{ZONE}--xa-s3"):
        assert refused(make, control=control, cloud=cloud, express=express, name=name) == ("InvalidRequest", 400)
    made = {"AccountId": cloud.account, "Name": "front", "Bucket": plain}
    assert refused(control.create_access_point, **made, Scope={"Prefixes": ["x"]}) == ("InvalidRequest", 400)
    control.create_access_point(**made)
    assert refused(control.get_access_point_scope, AccountId=cloud.account, Name="front") == ("InvalidRequest", 400)


def test_a_scope_is_put_told_and_deleted(control: Any, cloud: Any, express: Any) -> None:
    make(control, cloud, express, Scope={"Prefixes": ["in/*"], "Permissions": ["GetObject"]})
    mine = {"AccountId": cloud.account, "Name": NAME}
    assert control.get_access_point_scope(**mine)["Scope"] == {"Prefixes": ["in/*"], "Permissions": ["GetObject"]}
    control.put_access_point_scope(**mine, Scope={"Permissions": ["PutObject", "ListBucket"]})
    assert control.get_access_point_scope(**mine)["Scope"]["Permissions"] == ["PutObject", "ListBucket"]
    assert refused(control.put_access_point_scope, **mine, Scope={"Prefixes": ["x" * 256]}) == ("InvalidRequest", 400)
    control.delete_access_point_scope(**mine)
    assert not control.get_access_point_scope(**mine)["Scope"].get("Permissions")


def test_a_scope_keeps_requests_to_names_and_operations(control: Any, cloud: Any, express: Any) -> None:
    make(control, cloud, express, Scope={"Prefixes": ["in/", "*.csv", r"star\*"], "Permissions": ["GetObject", "ListBucket"]})
    enforce(cloud)
    through = cloud.client("s3")
    assert through.get_object(Bucket=NAME, Key="in/a")["Body"].read() == b"in/a"
    assert through.list_objects_v2(Bucket=NAME, Prefix="in/")["KeyCount"] == 1
    assert refused(through.get_object, Bucket=NAME, Key="x/y.csv") == ("NoSuchKey", 404)
    assert refused(through.get_object, Bucket=NAME, Key="star*") == ("NoSuchKey", 404)
    for call, members in ((through.get_object, {"Key": "out/b"}), (through.get_object, {"Key": "stars"}),
                          (through.put_object, {"Key": "in/c", "Body": b"x"}), (through.delete_object, {"Key": "in/a"}),
                          (through.list_objects_v2, {})):
        assert refused(call, Bucket=NAME, **members) == ("AccessDenied", 403)
    copy = {"Bucket": express.bucket, "Key": "in/copy"}
    through.copy_object(**copy, CopySource=f"{NAME}/in/a")
    assert refused(through.copy_object, **copy, CopySource=f"{NAME}/out/b") == ("AccessDenied", 403)
    control.delete_access_point_scope(AccountId=cloud.account, Name=NAME)
    through.delete_object(Bucket=NAME, Key="out/b")


def test_users_need_the_session_at_both_the_point_and_the_bucket(control: Any, cloud: Any, express: Any) -> None:
    make(control, cloud, express, Scope={"Prefixes": ["in/"]}, Tags=[{"Key": "team", "Value": "data"}])
    enforce(cloud)
    point = f"arn:aws:s3express:us-east-1:{cloud.account}:accesspoint/{NAME}"
    bucket = f"arn:aws:s3express:us-east-1:{cloud.account}:bucket/{express.bucket}"

    def reads(name: str, *arns: str) -> Any:
        policy = document({"Action": "s3express:CreateSession", "Resource": list(arns)})
        return cloud.client("s3", **user(cloud, name, policy))

    assert reads("ann", point, bucket).get_object(Bucket=NAME, Key="in/a")["Body"].read() == b"in/a"
    assert refused(reads("ben", point, bucket).get_object, Bucket=NAME, Key="out/b") == ("AccessDenied", 403)
    for name, arn in (("cat", point), ("dan", bucket)):
        assert refused(reads(name, arn).get_object, Bucket=NAME, Key="in/a") == ("AccessDenied", 403)


def test_points_of_directory_buckets_are_listed_by_page(control: Any, cloud: Any, express: Any) -> None:
    for name in ("one", "two", "three"):
        make(control, cloud, express, f"{name}--{ZONE}--xa-s3")
    mine = {"AccountId": cloud.account, "DirectoryBucket": express.bucket}
    page = control.list_access_points_for_directory_buckets(**mine, MaxResults=2)
    rest = control.list_access_points_for_directory_buckets(**mine, MaxResults=2, NextToken=page["NextToken"])
    assert [[one["Name"].split("--")[0] for one in each["AccessPointList"]] for each in (page, rest)] == [
        ["one", "three"], ["two"]]
    assert "NextToken" not in rest
    assert refused(control.list_access_points_for_directory_buckets, AccountId=cloud.other().account) == ("AccessDenied", 403)
