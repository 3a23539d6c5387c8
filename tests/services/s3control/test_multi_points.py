"""Multi-Region access points: made, told, deleted; policies and routes; data through them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPoints.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from botocore.config import Config

from enforced import document, user
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.conftest import reached
from services.s3control.test_points import enforce, policy

REGIONS = ("eu-west-1", "us-west-2")


class Multi:
    """A point `world` before a bucket in each of two regions, that hold their region's name as `k`."""

    def __init__(self, control: Any, cloud: Any) -> None:
        self.control, self.cloud, self.account = control, cloud, cloud.account
        self.s3 = cloud.client("s3")
        self.buckets = [f"{region}-{cloud.account}" for region in REGIONS]
        for region, bucket in zip(REGIONS, self.buckets, strict=True):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
            self.s3.put_object(Bucket=bucket, Key="k", Body=region.encode())
        self.created = self.create()
        cloud.clock.advance(6)
        self.alias = self.get()["Alias"]
        self.arn = f"arn:aws:s3::{self.account}:accesspoint/{self.alias}"

    def create(self, name: str = "world", token: str = "c", **more: Any) -> str:
        details = {"Name": name, "Regions": [{"Bucket": bucket} for bucket in self.buckets]} | more
        arn: str = self.control.create_multi_region_access_point(
            AccountId=self.account, ClientToken=token, Details=details)["RequestTokenARN"]
        return arn

    def get(self, name: str = "world") -> dict[str, Any]:
        told: dict[str, Any] = self.control.get_multi_region_access_point(AccountId=self.account, Name=name)["AccessPoint"]
        return told

    def delete(self, name: str = "world") -> str:
        arn: str = self.control.delete_multi_region_access_point(
            AccountId=self.account, ClientToken=f"delete {name}".replace(" ", "-"), Details={"Name": name})["RequestTokenARN"]
        return arn

    def request(self, arn: str) -> dict[str, Any]:
        told: dict[str, Any] = self.control.describe_multi_region_access_point_operation(
            AccountId=self.account, RequestTokenARN=arn)["AsyncOperation"]
        return told

    def put_policy(self, text: str, token: str = "p") -> str:
        arn: str = self.control.put_multi_region_access_point_policy(
            AccountId=self.account, ClientToken=token, Details={"Name": "world", "Policy": text})["RequestTokenARN"]
        return arn

    def turn(self, *updates: dict[str, Any]) -> None:
        self.control.submit_multi_region_access_point_routes(
            AccountId=self.account, Mrap=self.alias, RouteUpdates=list(updates))

    def dials(self) -> dict[str, int]:
        told = self.control.get_multi_region_access_point_routes(AccountId=self.account, Mrap=self.arn)
        assert told["Mrap"] == self.arn
        return {one["Region"]: one["TrafficDialPercentage"] for one in told["Routes"]}


@pytest.fixture
def multi(control: Any, cloud: Any) -> Multi:
    return Multi(control, cloud)


def worldwide(cloud: Any, **keys: str) -> Any:
    """A client that asks by ARN: SDKs sign such requests by version 4a, and send them to a host that only AWS has."""
    client = cloud.client("s3", config=Config(s3={"addressing_style": "auto"}), **keys)

    def reach(request: Any, **_: Any) -> None:
        there, here = urlsplit(request.url), urlsplit(cloud.endpoint)
        request.headers["Host"] = there.netloc
        request.url = urlunsplit(there._replace(scheme="http", netloc=here.netloc))

    client.meta.events.register("before-send", reach)
    return client


def test_a_point_is_made_in_a_while(multi: Multi, cloud: Any) -> None:
    assert multi.created.startswith(f"arn:aws:s3:us-west-2:{cloud.account}:async-request/mrap/create/")
    second = multi.create("second", "d", PublicAccessBlock={"BlockPublicAcls": True})
    told = multi.request(second)
    assert (told["RequestStatus"], told["Operation"]) == ("INPROGRESS", "CreateMultiRegionAccessPoint")
    assert told["RequestParameters"]["CreateMultiRegionAccessPointRequest"]["Name"] == "second"
    assert multi.get("second")["Status"] == "CREATING"
    cloud.clock.advance(6)
    told = multi.request(second)
    assert told["RequestStatus"] == "SUCCEEDED"
    assert told["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"] == [
        {"Name": region, "RequestStatus": "SUCCEEDED"} for region in REGIONS]
    point = multi.get("second")
    assert (point["Status"], point["Regions"]) == ("READY", [
        {"Bucket": bucket, "Region": region, "BucketAccountId": cloud.account}
        for bucket, region in zip(multi.buckets, REGIONS, strict=True)])
    assert point["PublicAccessBlock"] == {
        "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    assert point["Alias"].endswith(".mrap")
    assert multi.create("second", "d", PublicAccessBlock={"BlockPublicAcls": True}) == second        # asked again
    page = multi.control.list_multi_region_access_points(AccountId=cloud.account, MaxResults=1)
    rest = multi.control.list_multi_region_access_points(AccountId=cloud.account, NextToken=page["NextToken"])
    assert [[one["Name"] for one in found["AccessPoints"]] for found in (page, rest)] == [["second"], ["world"]]
    assert "NextToken" not in rest


def test_a_point_is_deleted_in_a_while(multi: Multi, cloud: Any) -> None:
    token = multi.delete()
    assert multi.get()["Status"] == "DELETING"
    assert refused(multi.put_policy, text="{}") == ("MultiRegionAccessPointNotReady", 409)
    assert refused(multi.s3.get_object, Bucket=multi.alias, Key="k") == ("NoSuchMultiRegionAccessPoint", 404)
    cloud.clock.advance(6)
    assert refused(multi.get) == ("NoSuchMultiRegionAccessPoint", 404)
    assert multi.request(token)["RequestStatus"] == "SUCCEEDED"
    assert multi.s3.get_object(Bucket=multi.buckets[0], Key="k")["Body"].read() == b"eu-west-1"
    cloud.clock.advance(15 * 86_400)
    assert refused(multi.request, arn=token) == ("NoSuchAsyncRequest", 404)


def test_wrong_points_are_refused(multi: Multi, cloud: Any) -> None:
    assert refused(multi.create, token="n") == ("MultiRegionAccessPointAlreadyOwnedByYou", 409)
    assert refused(multi.create, name="other") == ("IdempotencyException", 400)
    for name in ("Capital", "a", "-dash", "under_score", "dot.ted"):
        assert refused(multi.create, name=name, token="n")[1] == 400
    twins = [{"Bucket": multi.buckets[0]}, {"Bucket": f"twin-{cloud.account}"}]
    assert refused(multi.create, name="new", token="n", Regions=twins) == ("NoSuchBucket", 404)
    multi.s3.create_bucket(Bucket=twins[1]["Bucket"], CreateBucketConfiguration={"LocationConstraint": REGIONS[0]})
    assert refused(multi.create, name="new", token="n", Regions=twins) == ("MultiRegionAccessPointSameBucketRegion", 400)
    assert refused(multi.create, name="new", token="n", Regions=[]) == ("InvalidRequest", 400)
    assert refused(multi.delete, name="none") == ("NoSuchMultiRegionAccessPoint", 404)


def test_a_bucket_that_goes_meanwhile_leaves_a_point_half_made(multi: Multi, cloud: Any) -> None:
    name = f"brief-{cloud.account}"
    multi.s3.create_bucket(Bucket=name)
    token = multi.create("brief", "b", Regions=[{"Bucket": name}])
    multi.s3.delete_bucket(Bucket=name)
    cloud.clock.advance(6)
    told = multi.request(token)
    assert (told["RequestStatus"], told["ResponseDetails"]["ErrorDetails"]["Code"]) == ("FAILED", "NoSuchBucket")
    assert multi.get("brief")["Status"] == "PARTIALLY_CREATED"
    multi.delete("brief")
    cloud.clock.advance(6)
    assert refused(multi.get, name="brief") == ("NoSuchMultiRegionAccessPoint", 404)


def test_policies_are_proposed_and_then_established(multi: Multi, cloud: Any) -> None:
    who = {"AccountId": cloud.account, "Name": "world"}
    read = multi.control.get_multi_region_access_point_policy
    assert read(**who)["Policy"] == {}
    text = policy(f"{multi.arn}/object/*", {"AWS": cloud.account})
    token = multi.put_policy(text)
    assert read(**who)["Policy"] == {"Proposed": {"Policy": text}}
    cloud.clock.advance(6)
    assert read(**who)["Policy"] == {"Established": {"Policy": text}, "Proposed": {"Policy": text}}
    assert multi.request(token)["Operation"] == "PutMultiRegionAccessPointPolicy"
    status = multi.control.get_multi_region_access_point_policy_status
    assert status(**who)["Established"]["IsPublic"] is False
    assert refused(multi.put_policy, text="{", token="q") == ("MalformedPolicy", 400)
    assert refused(multi.put_policy, text=policy("arn:aws:s3:::x/*", "*"), token="q") == ("MalformedPolicy", 400)
    assert refused(multi.put_policy, text=policy(f"{multi.arn}/object/*", "*"), token="q") == ("AccessDenied", 403)


def test_routes_are_turned(multi: Multi, cloud: Any) -> None:
    assert multi.dials() == {"eu-west-1": 100, "us-west-2": 100}
    multi.turn({"Region": "eu-west-1", "TrafficDialPercentage": 0})
    assert multi.dials() == {"eu-west-1": 0, "us-west-2": 100}
    for wrong in ({"Region": "us-west-2", "TrafficDialPercentage": 0}, {"Region": "us-east-1", "TrafficDialPercentage": 100},
                  {"Bucket": multi.buckets[0], "Region": "us-west-2", "TrafficDialPercentage": 100},
                  {"Region": "eu-west-1", "TrafficDialPercentage": 50}, {"TrafficDialPercentage": 100}):
        with pytest.raises(multi.control.exceptions.ClientError, match=r"InvalidRequest|Regions"):
            multi.turn(wrong)
    multi.turn({"Bucket": multi.buckets[0], "TrafficDialPercentage": 100}, {"Region": "us-west-2", "TrafficDialPercentage": 0})
    assert multi.dials() == {"eu-west-1": 100, "us-west-2": 0}
    asked = {"AccountId": cloud.account, "Mrap": "world"}
    assert refused(multi.control.get_multi_region_access_point_routes, **asked) == ("InvalidRequest", 400)
    multi.create("alone", "a", Regions=[{"Bucket": multi.buckets[0]}])
    cloud.clock.advance(6)
    multi.alias = multi.get("alone")["Alias"]
    assert refused(multi.turn) == ("MethodNotAllowed", 405)


def test_data_goes_to_the_nearest_active_bucket(multi: Multi, cloud: Any) -> None:
    key = cloud.client("iam").create_user(UserName="ann")
    keys = cloud.client("iam").create_access_key(UserName=key["User"]["UserName"])["AccessKey"]
    ann = worldwide(cloud, key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])          # the signature is verified
    through = {"Bucket": multi.arn, "Key": "k"}
    assert ann.get_object(**through)["Body"].read() == b"eu-west-1"
    multi.turn({"Region": "eu-west-1", "TrafficDialPercentage": 0})
    assert ann.get_object(**through)["Body"].read() == b"us-west-2"
    ann.put_object(Bucket=multi.arn, Key="new", Body=b"there")
    assert [one["Key"] for one in multi.s3.list_objects_v2(Bucket=multi.buckets[1])["Contents"]] == ["k", "new"]
    assert [one["Key"] for one in ann.list_objects_v2(Bucket=multi.arn)["Contents"]] == ["k", "new"]
    multi.turn({"Region": "eu-west-1", "TrafficDialPercentage": 100})
    by_region = {region: cloud.client("s3", region=region).get_object(Bucket=multi.alias, Key="k")["Body"].read().decode()
                 for region in (*REGIONS, "ap-south-1")}
    assert by_region == {"eu-west-1": "eu-west-1", "us-west-2": "us-west-2", "ap-south-1": "eu-west-1"}
    wrong = worldwide(cloud, key=keys["AccessKeyId"], secret="wrong")
    assert refused(wrong.get_object, **through) == ("SignatureDoesNotMatch", 403)


def test_a_url_that_was_signed_for_a_point(multi: Multi, cloud: Any) -> None:
    ann = worldwide(cloud, **user(cloud, "ann"))
    there = urlsplit(ann.generate_presigned_url("get_object", Params={"Bucket": multi.arn, "Key": "k"}))
    assert (there.netloc, "X-Amz-Region-Set=%2A" in there.query) == (f"{multi.alias}.accesspoint.s3-global.amazonaws.com", True)
    assert ask(cloud.endpoint, "GET", f"/k?{there.query}", Host=there.netloc).body == b"eu-west-1"
    assert ask(cloud.endpoint, "GET", f"/other?{there.query}", Host=there.netloc).status == 403
    local = there.netloc.replace("amazonaws.com", "localhost")          # the signature is of the other name
    assert ask(cloud.endpoint, "GET", f"/k?{there.query}", Host=local).status == 403


def test_what_may_not_be_asked_through_a_point(multi: Multi, cloud: Any) -> None:
    ann = worldwide(cloud)
    assert refused(ann.list_object_versions, Bucket=multi.arn) == ("MethodNotAllowed", 405)
    assert refused(ann.delete_objects, Bucket=multi.arn, Delete={"Objects": [{"Key": "k"}]}) == ("MethodNotAllowed", 405)
    assert refused(ann.get_object, Bucket=multi.arn.replace("point/m", "point/n"), Key="k") == (
        "NoSuchMultiRegionAccessPoint", 404)
    answer = ask(cloud.endpoint, "GET", "/k", Host=f"{multi.alias}.accesspoint.s3-global.amazonaws.com")
    assert answer.status == 403                                  # nobody: such requests are signed
    ann.copy_object(Bucket=multi.arn, Key="copy", CopySource=f"{multi.buckets[0]}/k")
    assert refused(ann.copy_object, Bucket=multi.arn, Key="copy", CopySource=f"{multi.arn}/object/k")[1] == 400


def test_both_policies_decide(multi: Multi, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html"""
    other = cloud.other()
    their, through = worldwide(other), {"Bucket": multi.arn, "Key": "k"}
    ann = worldwide(cloud, **user(cloud, "ann", document(
        {"Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"s3:DataAccessPointArn": multi.arn}}})))
    enforce(cloud)
    assert ann.get_object(**through)["Body"].read() == b"eu-west-1"
    assert refused(ann.get_object, Bucket=multi.buckets[0], Key="k") == ("AccessDenied", 403)
    assert refused(their.get_object, **through) == ("AccessDenied", 403)
    multi.put_policy(policy(f"{multi.arn}/object/*", {"AWS": other.account}))
    cloud.clock.advance(6)
    assert refused(their.get_object, **through) == ("AccessDenied", 403)        # the buckets do not let in yet
    multi.s3.put_bucket_policy(Bucket=multi.buckets[0], Policy=policy(
        f"arn:aws:s3:::{multi.buckets[0]}/*", {"AWS": other.account}, "s3:*",
        Condition={"StringEquals": {"s3:DataAccessPointAccount": cloud.account}}))
    assert their.get_object(**through)["Body"].read() == b"eu-west-1"
    assert refused(their.get_object, Bucket=multi.buckets[0], Key="k") == ("AccessDenied", 403)
    multi.turn({"Region": "eu-west-1", "TrafficDialPercentage": 0})
    assert refused(their.get_object, **through) == ("AccessDenied", 403)        # the other bucket has no such policy


def test_requests_for_points_are_granted_by_their_arns(multi: Multi, cloud: Any) -> None:
    named = {"Action": ["s3:GetMultiRegionAccessPoint", "s3:SubmitMultiRegionAccessPointRoutes"], "Resource": multi.arn}
    keys = user(cloud, "ann", document(named))
    enforce(cloud)
    multi.control = reached(cloud.client("s3control", region="us-west-2", **keys))
    assert multi.get()["Name"] == "world"
    multi.turn({"Region": "eu-west-1", "TrafficDialPercentage": 0})
    assert refused(multi.dials) == ("AccessDenied", 403)
    assert refused(multi.delete) == ("AccessDenied", 403)
