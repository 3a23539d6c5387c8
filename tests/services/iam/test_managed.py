"""AWS's own managed policies: over the wire, and counting in decisions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
LAMBDA = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def test_a_policy_of_awss_is_told_with_its_document(iam: Any) -> None:
    told = iam.get_policy(PolicyArn=LAMBDA)["Policy"]
    assert (told["PolicyName"], told["Path"], told["AttachmentCount"]) == ("AWSLambdaBasicExecutionRole", "/service-role/", 0)
    version = iam.get_policy_version(PolicyArn=LAMBDA, VersionId=told["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"] == [
        {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]
    assert version["IsDefaultVersion"]
    versions = iam.list_policy_versions(PolicyArn=LAMBDA)["Versions"]
    assert [v["VersionId"] for v in versions] == [told["DefaultVersionId"]]
    with pytest.raises(ClientError) as problem:
        iam.get_policy_version(PolicyArn=ADMIN, VersionId="v99")
    assert problem.value.response["Error"]["Code"] == "NoSuchEntity"


def test_policies_are_listed_by_scope_path_and_use(iam: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    own = iam.create_policy(PolicyName="own", PolicyDocument=text)["Policy"]["Arn"]
    iam.create_user(UserName="ann", PermissionsBoundary=LAMBDA)
    iam.attach_user_policy(UserName="ann", PolicyArn=ADMIN)

    def arns(**how: Any) -> list[str]:
        pages = iam.get_paginator("list_policies").paginate(**how)
        return [p["Arn"] for page in pages for p in page["Policies"]]

    everything = arns(PaginationConfig={"PageSize": 400})
    assert everything == sorted(set(everything))
    assert everything[0] == own
    assert len(everything) > 1500
    assert arns(Scope="Local") == [own]
    assert own not in arns(Scope="AWS")
    assert all("/job-function/" in a for a in arns(PathPrefix="/job-function/"))
    assert arns(OnlyAttached=True) == [ADMIN]
    assert arns(PolicyUsageFilter="PermissionsBoundary") == [LAMBDA]
    assert iam.get_policy(PolicyArn=ADMIN)["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy(PolicyArn=LAMBDA)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    assert iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"] == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}]
    assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn=ADMIN)["PolicyUsers"]] == ["ann"]


def test_nobody_changes_awss_policies(iam: Any) -> None:
    for change in (lambda: iam.delete_policy(PolicyArn=ADMIN), lambda: iam.tag_policy(PolicyArn=ADMIN, Tags=[]),
                   lambda: iam.create_policy_version(PolicyArn=ADMIN, PolicyDocument="{}")):
        with pytest.raises(ClientError) as problem:
            change()
        assert problem.value.response["Error"]["Code"] == "InvalidInput"
    with pytest.raises(ClientError) as problem:
        iam.attach_role_policy(RoleName="none", PolicyArn="arn:aws:iam::aws:policy/Invented")
    assert problem.value.response["Error"]["Code"] == "NoSuchEntity"


def test_awss_policies_count_in_decisions(start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    root = cloud.client("iam")
    root.create_user(UserName="ann")
    key = root.create_access_key(UserName="ann")["AccessKey"]
    ann = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    with pytest.raises(ClientError) as problem:
        ann.list_roles()
    assert problem.value.response["Error"]["Code"] == "AccessDenied"
    root.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert ann.list_roles()["Roles"] == []
    with pytest.raises(ClientError):
        ann.create_group(GroupName="g")
