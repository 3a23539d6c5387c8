"""The policy of a POST form: until when it holds, and what each field may be.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from cumulet.kernel import AwsError, error

from .faults import access_denied

# Fields that a policy need not speak of.
_FREE = frozenset({"x-amz-signature", "signature", "awsaccesskeyid", "policy", "file"})


def _invalid(message: str) -> AwsError:
    return error.named("InvalidPolicyDocument", f"Invalid Policy: {message}", 400)


def check(encoded: str, fields: Mapping[str, str], size: int, now: float) -> None:
    """Raises unless the policy holds now and allows these fields (the bucket among them) and a file of this size."""
    try:
        policy = msgspec.json.decode(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(policy, dict) or not policy.get("expiration"):
        raise _invalid("Policy missing expiration.")
    if not isinstance(policy.get("conditions"), list):
        raise _invalid("Policy missing conditions.")
    if _moment(policy["expiration"]) <= now:
        raise access_denied("Invalid according to Policy: Policy expired.")
    told: set[str] = set()
    for condition in policy["conditions"]:
        told |= _check(condition, fields, size)
    extra = [name for name in fields if name not in told | _FREE and not name.startswith("x-ignore-") and name != "bucket"]
    if extra:
        raise access_denied(f"Invalid according to Policy: Extra input fields: {', '.join(sorted(extra))}")


def _moment(text: Any) -> float:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
    except (TypeError, ValueError):
        raise _invalid(f"Invalid 'expiration' value: '{text}'") from None
    return at.timestamp()


def _check(condition: Any, fields: Mapping[str, str], size: int) -> set[str]:
    """The fields that a condition is about; raises when it fails."""
    if isinstance(condition, dict):
        for name, value in condition.items():
            if fields.get(name.lower()) != str(value):
                raise _failed(["eq", f"${name}", value])
        return {name.lower() for name in condition}
    if not isinstance(condition, list) or len(condition) != 3:
        raise _invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
    how, name, value = condition
    if str(how).lower() == "content-length-range":
        _check_size(name, value, size)
        return set()
    field = str(name).removeprefix("$").lower()
    given = fields.get(field)
    if str(how).lower() == "eq":
        good = given == str(value)
    elif str(how).lower() == "starts-with":
        parts = [one.strip() for one in (given or "").split(",")] if field == "content-type" else [given or ""]
        good = given is not None and all(part.startswith(str(value)) for part in parts)
    else:
        raise _invalid(f"Invalid Condition: unknown operation '{how}'.")
    if not good:
        raise _failed(condition)
    return {field}


def _check_size(least: Any, most: Any, size: int) -> None:
    try:
        low, high = int(least), int(most)
    except (TypeError, ValueError):
        raise _invalid("Invalid 'content-length-range': numbers are wanted.") from None
    if size > high:
        raise error.named("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
                          ProposedSize=str(size), MaxSizeAllowed=str(high))
    if size < low:
        raise error.named("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                          ProposedSize=str(size), MinSizeAllowed=str(low))


def _failed(condition: list[Any]) -> AwsError:
    text = ", ".join(f'"{one}"' for one in condition)
    return access_denied(f"Invalid according to Policy: Policy Condition failed: [{text}]")
