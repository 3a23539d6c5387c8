"""Callers of a cloud that enforces: users with keys, sessions, documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def document(*statements: dict[str, Any]) -> str:
    """A policy; statements allow unless they say otherwise."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


def own(*actions: str, **more: Any) -> str:
    """An identity policy for some actions on everything."""
    return document({"Action": list(actions), "Resource": "*", **more})


def user(cloud: Cloud, name: str = "ann", *policies: str) -> dict[str, str]:
    """The keys of a new user with these policies."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    for number, text in enumerate(policies):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=text)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def session(cloud: Cloud, name: str, *policies: str, **asked: Any) -> dict[str, str]:
    """The keys of a session of a new role with these policies, which its account may assume."""
    iam = cloud.client("iam")
    trust = document({"Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": cloud.account}})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for number, text in enumerate(policies):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
    made = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="one", **asked)["Credentials"]
    return {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}


def refused(call: Any, **members: Any) -> str:
    """The sentence of the refusal."""
    with pytest.raises(ClientError) as problem:
        call(**members)
    code, message = problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]
    assert code in ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"), (code, message)
    return str(message)
