"""Users, groups and memberships of an identity store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.services.identitystore.resources import Group

ANA = {"UserName": "ana", "DisplayName": "Ana Lima", "Name": {"GivenName": "Ana", "FamilyName": "Lima"}}


@pytest.fixture
def store(cloud: Cloud) -> str:
    sso = cloud.client("sso-admin")
    sso.create_instance(Name="people")
    return str(sso.list_instances()["Instances"][0]["IdentityStoreId"])


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        call(**members)
    said = problem.value.response["Error"]
    return str(said["Code"]), str(said.get("Message", ""))


def test_a_user_is_made_told_changed_and_deleted(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    made = client.create_user(IdentityStoreId=store, **ANA, Emails=[{"Value": "Ana@example.com", "Primary": True}])
    assert made["UserArn"] == f"arn:aws:identitystore:::user/{made['UserId']}"
    who = {"IdentityStoreId": store, "UserId": made["UserId"]}
    told = client.describe_user(**who)
    assert (told["UserName"], told["Name"], told["Revision"]) == ("ana", ANA["Name"], "1")
    assert (told["UserStatus"], told["CreatedBy"]) == ("ENABLED", f"arn:aws:iam::{cloud.account}:root")
    client.update_user(**who, Revision="1", Operations=[
        {"AttributePath": "displayName", "AttributeValue": "Ana"}, {"AttributePath": "name.givenName", "AttributeValue": "An"},
        {"AttributePath": "emails", "AttributeValue": [{"value": "a@example.com", "type": "work", "primary": True}]},
        {"AttributePath": "title", "AttributeValue": "Captain"}])
    told = client.describe_user(IdentityStoreId=store, UserId=made["UserArn"])
    assert (told["DisplayName"], told["Name"]["GivenName"], told["Title"], told["Revision"]) == ("Ana", "An", "Captain", "2")
    assert told["Emails"] == [{"Value": "a@example.com", "Type": "work", "Primary": True}]
    assert refused(client.update_user, **who, Revision="1", Operations=[
        {"AttributePath": "title", "AttributeValue": "x"}])[0] == "ConflictException"
    client.update_user(**who, Operations=[{"AttributePath": "title"}])
    assert "Title" not in client.describe_user(**who)
    assert refused(client.update_user, **who, Operations=[{"AttributePath": "userName"}])[0] == "ValidationException"
    assert refused(client.update_user, **who, Operations=[{"AttributePath": "colour", "AttributeValue": "x"}])[0] == \
        "ValidationException"
    client.delete_user(**who)
    assert refused(client.describe_user, **who) == ("ResourceNotFoundException", "USER not found.")


def test_names_and_addresses_are_unique_without_regard_to_case(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    id = client.create_user(IdentityStoreId=store, **ANA, Emails=[{"Value": "ana@example.com"}])["UserId"]
    assert refused(client.create_user, IdentityStoreId=store, **{**ANA, "UserName": "ANA"}) == \
        ("ConflictException", "Duplicate UserName")
    assert refused(client.create_user, IdentityStoreId=store, **{**ANA, "UserName": "b"},
                   Emails=[{"Value": "ANA@example.com"}])[0] == "ConflictException"
    for path, value in (("userName", "Ana"), ("emails.value", "Ana@Example.com")):
        found = client.get_user_id(IdentityStoreId=store, AlternateIdentifier={
            "UniqueAttribute": {"AttributePath": path, "AttributeValue": value}})
        assert found["UserId"] == id
    assert refused(client.get_user_id, IdentityStoreId=store, AlternateIdentifier={
        "ExternalId": {"Issuer": "i", "Id": "x"}})[0] == "ResourceNotFoundException"
    assert refused(client.get_user_id, IdentityStoreId=store, AlternateIdentifier={
        "UniqueAttribute": {"AttributePath": "title", "AttributeValue": "x"}})[0] == "ValidationException"
    assert refused(client.create_user, IdentityStoreId=store, UserName="c")[0] == "ValidationException"
    assert refused(client.create_user, IdentityStoreId=store, **{**ANA, "UserName": "Administrator"})[0] == \
        "ValidationException"


def test_users_come_in_pages_and_by_name(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    made = {client.create_user(IdentityStoreId=store, **{**ANA, "UserName": f"u{n}"})["UserId"] for n in range(5)}
    pages = list(client.get_paginator("list_users").paginate(IdentityStoreId=store, PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert {user["UserId"] for page in pages for user in page["Users"]} == made
    one, = client.list_users(IdentityStoreId=store, Filters=[{"AttributePath": "UserName", "AttributeValue": "U3"}])["Users"]
    assert one["UserName"] == "u3"
    assert refused(client.list_users, IdentityStoreId=store, Filters=[
        {"AttributePath": "Title", "AttributeValue": "x"}])[0] == "ValidationException"


def test_groups(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    made = client.create_group(IdentityStoreId=store, DisplayName="Admins", Description="all")
    who = {"IdentityStoreId": store, "GroupId": made["GroupId"]}
    assert refused(client.create_group, IdentityStoreId=store, DisplayName="admins") == \
        ("ConflictException", "Duplicate GroupDisplayName")
    client.update_group(**who, Operations=[{"AttributePath": "displayName", "AttributeValue": "Chiefs"},
                                           {"AttributePath": "description"}])
    told = client.describe_group(**who)
    assert (told["DisplayName"], told.get("Description"), told["Revision"]) == ("Chiefs", None, "2")
    assert client.get_group_id(IdentityStoreId=store, AlternateIdentifier={"UniqueAttribute": {
        "AttributePath": "displayName", "AttributeValue": "Chiefs"}})["GroupId"] == made["GroupId"]
    client.create_group(IdentityStoreId=store, DisplayName="Others")
    assert len(client.list_groups(IdentityStoreId=store)["Groups"]) == 2
    one, = client.list_groups(IdentityStoreId=store, Filters=[
        {"AttributePath": "DisplayName", "AttributeValue": "chiefs"}])["Groups"]
    assert one["GroupId"] == made["GroupId"]
    client.delete_group(**who)
    assert refused(client.describe_group, **who) == ("ResourceNotFoundException", "GROUP not found.")


def test_memberships_go_with_users_and_groups(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    user = {"UserId": client.create_user(IdentityStoreId=store, **ANA)["UserId"]}
    one, two, three = (client.create_group(IdentityStoreId=store, DisplayName=name)["GroupId"] for name in "abc")
    both = {"IdentityStoreId": store, "GroupId": one, "MemberId": user}
    made = client.create_group_membership(**both)
    assert refused(client.create_group_membership, **both) == \
        ("ConflictException", "Member and Group relationship already exists.")
    assert client.get_group_membership_id(**both)["MembershipId"] == made["MembershipId"]
    told = client.describe_group_membership(IdentityStoreId=store, MembershipId=made["MembershipId"])
    assert (told["GroupId"], told["MemberId"]) == (one, user)
    client.create_group_membership(**{**both, "GroupId": two})
    client.create_group_membership(**{**both, "GroupId": three})
    results = client.is_member_in_groups(IdentityStoreId=store, MemberId=user, GroupIds=[one, two])["Results"]
    assert [result["MembershipExists"] for result in results] == [True, True]
    client.delete_group_membership(IdentityStoreId=store, MembershipId=made["MembershipId"])
    assert refused(client.get_group_membership_id, **both)[0] == "ResourceNotFoundException"
    assert client.list_group_memberships(IdentityStoreId=store, GroupId=one)["GroupMemberships"] == []
    client.delete_group(IdentityStoreId=store, GroupId=two)
    left = client.list_group_memberships_for_member(IdentityStoreId=store, MemberId=user)["GroupMemberships"]
    assert [membership["GroupId"] for membership in left] == [three]
    client.delete_user(IdentityStoreId=store, **user)
    assert client.list_group_memberships(IdentityStoreId=store, GroupId=three)["GroupMemberships"] == []


def test_a_store_is_of_one_account_and_goes_with_its_instance(cloud: Cloud, store: str) -> None:
    client = cloud.client("identitystore")
    told = client.describe_identity_store(IdentityStoreId=store)
    assert told["IdentityStoreArn"] == f"arn:aws:identitystore::{cloud.account}:identitystore/{store}"
    assert client.list_identity_stores()["IdentityStores"] == [
        {"IdentityStoreId": store, "IdentityStoreArn": told["IdentityStoreArn"]}]
    client.create_group(IdentityStoreId=told["IdentityStoreArn"], DisplayName="a")
    assert refused(cloud.other().client("identitystore").list_groups, IdentityStoreId=store)[0] == "ResourceNotFoundException"
    sso = cloud.client("sso-admin")
    sso.delete_instance(InstanceArn=sso.list_instances()["Instances"][0]["InstanceArn"])
    cloud.clock.idle()
    left = cloud.kernel.store.run(lambda tx: tx.table(Group, cloud.account, "us-east-1").scan(store))
    assert cloud.thread.call(left) == []
    assert client.list_identity_stores()["IdentityStores"] == []
    assert refused(client.list_groups, IdentityStoreId=store)[0] == "ResourceNotFoundException"
