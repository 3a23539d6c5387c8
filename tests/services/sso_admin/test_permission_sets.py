"""Instances, permission sets, and what assignments make of them in accounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
VIEW = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
INLINE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})


def refused(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


class Center:
    """An organization with a member, its instance, a permission set, a user and a group with the user in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        org = cloud.client("organizations")
        org.create_organization()
        made = org.create_account(Email=f"m@{cloud.account}.example.com", AccountName="m")["CreateAccountStatus"]
        cloud.clock.idle()
        self.member = org.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]["AccountId"]
        self.sso = cloud.client("sso-admin")
        self.arn = self.sso.create_instance(Name="people")["InstanceArn"]
        self.store = self.sso.describe_instance(InstanceArn=self.arn)["IdentityStoreId"]
        people = cloud.client("identitystore")
        self.user = people.create_user(IdentityStoreId=self.store, UserName="ana", DisplayName="Ana", Name={
            "GivenName": "Ana", "FamilyName": "Lima"})["UserId"]
        self.group = people.create_group(IdentityStoreId=self.store, DisplayName="readers")["GroupId"]
        people.create_group_membership(IdentityStoreId=self.store, GroupId=self.group, MemberId={"UserId": self.user})
        self.set = self.sso.create_permission_set(InstanceArn=self.arn, Name="Reader", Description="reads",
                                                  SessionDuration="PT2H")["PermissionSet"]["PermissionSetArn"]
        self.of = {"InstanceArn": self.arn, "PermissionSetArn": self.set}
        self.iam = cloud.client("iam", account=self.member)

    def to(self, principal: str, kind: str, account: str = "") -> dict[str, str]:
        return {**self.of, "TargetId": account or self.member, "TargetType": "AWS_ACCOUNT", "PrincipalType": kind,
                "PrincipalId": principal}

    def assign(self, principal: str, kind: str, account: str = "") -> dict[str, Any]:
        told = self.sso.create_account_assignment(**self.to(principal, kind, account))["AccountAssignmentCreationStatus"]
        assert told["Status"] == "IN_PROGRESS"
        self.cloud.clock.idle()
        found = self.sso.describe_account_assignment_creation_status(
            InstanceArn=self.arn, AccountAssignmentCreationRequestId=told["RequestId"])
        return dict(found["AccountAssignmentCreationStatus"])

    def unassign(self, principal: str, kind: str) -> dict[str, Any]:
        told = self.sso.delete_account_assignment(**self.to(principal, kind))["AccountAssignmentDeletionStatus"]
        self.cloud.clock.idle()
        found = self.sso.describe_account_assignment_deletion_status(
            InstanceArn=self.arn, AccountAssignmentDeletionRequestId=told["RequestId"])
        return dict(found["AccountAssignmentDeletionStatus"])

    def roles(self) -> list[dict[str, Any]]:
        return list(self.iam.list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"])


@pytest.fixture
def center(cloud: Cloud) -> Center:
    return Center(cloud)


def test_an_account_has_one_instance(cloud: Cloud) -> None:
    sso = cloud.client("sso-admin")
    arn = sso.create_instance(Name="people", ClientToken="t", Tags=[{"Key": "a", "Value": "b"}])["InstanceArn"]
    assert sso.create_instance(Name="people", ClientToken="t")["InstanceArn"] == arn
    assert refused(sso.create_instance) == "ConflictException"
    assert refused(cloud.client("sso-admin", region="eu-west-1").create_instance) == "ConflictException"
    told = sso.describe_instance(InstanceArn=arn)
    assert (told["Name"], told["Status"], told["OwnerAccountId"]) == ("people", "ACTIVE", cloud.account)
    assert told["PermissionSetsEnabled"] is False
    assert refused(sso.list_permission_sets, InstanceArn=arn) == "ValidationException"
    assert refused(sso.update_instance, InstanceArn=arn, PermissionSetsEnabled=False) == "ValidationException"
    sso.update_instance(InstanceArn=arn, Name="others", PermissionSetsEnabled=True)
    assert sso.describe_instance(InstanceArn=arn)["Name"] == "others"
    assert sso.list_permission_sets(InstanceArn=arn)["PermissionSets"] == []
    far = cloud.client("sso-admin", region="eu-west-1")
    assert far.list_instances()["Instances"] == []
    assert far.list_instances(RegionScope="ALL_REGIONS")["Instances"][0]["InstanceArn"] == arn
    assert refused(cloud.other().client("sso-admin").describe_instance, InstanceArn=arn) == "AccessDeniedException"
    assert sso.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    sso.delete_instance(InstanceArn=arn)
    assert sso.list_instances()["Instances"] == []
    assert refused(sso.describe_instance, InstanceArn=arn) == "AccessDeniedException"


def test_permission_sets(center: Center) -> None:
    sso, of = center.sso, center.of
    told = sso.describe_permission_set(**of)["PermissionSet"]
    assert (told["Name"], told["Description"], told["SessionDuration"]) == ("Reader", "reads", "PT2H")
    assert refused(sso.create_permission_set, InstanceArn=center.arn, Name="Reader") == "ConflictException"
    for wrong in ("PT13H", "PT59M", "P1D"):
        assert refused(sso.create_permission_set, InstanceArn=center.arn, Name="x", SessionDuration=wrong) == \
            "ValidationException"
    sso.update_permission_set(**of, Description="other", SessionDuration="PT12H", RelayState="https://example.com")
    told = sso.describe_permission_set(**of)["PermissionSet"]
    assert (told["Description"], told["SessionDuration"], told["RelayState"]) == ("other", "PT12H", "https://example.com")
    more = {sso.create_permission_set(InstanceArn=center.arn, Name=f"s{n}")["PermissionSet"]["PermissionSetArn"]
            for n in range(4)}
    pages = sso.get_paginator("list_permission_sets").paginate(InstanceArn=center.arn, PaginationConfig={"PageSize": 2})
    assert {arn for page in pages for arn in page["PermissionSets"]} == {*more, center.set}
    sso.tag_resource(InstanceArn=center.arn, ResourceArn=center.set, Tags=[{"Key": "a", "Value": "1"},
                                                                           {"Key": "b", "Value": "2"}])
    sso.untag_resource(InstanceArn=center.arn, ResourceArn=center.set, TagKeys=["a"])
    assert sso.list_tags_for_resource(InstanceArn=center.arn, ResourceArn=center.set)["Tags"] == [{"Key": "b", "Value": "2"}]
    sso.delete_permission_set(**of)
    assert refused(sso.describe_permission_set, **of) == "ResourceNotFoundException"


def test_policies_of_a_permission_set(center: Center) -> None:
    sso, of = center.sso, center.of
    sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=READ)
    assert refused(sso.attach_managed_policy_to_permission_set, **of, ManagedPolicyArn=READ) == "ConflictException"
    assert refused(sso.attach_managed_policy_to_permission_set, **of,
                   ManagedPolicyArn="arn:aws:iam::aws:policy/Nothing") == "ResourceNotFoundException"
    assert sso.list_managed_policies_in_permission_set(**of)["AttachedManagedPolicies"] == [
        {"Name": "AmazonS3ReadOnlyAccess", "Arn": READ}]
    sso.detach_managed_policy_from_permission_set(**of, ManagedPolicyArn=READ)
    assert refused(sso.detach_managed_policy_from_permission_set, **of, ManagedPolicyArn=READ) == "ResourceNotFoundException"
    own = {"Name": "own", "Path": "/team/"}
    sso.attach_customer_managed_policy_reference_to_permission_set(**of, CustomerManagedPolicyReference=own)
    assert sso.list_customer_managed_policy_references_in_permission_set(**of)["CustomerManagedPolicyReferences"] == [own]
    sso.detach_customer_managed_policy_reference_from_permission_set(**of, CustomerManagedPolicyReference=own)
    assert sso.list_customer_managed_policy_references_in_permission_set(**of)["CustomerManagedPolicyReferences"] == []
    assert refused(sso.put_inline_policy_to_permission_set, **of, InlinePolicy="{}") == "ValidationException"
    sso.put_inline_policy_to_permission_set(**of, InlinePolicy=INLINE)
    assert sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"] == INLINE
    sso.delete_inline_policy_from_permission_set(**of)
    assert sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"] == ""
    assert refused(sso.get_permissions_boundary_for_permission_set, **of) == "ResourceNotFoundException"
    sso.put_permissions_boundary_to_permission_set(**of, PermissionsBoundary={"ManagedPolicyArn": READ})
    assert sso.get_permissions_boundary_for_permission_set(**of)["PermissionsBoundary"] == {"ManagedPolicyArn": READ}
    sso.delete_permissions_boundary_from_permission_set(**of)
    assert refused(sso.get_permissions_boundary_for_permission_set, **of) == "ResourceNotFoundException"


def test_an_assignment_makes_a_role_that_follows_when_provisioned(center: Center) -> None:
    sso, of, iam = center.sso, center.of, center.iam
    sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=READ)
    sso.put_inline_policy_to_permission_set(**of, InlinePolicy=INLINE)
    assert center.assign(center.group, "GROUP")["Status"] == "SUCCEEDED"
    role, = center.roles()
    assert role["RoleName"].startswith("AWSReservedSSO_Reader_")
    assert len(role["RoleName"]) == 22 + 16
    assert (role["Path"], role["Description"]) == ("/aws-reserved/sso.amazonaws.com/", "reads")
    statement, = role["AssumeRolePolicyDocument"]["Statement"]
    provider = statement["Principal"]["Federated"]
    assert provider.startswith(f"arn:aws:iam::{center.member}:saml-provider/AWSSSO_")
    assert provider.endswith("_DO_NOT_DELETE")
    assert iam.get_saml_provider(SAMLProviderArn=provider)["SAMLMetadataDocument"]

    def may(action: str) -> str:
        answer = iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=[action])
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert [may(action) for action in ("s3:ListAllMyBuckets", "sqs:ListQueues", "s3:CreateBucket")] == [
        "allowed", "allowed", "implicitDeny"]
    sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=VIEW)
    sso.detach_managed_policy_from_permission_set(**of, ManagedPolicyArn=READ)
    sso.delete_inline_policy_from_permission_set(**of)
    sso.put_permissions_boundary_to_permission_set(**of, PermissionsBoundary={"ManagedPolicyArn": VIEW})
    assert may("sqs:ListQueues") == "allowed"                # not yet
    latest = {"ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
    assert sso.list_accounts_for_provisioned_permission_set(**of, **latest)["AccountIds"] == [center.member]
    told = sso.provision_permission_set(**of, TargetType="ALL_PROVISIONED_ACCOUNTS")["PermissionSetProvisioningStatus"]
    center.cloud.clock.idle()
    told = sso.describe_permission_set_provisioning_status(InstanceArn=center.arn,
                                                           ProvisionPermissionSetRequestId=told["RequestId"])
    assert told["PermissionSetProvisioningStatus"]["Status"] == "SUCCEEDED"
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [VIEW]
    assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == []
    assert iam.get_role(RoleName=role["RoleName"])["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == VIEW
    assert may("sqs:SendMessage") == "implicitDeny"
    assert sso.list_accounts_for_provisioned_permission_set(**of, **latest)["AccountIds"] == []
    assert sso.list_accounts_for_provisioned_permission_set(**of)["AccountIds"] == [center.member]


def test_the_account_may_not_change_the_role(center: Center) -> None:
    center.assign(center.group, "GROUP")
    name, iam = center.roles()[0]["RoleName"], center.iam
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for operation, members in ((iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": nothing}),
                               (iam.attach_role_policy, {"PolicyArn": READ}), (iam.update_role, {"Description": "mine"}),
                               (iam.update_role_description, {"Description": "mine"}), (iam.delete_role, {}),
                               (iam.update_assume_role_policy, {"PolicyDocument": nothing})):
        assert refused(operation, RoleName=name, **members) == "UnmodifiableEntity"
    mine = {"RoleName": "r", "Path": "/aws-reserved/mine/", "AssumeRolePolicyDocument": nothing}
    assert refused(iam.create_role, **mine) == "InvalidInput"
    assert center.roles()[0]["Description"] == "reads"


def test_the_role_goes_with_the_last_assignment(center: Center) -> None:
    sso, of = center.sso, center.of
    center.assign(center.group, "GROUP")
    center.assign(center.user, "USER")
    assert len(center.roles()) == 1
    assert refused(sso.delete_permission_set, **of) == "ConflictException"
    where = {"InstanceArn": center.arn, "AccountId": center.member}
    rows = sso.list_account_assignments(**where, PermissionSetArn=center.set)["AccountAssignments"]
    assert {(row["PrincipalType"], row["PrincipalId"]) for row in rows} == {("GROUP", center.group), ("USER", center.user)}
    assert sso.list_permission_sets_provisioned_to_account(**where)["PermissionSets"] == [center.set]
    mine = sso.list_account_assignments_for_principal(InstanceArn=center.arn, PrincipalId=center.user, PrincipalType="USER")
    assert {row["PrincipalType"] for row in mine["AccountAssignments"]} == {"GROUP", "USER"}
    none = sso.list_account_assignments_for_principal(InstanceArn=center.arn, PrincipalId=center.user, PrincipalType="USER",
                                                      Filter={"AccountId": center.cloud.account})
    assert none["AccountAssignments"] == []
    assert center.unassign(center.user, "USER")["Status"] == "SUCCEEDED"
    assert len(center.roles()) == 1
    assert refused(sso.delete_account_assignment, **center.to(center.user, "USER")) == "ResourceNotFoundException"
    center.unassign(center.group, "GROUP")
    assert center.roles() == []
    assert sso.list_permission_sets_provisioned_to_account(**where)["PermissionSets"] == []
    sso.delete_permission_set(**of)


def test_a_policy_that_an_account_lacks_fails_the_assignment_and_leaves_nothing(center: Center) -> None:
    sso, of = center.sso, center.of
    sso.attach_customer_managed_policy_reference_to_permission_set(**of, CustomerManagedPolicyReference={"Name": "own"})
    told = center.assign(center.user, "USER")
    assert told["Status"] == "FAILED"
    assert "404" in told["FailureReason"]
    assert center.roles() == []
    assert sso.list_account_assignments(InstanceArn=center.arn, AccountId=center.member,
                                        PermissionSetArn=center.set)["AccountAssignments"] == []
    arn = center.iam.create_policy(PolicyName="own", PolicyDocument=INLINE)["Policy"]["Arn"]
    assert center.assign(center.user, "USER")["Status"] == "SUCCEEDED"
    role, = center.roles()
    attached = center.iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [arn]
    states = sso.list_account_assignment_creation_status(InstanceArn=center.arn)["AccountAssignmentsCreationStatus"]
    assert [state["Status"] for state in states] == ["FAILED", "SUCCEEDED"]
    failed = sso.list_account_assignment_creation_status(InstanceArn=center.arn, Filter={"Status": "FAILED"})
    assert len(failed["AccountAssignmentsCreationStatus"]) == 1
    assert sso.list_account_assignment_deletion_status(InstanceArn=center.arn)["AccountAssignmentsDeletionStatus"] == []
    assert sso.list_permission_set_provisioning_status(InstanceArn=center.arn)["PermissionSetsProvisioningStatus"] == []


def test_who_and_where_must_exist(center: Center) -> None:
    sso = center.sso
    nobody = "00000000-0000-0000-0000-000000000000"
    assert refused(sso.create_account_assignment, **center.to(nobody, "USER")) == "ResourceNotFoundException"
    assert refused(sso.create_account_assignment, **center.to(center.user, "GROUP")) == "ResourceNotFoundException"
    assert refused(sso.create_account_assignment, **center.to(center.user, "USER", center.cloud.other().account)) == \
        "ResourceNotFoundException"
    assert refused(sso.provision_permission_set, **center.of, TargetType="AWS_ACCOUNT", TargetId=center.member) == \
        "ConflictException"
    assert refused(sso.provision_permission_set, **center.of, TargetType="AWS_ACCOUNT") == "ValidationException"


def test_a_delegated_administrator_works_for_the_organization(center: Center) -> None:
    there = center.cloud.client("sso-admin", account=center.member)
    assert there.list_instances()["Instances"] == []
    org = center.cloud.client("organizations")
    org.enable_aws_service_access(ServicePrincipal="sso.amazonaws.com")
    org.register_delegated_administrator(AccountId=center.member, ServicePrincipal="sso.amazonaws.com")
    assert there.list_instances()["Instances"][0]["OwnerAccountId"] == center.cloud.account
    assert there.describe_permission_set(**center.of)["PermissionSet"]["Name"] == "Reader"
    assert refused(there.delete_instance, InstanceArn=center.arn) == "AccessDeniedException"
    people = center.cloud.client("identitystore", account=center.member)
    assert people.describe_user(IdentityStoreId=center.store, UserId=center.user)["UserName"] == "ana"


def test_an_instance_takes_its_roles_along(center: Center) -> None:
    center.assign(center.user, "USER")
    center.sso.delete_instance(InstanceArn=center.arn)
    assert center.roles() == []
    assert center.iam.list_saml_providers()["SAMLProviderList"] == []


def test_an_account_that_is_reset_loses_its_instance(cloud: Cloud) -> None:
    sso = cloud.client("sso-admin")
    arn = sso.create_instance()["InstanceArn"]
    cloud.thread.call(cloud.kernel.reset(cloud.account, "eu-west-1"))
    assert sso.list_instances()["Instances"][0]["InstanceArn"] == arn
    cloud.thread.call(cloud.kernel.reset(cloud.account, "us-east-1"))
    assert sso.list_instances()["Instances"] == []
    sso.create_instance()
    cloud.thread.call(cloud.kernel.reset(cloud.account))
    assert sso.list_instances()["Instances"] == []
