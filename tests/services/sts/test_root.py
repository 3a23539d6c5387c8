"""The root of a member account, and why something was refused: in a cloud that enforces policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, new_account

TASK = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}


@pytest.fixture
def member(strict: Cloud) -> str:
    org = strict.client("organizations")
    org.create_organization()
    org.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    strict.client("iam").enable_organizations_root_sessions()
    org.create_account(Email=f"m@{strict.account}.example.com", AccountName="member")
    strict.clock.idle()
    return str(org.list_create_account_status()["CreateAccountStatuses"][0]["AccountId"])


def refused(fn: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


def using(credentials: dict[str, Any]) -> dict[str, Any]:
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]}


def user(cloud: Cloud, *actions: str) -> dict[str, str]:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def test_the_manager_unlocks_a_bucket_of_a_member(strict: Cloud, member: str) -> None:
    inside = strict.client("s3", account=member)
    bucket = f"locked-{member}"
    inside.create_bucket(Bucket=bucket)
    inside.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}]}))
    keys = user(strict, "sts:AssumeRoot")
    given = strict.client("sts", **keys).assume_root(TargetPrincipal=member, TaskPolicyArn=TASK)["Credentials"]
    told = strict.client("sts", **using(given)).get_caller_identity()
    assert (told["Account"], told["Arn"]) == (member, f"arn:aws:sts::{member}:assumed-root")
    root = strict.client("s3", **using(given))
    assert refused(root.create_bucket, Bucket=bucket + "x")[0] == "AccessDenied"         # not this task
    root.delete_bucket_policy(Bucket=bucket)
    assert refused(inside.get_bucket_policy, Bucket=bucket)[0] == "NoSuchBucketPolicy"
    strict.clock.advance(901)
    assert refused(root.list_buckets)[0] == "ExpiredToken"
    strict.clock.real()


def test_a_task_lasts_a_quarter_of_an_hour_at_most(strict: Cloud, member: str) -> None:
    sts, asked = strict.client("sts"), {"TargetPrincipal": f"arn:aws:iam::{member}:root", "TaskPolicyArn": TASK}
    assert refused(sts.assume_root, **asked, DurationSeconds=901)[0] == "ValidationError"
    root = strict.client("s3", **using(sts.assume_root(**asked, DurationSeconds=60)["Credentials"]))
    root.list_buckets()
    strict.clock.advance(61)
    assert refused(root.list_buckets)[0] == "ExpiredToken"
    strict.clock.real()


def test_nobody_else_becomes_root(strict: Cloud, member: str) -> None:
    asked = {"TargetPrincipal": member, "TaskPolicyArn": TASK}
    sts = strict.client("sts")
    assert refused(strict.client("sts", account=member).assume_root, **{**asked, "TargetPrincipal": strict.account})[0] == \
        "AccessDenied"
    assert refused(strict.client("sts", account=new_account()).assume_root, **asked)[0] == "AccessDenied"
    assert refused(strict.client("sts", **user(strict, "sts:AssumeRole")).assume_root, **asked)[0] == "AccessDenied"
    no_task = {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert refused(sts.assume_root, **{**asked, "TaskPolicyArn": no_task})[0] == "ValidationError"
    creds = {"arn": "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"}
    assert refused(sts.assume_root, **{**asked, "TaskPolicyArn": creds})[0] == "AccessDenied"       # not enabled
    strict.client("iam").enable_organizations_root_credentials_management()
    assert sts.assume_root(**{**asked, "TaskPolicyArn": creds})["Credentials"]
    strict.client("organizations").disable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert refused(sts.assume_root, **asked)[0] == "AccessDenied"


def test_a_refusal_of_ec2_can_be_decoded(strict: Cloud) -> None:
    keys = user(strict, "sts:DecodeAuthorizationMessage")
    code, message = refused(strict.client("ec2", **keys).describe_vpcs)
    assert code == "UnauthorizedOperation"
    encoded = message.partition("Encoded authorization failure message: ")[2]
    told = json.loads(strict.client("sts", **keys).decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (told["allowed"], told["explicitDeny"]) == (False, False)
    assert told["context"]["action"] == "ec2:DescribeVpcs"
    assert told["context"]["principal"]["arn"] == f"arn:aws:iam::{strict.account}:user/ann"
    other = strict.client("sts", account=new_account())
    for client, text in ((other, encoded), (strict.client("sts"), encoded[:-4] + "AAAA"), (strict.client("sts"), "nonsense")):
        assert refused(client.decode_authorization_message, EncodedMessage=text)[0] == "InvalidAuthorizationMessageException"
