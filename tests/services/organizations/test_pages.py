"""Every listing in pages of one, and members that other tests do not send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud

SCP = "SERVICE_CONTROL_POLICY"
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def full(cloud: Cloud, org: Any) -> Any:
    """Two of everything that can be listed."""
    org.units = [org.unit("a"), org.unit("b")]
    org.members = [org.member(), org.member(RoleName="Admin", IamUserAccessToBilling="ALLOW")]
    org.policies = [org.policy(DENY, name="p"), org.policy(DENY, name="q")]
    for policy in org.policies:
        org.client.attach_policy(PolicyId=policy, TargetId=org.root)
    for service in ("a.amazonaws.com", "b.amazonaws.com"):
        org.client.enable_aws_service_access(ServicePrincipal=service)
        for member in org.members:
            org.client.register_delegated_administrator(AccountId=member, ServicePrincipal=service)
    for guest in (cloud.other(), cloud.other()):
        org.client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": guest.account})
    return org


def pages(fn: Any, **members: Any) -> list[Any]:
    """All of a listing, one a page."""
    found: list[Any] = []
    token: dict[str, Any] = {}
    while True:
        told = fn(**members, **token)
        listed, = [v for v in told.values() if isinstance(v, list)]
        assert len(listed) == 1
        found += listed
        if not told.get("NextToken"):
            return found
        token = {"NextToken": told["NextToken"]}


def test_listings_come_in_pages(cloud: Cloud, full: Any) -> None:
    client, root, one = full.client, full.root, {"MaxResults": 1}
    assert len(pages(client.list_accounts, **one)) == 3
    assert len(pages(client.list_accounts_for_parent, ParentId=root, **one)) == 3
    assert len(pages(client.list_children, ParentId=root, ChildType="ACCOUNT", **one)) == 3
    assert {u["Id"] for u in pages(client.list_children, ParentId=root, ChildType="ORGANIZATIONAL_UNIT", **one)} == \
        set(full.units)
    assert len(pages(client.list_organizational_units_for_parent, ParentId=root, **one)) == 2
    assert len(pages(client.list_parents, ChildId=full.units[0], **one)) == 1
    assert len(pages(client.list_roots, **one)) == 1
    assert {p["Id"] for p in pages(client.list_policies, Filter=SCP, **one)} == {"p-FullAWSAccess", *full.policies}
    assert len(pages(client.list_policies_for_target, TargetId=root, Filter=SCP, **one)) == 3
    assert len(pages(client.list_targets_for_policy, PolicyId="p-FullAWSAccess", **one)) == 6
    assert len(pages(client.list_create_account_status, **one)) == 2
    assert len(pages(client.list_handshakes_for_organization, **one)) == 2
    assert len(pages(client.list_aws_service_access_for_organization, **one)) == 2
    assert {a["Id"] for a in pages(client.list_delegated_administrators, **one)} == set(full.members)
    assert len(pages(client.list_delegated_services_for_account, AccountId=full.members[0], **one)) == 2


def test_what_was_received_comes_in_pages(cloud: Cloud, org: Any) -> None:
    guest, other = cloud.other(), cloud.other()
    second = other.client("organizations")
    second.create_organization()
    for client in (org.client, second):
        client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": guest.account})
    inside = guest.client("organizations")
    assert len(pages(inside.list_handshakes_for_account, MaxResults=1)) == 2
    assert len(inside.list_handshakes_for_account(Filter={"ActionType": "INVITE"})["Handshakes"]) == 2
    assert inside.list_handshakes_for_account(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"] == []


def test_tags_come_in_pages(org: Any) -> None:
    made = org.client.create_organizational_unit(ParentId=org.root, Name="t", Tags=[{"Key": "first", "Value": "1"}])
    unit = made["OrganizationalUnit"]["Id"]
    assert org.client.list_tags_for_resource(ResourceId=unit)["Tags"] == [{"Key": "first", "Value": "1"}]
    org.client.tag_resource(ResourceId=unit, Tags=[{"Key": str(n), "Value": "v"} for n in range(49)])
    paginator = org.client.get_paginator("list_tags_for_resource")
    assert sum(len(page["Tags"]) for page in paginator.paginate(ResourceId=unit)) == 50


def test_the_role_of_a_new_account_has_the_name_that_was_wanted(cloud: Cloud, org: Any) -> None:
    member = org.member(RoleName="Admin")
    iam = cloud.client("iam", account=member)
    assert [r["RoleName"] for r in iam.list_roles()["Roles"] if r["Path"] == "/"] == ["Admin"]
    linked = [r["RoleName"] for r in iam.list_roles(PathPrefix="/aws-service-role/organizations.amazonaws.com/")["Roles"]]
    assert linked == ["AWSServiceRoleForOrganizations"]
    attached = iam.list_attached_role_policies(RoleName="Admin")["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == ["AdministratorAccess"]
