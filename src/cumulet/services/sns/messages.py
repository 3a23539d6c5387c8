"""What may be published, and what subscribers are sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from cumulet.kernel import AwsError, error

DEFAULT_SIZE = 262_144
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]{1,99}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_TOKEN = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")
MAX_PRICE = "AWS.SNS.SMS.MaxPrice"       # a number, of whichever type it is said to be
_KINDS = ("String", "String.Array", "Number", "Binary")

Attributes = Mapping[str, Mapping[str, Any]]
quote = json.encoder.encode_basestring


class Notice(msgspec.Struct, kw_only=True):
    """One published message, as all of its deliveries need it."""

    id: str
    at: float
    message: str                       # as published: what filter policies on the body look at
    texts: dict[str, str] | None = None            # MessageStructure=json: protocol → its text
    subject: str | None = None
    attributes: dict[str, dict[str, Any]] = {}
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None
    trace: str | None = None
    replayed: bool = False

    def text(self, protocol: str) -> str:
        """What subscribers by this protocol get."""
        return self.message if self.texts is None else self.texts.get(protocol, self.texts["default"])

    def raw_attributes(self) -> Attributes:
        """The attributes that go with a message which has no envelope."""
        return {**self.attributes, "Replayed": {"DataType": "String", "StringValue": "true"}} if self.replayed \
            else self.attributes


def invalid(what: str) -> AwsError:
    return error.InvalidParameterException(f"Invalid parameter: {what}")


def read_message(message: str, structure: str | None) -> dict[str, str] | None:
    """The texts of a message that has one for each protocol; None when all get the same."""
    if not message:
        raise invalid("Empty message")
    if structure is None:
        return None
    if structure != "json":
        raise invalid("MessageStructure")
    try:
        entries = json.loads(message)
    except ValueError:
        entries = None
    if not isinstance(entries, dict):
        raise invalid("Message Structure - JSON message body failed to parse")
    if not isinstance(entries.get("default"), str):
        raise invalid("Message Structure - No default entry in JSON message body")
    return {name: text for name, text in entries.items() if isinstance(text, str)}


def check_subject(subject: str | None) -> None:
    if subject is not None and (not _SUBJECT.fullmatch(subject) or subject[0] == " "):
        raise invalid("Subject")


def size_of(message: str, attributes: Attributes) -> int:
    """Bytes of a message and its attributes."""
    size = len(message.encode())
    for name, value in attributes.items():
        size += len(name.encode()) + len(value["DataType"].encode())
        size += len(value["BinaryValue"]) if "BinaryValue" in value else len((value.get("StringValue") or "").encode())
    return size


def check_attributes(attributes: Attributes) -> None:
    for name, value in attributes.items():
        _check_attribute(name, value)


def _bad(message: str) -> AwsError:
    return error.InvalidParameterValueException(message)


def _check_attribute(name: str, value: Mapping[str, Any]) -> None:
    if not _NAME.fullmatch(name) or name[0] == "." or name[-1] == "." or ".." in name:
        raise _bad(f"Invalid attribute name: '{name}'.")
    kind: str = value.get("DataType") or ""
    if not kind:
        raise _bad(f"The message attribute '{name}' must contain non-empty message attribute type.")
    base = kind if kind == "String.Array" else kind.split(".", 1)[0]
    if base not in _KINDS or not _NAME.fullmatch(kind):
        raise _bad(f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
                   "prefixes is Binary, Number, and String.")
    field = "BinaryValue" if base == "Binary" else "StringValue"
    other = "StringValue" if base == "Binary" else "BinaryValue"
    if other in value and field not in value:
        raise _bad(f"The message attribute '{name}' with type '{kind}' must use field '{field.removesuffix('Value')}'.")
    if not value.get(field):
        raise _bad(f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
                   f"type '{kind}'.")
    if base == "Number" or (name == MAX_PRICE and base != "Binary"):
        _check_number(name, value["StringValue"])


def _check_number(name: str, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _bad(f"Could not cast message attribute '{name}' value to number.")


def check_token(value: str, parameter: str) -> None:
    """MessageGroupId, MessageDeduplicationId."""
    if not _TOKEN.fullmatch(value):
        raise invalid(f"{parameter} Reason: {parameter} can only include alphanumeric and punctuation characters. 1 to 128 "
                      "in length.")


def timestamp(at: float) -> str:
    return f"{_second(int(at))}.{int(at * 1000) % 1000:03d}Z"


@lru_cache(16)
def _second(at: int) -> str:
    """Many messages are of one second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def envelope(fields: Mapping[str, str]) -> str:
    """The JSON text, spaced as AWS's is, without its last brace."""
    return "{\n" + ",\n".join([f'  "{name}" : {quote(value)}' for name, value in fields.items()])


def attributes_json(attributes: Attributes) -> str:
    """The MessageAttributes entry of an envelope."""
    entries = ",".join(f"{quote(name)}:{{\"Type\":{quote(value['DataType'])},\"Value\":{quote(_value_text(value))}}}"
                       for name, value in attributes.items())
    return f',\n  "MessageAttributes" : {{{entries}}}'


def _value_text(value: Mapping[str, Any]) -> str:
    text = value.get("StringValue")
    if text is not None:
        return str(text)
    return msgspec.json.encode(value["BinaryValue"]).decode().strip('"')     # base64
