"""Who may what in IAM itself, where members alone do not say it: on a cloud that enforces."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def ann(cloud: Cloud, *statements: dict[str, Any]) -> Any:
    """A client of a user with these statements."""
    root = cloud.client("iam")
    root.create_user(UserName="ann")
    if statements:
        said = [{"Effect": "Allow", "Resource": "*", **one} for one in statements]
        root.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": said}))
    key = root.create_access_key(UserName="ann")["AccessKey"]
    return cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


def test_users_manage_themselves_by_the_usual_policy(strict: Cloud) -> None:
    own = f"arn:aws:iam::{strict.account}:user/${{aws:username}}"
    user = ann(strict, {"Action": ["iam:*AccessKey*", "iam:GetUser", "iam:*MFADevice*"], "Resource": own})
    assert user.get_user()["User"]["UserName"] == "ann"
    assert len(user.list_access_keys()["AccessKeyMetadata"]) == 1
    assert user.list_mfa_devices()["MFADevices"] == []
    user.create_access_key(UserName="ann")
    strict.client("iam").create_user(UserName="bob")
    assert refused(user.create_access_key, UserName="bob") == "AccessDenied"


def test_the_password_policy_may_let_users_change_their_password(strict: Cloud) -> None:
    root, user = strict.client("iam"), ann(strict)
    root.create_login_profile(UserName="ann", Password="First-pass1")
    change = {"OldPassword": "First-pass1", "NewPassword": "Second-pass2"}
    assert refused(user.change_password, **change) == "AccessDenied"
    root.update_account_password_policy(AllowUsersToChangePassword=True)
    user.change_password(**change)
    root.delete_account_password_policy()
    assert refused(user.change_password, OldPassword="Second-pass2", NewPassword="Third-pass3") == "AccessDenied"


def test_renaming_needs_both_names(strict: Cloud) -> None:
    arn = f"arn:aws:iam::{strict.account}:group/"
    root, user = strict.client("iam"), ann(strict, {"Action": "iam:UpdateGroup", "Resource": [arn + "old*", arn + "new"]})
    for name in ("old1", "old2"):
        root.create_group(GroupName=name)
    assert refused(user.update_group, GroupName="old1", NewGroupName="other") == "AccessDenied"
    assert refused(user.update_group, GroupName="old1", NewPath="/p/") == "AccessDenied"
    user.update_group(GroupName="old1", NewGroupName="new")
    assert {g["GroupName"] for g in root.list_groups()["Groups"]} == {"new", "old2"}


def test_policies_are_told_apart_by_their_arn(strict: Cloud) -> None:
    allowed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    user = ann(strict, {"Action": "iam:AttachUserPolicy", "Condition": {"ArnEquals": {"iam:PolicyARN": allowed}}})
    user.attach_user_policy(UserName="ann", PolicyArn=allowed)
    assert refused(user.attach_user_policy, UserName="ann",
                   PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess") == "AccessDenied"


def test_whoever_makes_users_must_give_them_the_boundary(strict: Cloud) -> None:
    edge = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    user = ann(strict, {"Action": ["iam:CreateUser", "iam:PutUserPolicy"],
                        "Condition": {"StringEquals": {"iam:PermissionsBoundary": edge}}})
    assert refused(user.create_user, UserName="bob") == "AccessDenied"
    user.create_user(UserName="bob", PermissionsBoundary=edge)
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    user.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=nothing)
    assert refused(user.put_user_policy, UserName="ann", PolicyName="q", PolicyDocument=nothing) == "AccessDenied"


def test_service_linked_roles_and_providers_are_asked_by_their_names(strict: Cloud) -> None:
    role = f"arn:aws:iam::{strict.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    user = ann(strict, {"Action": "iam:CreateServiceLinkedRole", "Resource": role,
                        "Condition": {"StringLike": {"iam:AWSServiceName": "ecs.amazonaws.com"}}},
               {"Action": "iam:CreateOpenIDConnectProvider",
                "Resource": f"arn:aws:iam::{strict.account}:oidc-provider/mine.example.com"})
    user.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    assert refused(user.create_service_linked_role, AWSServiceName="rds.amazonaws.com") == "AccessDenied"
    user.create_open_id_connect_provider(Url="https://mine.example.com/")
    assert refused(user.create_open_id_connect_provider, Url="https://theirs.example.com") == "AccessDenied"
