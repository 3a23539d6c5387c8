"""Who one is, and temporary credentials: over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def refused(problem: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    return problem.value.response["Error"]["Code"], problem.value.response["ResponseMetadata"]["HTTPStatusCode"]


def trust(who: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole", **more}]})


def using(credentials: dict[str, Any]) -> dict[str, Any]:
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]}


@pytest.fixture
def sts(cloud: Cloud) -> Any:
    return cloud.client("sts")


@pytest.fixture
def role(cloud: Cloud) -> str:
    document = trust({"AWS": cloud.account})
    return str(cloud.client("iam").create_role(RoleName="r", Path="/p/", AssumeRolePolicyDocument=document)["Role"]["Arn"])


def test_a_twelve_digit_key_is_the_root_of_that_account(cloud: Cloud, sts: Any) -> None:
    told = sts.get_caller_identity()
    assert (told["Account"], told["UserId"]) == (cloud.account, cloud.account)
    assert told["Arn"] == f"arn:aws:iam::{cloud.account}:root"


def test_any_other_key_is_the_root_of_the_default_account(cloud: Cloud) -> None:
    for key in ("test", "AKIAIOSFODNN7EXAMPLE"):
        assert cloud.client("sts", key=key, secret="whatever").get_caller_identity()["Account"] == "000000000000"


def test_a_role_is_assumed_and_its_session_ends(cloud: Cloud, sts: Any, role: str) -> None:
    told = sts.assume_role(RoleArn=role, RoleSessionName="one", DurationSeconds=900)
    arn = f"arn:aws:sts::{cloud.account}:assumed-role/r/one"
    assert told["AssumedRoleUser"]["Arn"] == arn
    session = cloud.client("sts", **using(told["Credentials"]))
    seen = session.get_caller_identity()
    assert (seen["Arn"], seen["UserId"]) == (arn, told["AssumedRoleUser"]["AssumedRoleId"])
    assert cloud.client("iam").get_role(RoleName="r")["Role"]["RoleLastUsed"]["Region"] == "us-east-1"
    cloud.clock.advance(901)
    with pytest.raises(ClientError) as problem:
        session.get_caller_identity()
    assert refused(problem) == ("ExpiredToken", 403)
    cloud.clock.advance(7200)                     # swept by now
    with pytest.raises(ClientError) as problem:
        session.get_caller_identity()
    assert refused(problem) == ("ExpiredToken", 403)


def test_a_session_key_without_its_token_is_refused(cloud: Cloud, sts: Any, role: str) -> None:
    given = using(sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"])
    for token in (None, "wrong"):
        with pytest.raises(ClientError) as problem:
            cloud.client("sts", **{**given, "token": token}).get_caller_identity()
        assert refused(problem) == ("InvalidClientTokenId", 403)


def test_a_wrong_secret_is_refused_in_the_words_of_each_service(cloud: Cloud, sts: Any, role: str) -> None:
    given = using(sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]) | {"secret": "wrong"}
    for service, call, expected in (
            ("sts", lambda c: c.get_caller_identity(), ("SignatureDoesNotMatch", 403)),
            ("dynamodb", lambda c: c.list_tables(), ("InvalidSignatureException", 400)),
            ("lambda", lambda c: c.list_functions(), ("InvalidSignatureException", 403)),
            ("ec2", lambda c: c.describe_vpcs(), ("AuthFailure", 401)),
            ("s3", lambda c: c.list_buckets(), ("SignatureDoesNotMatch", 403))):
        with pytest.raises(ClientError) as problem:
            call(cloud.client(service, **given))
        assert refused(problem) == expected


def test_every_service_takes_a_right_signature(cloud: Cloud, sts: Any, role: str) -> None:
    given = using(sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"])
    s3 = cloud.client("s3", **given)
    bucket = f"signed-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    for key in ("plain", "a b/ü+~(1)!*'.txt", "x//../y", "%2F%%", "q?=&"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a b/ü+")["KeyCount"] == 1
    assert cloud.client("lambda", **given).list_functions()["Functions"] == []
    assert cloud.client("dynamodb", **given).list_tables()["TableNames"] == []
    assert cloud.client("sqs", **given).list_queues().get("QueueUrls", []) == []
    assert cloud.client("ec2", **given).describe_vpcs()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_unknown_role_is_not_assumed(cloud: Cloud, sts: Any) -> None:
    for arn in (f"arn:aws:iam::{cloud.account}:role/none", f"arn:aws:iam::{cloud.other().account}:role/none"):
        with pytest.raises(ClientError) as problem:
            sts.assume_role(RoleArn=arn, RoleSessionName="one")
        assert refused(problem) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as problem:
        sts.assume_role(RoleArn="arn:aws:s3:::somewhere-else", RoleSessionName="one")
    assert refused(problem) == ("ValidationError", 400)


def test_durations_have_limits(cloud: Cloud, sts: Any, role: str) -> None:
    with pytest.raises(ClientError) as problem:
        sts.assume_role(RoleArn=role, RoleSessionName="one", DurationSeconds=3601)
    assert refused(problem) == ("ValidationError", 400)
    cloud.client("iam").update_role(RoleName="r", MaxSessionDuration=7200)
    long = sts.assume_role(RoleArn=role, RoleSessionName="one", DurationSeconds=7200)
    session = cloud.client("sts", **using(long["Credentials"]))
    with pytest.raises(ClientError) as problem:
        session.assume_role(RoleArn=role, RoleSessionName="two", DurationSeconds=7200)
    assert "role chaining" in str(problem.value)


def test_source_identity_stays_with_the_chain(cloud: Cloud, sts: Any, role: str) -> None:
    first = sts.assume_role(RoleArn=role, RoleSessionName="one", SourceIdentity="ann")
    assert first["SourceIdentity"] == "ann"
    session = cloud.client("sts", **using(first["Credentials"]))
    assert session.assume_role(RoleArn=role, RoleSessionName="two")["SourceIdentity"] == "ann"
    with pytest.raises(ClientError) as problem:
        session.assume_role(RoleArn=role, RoleSessionName="two", SourceIdentity="ben")
    assert refused(problem) == ("AccessDenied", 403)


def test_transitive_tags_cannot_be_given_anew(cloud: Cloud, sts: Any, role: str) -> None:
    first = sts.assume_role(RoleArn=role, RoleSessionName="one", Tags=[{"Key": "team", "Value": "a"}],
                            TransitiveTagKeys=["team"])
    assert first["PackedPolicySize"] == 1
    session = cloud.client("sts", **using(first["Credentials"]))
    with pytest.raises(ClientError) as problem:
        session.assume_role(RoleArn=role, RoleSessionName="two", Tags=[{"Key": "team", "Value": "b"}])
    assert refused(problem) == ("ValidationError", 400)


def test_session_and_federation_tokens(cloud: Cloud, sts: Any) -> None:
    session = cloud.client("sts", **using(sts.get_session_token()["Credentials"]))
    assert session.get_caller_identity()["Arn"] == f"arn:aws:iam::{cloud.account}:root"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    told = sts.get_federation_token(Name="bob", Policy=policy)
    assert told["FederatedUser"]["Arn"] == f"arn:aws:sts::{cloud.account}:federated-user/bob"
    federated = cloud.client("sts", **using(told["Credentials"]))
    seen = federated.get_caller_identity()
    assert (seen["Arn"], seen["UserId"]) == (told["FederatedUser"]["Arn"], f"{cloud.account}:bob")
    for refuse in (session.get_session_token, lambda: federated.get_federation_token(Name="eve")):
        with pytest.raises(ClientError) as problem:
            refuse()
        assert refused(problem) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as problem:
        sts.get_federation_token(Name="bob", Policy="{")
    assert refused(problem) == ("MalformedPolicyDocument", 400)


def test_a_key_tells_its_account(cloud: Cloud, sts: Any, role: str) -> None:
    key = sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == cloud.account
    with pytest.raises(ClientError) as problem:
        sts.get_access_key_info(AccessKeyId="nonsense-nonsense")
    assert refused(problem) == ("ValidationError", 400)
