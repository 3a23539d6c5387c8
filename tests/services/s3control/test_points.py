"""Access points: made, listed, deleted; data through them; the policies of both sides."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from access.doors import door
from enforced import document, user
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.conftest import reached


def make(control: Any, cloud: Any, s3: Any, name: str = "front", **more: Any) -> Any:
    return control.create_access_point(AccountId=cloud.account, Name=name, Bucket=s3.bucket, **more)


def enforce(cloud: Any) -> None:
    """Decisions on what this account owns count."""
    body = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    assert ask(cloud.endpoint, "POST", "/_cumulet/iam", body, Content_Type="application/json").status == 200


def policy(arn: str, principal: Any, action: Any = "s3:GetObject", **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn} | more})


def test_a_point_is_made_and_told(control: Any, cloud: Any, s3: Any) -> None:
    made = make(control, cloud, s3)
    told = control.get_access_point(AccountId=cloud.account, Name="front")
    assert made["AccessPointArn"] == f"arn:aws:s3:us-east-1:{cloud.account}:accesspoint/front" == told["AccessPointArn"]
    assert (told["Bucket"], told["Alias"], told["NetworkOrigin"]) == (s3.bucket, made["Alias"], "Internet")
    assert set(told["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(made["Alias"]) <= 63
    assert made["Alias"].endswith("-s3alias")
    assert refused(make, control=control, cloud=cloud, s3=s3) == ("AccessPointAlreadyOwnedByYou", 409)
    control.delete_access_point(AccountId=cloud.account, Name="front")
    assert refused(control.get_access_point, AccountId=cloud.account, Name="front") == ("NoSuchAccessPoint", 404)
    assert refused(control.delete_access_point, AccountId=cloud.account, Name="front") == ("NoSuchAccessPoint", 404)


@pytest.mark.parametrize("name", ["Capital", "under_score", "-dash", "dash-", "a" * 51, "xn--a", "a-s3alias"])
def test_names_have_rules(control: Any, cloud: Any, s3: Any, name: str) -> None:
    assert refused(make, control=control, cloud=cloud, s3=s3, name=name) == ("InvalidRequest", 400)


def test_buckets_are_there(control: Any, cloud: Any, s3: Any) -> None:
    wanted = {"AccountId": cloud.account, "Name": "front", "Bucket": f"nothing-{cloud.account}"}
    assert refused(control.create_access_point, **wanted) == ("InvalidRequest", 400)
    wanted = {"AccountId": cloud.other().account, "Name": "front", "Bucket": s3.bucket}
    assert refused(control.create_access_point, **wanted) == ("AccessDenied", 403)


def test_points_are_listed_by_bucket_and_page(control: Any, cloud: Any, s3: Any) -> None:
    for name in ("one", "three", "two"):
        make(control, cloud, s3, name)
    second = f"more-{cloud.account}"
    s3.create_bucket(Bucket=second)
    control.create_access_point(AccountId=cloud.account, Name="zero", Bucket=second)
    asked = {"AccountId": cloud.account, "Bucket": s3.bucket, "MaxResults": 2}
    page = control.list_access_points(**asked)
    rest = control.list_access_points(**asked, NextToken=page["NextToken"])
    assert [[one["Name"] for one in found["AccessPointList"]] for found in (page, rest)] == [["one", "three"], ["two"]]
    assert "NextToken" not in rest
    assert len(control.list_access_points(AccountId=cloud.account)["AccessPointList"]) == 4
    assert len(control.list_access_points(AccountId=cloud.account, DataSourceType="ALL")["AccessPointList"]) == 4
    volumes = {"AccountId": cloud.account, "DataSourceType": "FSX_OPENZFS"}
    assert refused(control.list_access_points, **volumes) == ("NotImplemented", 501)


def test_a_bucket_with_points_is_not_deleted(control: Any, cloud: Any, s3: Any) -> None:
    make(control, cloud, s3)
    s3.delete_object(Bucket=s3.bucket, Key="k")
    assert refused(s3.delete_bucket, Bucket=s3.bucket) == ("BucketHasAccessPointsAttached", 409)
    control.delete_access_point(AccountId=cloud.account, Name="front")
    s3.delete_bucket(Bucket=s3.bucket)


def test_data_by_alias_arn_and_host(control: Any, cloud: Any, s3: Any) -> None:
    made = make(control, cloud, s3)
    alias, arn = made["Alias"], made["AccessPointArn"]
    assert s3.get_object(Bucket=alias, Key="k")["Body"].read() == b"behind"
    s3.put_object(Bucket=alias, Key="new", Body=b"through")
    assert s3.get_object(Bucket=s3.bucket, Key="new")["Body"].read() == b"through"
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=alias)["Contents"]] == ["k", "new"]
    by_arn = reached(boto3.client("s3", endpoint_url=cloud.endpoint.replace("127.0.0.1", "localhost"), region_name="us-east-1",
                                  aws_access_key_id=cloud.account, aws_secret_access_key="test"))
    assert by_arn.get_object(Bucket=arn, Key="k")["Body"].read() == b"behind"
    s3.copy_object(Bucket=s3.bucket, Key="copy", CopySource=f"{arn}/object/k")
    assert s3.get_object(Bucket=s3.bucket, Key="copy")["Body"].read() == b"behind"
    answer = ask(cloud.endpoint, "GET", "/k", Host=f"front-{cloud.account}.s3-accesspoint.us-east-1.amazonaws.com")
    assert answer.body == b"behind"                              # nobody; but nothing is enforced in this account
    answer = ask(cloud.endpoint, "GET", "/k", Host=f"back-{cloud.account}.s3-accesspoint.us-east-1.amazonaws.com")
    assert (answer.status, b"NoSuchBucket" in answer.body) == (404, True)


def test_a_bucket_is_not_configured_through_a_point(control: Any, cloud: Any, s3: Any) -> None:
    alias = make(control, cloud, s3)["Alias"]
    assert refused(s3.put_bucket_versioning, Bucket=alias, VersioningConfiguration={"Status": "Enabled"}) == (
        "MethodNotAllowed", 405)
    assert refused(s3.delete_bucket, Bucket=alias) == ("MethodNotAllowed", 405)
    assert "Status" not in s3.get_bucket_versioning(Bucket=s3.bucket)


def test_policies_are_kept_and_checked(control: Any, cloud: Any, s3: Any) -> None:
    arn = make(control, cloud, s3)["AccessPointArn"]
    point = {"AccountId": cloud.account, "Name": "front"}
    assert refused(control.get_access_point_policy, **point) == ("NoSuchAccessPointPolicy", 404)
    text = policy(f"{arn}/object/*", {"AWS": cloud.account})
    control.put_access_point_policy(**point, Policy=text)
    assert control.get_access_point_policy(**point)["Policy"] == text
    assert control.get_access_point_policy_status(**point)["PolicyStatus"]["IsPublic"] is False
    for wrong in ("no json", "{no json", policy(f"arn:aws:s3:::{s3.bucket}/*", {"AWS": cloud.account})):
        assert refused(control.put_access_point_policy, **point, Policy=wrong) == ("MalformedPolicy", 400)
    assert refused(control.put_access_point_policy, **point, Policy=policy(f"{arn}/object/*", "*")) == ("AccessDenied", 403)
    control.delete_access_point_policy(**point)
    assert refused(control.get_access_point_policy_status, **point) == ("NoSuchAccessPointPolicy", 404)
    make(control, cloud, s3, "open", PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    control.put_access_point_policy(AccountId=cloud.account, Name="open",
                                    Policy=policy(arn.replace("front", "open") + "/object/*", "*"))
    assert control.get_access_point_policy_status(AccountId=cloud.account, Name="open")["PolicyStatus"]["IsPublic"] is True


def test_both_policies_decide_for_another_account(control: Any, cloud: Any, s3: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html"""
    made, other = make(control, cloud, s3), cloud.other()
    point, their = {"AccountId": cloud.account, "Name": "front"}, other.client("s3")
    through = {"Bucket": made["Alias"], "Key": "k"}
    enforce(cloud)
    assert refused(their.get_object, **through) == ("AccessDenied", 403)
    control.put_access_point_policy(**point, Policy=policy(made["AccessPointArn"] + "/object/*", {"AWS": other.account}))
    assert refused(their.get_object, **through) == ("AccessDenied", 403)        # the bucket does not let in yet
    s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy(
        f"arn:aws:s3:::{s3.bucket}/*", {"AWS": other.account}, "s3:*",
        Condition={"StringEquals": {"s3:DataAccessPointAccount": cloud.account}}))
    assert their.get_object(**through)["Body"].read() == b"behind"
    assert refused(their.put_object, **through) == ("AccessDenied", 403)        # the point lets read only
    assert refused(their.get_object, Bucket=s3.bucket, Key="k") == ("AccessDenied", 403)    # only through the point


def test_points_are_tagged(control: Any, cloud: Any, s3: Any) -> None:
    arn = make(control, cloud, s3, Tags=[{"Key": "team", "Value": "blue"}])["AccessPointArn"]
    whose = {"AccountId": cloud.account, "ResourceArn": arn}
    control.tag_resource(**whose, Tags=[{"Key": "stage", "Value": "test"}])
    assert control.list_tags_for_resource(**whose)["Tags"] == [
        {"Key": "team", "Value": "blue"}, {"Key": "stage", "Value": "test"}]
    control.untag_resource(**whose, TagKeys=["stage"])
    ann = cloud.client("s3", **user(cloud, "ann", document(
        {"Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"s3:AccessPointTag/team": "blue"}}})))
    enforce(cloud)
    through = {"Bucket": control.get_access_point(AccountId=cloud.account, Name="front")["Alias"], "Key": "k"}
    assert ann.get_object(**through)["Body"].read() == b"behind"
    control.untag_resource(**whose, TagKeys=["team"])
    assert refused(ann.get_object, **through) == ("AccessDenied", 403)
    control.tag_resource(**whose, Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    for key, code in (("aws:x", "InvalidTags"), ("x", "TooManyTags")):
        assert refused(control.tag_resource, **whose, Tags=[{"Key": key, "Value": ""}]) == (code, 400)
    none = {"AccountId": cloud.account, "ResourceArn": arn + "-not"}
    assert refused(control.list_tags_for_resource, **none) == ("NoSuchAccessPoint", 404)


def test_a_point_of_a_vpc_is_reached_from_there_alone(control: Any, cloud: Any, s3: Any) -> None:
    gate = door(cloud, "s3")
    arn = make(control, cloud, s3, VpcConfiguration={"VpcId": gate.vpc})["AccessPointArn"]
    told = control.get_access_point(AccountId=cloud.account, Name="front")
    assert (told["NetworkOrigin"], told["VpcConfiguration"]) == ("VPC", {"VpcId": gate.vpc})
    assert control.list_access_points(AccountId=cloud.account)["AccessPointList"][0]["NetworkOrigin"] == "VPC"
    assert refused(s3.get_object, Bucket=told["Alias"], Key="k") == ("AccessDenied", 403)
    host = {"Host": f"front-{cloud.account}.accesspoint.{gate.host}"}
    assert ask(cloud.endpoint, "GET", "/k", **host).body == b"behind"
    other = {"Host": f"front-{cloud.account}.accesspoint.{door(cloud, 's3').host}"}
    assert ask(cloud.endpoint, "GET", "/k", **other).status == 403
    text = policy(f"{arn}/object/*", "*")                        # nobody else reaches it, so it is not public
    control.put_access_point_policy(AccountId=cloud.account, Name="front", Policy=text)
    status = control.get_access_point_policy_status(AccountId=cloud.account, Name="front")
    assert status["PolicyStatus"]["IsPublic"] is False
