"""Who gets in, where decisions are enforced: bucket policies, access control lists, public access blocks."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cumulet.services.s3.names import owner_id
from services.s3.browser import ask, post
from services.s3.refusals import refused

OWNER, FRIEND, STRANGER = "111111111111", "222222222222", "333333333333"
DENIED = ("AccessDenied", 403)


class Enforcing:
    """A cloud that refuses, with a bucket of its own for each test."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.made = 0

    def client(self, account: str, service: str = "s3", secret: str = "test") -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=account,
                            aws_secret_access_key=secret, config=Config(s3={"addressing_style": "path"}))

    def bucket(self, ownership: str = "BucketOwnerEnforced") -> tuple[Any, str]:
        self.made += 1
        s3, name = self.client(OWNER), f"exposed-{self.made}"
        s3.create_bucket(Bucket=name, ObjectOwnership=ownership)
        s3.delete_public_access_block(Bucket=name)
        s3.put_object(Bucket=name, Key="open/k", Body=b"hello")
        return s3, name

    def anonymous(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read()


@pytest.fixture(scope="module")
def enforcing(start_cloud: Any) -> Enforcing:
    return Enforcing(start_cloud(iam="enforce").cloud.endpoint.replace("localhost", "127.0.0.1"))


def allow(bucket: str, principal: Any, action: Any, path: str = "/*", **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": f"arn:aws:s3:::{bucket}{path}"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]})


def test_a_bucket_is_private_until_a_policy_opens_it(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket()
    status, body = enforcing.anonymous(f"{bucket}/open/k")
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", "s3:GetObject", "/open/*"))
    assert enforcing.anonymous(f"{bucket}/open/k") == (200, b"hello")
    assert enforcing.anonymous(f"{bucket}/shut/k")[0] == 403
    assert enforcing.anonymous(bucket)[0] == 403
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403
    assert refused(enforcing.client(FRIEND).get_object, Bucket=bucket, Key="open/k") == DENIED
    assert s3.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"hello"


def test_a_policy_names_accounts_and_conditions(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket()
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, {"AWS": FRIEND}, "s3:ListBucket", "", StringEquals={
        "s3:prefix": "open/"}))
    friend, stranger = enforcing.client(FRIEND), enforcing.client(STRANGER)
    assert friend.list_objects_v2(Bucket=bucket, Prefix="open/")["KeyCount"] == 1
    assert refused(friend.list_objects_v2, Bucket=bucket) == DENIED
    assert refused(stranger.list_objects_v2, Bucket=bucket, Prefix="open/") == DENIED
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, {"CanonicalUser": owner_id(FRIEND)}, "s3:GetObject"))
    assert friend.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"hello"
    assert refused(stranger.get_object, Bucket=bucket, Key="open/k") == DENIED


def test_a_policy_looks_at_the_tags_that_are_there(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket()
    s3.put_object(Bucket=bucket, Key="tagged", Body=b"x", Tagging="shown=yes")
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", "s3:GetObject", StringEquals={
        "s3:ExistingObjectTag/shown": "yes"}))
    assert enforcing.anonymous(f"{bucket}/tagged") == (200, b"x")
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403


def test_a_denial_wins_over_the_accounts_users(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket()
    iam = enforcing.client(OWNER, "iam")
    iam.create_user(UserName="worker")
    iam.put_user_policy(UserName="worker", PolicyName="all", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    made = iam.create_access_key(UserName="worker")["AccessKey"]
    worker = enforcing.client(made["AccessKeyId"], secret=made["SecretAccessKey"])
    worker.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*",
                 "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert refused(worker.put_object, Bucket=bucket, Key="k", Body=b"x") == DENIED
    worker.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")


def test_lists_open_buckets_and_objects(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket("ObjectWriter")
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403
    s3.put_object_acl(Bucket=bucket, Key="open/k", ACL="public-read")
    assert enforcing.anonymous(f"{bucket}/open/k") == (200, b"hello")
    assert enforcing.anonymous(bucket)[0] == 403
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert b"<Key>open/k</Key>" in enforcing.anonymous(bucket)[1]
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403
    assert enforcing.anonymous(bucket)[0] == 403


def test_lists_open_to_one_account(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket("ObjectWriter")
    friend, stranger = enforcing.client(FRIEND), enforcing.client(STRANGER)
    s3.put_object_acl(Bucket=bucket, Key="open/k", GrantRead=f"id={owner_id(FRIEND)}")
    assert friend.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"hello"
    assert refused(friend.get_object_acl, Bucket=bucket, Key="open/k") == DENIED
    assert refused(stranger.get_object, Bucket=bucket, Key="open/k") == DENIED
    s3.put_object_acl(Bucket=bucket, Key="open/k", ACL="authenticated-read")
    assert stranger.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"hello"
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403


def test_what_a_guest_writes_is_the_guests(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket("ObjectWriter")
    guest = enforcing.client(FRIEND)
    assert refused(guest.put_object, Bucket=bucket, Key="theirs", Body=b"x") == DENIED
    s3.put_bucket_acl(Bucket=bucket, GrantWrite=f"id={owner_id(FRIEND)}", GrantFullControl=f"id={owner_id(OWNER)}")
    guest.put_object(Bucket=bucket, Key="theirs", Body=b"x")
    assert guest.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"x"
    assert refused(s3.get_object, Bucket=bucket, Key="theirs") == DENIED
    guest.put_object_acl(Bucket=bucket, Key="theirs", ACL="bucket-owner-read")
    assert s3.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"x"
    s3.delete_object(Bucket=bucket, Key="theirs")


def test_the_accounts_block_ignores_lists(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket("ObjectWriter")
    s3.put_object_acl(Bucket=bucket, Key="open/k", ACL="public-read")
    control = enforcing.client(OWNER, "s3control")
    control.meta.events.register("before-send", to_the_address)
    control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 403
    control.delete_public_access_block(AccountId=OWNER)
    assert enforcing.anonymous(f"{bucket}/open/k")[0] == 200


def to_the_address(request: Any, **_: Any) -> None:
    """Clients put the account before the host, and 127.0.0.1 has no names below it."""
    request.url = request.url.replace(f"//{OWNER}.", "//")


def test_browsers_are_decided_on_as_well(enforcing: Enforcing) -> None:
    s3, bucket = enforcing.bucket()
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "k"}})
    host = f"{bucket}.s3-website.localhost"
    shut = ask(enforcing.endpoint, "GET", "/open/", Host=host)
    assert (shut.status, b"<h1>403 Forbidden</h1>" in shut.body) == (403, True)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", "s3:GetObject"))
    assert ask(enforcing.endpoint, "GET", "/open/", Host=host).body == b"hello"
    assert ask(enforcing.endpoint, "GET", "/none", Host=host).status == 404           # websites tell everybody
    assert enforcing.anonymous(f"{bucket}/none")[0] == 403
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]})
    asked = ask(enforcing.endpoint, "OPTIONS", f"/{bucket}/open/k", Origin="http://a.example",
                Access_Control_Request_Method="GET")
    assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert post(enforcing.endpoint, f"/{bucket}", {"key": "k"}, b"x").status == 403
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]).replace(
        f'"arn:aws:s3:::{bucket}/*"', f'["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"]'))
    assert post(enforcing.endpoint, f"/{bucket}", {"key": "k"}, b"x").status == 204
    assert ask(enforcing.endpoint, "GET", "/none", Host=host).status == 404


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::*"])
def test_all_buckets_are_listed_by_either_way_to_write_it(enforcing: Enforcing, resource: str) -> None:
    name = f"lister-{len(resource)}"
    iam = enforcing.client(OWNER, "iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": resource}}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    assert "Buckets" in enforcing.client(key["AccessKeyId"], secret=key["SecretAccessKey"]).list_buckets()
