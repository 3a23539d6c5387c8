"""What is verified by a code: a new primary e-mail address, and the telephone number of the primary contact."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation, organization

from .. import codes, standing
from ..resources import EmailUpdate, PrimaryContact
from .accounts import PRIMARY, keep, known


@operation
def start_primary_email_update(call: Call, AccountId: str, PrimaryEmail: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_StartPrimaryEmailUpdate.html"""
    there = standing.account(call, AccountId)
    name, at, domain = PrimaryEmail.partition("@")
    if not (name and at and "." in domain) or "@" in domain:
        raise _invalid("PrimaryEmail", "is no e-mail address")
    _free(call, PrimaryEmail)
    code = codes.new(call)
    there.put(EmailUpdate(id=PRIMARY, email=PrimaryEmail, code=codes.digest(there, code), status="PENDING", updated=call.now))
    codes.by_mail(there, PrimaryEmail, code)
    return {"Status": "PENDING"}


@operation
def accept_primary_email_update(call: Call, AccountId: str, PrimaryEmail: str, Otp: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_AcceptPrimaryEmailUpdate.html"""
    there = standing.account(call, AccountId)
    row = _update(there)
    if row.status != "PENDING":
        raise error.ConflictException("The update of the primary email address is not pending.")
    if row.email != PrimaryEmail or not codes.fits(there, Otp, row.code):
        raise _invalid("Otp" if row.email == PrimaryEmail else "PrimaryEmail", "is not the one of the update")
    _free(call, PrimaryEmail)
    account = known(there)
    account.email = PrimaryEmail
    keep(there, account)
    row.status, row.updated, row.code = "COMPLETED", call.now, b""
    there.put(row)
    return {"Status": "ACCEPTED"}


@operation
def get_primary_email_update_status(call: Call, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetPrimaryEmailUpdateStatus.html"""
    row = _update(standing.account(call, AccountId))
    return {"Status": row.status, "UpdatedAt": row.updated}


def _update(call: Call) -> EmailUpdate:
    row = call.table(EmailUpdate).get(PRIMARY)
    if row is None:
        raise error.ResourceNotFoundException("No update of the primary email address was found for the account.")
    return row


def _free(call: Call, email: str) -> None:
    if call.table(organization.Account).find("email", email) is not None:
        raise error.ConflictException("The email address is already in use by an account.")


def _invalid(field: str, what: str) -> AwsError:
    return error.ValidationException(f"{field} {what}.", reason="fieldValidationFailed",
                                     fieldList=[{"name": field, "message": what}])


# --- telephones -----------------------------------------------------------------------------------------------------------


@operation
def send_phone_number_verification(call: Call, AccountId: str | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_SendPhoneNumberVerification.html"""
    there = standing.account(call, AccountId)
    row = _contact(there)
    if row.status == "VERIFIED":
        raise error.ConflictException("The phone number is already verified.")
    code = codes.new(call)
    row.code, row.status = codes.digest(there, code), "PENDING"
    there.put(row)
    codes.by_phone(there, row.given["PhoneNumber"], code)
    return {"Status": row.status}


@operation
def verify_phone_number(call: Call, Otp: str, AccountId: str | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_VerifyPhoneNumber.html"""
    there = standing.account(call, AccountId)
    row = _contact(there)
    if row.status != "PENDING":
        raise error.ConflictException("No verification of the phone number is pending.")
    if not codes.fits(there, Otp, row.code):
        raise _invalid("Otp", "is not the one that was sent")
    row.code, row.status = b"", "VERIFIED"
    there.put(row)
    return {"Status": row.status}


def _contact(call: Call) -> PrimaryContact:
    row = call.table(PrimaryContact).get(PRIMARY)
    if row is None:
        raise error.ResourceNotFoundException("No contact information was found for the account.")
    return row
