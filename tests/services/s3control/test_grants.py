"""Access Grants: what is granted to whom, and credentials that reach it and no more."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from enforced import own, user
from services.s3.refusals import refused
from services.s3control.conftest import reached
from services.s3control.test_points import enforce

EVERYBODY = "access-grants.s3.amazonaws.com"


class Grants:
    """An instance of Access Grants with the default location, and a user who may ask."""

    def __init__(self, control: Any, cloud: Any, s3: Any) -> None:
        self.control, self.cloud, self.mine, self.bucket = control, cloud, {"AccountId": cloud.account}, s3.bucket
        self.arn = control.create_access_grants_instance(**self.mine)["AccessGrantsInstanceArn"]
        self.role = self.made_role("reacher", ["sts:AssumeRole", "sts:SetSourceIdentity"])
        control.create_access_grants_location(**self.mine, LocationScope="s3://", IAMRoleArn=self.role)
        self.keys = user(cloud, "ann", own("s3:GetDataAccess", "s3:ListCallerAccessGrants"))
        self.ann = f"arn:aws:iam::{cloud.account}:user/ann"
        self.theirs = reached(cloud.client("s3control", **self.keys))

    def made_role(self, name: str, trusted: list[str]) -> str:
        """A role that may do everything as long as Access Grants asks."""
        iam = self.cloud.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": EVERYBODY}, "Action": trusted}}))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=own(
            "s3:*", Condition={"ArnEquals": {"s3:AccessGrantsInstanceArn": self.arn}}))
        arn: str = made["Role"]["Arn"]
        return arn

    def grant(self, prefix: str, permission: str = "READ", **more: Any) -> dict[str, Any]:
        where = {"AccessGrantsLocationConfiguration": {"S3SubPrefix": prefix}} if prefix else {}
        made: dict[str, Any] = self.control.create_access_grant(
            **self.mine, **where, **more, AccessGrantsLocationId="default", Permission=permission,
            Grantee={"GranteeType": "IAM", "GranteeIdentifier": self.ann})
        return made

    def data(self, target: str, permission: str = "READ", **more: Any) -> Any:
        """Ann's client for some data."""
        told = self.theirs.get_data_access(**self.mine, Target=target, Permission=permission, **more)
        given = told["Credentials"]
        client = boto3.client("s3", endpoint_url=self.cloud.endpoint, region_name="us-east-1",
                              aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
                              aws_session_token=given["SessionToken"])
        client.told = told
        return client


@pytest.fixture
def granting(control: Any, cloud: Any, s3: Any) -> Grants:
    for key in ("a/1", "a/2", "b/1"):
        s3.put_object(Bucket=s3.bucket, Key=key, Body=key.encode())
    return Grants(control, cloud, s3)


def test_an_instance_is_one_and_goes_empty(granting: Grants) -> None:
    control, mine = granting.control, granting.mine
    assert granting.arn == f"arn:aws:s3:us-east-1:{mine['AccountId']}:access-grants/default"
    assert refused(control.create_access_grants_instance, **mine) == ("AccessGrantsInstanceAlreadyExists", 409)
    assert control.get_access_grants_instance(**mine)["AccessGrantsInstanceId"] == "default"
    assert len(control.list_access_grants_instances(**mine)["AccessGrantsInstancesList"]) == 1
    made = granting.grant(f"{granting.bucket}/*")
    location = {**mine, "AccessGrantsLocationId": "default"}
    assert refused(control.delete_access_grants_instance, **mine) == ("AccessGrantsInstanceNotEmptyError", 400)
    assert refused(control.delete_access_grants_location, **location) == ("AccessGrantsLocationNotEmptyError", 400)
    control.delete_access_grant(**mine, AccessGrantId=made["AccessGrantId"])
    assert refused(control.get_access_grant, **mine, AccessGrantId=made["AccessGrantId"]) == ("NoSuchAccessGrantError", 404)
    control.delete_access_grants_location(**location)
    assert refused(control.get_access_grants_location, **location) == ("NoSuchAccessGrantsLocationError", 404)
    control.delete_access_grants_instance(**mine)
    assert refused(control.get_access_grants_instance, **mine) == ("AccessGrantsInstanceNotExistsError", 404)


def test_locations(granting: Grants) -> None:
    control, mine, bucket = granting.control, granting.mine, granting.bucket
    place = {**mine, "LocationScope": f"s3://{bucket}/a", "IAMRoleArn": granting.role}
    made = control.create_access_grants_location(**place)
    told = control.get_access_grants_location(**mine, AccessGrantsLocationId=made["AccessGrantsLocationId"])
    assert (told["LocationScope"], told["IAMRoleArn"]) == (f"s3://{bucket}/a", granting.role)
    assert refused(control.create_access_grants_location, **place) == ("AccessGrantsLocationAlreadyExistsError", 409)
    nowhere = place | {"LocationScope": "file://x"}
    assert refused(control.create_access_grants_location, **nowhere) == ("InvalidAccessGrantsLocation", 400)
    nobody = {"IAMRoleArn": granting.role + "-not"}
    assert refused(control.create_access_grants_location, **place | nobody) == ("InvalidIamRole", 400)
    other = granting.made_role("other", ["sts:AssumeRole"])
    where = {**mine, "AccessGrantsLocationId": made["AccessGrantsLocationId"]}
    assert refused(control.update_access_grants_location, **where, **nobody) == ("InvalidIamRole", 400)
    assert control.update_access_grants_location(**where, IAMRoleArn=other)["IAMRoleArn"] == other
    page = control.list_access_grants_locations(**mine, MaxResults=1)
    rest = control.list_access_grants_locations(**mine, NextToken=page["NextToken"])
    found = [one["LocationScope"] for told in (page, rest) for one in told["AccessGrantsLocationsList"]]
    assert sorted(found) == ["s3://", f"s3://{bucket}/a"]
    only = control.list_access_grants_locations(**mine, LocationScope="s3://")["AccessGrantsLocationsList"]
    assert [one["AccessGrantsLocationId"] for one in only] == ["default"]


def test_grants_are_listed_for_the_owner_and_the_grantee(granting: Grants) -> None:
    control, mine, bucket = granting.control, granting.mine, granting.bucket
    first = granting.grant(f"{bucket}/a/*")
    granting.grant(f"{bucket}/b/1", "READWRITE", S3PrefixType="Object")
    assert first["GrantScope"] == f"s3://{bucket}/a/*"
    assert control.get_access_grant(**mine, AccessGrantId=first["AccessGrantId"])["Grantee"] == {
        "GranteeType": "IAM", "GranteeIdentifier": granting.ann}
    for wanted, scopes in (({}, ["a/*", "b/1"]), ({"Permission": "READ"}, ["a/*"]), ({"GranteeIdentifier": granting.role}, []),
                           ({"GrantScope": f"s3://{bucket}/b/1", "GranteeType": "IAM"}, ["b/1"])):
        found = control.list_access_grants(**mine, **wanted).get("AccessGrantsList", [])
        assert sorted(one["GrantScope"].removeprefix(f"s3://{bucket}/") for one in found) == scopes
    page = control.list_access_grants(**mine, MaxResults=1)
    assert len(control.list_access_grants(**mine, NextToken=page["NextToken"])["AccessGrantsList"]) == 1
    own_ones = granting.theirs.list_caller_access_grants(**mine, GrantScope=f"s3://{bucket}/a*")["CallerAccessGrantsList"]
    assert [(one["GrantScope"], one["Permission"]) for one in own_ones] == [(f"s3://{bucket}/a/*", "READ")]
    assert control.list_caller_access_grants(**mine).get("CallerAccessGrantsList", []) == []
    with pytest.raises(control.exceptions.ClientError, match="AccessGrantAlreadyExists"):
        granting.grant(f"{bucket}/a/*")
    with pytest.raises(control.exceptions.ClientError, match="InvalidAccessGrant"):
        granting.grant("")                                       # not all that there is


def test_an_instance_is_found_by_what_is_in_it(granting: Grants, cloud: Any) -> None:
    control, mine, bucket = granting.control, granting.mine, granting.bucket
    for prefix in (f"s3://{bucket}/a/1", f"s3://{bucket}/*", f"s3://{bucket}"):
        told = control.get_access_grants_instance_for_prefix(**mine, S3Prefix=prefix)
        assert (told["AccessGrantsInstanceArn"], told["AccessGrantsInstanceId"]) == (granting.arn, "default")
    find = control.get_access_grants_instance_for_prefix
    assert refused(find, **mine, S3Prefix=f"s3://{bucket}-not/a") == ("NoSuchBucket", 404)
    control.delete_access_grants_location(**mine, AccessGrantsLocationId="default")
    assert refused(find, **mine, S3Prefix=f"s3://{bucket}/a") == ("AccessGrantsInstanceNotExistsError", 404)
    control.create_access_grants_location(**mine, LocationScope=f"s3://{bucket}/a*", IAMRoleArn=granting.role)
    assert find(**mine, S3Prefix=f"s3://{bucket}/abc")["AccessGrantsInstanceId"] == "default"
    assert refused(find, **mine, S3Prefix=f"s3://{bucket}/b") == ("AccessGrantsInstanceNotExistsError", 404)
    other = cloud.other()
    other.client("s3").create_bucket(Bucket=f"theirs-{other.account}")
    assert refused(find, **mine, S3Prefix=f"s3://theirs-{other.account}/a") == ("NotImplemented", 501)


def test_a_caller_pages_through_what_was_granted(granting: Grants) -> None:
    scopes = [f"s3://{granting.bucket}/{number}/*" for number in range(5)]
    for scope in scopes:
        granting.grant(scope.removeprefix("s3://"))
    found, asked = [], {**granting.mine, "MaxResults": 2}
    for expected in (2, 2, 1):
        page = granting.theirs.list_caller_access_grants(**asked)
        found += [one["GrantScope"] for one in page["CallerAccessGrantsList"]]
        assert (len(page["CallerAccessGrantsList"]), "NextToken" in page) == (expected, expected == 2)
        asked["NextToken"] = page.get("NextToken")
    assert sorted(found) == scopes
    asked = {**granting.mine, "NextToken": "no token"}
    assert refused(granting.theirs.list_caller_access_grants, **asked)[0] == "InvalidNextToken"


def test_credentials_reach_what_is_granted(granting: Grants) -> None:
    bucket = granting.bucket
    granting.grant(f"{bucket}/a/*")
    granting.grant(f"{bucket}/a/2", "READWRITE", S3PrefixType="Object")
    enforce(granting.cloud)
    reader = granting.data(f"s3://{bucket}/a/*")
    assert reader.told["MatchedGrantTarget"] == f"s3://{bucket}/a/*"
    assert reader.told["MatchedInstanceArn"] == granting.arn
    assert reader.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    assert reader.list_objects_v2(Bucket=bucket, Prefix="a/")["KeyCount"] == 2
    assert refused(reader.get_object, Bucket=bucket, Key="b/1") == ("AccessDenied", 403)
    assert refused(reader.put_object, Bucket=bucket, Key="a/1", Body=b"x") == ("AccessDenied", 403)
    assert refused(reader.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
    least = granting.data(f"s3://{bucket}/a/1", Privilege="Minimal", TargetType="Object", DurationSeconds=900)
    assert least.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"a/1"
    assert refused(least.get_object, Bucket=bucket, Key="a/2") == ("AccessDenied", 403)
    writer = granting.data(f"s3://{bucket}/a/2", "WRITE")
    writer.put_object(Bucket=bucket, Key="a/2", Body=b"new")
    assert refused(writer.get_object, Bucket=bucket, Key="a/2") == ("AccessDenied", 403)
    granting.cloud.clock.advance(901)
    assert refused(least.get_object, Bucket=bucket, Key="a/1")[1] in (400, 403)


def test_what_is_not_granted_is_refused(granting: Grants, cloud: Any) -> None:
    asked = {**granting.mine, "Target": f"s3://{granting.bucket}/a/1", "Permission": "WRITE"}
    granting.grant(f"{granting.bucket}/a/*")
    assert refused(granting.theirs.get_data_access, **asked) == ("AccessDenied", 403)
    asked["Permission"] = "READ"
    assert refused(granting.control.get_data_access, **asked) == ("AccessDenied", 403)          # the root has no grant
    granting.control.update_access_grants_location(
        **granting.mine, AccessGrantsLocationId="default", IAMRoleArn=granting.made_role("closed", ["sts:TagSession"]))
    enforce(cloud)
    assert refused(granting.theirs.get_data_access, **asked) == ("StsNotAuthorizedError", 403)


def test_all_of_it_has_tags(granting: Grants) -> None:
    made = granting.grant(f"{granting.bucket}/*", Tags=[{"Key": "a", "Value": "1"}])
    for arn, before in ((granting.arn, {}), (made["AccessGrantArn"], {"a": "1"}), (granting.arn + "/location/default", {})):
        whose = {**granting.mine, "ResourceArn": arn}
        assert {one["Key"]: one["Value"] for one in granting.control.list_tags_for_resource(**whose)["Tags"]} == before
        granting.control.tag_resource(**whose, Tags=[{"Key": "b", "Value": "2"}])
        granting.control.untag_resource(**whose, TagKeys=["a"])
        assert granting.control.list_tags_for_resource(**whose)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_the_instances_policy_lets_other_accounts_ask(granting: Grants, cloud: Any) -> None:
    control, mine, other = granting.control, granting.mine, cloud.other()
    whose = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": other.account}, "Resource": granting.arn,
        "Action": ["s3:GetDataAccess", "s3:ListCallerAccessGrants"]}}
    assert refused(control.get_access_grants_instance_resource_policy, **mine) == (
        "AccessGrantsInstanceResourcePolicyNotExists", 404)
    assert refused(control.put_access_grants_instance_resource_policy, **mine, Policy="{}") == ("InvalidResourcePolicy", 400)
    keys = user(other, "bob", own("s3:*"))
    granting.ann = f"arn:aws:iam::{other.account}:user/bob"
    granting.theirs = reached(other.client("s3control", **keys))
    granting.grant(f"{granting.bucket}/a/*")
    enforce(cloud)
    enforce(other)
    asked = {**mine, "Target": f"s3://{granting.bucket}/a/*", "Permission": "READ"}
    assert refused(granting.theirs.get_data_access, **asked) == ("AccessDenied", 403)
    control.put_access_grants_instance_resource_policy(**mine, Policy=json.dumps(whose))
    assert json.loads(control.get_access_grants_instance_resource_policy(**mine)["Policy"]) == whose
    reader = granting.data(f"s3://{granting.bucket}/a/*")
    assert reader.get_object(Bucket=granting.bucket, Key="a/1")["Body"].read() == b"a/1"
    assert len(granting.theirs.list_caller_access_grants(**mine)["CallerAccessGrantsList"]) == 1
    control.delete_access_grants_instance_resource_policy(**mine)
    assert refused(granting.theirs.get_data_access, **asked) == ("AccessDenied", 403)
