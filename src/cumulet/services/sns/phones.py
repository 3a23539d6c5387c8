"""Text messages: what they cost, who may not get them, and where they go.

https://docs.aws.amazon.com/sns/latest/dg/sms_preferences.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call

from . import feedback
from .messages import MAX_PRICE
from .resources import Phone, SandboxPhone, Texting

PRICE = 0.00645                        # USD for each part, whatever the country
LIMIT = "1"                            # USD a month, until it is set
MOST_CHARACTERS = 1600
_STOP = frozenset({"ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"})
_GSM = re.compile("[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,\\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\\\\\[~\\]|€]*")


def texting(call: Call) -> Texting:
    """The account's settings in this region."""
    return call.table(Texting).get("texting") or Texting()


def parts(text: str) -> int:
    """In how many messages it goes: 160 characters of the GSM alphabet each, or 70 of any other; 153 and 67 of several."""
    one, several = (160, 153) if _GSM.fullmatch(text) else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // several)


def send(call: Call, number: str, phone: str, text: str, attributes: Mapping[str, Any]) -> bool:
    """Send a text (number: its message id), or note why it is not sent: publishers are not told, as with AWS. Was it sent?"""
    settings = texting(call)
    price = parts(text) * PRICE
    problem = _problem(call, settings, phone, price, attributes)
    if not problem:
        month = _month(call)
        settings.spent = price + (settings.spent if settings.month == month else 0.0)
        settings.month = month
        call.put(settings)
    kind = _value(attributes, "AWS.SNS.SMS.SMSType") or settings.attributes.get("DefaultSMSType", "Promotional")
    sender = (_value(attributes, "AWS.MM.SMS.OriginationNumber") or _value(attributes, "AWS.SNS.SMS.SenderID")
              or settings.attributes.get("DefaultSenderID") or "NOTICE")
    call.mail("sms", sender, [phone], kind, text.encode(), problem)
    feedback.of_text(call, settings.attributes, feedback.Outcome(
        number, text, call.now, phone, not problem, problem or "Message has been accepted by phone carrier", 0),
        price, parts(text), kind)
    return not problem


def _value(attributes: Mapping[str, Any], name: str) -> str:
    return str((attributes.get(name) or {}).get("StringValue") or "")


def _problem(call: Call, settings: Texting, phone: str, price: float, attributes: Mapping[str, Any]) -> str:
    """Why a text would not be delivered, in the words of AWS's delivery logs."""
    if is_opted_out(call, phone):
        return "Phone number is opted out"
    if settings.sandbox:
        known = call.table(SandboxPhone).get(phone)
        if known is None or known.verified is None:
            return "Phone number is not verified in the SMS sandbox"
    most = _value(attributes, MAX_PRICE)
    if most and price > float(most):
        return "This delivery would exceed max price"
    spent = settings.spent if settings.month == _month(call) else 0.0
    if spent + price > float(settings.attributes.get("MonthlySpendLimit", LIMIT)):
        return "No quota left for account"
    return ""


def _month(call: Call) -> str:
    return datetime.fromtimestamp(call.now, UTC).strftime("%Y-%m")


def is_opted_out(call: Call, phone: str) -> bool:
    found = call.table(Phone).get(phone)
    return found is not None and found.out is not None


def reply(call: Call, phone: str, text: str) -> bool:
    """What somebody answers: STOP, in one of its forms, opts the number out. Whether it is opted out now."""
    if text.strip().upper() in _STOP:
        before = call.table(Phone).get(phone)
        call.put(Phone(phone=phone, returned=before.returned if before is not None else None))
    return is_opted_out(call, phone)


def set_sandbox(call: Call, inside: bool) -> bool:
    """What AWS's support does on request."""
    settings = texting(call)
    settings.sandbox = inside
    call.put(settings)
    return inside
