"""Access points: their names and aliases, and which of their policies are public.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error, principals

from . import scopes
from .resources import AccessPoint

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_NAME = re.compile(r"(?!xn--)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]")
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST = 20 * 1024
_NAMED = 20                     # letters of the name in its alias
# Conditions that let only those pass who are known: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
# access-control-block-public-access.html#access-control-block-public-access-policy-status
_NARROW = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount", "aws:sourcearn",
                     "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount", "aws:userid", "aws:sourceip"})


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name.endswith("-s3alias"):
        raise error.named("InvalidRequest", "Your Amazon S3 AccessPoint name is invalid", 400)


def missing(name: str) -> AwsError:
    return error.named("NoSuchAccessPoint", "The specified accesspoint does not exist", 404, AccessPointName=name)


def new_alias(call: Call, name: str, ending: str = "-s3alias") -> str:
    """An alias tells its account, so that S3 finds it."""
    return f"{name[:_NAMED].rstrip('-')}-{call.token(26, _ALPHABET)}{account_digits(call.account)}{ending}"


def account_digits(account: str) -> str:
    """An account in eight digits of base 36."""
    number, digits = int(account), []
    for _ in range(8):
        number, digit = divmod(number, 36)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def find(call: Call, name: str) -> AccessPoint:
    """By its name, or its alias. Raises NoSuchAccessPoint."""
    table = call.table(AccessPoint)
    row = table.find("alias", name) if name.endswith("-s3alias") else table.get(name)
    if row is None:
        raise missing(name)
    return row


def arn_of(call: Call, row: AccessPoint) -> str:
    if scopes.is_name(row.name):
        return scopes.arn_of(call, row.name)
    return f"arn:{partition(call)}:s3:{call.region}:{call.account}:accesspoint/{row.name}"


def partition(call: Call) -> str:
    return "aws-cn" if call.region.startswith("cn-") else "aws-us-gov" if call.region.startswith("us-gov-") else "aws"


# --- policies ---------------------------------------------------------------------------------------------------------


def check_policy(mine: str, text: str, blocks: bool) -> None:
    """Raises MalformedPolicy unless this is a policy for the access point with the ARN `mine`; AccessDenied where it is public
    and those are blocked."""
    if len(text.encode()) > _LARGEST:
        raise _malformed("Policy exceeds the maximum allowed document size.")
    if not text.startswith("{"):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        principals.check_resource_policy(text)
        statements = _statements(text)
    except principals.MalformedPolicy as problem:
        raise _malformed(str(problem)) from None
    except msgspec.DecodeError:
        raise _malformed("This policy contains invalid Json") from None
    for statement in statements:
        if not isinstance(statement, dict) or not statement.get("Principal"):
            raise _malformed("Missing required field Principal")
        resources = _texts(statement.get("Resource"))
        if not resources or any(one != mine and not one.startswith(mine + "/object/") for one in resources):
            raise _malformed("Policy has invalid resource")
    if blocks and is_public(text):
        raise error.AccessDenied("Access Denied", 403)


def is_public(text: str) -> bool:
    """Does a statement let everybody in?"""
    return any(statement.get("Effect") == "Allow" and _is_anybody(statement.get("Principal")) and not _is_narrow(statement)
               for statement in _statements(text))


def _statements(text: str) -> list[dict[str, Any]]:
    found = msgspec.json.decode(text).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _is_anybody(principal: Any) -> bool:
    return principal == "*" or (isinstance(principal, dict) and "*" in _texts(principal.get("AWS")))


def _is_narrow(statement: Mapping[str, Any]) -> bool:
    """Equality with something known that holds no wildcard."""
    for operator, keys in (statement.get("Condition") or {}).items():
        if operator.lower() not in ("stringequals", "stringequalsignorecase", "arnequals", "ipaddress"):
            continue
        for key, values in keys.items():
            if key.lower() in _NARROW and not any("*" in one or one == "0.0.0.0/0" for one in _texts(values)):
                return True
    return False


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _malformed(message: str) -> AwsError:
    return error.named("MalformedPolicy", message, 400)
