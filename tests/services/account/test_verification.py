"""A new primary e-mail address and a telephone number are verified by codes, which are in the mailbox."""

from __future__ import annotations

import re
from typing import Any

from conftest import Cloud
from cumulet.kernel.record import mailbox
from services.account.test_account import ADDRESS, account, member, refused

__all__ = ["account", "member"]            # fixtures


def code_to(cloud: Cloud, whose: str, kind: str, to: str) -> str:
    """The code of the latest message to somebody."""
    async def read() -> Any:
        return await cloud.kernel.store.run(lambda tx: mailbox.newest(tx, whose, kind, to, 0, 1))

    sent, = cloud.thread.call(read())
    assert sent.to == [to]
    found = re.search(rb"\b\d{6}\b", sent.raw)
    assert found is not None
    return found[0].decode()


def test_the_primary_email_of_a_member_becomes_another(cloud: Cloud, account: Any, member: str) -> None:
    new, other = f"new@{cloud.account}.example.com", f"m@{cloud.account}.example.com"
    of = {"AccountId": member}
    assert refused(account.get_primary_email_update_status, **of) == "ResourceNotFoundException"
    assert refused(account.start_primary_email_update, **of, PrimaryEmail="nobody") == "ValidationException"
    assert refused(account.start_primary_email_update, **of, PrimaryEmail=other) == "ConflictException"
    assert account.start_primary_email_update(**of, PrimaryEmail=new)["Status"] == "PENDING"
    first = code_to(cloud, member, "mail", new)
    account.start_primary_email_update(**of, PrimaryEmail=new)
    code = code_to(cloud, member, "mail", new)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for members in ({"PrimaryEmail": new, "Otp": wrong}, {"PrimaryEmail": other, "Otp": code}):
        assert refused(account.accept_primary_email_update, **of, **members) == "ValidationException"
    if first != code:
        assert refused(account.accept_primary_email_update, **of, PrimaryEmail=new, Otp=first) == "ValidationException"
    assert account.get_primary_email(**of)["PrimaryEmail"] == other
    assert account.accept_primary_email_update(**of, PrimaryEmail=new, Otp=code)["Status"] == "ACCEPTED"
    assert account.get_primary_email(**of)["PrimaryEmail"] == new
    assert account.get_primary_email_update_status(**of)["Status"] == "COMPLETED"
    assert refused(account.accept_primary_email_update, **of, PrimaryEmail=new, Otp=code) == "ConflictException"
    described = cloud.client("organizations").describe_account(AccountId=member)["Account"]
    assert described["Email"] == new
    assert refused(cloud.other().client("account").start_primary_email_update, **of, PrimaryEmail=other) == \
        "AccessDeniedException"


def test_a_telephone_number_is_verified_until_it_is_another(cloud: Cloud, account: Any) -> None:
    assert refused(account.send_phone_number_verification) == "ResourceNotFoundException"
    account.put_contact_information(ContactInformation=ADDRESS)
    assert refused(account.verify_phone_number, Otp="123456") == "ConflictException"
    assert account.send_phone_number_verification()["Status"] == "PENDING"
    assert account.get_contact_information()["VerificationStatus"] == "PENDING"
    code = code_to(cloud, cloud.account, "sms", ADDRESS["PhoneNumber"])
    assert refused(account.verify_phone_number, Otp=f"{(int(code) + 1) % 1_000_000:06}") == "ValidationException"
    assert account.verify_phone_number(Otp=code)["Status"] == "VERIFIED"
    assert refused(account.verify_phone_number, Otp=code) == "ConflictException"
    assert refused(account.send_phone_number_verification) == "ConflictException"
    account.put_contact_information(ContactInformation={**ADDRESS, "City": "Bonn"})
    assert account.get_contact_information()["VerificationStatus"] == "VERIFIED"
    account.put_contact_information(ContactInformation={**ADDRESS, "PhoneNumber": "+49 228 1"})
    assert account.get_contact_information()["VerificationStatus"] == "UNVERIFIED"
