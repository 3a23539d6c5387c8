"""Scalars that come as text (forms, XML, headers, URIs), and text made of scalars."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from typing import Any

from . import times

LIMITS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_TRUTH = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False, "1": True, "0": False}


class BadText(ValueError):
    """A text that is not of its type: `kind`."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind, self.text = kind, text


def integer(kind: str) -> Callable[[str], int]:
    """Reads integers of 32 or 64 bits."""
    low, high = LIMITS[kind]

    def read(text: str) -> int:
        try:
            if len(text) < 25 and text.isascii() and "_" not in text and low <= (value := int(text)) <= high:
                return value
        except ValueError:
            pass
        raise BadText(kind, text)

    return read


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadText("double", text) from None


def boolean(text: str) -> bool:
    found = _TRUTH.get(text)
    if found is None:
        raise BadText("boolean", text)
    return found


def timestamp(text: str) -> float:
    try:
        return times.parse(text)
    except ValueError:
        raise BadText("timestamp", text) from None


def blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadText("blob", text) from None


def text(value: str) -> str:
    return value


def reader(kind: str) -> Callable[[str], Any]:
    """The function that reads a scalar of this type."""
    if kind in LIMITS:
        return integer(kind)
    return {"float": number, "double": number, "boolean": boolean, "timestamp": timestamp, "blob": blob}.get(kind, text)


def _number_text(value: float) -> str:
    if math.isfinite(value):
        return repr(value) if isinstance(value, float) and not value.is_integer() else str(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _blob_text(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _boolean_text(value: Any) -> str:
    return "true" if value else "false"


def writer(shape: dict[str, Any], time_format: str) -> Callable[[Any], str]:
    """The function that writes a scalar of this shape as text."""
    kind = shape["type"]
    if kind == "timestamp":
        return times.writer(shape, time_format)
    return {"boolean": _boolean_text, "blob": _blob_text, "float": _number_text, "double": _number_text}.get(kind, str)
