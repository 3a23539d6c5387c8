"""Codes that prove that somebody reads a mailbox or has a telephone: sent once, kept as hashes, used once."""

from __future__ import annotations

import hashlib
import hmac
from email.message import EmailMessage

from cumulet.kernel import Call

_DIGITS = "0123456789"
_FROM = "no-reply@signup.aws"


def new(call: Call) -> str:
    return call.token(6, _DIGITS)


def digest(call: Call, code: str) -> bytes:
    """As it is kept."""
    return hashlib.sha256(f"{call.account} {code}".encode()).digest()


def fits(call: Call, code: str, kept: bytes) -> bool:
    return hmac.compare_digest(digest(call, code), kept)


def by_mail(call: Call, address: str, code: str) -> None:
    """To the address that is to become the account's."""
    message = EmailMessage()
    message["From"], message["To"] = _FROM, address
    message["Subject"] = "Verify the new email address of your AWS account"
    message.set_content(f"The verification code of account {call.account} is {code}.\n")
    call.mail("mail", _FROM, [address], str(message["Subject"]), message.as_bytes())


def by_phone(call: Call, number: str, code: str) -> None:
    call.mail("sms", "AMAZON", [number], "Verification", f"Your AWS verification code is {code}.".encode())
