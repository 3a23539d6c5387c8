"""Bucket policies, what is public, and the block of public access."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cumulet.services.s3.policies import is_public
from services.s3.refusals import refused


def policy(bucket: str, **changes: Any) -> str:
    """One that lets everybody read the objects, unless changed; None takes a field away."""
    statement = {"Sid": "read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                 "Resource": f"arn:aws:s3:::{bucket}/*"} | changes
    return json.dumps({"Version": "2012-10-17", "Statement": [{k: v for k, v in statement.items() if v is not None}]})


def open_up(s3: Any) -> None:
    s3.delete_public_access_block(Bucket=s3.bucket)


def test_a_policy_is_kept_as_it_was_written(s3: Any) -> None:
    text = policy(s3.bucket, Principal={"AWS": "111122223333"}).replace(",", " ,")
    s3.put_bucket_policy(Bucket=s3.bucket, Policy=text)
    assert s3.get_bucket_policy(Bucket=s3.bucket)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=s3.bucket)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket=s3.bucket)
    s3.delete_bucket_policy(Bucket=s3.bucket)
    assert refused(s3.get_bucket_policy, Bucket=s3.bucket) == ("NoSuchBucketPolicy", 404)
    assert refused(s3.get_bucket_policy_status, Bucket=s3.bucket) == ("NoSuchBucketPolicy", 404)


def test_public_policies_are_blocked_until_the_block_goes(s3: Any) -> None:
    with pytest.raises(ClientError, match="blocked by the BlockPublicPolicy block public access setting") as caught:
        s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy(s3.bucket))
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    open_up(s3)
    s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy(s3.bucket))
    assert s3.get_bucket_policy_status(Bucket=s3.bucket)["PolicyStatus"] == {"IsPublic": True}


def test_the_accounts_block_counts_for_its_buckets(s3: Any, cloud: Any, control: Any) -> None:
    open_up(s3)
    control.put_public_access_block(AccountId=cloud.account, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    assert refused(s3.put_bucket_policy, Bucket=s3.bucket, Policy=policy(s3.bucket)) == ("AccessDenied", 403)
    control.delete_public_access_block(AccountId=cloud.account)
    s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy(s3.bucket))


@pytest.mark.parametrize(("changes", "message"), [
    ({"Principal": None}, "Missing required field Principal"), ({"Effect": None}, "Missing required field Effect"),
    ({"Effect": "Maybe"}, "Invalid effect : Maybe"), ({"Action": None}, "Missing required field Action"),
    ({"Action": "sqs:SendMessage"}, "Policy has invalid action"), ({"Resource": None}, "Missing required field Resource"),
    ({"Resource": "arn:aws:s3:::another-bucket/*"}, "Policy has invalid resource"),
    ({"Resource": "*"}, "Policy has invalid resource"),
    ({"Principal": {"AWS": "somebody"}}, "Invalid principal in policy"), ({"Colour": "blue"}, "Unknown field Colour"),
    ({"Action": "s3:ListBucket"}, "Action does not apply to any resource")])
def test_what_is_no_policy_is_refused(s3: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy(s3.bucket, **changes))
    assert caught.value.response["Error"]["Code"] == "MalformedPolicy"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(("text", "message"), [
    ("[]", "the first byte must be"), ("{", "invalid Json"), ("{}", "Missing required field Statement"),
    ('{"Version": "2020-01-01", "Statement": []}', "valid version string"), ('{"Statement": []}', "Statement is empty"),
    ('{"Statement": [' + " " * 20_480 + "]}", "exceeds the maximum allowed document size")])
def test_what_is_no_document_is_refused(s3: Any, text: str, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        s3.put_bucket_policy(Bucket=s3.bucket, Policy=text)
    assert caught.value.response["Error"]["Code"] == "MalformedPolicy"


@pytest.mark.parametrize(("changes", "public"), [
    ({}, True), ({"Principal": {"AWS": "*"}}, True), ({"Effect": "Deny"}, False),
    ({"Principal": {"AWS": "111122223333"}}, False),
    ({"Principal": {"Service": "logging.s3.amazonaws.com"}}, False),
    ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, False),
    ({"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}, True),
    ({"Condition": {"StringEquals": {"aws:UserAgent": "curl"}}}, True),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
    ({"Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}}, True),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/16"}}}, True),
    ({"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, True),
    ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}, False),
    ({"Condition": {"StringEquals": {"aws:PrincipalArn": "${aws:username}"}}}, True),
    ({"Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}}, False),
    ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}}}, True)])
def test_what_public_means(changes: dict[str, Any], public: bool) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
    assert is_public(policy("b", **changes)) is public


def test_other_accounts_may_not_touch_the_policy(s3: Any, cloud: Any) -> None:
    other = cloud.other().client("s3")
    assert refused(other.put_bucket_policy, Bucket=s3.bucket, Policy=policy(s3.bucket)) == ("MethodNotAllowed", 405)
    assert refused(other.get_bucket_policy, Bucket=s3.bucket) == ("MethodNotAllowed", 405)
    assert refused(other.delete_bucket_policy, Bucket=s3.bucket) == ("MethodNotAllowed", 405)


def test_many_stars_in_a_resource_cost_no_more_than_one(s3: Any, cloud: Any) -> None:
    s3.bucket = f"{'a' * 50}{cloud.account}"
    s3.create_bucket(Bucket=s3.bucket)
    nobody = {"AWS": "111122223333"}
    s3.put_bucket_policy(Bucket=s3.bucket, Policy=policy("a*" * 40 + "?", Principal=nobody))
    assert refused(s3.put_bucket_policy, Bucket=s3.bucket, Policy=policy("*a" * 40 + "*b", Principal=nobody)) == (
        "MalformedPolicy", 400)
