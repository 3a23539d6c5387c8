"""Policies of parameters: when they expire, and when somebody is to be told so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

MOST = 10
_KINDS = {"Expiration": {"Timestamp"}, "ExpirationNotification": {"Before", "Unit"}, "NoChangeNotification": {"After", "Unit"}}
_UNITS = {"Days": 86_400, "Hours": 3600}


class Due(NamedTuple):
    """A policy, and when it acts."""

    at: float
    kind: str
    text: str


def read(text: str) -> str | None:
    """The policies of a request as they are kept; None when it takes them all away (`[{}]`)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise error.InvalidPolicyTypeException("The policies are not a JSON array of parameter policies.")
    found = [one for one in found if one]
    if len(found) > MOST:
        raise error.PoliciesLimitExceededException(
            f"You specified more than the maximum number of allowed policies for the parameter. The maximum is {MOST}.")
    for one in found:
        _check(one)
    expirations = sum(one["Type"] == "Expiration" for one in found)
    if expirations > 1:
        raise error.IncompatiblePolicyException("A parameter can have only one Expiration policy.")
    if not expirations and any(one["Type"] == "ExpirationNotification" for one in found):
        raise error.IncompatiblePolicyException("An ExpirationNotification policy needs an Expiration policy.")
    return json.dumps(found) if found else None


def _wrong(one: dict[str, Any], what: str) -> AwsError:
    return error.InvalidPolicyAttributeException(f"The {what} of the policy {json.dumps(one)} is invalid.")


def _check(one: dict[str, Any]) -> None:
    kind = one.get("Type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise error.InvalidPolicyTypeException(
            "The policy type isn't supported. Parameter Store supports the following policy types: Expiration, "
            "ExpirationNotification, and NoChangeNotification.")
    attributes = one.get("Attributes")
    if one.get("Version") != "1.0":
        raise _wrong(one, "Version")
    if not isinstance(attributes, dict) or set(attributes) != _KINDS[kind]:
        raise _wrong(one, "Attributes")
    if kind == "Expiration":
        try:
            _moment(str(attributes["Timestamp"]))
        except ValueError:
            raise _wrong(one, "Timestamp") from None
        return
    count = str(attributes["Before" if kind == "ExpirationNotification" else "After"])
    if str(attributes["Unit"]) not in _UNITS or not re.fullmatch(r"[0-9]{1,5}", count) or not int(count):
        raise _wrong(one, "Unit")


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def due(kept: str | None, modified: float) -> list[Due]:
    """When each policy acts, the soonest first."""
    found = json.loads(kept) if kept else []
    ends = next((_moment(one["Attributes"]["Timestamp"]) for one in found if one["Type"] == "Expiration"), 0.0)
    out = []
    for one in found:
        attributes = one["Attributes"]
        if one["Type"] == "Expiration":
            at = ends
        elif one["Type"] == "ExpirationNotification":
            at = ends - int(attributes["Before"]) * _UNITS[attributes["Unit"]]
        else:
            at = modified + int(attributes["After"]) * _UNITS[attributes["Unit"]]
        out.append(Due(at, one["Type"], json.dumps(one)))
    return sorted(out, key=lambda one: (one.at, one.kind == "Expiration"))


def shown(kept: str | None, told: list[str]) -> list[dict[str, str]]:
    """The policies as listings tell them."""
    return [{"PolicyText": text, "PolicyType": one["Type"], "PolicyStatus": "Finished" if text in told else "Pending"}
            for one in (json.loads(kept) if kept else []) for text in (json.dumps(one),)]
