"""The account itself, its contacts, its regions."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation, organization

from .. import regions, standing
from ..resources import AlternateContact, PrimaryContact

PRIMARY = "primary"


# --- the account itself ---------------------------------------------------------------------------------------------------


@operation
def get_account_information(call: Call, AccountId: str | None = None) -> dict[str, Any]:
    """An account is as old as the first question about it.

    https://docs.aws.amazon.com/accounts/latest/reference/API_GetAccountInformation.html
    """
    row = known(standing.account(call, AccountId))
    return {"AccountId": row.account, "AccountName": row.name, "AccountCreatedDate": row.created,
            "AccountState": "ACTIVE" if row.state == "PENDING_CLOSURE" else row.state}


def known(call: Call) -> organization.Account:
    """The row of this account, made when it was never spoken of."""
    row = call.table(organization.Account).get(call.account)
    if row is None:
        row = organization.known(call.tx, call.account, call.now)
        keep(call, row)
    return row


def keep(call: Call, row: organization.Account) -> None:
    """Write it, and let its organization know."""
    organization.changed(call.tx, row.organization or "", call.uuid())
    call.put(row)


@operation
def put_account_name(call: Call, AccountName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutAccountName.html"""
    there = standing.account(call, AccountId)
    row = known(there)
    row.name = AccountName
    keep(there, row)


@operation
def get_primary_email(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetPrimaryEmail.html"""
    return {"PrimaryEmail": known(standing.account(call, AccountId)).email}


# --- contacts -------------------------------------------------------------------------------------------------------------


@operation
def put_alternate_contact(call: Call, AlternateContactType: str, Name: str, Title: str, EmailAddress: str, PhoneNumber: str,
                          AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html"""
    standing.account(call, AccountId).put(AlternateContact(kind=AlternateContactType, name=Name, title=Title,
                                                           email=EmailAddress.strip(), phone=PhoneNumber))


@operation
def get_alternate_contact(call: Call, AlternateContactType: str, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html"""
    row = standing.account(call, AccountId).table(AlternateContact).get(AlternateContactType)
    if row is None:
        raise _no_contact()
    return {"AlternateContact": {"AlternateContactType": row.kind, "Name": row.name, "Title": row.title,
                                 "EmailAddress": row.email, "PhoneNumber": row.phone}}


@operation
def delete_alternate_contact(call: Call, AlternateContactType: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_DeleteAlternateContact.html"""
    if not standing.account(call, AccountId).table(AlternateContact).delete(AlternateContactType):
        raise _no_contact()


def _no_contact() -> AwsError:
    return error.ResourceNotFoundException("No contact of the inputted alternate contact type found.")


@operation
def put_contact_information(call: Call, ContactInformation: dict[str, str], AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutContactInformation.html"""
    if ContactInformation["CountryCode"] == "US" and not ContactInformation.get("StateOrRegion"):
        raise _invalid("StateOrRegion", "is required for addresses in the United States")
    there = standing.account(call, AccountId)
    before = there.table(PrimaryContact).get(PRIMARY)
    row = PrimaryContact(id=PRIMARY, given=ContactInformation)
    if before is not None and before.given["PhoneNumber"] == ContactInformation["PhoneNumber"]:
        row.status, row.code = before.status, before.code
    there.put(row)


@operation
def get_contact_information(call: Call, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetContactInformation.html"""
    row = standing.account(call, AccountId).table(PrimaryContact).get(PRIMARY)
    if row is None:
        raise error.ResourceNotFoundException("No contact information was found for the account.")
    return {"ContactInformation": row.given, "VerificationStatus": row.status}


def _invalid(field: str, what: str) -> AwsError:
    return error.ValidationException(f"{field} {what}.", reason="fieldValidationFailed",
                                     fieldList=[{"name": field, "message": what}])


# --- regions --------------------------------------------------------------------------------------------------------------


@operation
def enable_region(call: Call, RegionName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html"""
    _turn(standing.account(call, AccountId), RegionName, True)


@operation
def disable_region(call: Call, RegionName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html"""
    _turn(standing.account(call, AccountId), RegionName, False)


def _turn(call: Call, name: str, enabled: bool) -> None:
    if name not in regions.OPTIONAL:
        raise error.ValidationException(f"The region {name} can't be enabled or disabled.", reason="invalidRegionOptTarget")
    row = known(call)
    now = regions.status(name, row, call.now)
    if now in ("ENABLING", "DISABLING") and (now == "ENABLING") != enabled:
        raise error.ConflictException(f"The region {name} is being changed: it is {now}.")
    if (now in ("ENABLED", "ENABLING")) != enabled:
        row.regions = {**row.regions, name: (enabled, call.now)}
        keep(call, row)


@operation
def get_region_opt_status(call: Call, RegionName: str, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html"""
    there = standing.account(call, AccountId)
    if RegionName not in regions.OPTIONAL | regions.BY_DEFAULT:
        raise error.ValidationException(f"There is no region {RegionName}.", reason="fieldValidationFailed",
                                        fieldList=[{"name": "RegionName", "message": "is no region"}])
    row = organization.known(call.tx, there.account, call.now)
    return {"RegionName": RegionName, "RegionOptStatus": regions.status(RegionName, row, call.now)}


@operation
def list_regions(call: Call, AccountId: str | None = None, RegionOptStatusContains: list[str] = [],
                 page: Page[Any] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html"""
    row = organization.known(call.tx, standing.account(call, AccountId).account, call.now)
    told = [{"RegionName": name, "RegionOptStatus": regions.status(name, row, call.now)}
            for name in sorted(regions.OPTIONAL | regions.BY_DEFAULT) if page.after is None or name > page.after]
    wanted = [one for one in told if not RegionOptStatusContains or one["RegionOptStatus"] in RegionOptStatusContains]
    return {"Regions": page.cut(wanted, lambda one: one["RegionName"])}
