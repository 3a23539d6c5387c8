"""Data protection: what a policy calls sensitive is hidden behind asterisks.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cumulet.kernel import not_implemented

from .names import invalid

_MANAGED = re.compile(r"arn:[\w-]+:dataprotection::aws:data-identifier/([\w-]+)")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_KNOWN: dict[str, str] = {
    "EmailAddress": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+",
    "IpAddress": rf"(?<![\d.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\d.])|"
                 rf"(?<![\w:])(?:[0-9A-Fa-f]{{1,4}}:){{7}}[0-9A-Fa-f]{{1,4}}(?![\w:])",
    "AwsSecretKey": r"(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]{0,39}[/+0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
    "CreditCardNumber": r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)",
    "Ssn-US": r"(?<!\d)(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?!\d)",
    "PhoneNumber-US": r"(?<!\d)(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)",
    "OpenSshPrivateKey": r"-----BEGIN OPENSSH PRIVATE KEY-----[\s\S]*?-----END OPENSSH PRIVATE KEY-----",
    "PkcsPrivateKey": r"-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]*?-----END (?:RSA |EC )?PRIVATE KEY-----",
    "PgpPrivateKey": r"-----BEGIN PGP PRIVATE KEY BLOCK-----[\s\S]*?-----END PGP PRIVATE KEY BLOCK-----"}
_NAME, _REGEX = re.compile(r"[a-zA-Z0-9_-]{1,128}"), re.compile(r"[A-Za-z0-9_ #=@/;,\-^$?\[\]{}|\\*+.:]{1,200}")
_MOST_CUSTOM = 10
_LONGEST = 30_720


@lru_cache(128)
def compiled(document: str) -> Callable[[str], str]:
    """What a policy that was checked does to a message."""
    said = json.loads(document)
    custom = {each["Name"]: each["Regex"] for each in said.get("Configuration", {}).get("CustomDataIdentifier", [])}
    wanted = said["Statement"][0]["DataIdentifier"]
    tests = [(name, re.compile(_KNOWN.get(name) or custom[name]))
             for name in (each.rpartition("/")[2] for each in wanted)]

    def mask(message: str) -> str:
        for name, test in tests:
            message = test.sub(lambda found, name=name: _hidden(name, found[0]), message)  # type: ignore[misc]
        return message

    return mask


def _hidden(name: str, text: str) -> str:
    return text if name == "CreditCardNumber" and not _luhn(text) else "*" * len(text)


def _luhn(text: str) -> bool:
    """The check digit of card numbers."""
    digits = [int(c) for c in text if c.isdigit()][::-1]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def check(document: str) -> None:
    """Is it a policy? As AWS has it: one statement that audits, and one that hides the same things."""
    said = _json(document)
    statements = said.get("Statement")
    if len(document) > _LONGEST or not isinstance(statements, list) or len(statements) != 2:
        raise _bad("it must have two statements, one that audits and one that de-identifies")
    audit, hide = (each if isinstance(each, dict) else {} for each in statements)
    operation = audit.get("Operation")
    if not isinstance(operation, dict) or "FindingsDestination" not in operation.get("Audit", {}):
        raise _bad("the first statement must audit, and name a FindingsDestination")
    if hide.get("Operation") != {"Deidentify": {"MaskConfig": {}}}:
        raise _bad("the second statement must de-identify, with an empty MaskConfig")
    if operation["Audit"]["FindingsDestination"]:
        raise not_implemented("logs: destinations of the findings of data protection policies")
    identifiers = audit.get("DataIdentifier")
    if not isinstance(identifiers, list) or not identifiers or identifiers != hide.get("DataIdentifier"):
        raise _bad("the data identifiers of both statements must be the same")
    _check_identifiers(identifiers, _custom(said))


def _custom(said: dict[str, Any]) -> set[str]:
    found = said.get("Configuration", {}).get("CustomDataIdentifier", [])
    if len(found) > _MOST_CUSTOM:
        raise _bad(f"it can have {_MOST_CUSTOM} custom data identifiers")
    for each in found:
        if not _NAME.fullmatch(each.get("Name", "")) or not _REGEX.fullmatch(each.get("Regex", "")):
            raise _bad("a custom data identifier has a name and a regular expression of 200 characters at most")
        try:
            re.compile(each["Regex"])
        except re.error:
            raise _bad(f"the regular expression of {each['Name']} is not valid") from None
    return {each["Name"] for each in found}


def _check_identifiers(identifiers: list[Any], custom: set[str]) -> None:
    for each in identifiers:
        managed = _MANAGED.fullmatch(str(each))
        if managed is None and each not in custom:
            raise _bad(f"{each} is no data identifier")
        if managed is not None and managed[1] not in _KNOWN:
            raise not_implemented(f"logs: the managed data identifier {managed[1]}")


def _json(document: str) -> dict[str, Any]:
    try:
        said = json.loads(document)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _bad("it is not JSON")
    return said


def _bad(why: str) -> Exception:
    return invalid(f"Invalid data protection policy: {why}.")
