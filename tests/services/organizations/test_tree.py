"""An organization, its units, and its accounts."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud


def test_an_organization_begins_with_a_root_and_its_manager(cloud: Cloud, org: Any, refused: Any) -> None:
    told = org.client.describe_organization()["Organization"]
    assert told == org.told
    assert (told["MasterAccountId"], told["FeatureSet"]) == (cloud.account, "ALL")
    assert told["Arn"] == f"arn:aws:organizations::{cloud.account}:organization/{org.id}"
    root = org.client.list_roots()["Roots"][0]
    assert root["Arn"] == f"arn:aws:organizations::{cloud.account}:root/{org.id}/{org.root}"
    assert root["PolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    one, = org.client.list_accounts()["Accounts"]
    assert (one["Id"], one["JoinedMethod"], one["Status"]) == (cloud.account, "INVITED", "ACTIVE")
    assert one["Paths"] == [f"{org.id}/{org.root}/{cloud.account}/"]
    assert refused(org.client.create_organization)[0] == "AlreadyInOrganizationException"


def test_without_an_organization_nothing_is_told(cloud: Cloud, refused: Any) -> None:
    client = cloud.client("organizations")
    assert refused(client.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert refused(client.list_accounts)[0] == "AWSOrganizationsNotInUseException"
    assert refused(client.leave_organization)[0] == "AWSOrganizationsNotInUseException"


def test_an_organization_is_deleted_when_it_is_empty(cloud: Cloud, org: Any, refused: Any) -> None:
    unit = org.unit("a")
    assert refused(org.client.delete_organization)[0] == "OrganizationNotEmptyException"
    org.client.delete_organizational_unit(OrganizationalUnitId=unit)
    org.client.delete_organization()
    assert refused(org.client.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert org.client.create_organization()["Organization"]["Id"] != org.id


def test_units_have_names_of_their_own_among_siblings(org: Any, refused: Any) -> None:
    one = org.client.create_organizational_unit(ParentId=org.root, Name="a")["OrganizationalUnit"]
    assert one["Path"] == f"{org.id}/{org.root}/{one['Id']}/"
    assert one["Arn"].endswith(f":ou/{org.id}/{one['Id']}")
    assert refused(org.client.create_organizational_unit, ParentId=org.root, Name="a")[0] == \
        "DuplicateOrganizationalUnitException"
    inner = org.unit("a", one["Id"])
    other = org.unit("b")
    assert refused(org.client.update_organizational_unit, OrganizationalUnitId=other, Name="a")[0] == \
        "DuplicateOrganizationalUnitException"
    org.client.update_organizational_unit(OrganizationalUnitId=other, Name="c")
    assert org.client.describe_organizational_unit(OrganizationalUnitId=other)["OrganizationalUnit"]["Name"] == "c"
    assert org.client.list_parents(ChildId=inner)["Parents"] == [{"Id": one["Id"], "Type": "ORGANIZATIONAL_UNIT"}]
    assert org.client.list_parents(ChildId=other)["Parents"] == [{"Id": org.root, "Type": "ROOT"}]
    assert org.client.list_children(ParentId=one["Id"], ChildType="ORGANIZATIONAL_UNIT")["Children"] == [
        {"Id": inner, "Type": "ORGANIZATIONAL_UNIT"}]
    assert refused(org.client.delete_organizational_unit, OrganizationalUnitId=one["Id"])[0] == \
        "OrganizationalUnitNotEmptyException"
    assert refused(org.client.list_parents, ChildId="ou-zzzz-zzzzzzzz")[0] == "ChildNotFoundException"
    assert refused(org.client.create_organizational_unit, ParentId="r-none", Name="a")[0] == "ParentNotFoundException"
    assert refused(org.client.describe_organizational_unit, OrganizationalUnitId="ou-zzzz-zzzzzzzz")[0] == \
        "OrganizationalUnitNotFoundException"


def test_units_are_at_most_five_deep(org: Any, refused: Any) -> None:
    parent = org.root
    for level in range(5):
        parent = org.unit(str(level), parent)
    assert refused(org.client.create_organizational_unit, ParentId=parent, Name="6") == \
        ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")


def test_units_come_in_pages(org: Any) -> None:
    made = {org.unit(f"u{n}") for n in range(23)}
    first = org.client.list_organizational_units_for_parent(ParentId=org.root)
    assert len(first["OrganizationalUnits"]) == 20
    pages = org.client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=org.root, MaxResults=7)
    assert {u["Id"] for page in pages for u in page["OrganizationalUnits"]} == made


def test_a_new_account_has_a_way_in_for_the_manager(cloud: Cloud, org: Any) -> None:
    member = org.member(Tags=[{"Key": "team", "Value": "a"}])
    told = org.client.describe_account(AccountId=member)["Account"]
    assert (told["JoinedMethod"], told["Status"], told["Name"]) == ("CREATED", "ACTIVE", "a1")
    role = cloud.client("iam", account=member).get_role(RoleName="OrganizationAccountAccessRole")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{cloud.account}:root"}
    given = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="in")["Credentials"]
    inside = cloud.client("sts", key=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
    assert inside.get_caller_identity()["Account"] == member
    assert cloud.client("organizations", account=member).describe_organization()["Organization"]["Id"] == org.id


def test_two_accounts_cannot_have_one_address(org: Any) -> None:
    org.member(Email=f"same@{org.cloud.account}.example.com")
    status = org.client.create_account(Email=f"same@{org.cloud.account}.example.com", AccountName="b")["CreateAccountStatus"]
    org.cloud.clock.idle()
    failed = org.client.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    assert [(one["Id"], one["FailureReason"]) for one in failed] == [(status["Id"], "EMAIL_ALREADY_EXISTS")]
    assert len(org.client.list_create_account_status()["CreateAccountStatuses"]) == 2
    assert len(org.client.list_accounts()["Accounts"]) == 2


def test_an_account_moves(org: Any, refused: Any) -> None:
    member, unit = org.member(), org.unit("a")
    move = {"AccountId": member, "SourceParentId": org.root, "DestinationParentId": unit}
    org.client.move_account(**move)
    assert refused(org.client.move_account, **move)[0] == "SourceParentNotFoundException"
    assert refused(org.client.move_account, **{**move, "SourceParentId": unit})[0] == "DuplicateAccountException"
    assert refused(org.client.move_account, **{**move, "DestinationParentId": "r-none"})[0] == \
        "DestinationParentNotFoundException"
    assert [a["Id"] for a in org.client.list_accounts_for_parent(ParentId=unit)["Accounts"]] == [member]
    assert org.client.list_children(ParentId=unit, ChildType="ACCOUNT")["Children"] == [{"Id": member, "Type": "ACCOUNT"}]
    assert org.client.describe_account(AccountId=member)["Account"]["Paths"] == [f"{org.id}/{org.root}/{unit}/{member}/"]


def test_an_account_leaves_after_four_days(cloud: Cloud, org: Any, refused: Any) -> None:
    one, two = org.member(), org.member()
    inside = cloud.client("organizations", account=one)
    assert refused(inside.leave_organization) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    assert refused(org.client.remove_account_from_organization, AccountId=cloud.account)[0] == \
        "MasterCannotLeaveOrganizationException"
    assert refused(org.client.leave_organization)[0] == "MasterCannotLeaveOrganizationException"
    cloud.clock.advance(4 * 86_400)
    inside.leave_organization()
    org.client.remove_account_from_organization(AccountId=two)
    assert refused(inside.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert refused(org.client.describe_account, AccountId=two)[0] == "AccountNotFoundException"


def test_an_account_closes_and_is_gone_in_ninety_days(cloud: Cloud, org: Any, refused: Any) -> None:
    member = org.member()
    org.client.close_account(AccountId=member)
    cloud.clock.idle()
    assert org.client.describe_account(AccountId=member)["Account"]["Status"] == "SUSPENDED"
    assert refused(org.client.close_account, AccountId=member)[0] == "AccountAlreadyClosedException"
    assert refused(cloud.client("sts", account=member).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(cloud.client("s3", account=member).list_buckets)[0] == "InvalidAccessKeyId"
    assert refused(org.client.close_account, AccountId=cloud.account) == \
        ("ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    cloud.clock.advance(90 * 86_400)
    assert refused(org.client.describe_account, AccountId=member)[0] == "AccountNotFoundException"


def test_accounts_close_ten_a_month(cloud: Cloud, org: Any, refused: Any) -> None:
    members = [org.member() for _ in range(11)]
    for member in members[:10]:
        org.client.close_account(AccountId=member)
    assert refused(org.client.close_account, AccountId=members[10]) == \
        ("ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
    cloud.clock.advance(31 * 86_400)
    org.client.close_account(AccountId=members[10])


@pytest.mark.parametrize("operation", ["list_accounts", "list_roots", "delete_organization"])
def test_members_see_no_more_than_their_organization(cloud: Cloud, org: Any, refused: Any, operation: str) -> None:
    inside = cloud.client("organizations", account=org.member())
    assert refused(getattr(inside, operation))[0] == "AccessDeniedException"


def reset(cloud: Cloud, account: str) -> None:
    cloud.thread.call(cloud.kernel.reset(account))


def test_a_member_that_is_reset_is_gone_from_the_organization(cloud: Cloud, org: Any, refused: Any) -> None:
    member = org.member()
    org.client.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    org.client.register_delegated_administrator(AccountId=member, ServicePrincipal="config.amazonaws.com")
    reset(cloud, member)
    assert [a["Id"] for a in org.client.list_accounts()["Accounts"]] == [cloud.account]
    assert org.client.list_delegated_administrators()["DelegatedAdministrators"] == []
    targets = org.client.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]
    assert {t["TargetId"] for t in targets} == {cloud.account, org.root}
    inside = cloud.client("organizations", account=member)
    assert refused(inside.describe_organization)[0] == "AWSOrganizationsNotInUseException"


def test_with_a_manager_that_is_reset_goes_the_organization(cloud: Cloud, org: Any, refused: Any) -> None:
    member, guest = org.member(), cloud.other()
    asked = org.client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": guest.account})["Handshake"]
    guest.client("organizations").accept_handshake(HandshakeId=asked["Id"])
    reset(cloud, cloud.account)
    for account in (cloud.account, member, guest.account):
        client = cloud.client("organizations", account=account)
        assert refused(client.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    client = cloud.client("organizations")
    client.create_organization()
    client.create_account(Email=f"a1@{cloud.account}.example.com", AccountName="again")        # the address is free again
    cloud.clock.idle()
    assert client.list_create_account_status()["CreateAccountStatuses"][0]["State"] == "SUCCEEDED"
    guest.client("organizations").create_organization()
