"""Numbers as DynamoDB has them: decimal, up to 38 significant digits, 1E-130 to 9.9…E+125, written without exponent.

A number lives as its canonical text, so equal numbers are equal strings. `encode` gives bytes in numeric order.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact

from cumulet.kernel import error

_FORM = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
_EXACT = Context(prec=300, Emax=10_000, Emin=-10_000, traps=[Inexact])
_DIGITS = 38
_HIGHEST, _LOWEST = 126, -129              # exponents of 0.d…: 9.9E+125 and 1E-130
# Reverses the order of bytes that hold two decimal digits each; all stay below the terminator 0xff.
_REVERSED = bytes((0x99 - b) & 0xFF for b in range(256))


def canonical(text: str) -> str:
    """The one way to write this number. Raises what DynamoDB says of text that is no number, or too large."""
    length = len(text)
    if length <= _DIGITS and text.isdigit() and text.isascii() and (text[0] != "0" or length == 1):
        return text
    negative, digits, exponent = _read(text)
    return _plain(negative, digits, exponent)


def size(number: str) -> int:
    """Bytes that a canonical number counts for: one for every two significant digits, one more, and one for a minus."""
    if number[0] == "-":
        return (len(number[1:].replace(".", "").strip("0")) + 1) // 2 + 2
    return (len(number.replace(".", "").strip("0")) + 1) // 2 + 1


def encode(number: str) -> bytes:
    """Bytes of a canonical number whose order is that of the numbers."""
    if number == "0":
        return b"\x01"
    negative = number[0] == "-"
    if negative:
        number = number[1:]
    whole, _, part = number.partition(".")
    if whole == "0":
        digits = part.lstrip("0")
        exponent = len(digits) - len(part)
    else:
        digits = (whole + part).rstrip("0")
        exponent = len(whole)
    packed = bytes.fromhex(digits + "0" if len(digits) & 1 else digits)
    if negative:
        return bytes((0, _HIGHEST - exponent)) + packed.translate(_REVERSED) + b"\xff"
    return bytes((2, exponent - _LOWEST)) + packed


def decode(key: bytes) -> str:
    """The canonical number of such bytes."""
    if key == b"\x01":
        return "0"
    negative = key[0] == 0
    exponent = _HIGHEST - key[1] if negative else key[1] + _LOWEST
    digits = (key[2:-1].translate(_REVERSED) if negative else key[2:]).hex()
    return _plain(negative, digits.rstrip("0"), exponent)


def add(left: str, right: str) -> str:
    """The exact sum; too many digits are an error, never rounded away."""
    return _of_decimal(_EXACT.add(Decimal(left), Decimal(right)))


def subtract(left: str, right: str) -> str:
    """The exact difference."""
    return _of_decimal(_EXACT.subtract(Decimal(left), Decimal(right)))


def _of_decimal(value: Decimal) -> str:
    return canonical(str(value))


def _read(text: str) -> tuple[bool, str, int]:
    """Sign, significant digits d (none for zero), exponent e: the number is 0.d × 10^e."""
    match = _FORM.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        told = f"The parameter cannot be converted to a numeric value: {text}" if text else \
            "The parameter cannot be converted to a numeric value"
        raise error.ValidationException(told)
    sign, whole, part, power = match.groups()
    whole, part = whole.lstrip("0"), part or ""
    exponent = len(whole)
    digits = whole + part
    if not whole:
        digits = part.lstrip("0")
        exponent = len(digits) - len(part)
    digits = digits.rstrip("0")
    if not digits:
        return False, "", 0
    if power:
        exponent += int(power) if len(power) < 8 else 10_000_000 * (-1 if power[0] == "-" else 1)
    if exponent > _HIGHEST:
        raise error.ValidationException(
            "Number overflow. Attempting to store a number with magnitude larger than supported range")
    if exponent < _LOWEST:
        raise error.ValidationException(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range")
    if len(digits) > _DIGITS:
        raise error.ValidationException("Attempting to store more than 38 significant digits in a Number")
    return sign == "-", digits, exponent


def _plain(negative: bool, digits: str, exponent: int) -> str:
    if not digits:
        return "0"
    if exponent <= 0:
        plain = "0." + "0" * -exponent + digits
    elif exponent >= len(digits):
        plain = digits + "0" * (exponent - len(digits))
    else:
        plain = digits[:exponent] + "." + digits[exponent:]
    return "-" + plain if negative else plain
