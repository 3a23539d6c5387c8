"""Roles, policies with versions, inline policies, attachments, instance profiles: over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def refused(problem: pytest.ExceptionInfo[ClientError]) -> str:
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


@pytest.fixture
def role(iam: Any) -> Any:
    return iam.create_role(RoleName="runner", Path="/app/", AssumeRolePolicyDocument=json.dumps(TRUST), Description="runs",
                           MaxSessionDuration=7200, Tags=[{"Key": "a", "Value": "1"}])["Role"]


def test_a_role_is_told_as_it_was_made(cloud: Cloud, iam: Any, role: Any) -> None:
    assert role["Arn"] == f"arn:aws:iam::{cloud.account}:role/app/runner"
    assert role["AssumeRolePolicyDocument"] == TRUST
    told = iam.get_role(RoleName="runner")["Role"]
    assert told | {"RoleLastUsed": None} == role | {"RoleLastUsed": None}
    assert [r["RoleName"] for r in iam.list_roles(PathPrefix="/app/")["Roles"]] == ["runner"]
    iam.update_role(RoleName="runner", Description="walks", MaxSessionDuration=3600)
    assert iam.update_role_description(RoleName="runner", Description="sits")["Role"]["Description"] == "sits"
    other = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": cloud.account}}]}
    iam.update_assume_role_policy(RoleName="runner", PolicyDocument=json.dumps(other))
    told = iam.get_role(RoleName="runner")["Role"]
    assert (told["MaxSessionDuration"], told["AssumeRolePolicyDocument"]) == (3600, other)


def test_a_role_with_policies_or_profiles_is_not_deleted(iam: Any, role: Any) -> None:
    iam.put_role_policy(RoleName="runner", PolicyName="in", PolicyDocument=json.dumps(READ))
    arn = iam.create_policy(PolicyName="out", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="runner", PolicyArn=arn)
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="runner")
    for undo in (lambda: iam.delete_role_policy(RoleName="runner", PolicyName="in"),
                 lambda: iam.detach_role_policy(RoleName="runner", PolicyArn=arn),
                 lambda: iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="runner")):
        with pytest.raises(ClientError) as problem:
            iam.delete_role(RoleName="runner")
        assert refused(problem) == "DeleteConflict"
        undo()
    iam.delete_role(RoleName="runner")
    with pytest.raises(ClientError) as problem:
        iam.get_role(RoleName="runner")
    assert "The role with name runner cannot be found." in str(problem.value)


def test_role_tags_and_boundary(iam: Any, role: Any) -> None:
    arn = iam.create_policy(PolicyName="edge", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.tag_role(RoleName="runner", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName="runner", TagKeys=["a"])
    assert iam.list_role_tags(RoleName="runner")["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.put_role_permissions_boundary(RoleName="runner", PermissionsBoundary=arn)
    assert iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")["PolicyRoles"] == [
        {"RoleName": "runner", "RoleId": role["RoleId"]}]
    with pytest.raises(ClientError) as problem:
        iam.delete_policy(PolicyArn=arn)
    assert refused(problem) == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName="runner")
    iam.delete_policy(PolicyArn=arn)


def test_a_policy_has_versions(cloud: Cloud, iam: Any) -> None:
    made = iam.create_policy(PolicyName="read", Path="/p/", PolicyDocument=json.dumps(READ), Description="d",
                             Tags=[{"Key": "a", "Value": "1"}])["Policy"]
    arn = made["Arn"]
    assert arn == f"arn:aws:iam::{cloud.account}:policy/p/read"
    assert iam.get_policy(PolicyArn=arn)["Policy"] == made
    for n in range(2, 6):
        write = {**READ, "Statement": [{**READ["Statement"][0], "Sid": f"s{n}"}]}
        told = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(write), SetAsDefault=n == 3)["PolicyVersion"]
        assert (told["VersionId"], told["IsDefaultVersion"]) == (f"v{n}", n == 3)
    with pytest.raises(ClientError) as problem:
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ))
    assert refused(problem) == "LimitExceeded"
    assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v5", "v4", "v3", "v2", "v1"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == READ
    for odd in ("v6", "v" + "9" * 40):
        with pytest.raises(ClientError) as problem:
            iam.get_policy_version(PolicyArn=arn, VersionId=odd)
        assert refused(problem) == "NoSuchEntity"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    with pytest.raises(ClientError) as problem:
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    assert refused(problem) == "DeleteConflict"
    with pytest.raises(ClientError) as problem:
        iam.delete_policy(PolicyArn=arn)
    assert refused(problem) == "DeleteConflict"
    for n in range(2, 6):
        iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{n}")
    iam.delete_policy(PolicyArn=arn)
    with pytest.raises(ClientError) as problem:
        iam.get_policy(PolicyArn=arn)
    assert f"Policy {arn} was not found." in str(problem.value)


def test_policies_are_attached_to_users_groups_and_roles(iam: Any, role: Any) -> None:
    arn = iam.create_policy(PolicyName="read", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="devs")
    for noun, name in (("user", "ann"), ("group", "devs"), ("role", "runner")):
        who = {f"{noun.title()}Name": name}
        getattr(iam, f"attach_{noun}_policy")(PolicyArn=arn, **who)
        attached = getattr(iam, f"list_attached_{noun}_policies")(**who)["AttachedPolicies"]
        assert attached == [{"PolicyName": "read", "PolicyArn": arn}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 3
    assert [p["Arn"] for p in iam.list_policies(OnlyAttached=True)["Policies"]] == [arn]
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [len(entities[k]) for k in ("PolicyUsers", "PolicyGroups", "PolicyRoles")] == [1, 1, 1]
    with pytest.raises(ClientError) as problem:
        iam.delete_policy(PolicyArn=arn)
    assert refused(problem) == "DeleteConflict"
    for noun, name in (("user", "ann"), ("group", "devs"), ("role", "runner")):
        getattr(iam, f"detach_{noun}_policy")(PolicyArn=arn, **{f"{noun.title()}Name": name})
        with pytest.raises(ClientError) as problem:
            getattr(iam, f"detach_{noun}_policy")(PolicyArn=arn, **{f"{noun.title()}Name": name})
        assert refused(problem) == "NoSuchEntity"
    assert iam.list_policies(OnlyAttached=True)["Policies"] == []
    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [arn]


def test_inline_policies_of_users_groups_and_roles(iam: Any, role: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="devs")
    for noun, name in (("user", "ann"), ("group", "devs"), ("role", "runner")):
        who = {f"{noun.title()}Name": name}
        getattr(iam, f"put_{noun}_policy")(PolicyName="in", PolicyDocument=json.dumps(READ), **who)
        told = getattr(iam, f"get_{noun}_policy")(PolicyName="in", **who)
        assert (told["PolicyDocument"], told[f"{noun.title()}Name"]) == (READ, name)
        assert getattr(iam, f"list_{noun}_policies")(**who)["PolicyNames"] == ["in"]
        getattr(iam, f"delete_{noun}_policy")(PolicyName="in", **who)
        with pytest.raises(ClientError) as problem:
            getattr(iam, f"get_{noun}_policy")(PolicyName="in", **who)
        assert f"The {noun} policy with name in cannot be found." in str(problem.value)


def test_inline_policies_have_a_size(iam: Any) -> None:
    iam.create_user(UserName="ann")
    big = {**READ, "Statement": [{**READ["Statement"][0], "Resource": ["arn:aws:s3:::" + "b" * 2000]}]}
    with pytest.raises(ClientError) as problem:
        iam.put_user_policy(UserName="ann", PolicyName="big", PolicyDocument=json.dumps(big))
    assert refused(problem) == "LimitExceeded"


@pytest.mark.parametrize(("document", "says"), [
    ("{", "Syntax errors in policy."),
    ('{"Statement": []}', "Syntax errors in policy."),
    ('{"Version": "2020-01-01", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', "Syntax errors in policy."),
    ('{"Statement": {"Effect": "Maybe", "Action": "*", "Resource": "*"}}', "Syntax errors in policy."),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Action": "*", "Resource": "*"}}', "Syntax errors in policy."),
    ('{"Statement": {"Effect": "Allow", "Resource": "*"}}', "Policy statement must contain actions."),
    ('{"Statement": {"Effect": "Allow", "Action": "*"}}', "Policy statement must contain resources."),
    ('{"Statement": {"Effect": "Allow", "Action": "Get", "Resource": "*"}}', "Actions/Conditions must be prefaced by a vendor"),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "bucket"}}', 'Resource bucket must be in ARN format or "*"'),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}', "should not specify a principal"),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Odd": {"a": "b"}}}}', "Syntax errors"),
])
def test_malformed_policies_are_refused(iam: Any, document: str, says: str) -> None:
    with pytest.raises(ClientError) as problem:
        iam.create_policy(PolicyName="bad", PolicyDocument=document)
    assert refused(problem) == "MalformedPolicyDocument"
    assert says in str(problem.value)
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_a_trust_policy_is_about_assuming_roles(iam: Any) -> None:
    for wrong in (READ, {**TRUST, "Statement": [{**TRUST["Statement"][0], "Action": "s3:GetObject"}]},
                  {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "nobody"}}]}):
        with pytest.raises(ClientError) as problem:
            iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(wrong))
        assert refused(problem) == "MalformedPolicyDocument"


def test_an_instance_profile_has_one_role(cloud: Cloud, iam: Any, role: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    made = iam.create_instance_profile(InstanceProfileName="p", Path="/x/", Tags=tags)["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{cloud.account}:instance-profile/x/p"
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="runner")
    told = iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert [r["RoleName"] for r in told["Roles"]] == ["runner"]
    listed = iam.list_instance_profiles_for_role(RoleName="runner")["InstanceProfiles"]
    assert [p["InstanceProfileName"] for p in listed] == ["p"]
    assert [p["InstanceProfileName"] for p in iam.list_instance_profiles(PathPrefix="/x/")["InstanceProfiles"]] == ["p"]
    with pytest.raises(ClientError) as problem:
        iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="runner")
    assert refused(problem) == "LimitExceeded"
    with pytest.raises(ClientError) as problem:
        iam.delete_instance_profile(InstanceProfileName="p")
    assert refused(problem) == "DeleteConflict"
    iam.tag_instance_profile(InstanceProfileName="p", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_instance_profile(InstanceProfileName="p", TagKeys=["a"])
    assert iam.list_instance_profile_tags(InstanceProfileName="p")["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="runner")
    iam.delete_instance_profile(InstanceProfileName="p")
    assert iam.list_instance_profiles()["InstanceProfiles"] == []


def test_policy_tags(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="read", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_trust_policies_name_who_exists_and_never_a_namesake(cloud: Cloud, iam: Any) -> None:
    def trusting(arn: str) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": [arn]}, "Action": "sts:AssumeRole"}]})

    none = f"arn:aws:iam::{cloud.account}:user/none"
    with pytest.raises(ClientError) as problem:
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(none))
    assert (refused(problem), problem.value.response["Error"]["Message"]) == (
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{none}"')
    first = iam.create_user(UserName="ann")["User"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(first["Arn"]))
    iam.create_role(RoleName="s", AssumeRolePolicyDocument=trusting("arn:aws:iam::999988887777:root"))
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/team/")
    trusted = iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"AWS": [f"arn:aws:iam::{cloud.account}:user/team/anna"]}
    iam.delete_user(UserName="anna")
    trusted = iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"AWS": [first["UserId"]]}
    assert iam.create_user(UserName="ann")["User"]["UserId"] != first["UserId"]


def test_policies_of_service_roles_are_for_them_alone(iam: Any, role: Any) -> None:
    with pytest.raises(ClientError) as problem:
        iam.attach_role_policy(RoleName="runner",
                               PolicyArn="arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy")
    assert (refused(problem), problem.value.response["Error"]["Message"]) == (
        "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
