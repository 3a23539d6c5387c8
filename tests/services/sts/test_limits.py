"""What sessions may, and how long: in a cloud that enforces policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

READ_ONLY = [{"arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"}]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **s} for s in statements]})


def using(credentials: dict[str, Any]) -> dict[str, Any]:
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]}


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


def user(cloud: Cloud, *actions: str) -> dict[str, str]:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy({"Action": list(actions)}))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def role(cloud: Cloud, **condition: Any) -> str:
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": ["sts:AssumeRole", "sts:TagSession"], **condition}]}
    made = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    cloud.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": "sqs:*"}))
    return str(made["Arn"])


def test_an_external_id_is_asked_for(strict: Cloud) -> None:
    arn = role(strict, Condition={"StringEquals": {"sts:ExternalId": "1234"}})
    sts = strict.client("sts", **user(strict, "sts:AssumeRole"))
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="one") == "AccessDenied"
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="one", ExternalId="4321") == "AccessDenied"
    assert sts.assume_role(RoleArn=arn, RoleSessionName="one", ExternalId="1234")["Credentials"]


def test_session_policies_only_take_away(strict: Cloud) -> None:
    arn = role(strict)
    sts = strict.client("sts", **user(strict, "sts:AssumeRole"))
    for limits in ({"PolicyArns": READ_ONLY}, {"Policy": policy({"Action": ["sqs:ListQueues", "sns:*"]})}):
        given = sts.assume_role(RoleArn=arn, RoleSessionName="one", **limits)["Credentials"]
        strict.client("sqs", **using(given)).list_queues()
        assert refused(strict.client("sqs", **using(given)).create_queue, QueueName="q") == "AccessDenied"
        assert refused(strict.client("sns", **using(given)).list_topics) == "AuthorizationError"       # widens nothing


def test_a_federated_user_is_its_user_within_its_policies(strict: Cloud) -> None:
    sts = strict.client("sts", **user(strict, "sts:GetFederationToken", "sts:TagSession", "sqs:*"))
    told = sts.get_federation_token(Name="bob", PolicyArns=READ_ONLY, DurationSeconds=900, Tags=[{"Key": "team", "Value": "a"}])
    assert told["PackedPolicySize"] > 0
    bob = strict.client("sqs", **using(told["Credentials"]))
    bob.list_queues()
    assert refused(bob.create_queue, QueueName="q") == "AccessDenied"
    strict.clock.advance(901)
    assert refused(bob.list_queues) == "ExpiredTokenException"
    strict.clock.real()


def test_a_session_token_lasts_as_long_as_it_is_asked_for(strict: Cloud) -> None:
    given = strict.client("sts", **user(strict, "sqs:*")).get_session_token(DurationSeconds=900)["Credentials"]
    session = strict.client("sts", **using(given))
    session.get_caller_identity()
    strict.clock.advance(901)
    assert refused(session.get_caller_identity) == "ExpiredToken"
    strict.clock.real()
