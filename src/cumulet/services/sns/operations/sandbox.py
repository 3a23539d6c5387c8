"""The sandbox of text messages: only numbers whose owners told a one-time password are sent to.

https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import phones
from ..protocols import check_phone
from ..resources import SandboxPhone

_MOST = 10
_DAY = 86_400.0
_LASTS = 900.0                         # seconds that a one-time password is good for
_CODES = 5                             # one-time passwords for a number in a day
_TEXTS = {
    "en": "Your verification code is {}.", "es": "Tu código de verificación es {}.",
    "de": "Ihr Bestätigungscode lautet {}.", "fr": "Votre code de vérification est {}.",
    "it": "Il tuo codice di verifica è {}.", "ja": "確認コードは {} です。", "pt": "Seu código de verificação é {}.",
    "kr": "인증 코드는 {}입니다.", "zh": "您的验证码是 {}。",
}


@operation(name="GetSMSSandboxAccountStatus")
def get_sms_sandbox_account_status(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html"""
    return {"IsInSandbox": phones.texting(call).sandbox}


@operation(name="CreateSMSSandboxPhoneNumber")
def create_sms_sandbox_phone_number(call: Call, PhoneNumber: str, LanguageCode: str = "en-US") -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_CreateSMSSandboxPhoneNumber.html"""
    check_phone(PhoneNumber)
    if phones.is_opted_out(call, PhoneNumber):
        raise error.OptedOutException("The phone number is opted out.")
    table = call.table(SandboxPhone)
    before = table.get(PhoneNumber)
    if before is not None and before.verified is not None:
        raise error.UserErrorException("The phone number is verified already.")
    if before is None and table.count() >= _MOST:
        raise error.UserErrorException(f"The SMS sandbox holds at most {_MOST} destination phone numbers.")
    codes = [at for at in (before.codes if before is not None else []) if at > call.now - _DAY]
    if len(codes) >= _CODES:
        raise error.ThrottledException(f"At most {_CODES} verification codes are sent to a phone number in 24 hours.")
    password = call.token(6, "0123456789")
    call.put(SandboxPhone(phone=PhoneNumber, password=password, asked=call.now, codes=[*codes, call.now]))
    text = _TEXTS[LanguageCode.partition("-")[0]].format(password)
    call.mail("sms", "AMAZON", [PhoneNumber], "Transactional", text.encode())


@operation(name="VerifySMSSandboxPhoneNumber")
def verify_sms_sandbox_phone_number(call: Call, PhoneNumber: str, OneTimePassword: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_VerifySMSSandboxPhoneNumber.html"""
    check_phone(PhoneNumber)
    found = _find(call, PhoneNumber)
    if OneTimePassword != found.password or found.asked <= call.now - _LASTS:
        raise error.VerificationException("The one-time password is not valid, or not any more.", Status="FAILED")
    found.verified = call.now
    call.put(found)


@operation(name="DeleteSMSSandboxPhoneNumber")
def delete_sms_sandbox_phone_number(call: Call, PhoneNumber: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_DeleteSMSSandboxPhoneNumber.html"""
    check_phone(PhoneNumber)
    found = _find(call, PhoneNumber)
    if max(found.asked, found.verified or 0.0) > call.now - _DAY:
        raise error.UserErrorException("A phone number can be deleted 24 hours after it was verified, or after the last "
                                       "verification code was sent to it.")
    call.table(SandboxPhone).delete(PhoneNumber)


@operation(name="ListSMSSandboxPhoneNumbers")
def list_sms_sandbox_phone_numbers(call: Call, page: Page[SandboxPhone] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListSMSSandboxPhoneNumbers.html"""
    rows = page.cut(call.table(SandboxPhone).scan(after=page.after, limit=page.limit + 1), lambda row: row.phone)
    return {"PhoneNumbers": [{"PhoneNumber": row.phone, "Status": "Pending" if row.verified is None else "Verified"}
                             for row in rows]}


def _find(call: Call, phone: str) -> SandboxPhone:
    found = call.table(SandboxPhone).get(phone)
    if found is None:
        raise error.ResourceNotFoundException("The phone number is not in the SMS sandbox.")
    return found
