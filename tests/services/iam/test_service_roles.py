"""Service-linked roles: over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.kernel.access import managed
from cumulet.services.iam import service_roles

ECS = "AWSServiceRoleForECS"


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


@pytest.mark.parametrize("linked", service_roles.every(), ids=lambda linked: linked.principal)
def test_the_policy_of_each_role_is_one_of_awss(linked: service_roles.Linked) -> None:
    assert managed.find(linked.policy) is not None
    assert len(linked.name) <= 64


def test_a_service_has_its_role(cloud: Cloud, iam: Any) -> None:
    role = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com", Description="for tasks")["Role"]
    assert (role["RoleName"], role["Path"]) == (ECS, "/aws-service-role/ecs.amazonaws.com/")
    assert role["Arn"] == f"arn:aws:iam::{cloud.account}:role/aws-service-role/ecs.amazonaws.com/{ECS}"
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ecs.amazonaws.com"}
    assert iam.list_attached_role_policies(RoleName=ECS)["AttachedPolicies"] == [
        {"PolicyName": "AmazonECSServiceRolePolicy",
         "PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"}]
    assert refused(iam.create_service_linked_role, AWSServiceName="ecs.amazonaws.com") == "InvalidInput"
    assert refused(iam.create_service_linked_role, AWSServiceName="none.amazonaws.com") == "InvalidInput"
    assert refused(iam.create_service_linked_role, AWSServiceName="rds.amazonaws.com", CustomSuffix="x") == "InvalidInput"
    suffixed = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="x")["Role"]
    assert suffixed["RoleName"] == "AWSServiceRoleForAutoScaling_x"


def test_nobody_else_changes_it(iam: Any) -> None:
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    iam.create_instance_profile(InstanceProfileName="p")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for change, members in (
            (iam.delete_role, {}), (iam.update_role, {"MaxSessionDuration": 7200}),
            (iam.update_assume_role_policy, {"PolicyDocument": allow}), (iam.attach_role_policy, {"PolicyArn": admin}),
            (iam.detach_role_policy, {"PolicyArn": admin}), (iam.delete_role_policy, {"PolicyName": "p"}),
            (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": allow}), (iam.delete_role_permissions_boundary, {}),
            (iam.put_role_permissions_boundary, {"PermissionsBoundary": admin}),
            (iam.add_role_to_instance_profile, {"InstanceProfileName": "p"}),
            (iam.remove_role_from_instance_profile, {"InstanceProfileName": "p"})):
        assert refused(change, RoleName=ECS, **members) == "UnmodifiableEntity"
    assert iam.update_role_description(RoleName=ECS, Description="new")["Role"]["Description"] == "new"
    assert refused(iam.create_role, RoleName="r", Path="/aws-service-role/x/", AssumeRolePolicyDocument=allow) == "InvalidInput"


def test_its_deletion_is_a_task(cloud: Cloud, iam: Any) -> None:
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName=ECS)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/ecs.amazonaws.com/{ECS}/")
    cloud.clock.idle()
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    assert refused(iam.get_role, RoleName=ECS) == "NoSuchEntity"
    assert refused(iam.delete_service_linked_role, RoleName=ECS) == "NoSuchEntity"
    assert refused(iam.get_service_linked_role_deletion_status, DeletionTaskId=task + "x") == "NoSuchEntity"
    policy = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 0
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
