"""Text messages: settings, and numbers that do not want them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, not_implemented, operation

from .. import phones
from ..messages import invalid
from ..protocols import check_phone
from ..resources import Phone

_UNHONOURED = ("UsageReportS3Bucket",)
_DAYS = 30 * 86_400.0
_IN_ORDER = ('SELECT "phone" FROM {table} WHERE scope = {scope} AND "out" = 1 AND "phone" > ? ORDER BY "phone" LIMIT ?')


@operation(name="SetSMSAttributes")
def set_sms_attributes(call: Call, attributes: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html"""
    for name, value in attributes.items():
        _check_setting(name, value)
    settings = phones.texting(call)
    settings.attributes = {name: value for name, value in {**settings.attributes, **attributes}.items() if value}
    call.put(settings)


def _check_setting(name: str, value: str) -> None:
    if name in _UNHONOURED:
        if value:
            raise not_implemented(f"the SMS attribute {name}")
        return
    rule = _SETTINGS.get(name)
    if rule is None:
        raise invalid("Attribute Reason: Unknown attribute name")
    if value and not re.fullmatch(rule, value):
        raise invalid(f"{name} Reason: Invalid value [{value}].")


_SETTINGS = {
    "MonthlySpendLimit": r"[0-9]{1,9}", "DefaultSenderID": r"(?=.*[A-Za-z])[A-Za-z0-9]{1,11}",
    "DefaultSMSType": "Promotional|Transactional", "DeliveryStatusIAMRole": r"arn:aws[\w-]*:iam::\d{12}:role/.+",
    "DeliveryStatusSuccessSamplingRate": r"100|[0-9]{1,2}",
}


@operation(name="GetSMSAttributes")
def get_sms_attributes(call: Call, attributes: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetSMSAttributes.html"""
    told = {"MonthlySpendLimit": phones.LIMIT, **phones.texting(call).attributes}
    return {"attributes": {name: value for name, value in told.items() if not attributes or name in attributes}}


@operation
def check_if_phone_number_is_opted_out(call: Call, phoneNumber: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html"""
    check_phone(phoneNumber)
    return {"isOptedOut": phones.is_opted_out(call, phoneNumber)}


@operation
def list_phone_numbers_opted_out(call: Call, page: Page[str] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListPhoneNumbersOptedOut.html"""
    rows = [row[0] for row in call.table(Phone).sql(_IN_ORDER, page.after or "", page.limit + 1)]
    return {"phoneNumbers": list(page.cut(rows, lambda phone: phone))}


@operation
def opt_in_phone_number(call: Call, phoneNumber: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html"""
    check_phone(phoneNumber)
    found = call.table(Phone).get(phoneNumber)
    if found is None or found.out is None:
        return
    if found.returned is not None and found.returned > call.now - _DAYS:
        raise invalid("PhoneNumber Reason: a phone number can be opted in only once every 30 days")
    call.put(Phone(phone=phoneNumber, out=None, returned=call.now))


@operation
def list_origination_numbers(call: Call, page: Page[str] = Page(30)) -> dict[str, Any]:
    """SNS itself gives out no numbers, so an account has none.

    https://docs.aws.amazon.com/sns/latest/api/API_ListOriginationNumbers.html
    """
    return {"PhoneNumbers": list(page.cut([], lambda number: number))}
