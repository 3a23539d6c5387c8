"""Policies that hold: a cloud that enforces them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **s} for s in statements]})


def trust(who: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole", **more}]})


def user(cloud: Cloud, name: str = "ann", **inline: str) -> dict[str, str]:
    iam = cloud.client("iam")
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "a"}])
    for policy_name, document in inline.items():
        iam.put_user_policy(UserName=name, PolicyName=policy_name, PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def using(credentials: dict[str, Any]) -> dict[str, Any]:
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]}


def refused(call: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


def test_nothing_is_allowed_unless_something_allows_it(strict: Cloud) -> None:
    keys = user(strict)
    arn = f"arn:aws:iam::{strict.account}:user/ann"
    assert refused(strict.client("sqs", **keys).create_queue, QueueName="q") == ("AccessDenied", (
        f"User: {arn} is not authorized to perform: sqs:createqueue on resource: "
        f"arn:aws:sqs:us-east-1:{strict.account}:q because no identity-based policy allows the sqs:createqueue action"))
    assert refused(strict.client("dynamodb", **keys).list_tables)[0] == "AccessDeniedException"
    assert refused(strict.client("ec2", **keys).describe_vpcs)[0] == "UnauthorizedOperation"
    assert refused(strict.client("s3", **keys).list_buckets)[0] == "AccessDenied"
    assert strict.client("sts", **keys).get_caller_identity()["Arn"] == arn
    assert strict.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200      # the root


def test_inline_managed_and_group_policies_allow(strict: Cloud) -> None:
    iam = strict.client("iam")
    keys = user(strict, inline=policy({"Action": "sqs:ListQueues"}))
    sqs, s3, dynamodb = (strict.client(s, **keys) for s in ("sqs", "s3", "dynamodb"))
    sqs.list_queues()
    assert refused(s3.list_buckets)[0] == "AccessDenied"
    managed = iam.create_policy(PolicyName="m", PolicyDocument=policy({"Action": "s3:ListAllMyBuckets"}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=managed)
    s3.list_buckets()
    iam.create_policy_version(PolicyArn=managed, PolicyDocument=policy({"Action": "s3:GetObject"}), SetAsDefault=True)
    assert refused(s3.list_buckets)[0] == "AccessDenied"
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=policy({"Action": "dynamodb:List*"}))
    iam.add_user_to_group(GroupName="g", UserName="ann")
    dynamodb.list_tables()
    iam.remove_user_from_group(GroupName="g", UserName="ann")
    assert refused(dynamodb.list_tables)[0] == "AccessDeniedException"


def test_a_denial_wins(strict: Cloud) -> None:
    keys = user(strict, a=policy({"Action": "*"}), b=policy({"Action": "sqs:DeleteQueue", "Effect": "Deny"}))
    sqs = strict.client("sqs", **keys)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    code, message = refused(sqs.delete_queue, QueueUrl=url)
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in an identity-based policy")
    assert sqs.list_queues()["QueueUrls"] == [url]


def test_resources_and_tags_of_the_caller(strict: Cloud) -> None:
    bucket = f"own-{strict.account}"
    keys = user(strict, a=policy({"Action": ["s3:PutObject", "s3:GetObject"],
                                  "Resource": f"arn:aws:s3:::{bucket}/${{aws:PrincipalTag/team}}/*"},
                                 {"Action": "s3:ListBucket", "Condition": {"StringLike": {"s3:prefix": "a/*"}}}))
    strict.client("s3").create_bucket(Bucket=bucket)
    s3 = strict.client("s3", **keys)
    s3.put_object(Bucket=bucket, Key="a/k", Body=b"1")
    s3.head_object(Bucket=bucket, Key="a/k")
    assert refused(s3.put_object, Bucket=bucket, Key="b/k", Body=b"1")[0] == "AccessDenied"
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"
    assert refused(s3.delete_object, Bucket=bucket, Key="a/k")[0] == "AccessDenied"


def test_a_boundary_must_allow_as_well(strict: Cloud) -> None:
    iam = strict.client("iam")
    keys = user(strict, a=policy({"Action": "*"}))
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=policy({"Action": "sqs:*"}))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)
    strict.client("sqs", **keys).list_queues()
    code, message = refused(strict.client("s3", **keys).list_buckets)
    assert code == "AccessDenied"
    assert message.endswith("because no permissions boundary allows the s3:ListAllMyBuckets action")


def test_a_role_is_assumed_by_those_whom_it_trusts(strict: Cloud) -> None:
    iam, other = strict.client("iam"), strict.other()
    ann = user(strict, a=policy({"Action": "sts:AssumeRole"}))
    ben = user(strict, "ben")
    eve = user(other, "eve", a=policy({"Action": "sts:AssumeRole"}))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": strict.account}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": "sqs:*"}))
    session = strict.client("sts", **ann).assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    strict.client("sqs", **using(session)).list_queues()
    assert refused(strict.client("s3", **using(session)).list_buckets)[0] == "AccessDenied"
    assert refused(strict.client("sts", **ben).assume_role, RoleArn=role, RoleSessionName="one")[0] == "AccessDenied"
    assert refused(other.client("sts", **eve).assume_role, RoleArn=role, RoleSessionName="one")[0] == "AccessDenied"
    ben_arn = f"arn:aws:iam::{strict.account}:user/ben"
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": [ben_arn, other.account]}))
    strict.client("sts", **ben).assume_role(RoleArn=role, RoleSessionName="one")
    other.client("sts", **eve).assume_role(RoleArn=role, RoleSessionName="one")
    assert refused(strict.client("sts", **ann).assume_role, RoleArn=role, RoleSessionName="one")[0] == "AccessDenied"


def test_an_external_id_is_asked_for(strict: Cloud) -> None:
    document = trust({"AWS": strict.account}, Condition={"StringEquals": {"sts:ExternalId": "42"}})
    role = strict.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    sts = strict.client("sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="one")[0] == "AccessDenied"
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="one", ExternalId="43")[0] == "AccessDenied"
    sts.assume_role(RoleArn=role, RoleSessionName="one", ExternalId="42")


def test_session_policies_narrow(strict: Cloud) -> None:
    iam, sts = strict.client("iam"), strict.client("sts")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": strict.account}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": ["sqs:*", "s3:*"]}))
    both = policy({"Action": ["sqs:*", "dynamodb:*"]})
    narrow = sts.assume_role(RoleArn=role, RoleSessionName="one", Policy=both)["Credentials"]
    strict.client("sqs", **using(narrow)).list_queues()
    for service, call in (("s3", "list_buckets"), ("dynamodb", "list_tables")):
        assert refused(getattr(strict.client(service, **using(narrow)), call))[0].startswith("AccessDenied")
    federated = sts.get_federation_token(Name="bob", Policy=policy({"Action": "sqs:*"}))["Credentials"]
    strict.client("sqs", **using(federated)).list_queues()
    assert refused(strict.client("s3", **using(federated)).list_buckets)[0] == "AccessDenied"
    alone = sts.get_federation_token(Name="bob")["Credentials"]
    assert refused(strict.client("sqs", **using(alone)).list_queues)[0] == "AccessDenied"


def test_in_audit_all_pass(cloud: Cloud) -> None:
    keys = user(cloud, a=policy({"Action": "*", "Effect": "Deny"}))
    assert cloud.client("sqs", **keys).list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_namesake_of_a_trusted_user_is_not_trusted(strict: Cloud) -> None:
    iam = strict.client("iam")
    first = user(strict, act=policy({"Action": "sts:AssumeRole"}))
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(
        {"AWS": f"arn:aws:iam::{strict.account}:user/ann"}))["Role"]["Arn"]
    strict.client("sts", **first).assume_role(RoleArn=arn, RoleSessionName="work")
    iam.delete_access_key(UserName="ann", AccessKeyId=first["key"])
    iam.delete_user_policy(UserName="ann", PolicyName="act")
    iam.delete_user(UserName="ann")
    second = user(strict, act=policy({"Action": "sts:AssumeRole"}))
    assert refused(strict.client("sts", **second).assume_role, RoleArn=arn, RoleSessionName="work")[0] == "AccessDenied"


def test_a_session_keeps_the_boundary_of_a_user_that_is_renamed(strict: Cloud) -> None:
    keys = user(strict, all=policy({"Action": "*"}))
    iam = strict.client("iam")
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=policy({"Action": ["sqs:*", "iam:*"]}))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)
    session = using(strict.client("sts", **keys).get_session_token()["Credentials"])
    refused(strict.client("sns", **session).list_topics)
    iam.update_user(UserName="ann", NewUserName="ben")
    assert "permissions boundary" in refused(strict.client("sns", **session).list_topics)[1]
    iam.create_user(UserName="ann")                            # another one, without a boundary
    assert "permissions boundary" in refused(strict.client("sns", **session).list_topics)[1]
    assert strict.client("sqs", **session).list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_sessions_follow_their_user_and_go_with_it(strict: Cloud) -> None:
    keys = user(strict, all=policy({"Action": "*"}))
    sts, iam = strict.client("sts", **keys), strict.client("iam")
    own = using(sts.get_session_token()["Credentials"])
    federated = using(sts.get_federation_token(Name="bob", Policy=policy({"Action": "sqs:*"}))["Credentials"])
    iam.update_user(UserName="ann", NewUserName="ben")
    user(strict, "ann")                                        # another one, who may do nothing
    assert strict.client("sts", **own).get_caller_identity()["Arn"].endswith(":user/ben")
    assert strict.client("sts", **federated).get_caller_identity()["Arn"].endswith(":federated-user/bob")
    strict.client("sqs", **federated).list_queues()
    iam.delete_user_policy(UserName="ben", PolicyName="all")
    for key in iam.list_access_keys(UserName="ben")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="ben", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="ben")
    user(strict, "ben", all=policy({"Action": "*"}))
    for session in (own, federated):
        assert refused(strict.client("sts", **session).get_caller_identity)[0] == "ExpiredToken"


def test_tags_of_a_federated_session_need_to_be_allowed(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html"""
    asked = {"Name": "bob", "Tags": [{"Key": "team", "Value": "a"}]}
    plain = strict.client("sts", **user(strict, p=policy({"Action": "sts:GetFederationToken"})))
    assert plain.get_federation_token(Name="bob")["FederatedUser"]["Arn"].endswith(":federated-user/bob")
    assert "sts:TagSession" in refused(plain.get_federation_token, **asked)[1]
    tagging = strict.client("sts", **user(strict, "ben", p=policy({"Action": ["sts:GetFederationToken", "sts:TagSession"]})))
    assert tagging.get_federation_token(**asked)["FederatedUser"]["Arn"].endswith(":federated-user/bob")
