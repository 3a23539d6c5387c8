"""What is known of an account, told to itself and to who manages it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

CONTACT = {"Name": "Ann", "Title": "CFO", "EmailAddress": "ann@example.com", "PhoneNumber": "+49 30 1234",
           "AlternateContactType": "BILLING"}
ADDRESS = {"FullName": "Ann", "AddressLine1": "1 Street", "City": "Berlin", "PostalCode": "10115", "CountryCode": "DE",
           "PhoneNumber": "+49 30 1234"}


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def account(cloud: Cloud) -> Any:
    return cloud.client("account")


@pytest.fixture
def member(cloud: Cloud) -> str:
    """An account in an organization of this cloud's account, which trusts Account Management."""
    org = cloud.client("organizations")
    org.create_organization()
    org.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    org.create_account(Email=f"m@{cloud.account}.example.com", AccountName="member")
    cloud.clock.idle()
    return str(org.list_create_account_status()["CreateAccountStatuses"][0]["AccountId"])


def test_an_alternate_contact(account: Any) -> None:
    assert refused(account.get_alternate_contact, AlternateContactType="BILLING") == "ResourceNotFoundException"
    account.put_alternate_contact(**CONTACT)
    account.put_alternate_contact(**{**CONTACT, "Title": "CEO"})
    assert account.get_alternate_contact(AlternateContactType="BILLING")["AlternateContact"] == {**CONTACT, "Title": "CEO"}
    assert refused(account.get_alternate_contact, AlternateContactType="SECURITY") == "ResourceNotFoundException"
    account.delete_alternate_contact(AlternateContactType="BILLING")
    assert refused(account.delete_alternate_contact, AlternateContactType="BILLING") == "ResourceNotFoundException"


def test_the_primary_contact(account: Any) -> None:
    assert refused(account.get_contact_information) == "ResourceNotFoundException"
    account.put_contact_information(ContactInformation=ADDRESS)
    told = account.get_contact_information()
    assert (told["ContactInformation"], told["VerificationStatus"]) == (ADDRESS, "UNVERIFIED")
    assert refused(account.put_contact_information, ContactInformation={**ADDRESS, "CountryCode": "US"}) == \
        "ValidationException"


def test_the_name(cloud: Cloud, account: Any) -> None:
    first = account.get_account_information()
    assert (first["AccountId"], first["AccountState"]) == (cloud.account, "ACTIVE")
    cloud.clock.advance(60)
    account.put_account_name(AccountName="mine")
    again = account.get_account_information()
    assert (again["AccountName"], again["AccountCreatedDate"]) == ("mine", first["AccountCreatedDate"])


def test_regions_are_opted_into_by_the_clock(cloud: Cloud, account: Any) -> None:
    def status(region: str) -> str:
        return str(account.get_region_opt_status(RegionName=region)["RegionOptStatus"])

    assert (status("us-east-1"), status("eu-south-1")) == ("ENABLED_BY_DEFAULT", "DISABLED")
    account.enable_region(RegionName="eu-south-1")
    assert status("eu-south-1") == "ENABLING"
    assert refused(account.disable_region, RegionName="eu-south-1") == "ConflictException"
    cloud.clock.advance(60)
    assert status("eu-south-1") == "ENABLED"
    enabled = account.list_regions(RegionOptStatusContains=["ENABLED"])["Regions"]
    assert enabled == [{"RegionName": "eu-south-1", "RegionOptStatus": "ENABLED"}]
    account.disable_region(RegionName="eu-south-1")
    assert status("eu-south-1") == "DISABLING"
    cloud.clock.advance(60)
    assert status("eu-south-1") == "DISABLED"
    there = cloud.client("sqs", region="eu-south-1")
    assert refused(there.list_queues) == "UnrecognizedClientException"             # opted out of: shut
    cloud.client("sqs", region="eu-south-2").list_queues()                         # never asked about: open
    account.enable_region(RegionName="eu-south-1")
    there.list_queues()
    assert refused(account.enable_region, RegionName="us-east-1") == "ValidationException"
    assert refused(account.get_region_opt_status, RegionName="mars-1") == "ValidationException"


def test_regions_come_in_pages(account: Any) -> None:
    pages = list(account.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10}))
    assert [len(page["Regions"]) for page in pages] == [10, 10, 10, 4]
    assert {"RegionName": "us-east-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"} in pages[3]["Regions"]


def test_the_manager_cares_for_its_members(cloud: Cloud, account: Any, member: str) -> None:
    account.put_alternate_contact(**CONTACT, AccountId=member)
    account.put_contact_information(ContactInformation=ADDRESS, AccountId=member)
    account.put_account_name(AccountName="renamed", AccountId=member)
    account.enable_region(RegionName="eu-south-1", AccountId=member)
    inside = cloud.client("account", account=member)
    assert inside.get_alternate_contact(AlternateContactType="BILLING")["AlternateContact"] == CONTACT
    assert inside.get_contact_information()["ContactInformation"] == ADDRESS
    assert inside.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"] == "ENABLING"
    assert cloud.client("organizations").describe_account(AccountId=member)["Account"]["Name"] == "renamed"
    assert account.get_primary_email(AccountId=member)["PrimaryEmail"] == f"m@{cloud.account}.example.com"
    assert account.get_account_information(AccountId=member)["AccountName"] == "renamed"
    assert account.get_alternate_contact(AlternateContactType="BILLING", AccountId=member)["AlternateContact"] == CONTACT
    assert account.get_contact_information(AccountId=member)["ContactInformation"] == ADDRESS
    cloud.clock.advance(60)
    assert account.get_region_opt_status(RegionName="eu-south-1", AccountId=member)["RegionOptStatus"] == "ENABLED"
    assert len(account.list_regions(AccountId=member, RegionOptStatusContains=["ENABLED"])["Regions"]) == 1
    account.disable_region(RegionName="eu-south-1", AccountId=member)
    assert inside.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"] == "DISABLING"
    account.delete_alternate_contact(AlternateContactType="BILLING", AccountId=member)
    assert refused(inside.get_alternate_contact, AlternateContactType="BILLING") == "ResourceNotFoundException"


def test_nobody_else_does(cloud: Cloud, account: Any, member: str) -> None:
    ask = {"AlternateContactType": "BILLING"}
    inside = cloud.client("account", account=member)
    assert refused(inside.get_alternate_contact, **ask, AccountId=cloud.account) == "AccessDeniedException"
    assert refused(inside.get_primary_email, AccountId=member) == "AccessDeniedException"
    assert refused(account.get_alternate_contact, **ask, AccountId=cloud.account) == "AccessDeniedException"
    assert refused(account.get_alternate_contact, **ask, AccountId=cloud.other().account) == "AccessDeniedException"
    org = cloud.client("organizations")
    org.register_delegated_administrator(AccountId=member, ServicePrincipal="account.amazonaws.com")
    assert inside.get_primary_email(AccountId=member)["PrimaryEmail"] == f"m@{cloud.account}.example.com"
    org.deregister_delegated_administrator(AccountId=member, ServicePrincipal="account.amazonaws.com")
    org.disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    assert refused(account.get_primary_email, AccountId=member) == "AccessDeniedException"
