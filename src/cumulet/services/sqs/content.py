"""What a message may hold: size, characters, attributes, and the digests that prove it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import md5
from typing import Any

from cumulet.kernel import AwsError, error

_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_TOKEN = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")
_TYPE = re.compile(r"(String|Number|Binary)(\..*)?", re.S)
_MOST_ATTRIBUTES = 10


def invalid(value: Any, parameter: str, reason: str) -> AwsError:
    """AWS's sentence for a bad parameter."""
    return error.InvalidParameterValue(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")


def digest(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()


def legal(text: str) -> bytes | None:
    """The bytes of a text in which every character may stand in XML 1.0; None for any other."""
    try:
        data = text.encode()
    except UnicodeEncodeError:                     # a lone surrogate
        return None
    size = len(data)
    if len(data.translate(None, _CONTROL)) != size or (size != len(text) and ("\ufffe" in text or "\uffff" in text)):
        return None
    return data


def check_body(body: str) -> bytes:
    """The bytes of a body that SQS accepts."""
    if not body:
        raise error.MissingParameter("The request must contain the parameter MessageBody.")
    data = legal(body)
    if data is None:
        raise error.InvalidMessageContents(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
            "#x10000 to #x10FFFF")
    return data


def check_size(size: int, most: int) -> None:
    if size > most:
        raise error.InvalidParameterValue(
            f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.")


def check_group(group: str) -> None:
    if not _TOKEN.fullmatch(group):
        raise invalid(group, "MessageGroupId", "MessageGroupId can only include alphanumeric and punctuation characters. "
                      "1 to 128 in length.")


def check_token(value: str, parameter: str) -> None:
    """MessageDeduplicationId, ReceiveRequestAttemptId."""
    if not _TOKEN.fullmatch(value):
        raise invalid(value, parameter,
                      f"{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.")


def check_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Message attributes that SQS accepts; how many bytes they count."""
    if len(attributes) > _MOST_ATTRIBUTES:
        raise error.InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{_MOST_ATTRIBUTES}].")
    return sum(_check_attribute(name, value) for name, value in attributes.items())


def check_trace(attributes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The X-Ray trace header of the message system attributes."""
    for name, value in attributes.items():
        if name != "AWSTraceHeader":
            raise error.InvalidParameterValue(
                f"Message system attribute name '{name}' is invalid. Reason: Only AWSTraceHeader is supported.")
        _check_attribute(name, value)
        if value["DataType"] != "String":
            raise error.InvalidParameterValue("The type of message system attribute 'AWSTraceHeader' is invalid. You must "
                                              "use only the following supported type prefixes: String.")
    trace = attributes.get("AWSTraceHeader")
    return trace["StringValue"] if trace else None


def _check_attribute(name: str, value: Mapping[str, Any]) -> int:
    _check_name(name)
    kind = value.get("DataType") or ""
    if not kind:
        raise error.InvalidParameterValue(f"The message attribute '{name}' must contain a non-empty message attribute type.")
    if "StringListValues" in value or "BinaryListValues" in value:
        raise error.UnsupportedOperation("Message attribute list values in SendMessage operation are not supported.")
    match = _TYPE.fullmatch(kind)
    if match is None or len(kind) > 256:
        raise error.InvalidParameterValue(
            f"The type of message attribute '{name}' is invalid. You must use only the following supported type prefixes: "
            "Binary, Number, String.")
    binary = match[1] == "Binary"
    payload: str | bytes = value.get("BinaryValue" if binary else "StringValue") or ""
    if not payload or ("StringValue" if binary else "BinaryValue") in value:
        raise error.InvalidParameterValue(f"The message attribute '{name}' must contain a non-empty message attribute value "
                                          f"for message attribute type '{kind}'.")
    if isinstance(payload, bytes):
        return len(name.encode()) + len(kind.encode()) + len(payload)
    data = legal(payload)
    if data is None:
        raise error.InvalidParameterValue(f"Invalid characters found in the value of message attribute '{name}'.")
    if match[1] == "Number":
        _check_number(name, payload)
    return len(name.encode()) + len(kind.encode()) + len(data)


def _check_name(name: str) -> None:
    if not name or len(name) > 256:
        raise error.InvalidParameterValue("Message attribute name must be shorter than 256 Bytes"
                                          if name else "The request must contain non-empty message attribute names.")
    if not _NAME.fullmatch(name):
        raise error.InvalidParameterValue(f"Invalid non-alphanumeric character was found in the message attribute name "
                                          f"'{name}'. Can only include alphanumeric characters, hyphens, underscores, or dots.")
    if name.startswith(".") or name.endswith(".") or ".." in name:
        raise error.InvalidParameterValue(f"You can't use message attribute names which start or end with a '.' or have "
                                          f"successive dots: '{name}'.")
    lower = name.lower()
    if lower.startswith(("aws.", "amazon.")):
        raise error.InvalidParameterValue(
            f"You can't use message attribute names beginning with 'AWS.' or 'Amazon.': '{name}'. These strings are "
            "reserved for internal use.")


def _check_number(name: str, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (number and not -129 < number.adjusted() < 127):
        raise error.InvalidParameterValue(f"Can't cast the value of message attribute '{name}' to a number.")


def attributes_digest(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """MD5OfMessageAttributes: names in order, each with its type, the transport type and the value, all length-prefixed."""
    out = md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        for text in (name, value["DataType"]):
            data = text.encode()
            out.update(len(data).to_bytes(4, "big") + data)
        text = value.get("StringValue")
        data = value["BinaryValue"] if text is None else text.encode()
        out.update((b"\x02" if text is None else b"\x01") + len(data).to_bytes(4, "big") + data)
    return out.hexdigest()


def wanted(attributes: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """The attributes that a receiver asks for: by name, `All`, `.*`, or a prefix such as `bar.*`."""
    if "All" in names or ".*" in names:
        return dict(attributes)
    exact = set(names)
    prefixes = tuple(name[:-2] for name in names if name.endswith(".*"))
    return {name: value for name, value in attributes.items()
            if name in exact or (prefixes and name.startswith(prefixes))}
