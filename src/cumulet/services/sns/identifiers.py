"""Managed data identifiers: sensitive data that is known by its form, and by its check digits where it has some.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import NamedTuple

PREFIX = "arn:aws:dataprotection::aws:data-identifier/"
_IBAN = {"DE": 22, "ES": 24, "FR": 27, "GB": 22, "IT": 27}
_VIN = {letter: value for letters, first in (("ABCDEFGH", 1), ("JKLMN", 1), ("STUVWXYZ", 2))
        for value, letter in enumerate(letters, first)} | {"P": 7, "R": 9} | {str(n): n for n in range(10)}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


class Identifier(NamedTuple):
    """What it looks like, and what else must be true of it."""

    pattern: re.Pattern[str]
    true: Callable[[str], bool] = bool

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text."""
        for found in self.pattern.finditer(text):
            if self.true(found[0]):
                yield found.span()


def _luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    total = sum(sum(divmod(2 * d, 10)) if n % 2 else d for n, d in enumerate(reversed(digits)))
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and total % 10 == 0


def _iban(text: str) -> bool:
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return len(plain) == _IBAN[plain[:2]] and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _vin(text: str) -> bool:
    rest = sum(_VIN[c] * weight for c, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _mixed(text: str) -> bool:
    """Base64 of random bytes, not a word or a hexadecimal digest."""
    return all(any(test(c) for c in text) for test in (str.isupper, str.islower)) and not text.isalpha()


def _key(kind: str) -> Identifier:
    return Identifier(re.compile(rf"-----BEGIN {kind}-----[\s\S]{{1,16384}}?-----END {kind}-----"))


IDENTIFIERS: dict[str, Identifier] = {
    "EmailAddress": Identifier(re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")),
    "IpAddress": Identifier(
        re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(?![\w:])"), _address),
    "CreditCardNumber": Identifier(re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])"), _luhn),
    "Ssn-US": Identifier(re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])")),
    "VehicleIdentificationNumber": Identifier(re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b"), _vin),
    "AwsSecretKey": Identifier(re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"), _mixed),
    "OpenSshPrivateKey": _key("OPENSSH PRIVATE KEY"),
    "PgpPrivateKey": _key("PGP PRIVATE KEY BLOCK"),
    "PkcsPrivateKey": _key("(?:RSA |DSA |EC |ENCRYPTED )?PRIVATE KEY"),
    "PuttyPrivateKey": Identifier(re.compile(r"PuTTY-User-Key-File-\d:[\s\S]{1,16384}?Private-MAC: [0-9a-f]+")),
    **{f"BankAccountNumber-{country}": Identifier(
        re.compile(rf"\b{country}\d\d(?: ?[A-Z0-9]){{{length - 4}}}\b"), _iban) for country, length in _IBAN.items()},
}
