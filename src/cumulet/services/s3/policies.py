"""Bucket policies: what S3 takes for one, and which of them it calls public.

The meaning of "public": https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error, principals

LARGEST = 20 * 1024
_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = frozenset({"Version", "Id", "Statement"})
_FIELDS = frozenset({"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
                     "Condition"})
_PRINCIPALS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})
_AWS = re.compile(r"\*|\d{12}|[0-9a-f]{64}|A(?:IDA|ROA)[A-Z0-9]{12,}|arn:aws[a-z-]*:(?:iam|sts)::(?:\d{12}|cloudfront):[^*]+")
_KINDS = {"AWS": _AWS, "CanonicalUser": re.compile("[0-9a-f]{64}")}
_ACTION = re.compile(r"\*|s3(?:-object-lambda)?:[A-Za-z*?]+", re.IGNORECASE)
# Operators that let pass only what equals a value: others (Not…, Null, …IfExists) leave everybody in.
_NARROWING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
_FIXING = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
                     "aws:principalservicename", "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce",
                     "aws:sourceowner", "aws:sourceaccount", "aws:sourceorgid", "aws:userid",
                     "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount"})
_ACCESS_POINT = re.compile(r"arn:aws[a-z-]*:s3:[a-z0-9-]*:\d{12}:accesspoint/.*")


def malformed(message: str) -> AwsError:
    return error.named("MalformedPolicy", message, 400)


# --- what a policy is -------------------------------------------------------------------------------------------------


def check(call: Call, text: str, bucket: str) -> None:
    """Raises MalformedPolicy unless this is a policy for this bucket, which names nobody of this account who is not there."""
    if len(text.encode()) > LARGEST:
        raise malformed("Policy exceeds the maximum allowed document size.")
    if not text.startswith("{"):
        raise malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise malformed("This policy contains invalid Json") from None
    for name in document:
        if name not in _TOP:
            raise malformed(f"Unknown field {name}")
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise malformed("The policy must contain a valid version string")
    if "Statement" not in document:
        raise malformed("Missing required field Statement")
    statements = _list(document["Statement"])
    if not statements:
        raise malformed("Could not parse the policy: Statement is empty!")
    for statement in statements:
        _check_statement(statement, bucket)
    try:
        principals.check_resource_policy(text)         # a condition that means nothing would undo the whole
    except principals.MalformedPolicy:
        raise malformed("Invalid Condition type") from None
    if principals.named.missing(call, text) is not None:
        raise malformed("Invalid principal in policy")


def _check_statement(statement: Any, bucket: str) -> None:
    if not isinstance(statement, dict):
        raise malformed("Invalid policy syntax.")
    for name in statement:
        if name not in _FIELDS:
            raise malformed(f"Unknown field {name}")
    if "Effect" not in statement:
        raise malformed("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise malformed(f"Invalid effect : {statement['Effect']}")
    for name in ("Principal", "Action", "Resource"):
        if name not in statement and f"Not{name}" not in statement:
            raise malformed(f"Missing required field {name}")
        if name in statement and f"Not{name}" in statement:
            raise malformed(f"Statement contains both {name} and Not{name}")
    _check_principal(statement.get("Principal", statement.get("NotPrincipal")))
    actions = _texts(statement.get("Action", statement.get("NotAction")), "Policy has invalid action")
    if not all(_ACTION.fullmatch(one) for one in actions):
        raise malformed("Policy has invalid action")
    resources = _texts(statement.get("Resource", statement.get("NotResource")), "Policy has invalid resource")
    if not all(_is_of(one, bucket) for one in resources):
        raise malformed("Policy has invalid resource")
    if not _fit(actions, resources):
        raise malformed("Action does not apply to any resource(s) in statement")
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(keys, dict) for keys in condition.values()):
        raise malformed("Invalid Condition type")


def _check_principal(principal: Any) -> None:
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal or not principal.keys() <= _PRINCIPALS:
        raise malformed("Invalid policy syntax.")
    for kind, names in principal.items():
        for name in _texts(names, "Invalid principal in policy"):
            pattern = _KINDS.get(kind)
            if pattern is not None and not pattern.fullmatch(name):
                raise malformed("Invalid principal in policy")


def _is_of(resource: str, bucket: str) -> bool:
    """Is this the ARN of this bucket, or of what is in it? (A wildcard may stand for the end of its name.)"""
    parts = resource.split(":", 5)
    if resource == "*":
        return False
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "s3" or parts[3] or parts[4]:
        return False
    name = parts[5].partition("/")[0]
    start, *between = [re.escape(part).replace(r"\?", ".") for part in name.split("*")]
    end = f".*{between.pop()}" if between else ""
    # What stands between two stars is taken where it comes first, for good: many stars cost no more than one.
    return re.fullmatch(start + "".join(f"(?>.*?{part})" for part in between if part) + end, bucket) is not None


_OF_BUCKETS = re.compile(r"s3:(?:(?:Get|Put|Delete)(?:Bucket|Encryption|Lifecycle|Replication|Inventory|Analytics|Metrics"
                         r"|Intelligent|Accelerate)\w*|ListBucket\w*|CreateBucket)", re.IGNORECASE)
_OF_OBJECTS = re.compile(r"s3:(?:\w+Object\w*|AbortMultipartUpload|ListMultipartUploadParts|Replicate\w+|BypassGovernance\w+)",
                         re.IGNORECASE)


def _fit(actions: list[str], resources: list[str]) -> bool:
    """Is there an action that is about a bucket, and a bucket; or one about objects, and objects?"""
    buckets = any("/" not in one.split(":", 5)[5] or one.split(":", 5)[5].partition("/")[0].endswith("*") for one in resources)
    objects = any("/" in one.split(":", 5)[5] or one.endswith("*") for one in resources)
    for action in actions:
        if "*" in action or "?" in action or "ObjectLockConfiguration" in action:
            return True
        if (buckets and not _OF_OBJECTS.fullmatch(action)) or (objects and not _OF_BUCKETS.fullmatch(action)):
            return True
    return False


# --- whether it is public -----------------------------------------------------------------------------------------------


@lru_cache(1024)
def is_public(text: str) -> bool:
    """Does any statement let in people whom it does not name?"""
    return bool(text) and any(_lets_all_in(one) for one in _list(msgspec.json.decode(text)["Statement"]))


def _lets_all_in(statement: Mapping[str, Any]) -> bool:
    if statement["Effect"] != "Allow":
        return False
    if "NotPrincipal" not in statement:
        principal = statement["Principal"]
        if principal != "*" and not any("*" in _list(names) for names in principal.values()):
            return False
    return not any(_fixed(key, _list(values)) for key, values in _narrowing(statement.get("Condition", {})))


def _narrowing(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for operator, keys in condition.items():
        name = operator.lower().removeprefix("foranyvalue:")
        if name in _NARROWING:
            yield from ((key.lower(), values) for key, values in keys.items())


def _fixed(key: str, values: list[Any]) -> bool:
    """Do these values of a condition key name somebody, rather than everybody?"""
    if key not in _FIXING or not values:
        return False
    texts = [str(value) for value in values]
    if key == "aws:sourceip":
        return all(_is_narrow(text) for text in texts)
    if key == "s3:dataaccesspointarn":
        return all(_ACCESS_POINT.fullmatch(text) for text in texts)
    return not any("*" in text or "?" in text or "${" in text for text in texts)


def _is_narrow(text: str) -> bool:
    """A range of addresses that S3 does not think of as everybody: /8 or smaller (IPv6: /32), or private."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.is_private or network.prefixlen >= (8 if network.version == 4 else 32)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any, message: str) -> list[str]:
    values = _list(value)
    if not values or not all(isinstance(one, str) and one for one in values):
        raise malformed(message)
    return values
