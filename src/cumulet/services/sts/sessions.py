"""Temporary credentials: made, limited, handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import Call, Principal, error, principals

from .background import plan

Listed = list[dict[str, str]]
HOUR = 3600
_MOST_POLICIES, _MOST_PLAIN, _MOST_TAGS = 10, 2048, 50
# AWS packs policies and tags; this is about what fits into its packed form.
_PACKED = 8192


def begin(call: Call, principal: Principal, seconds: int) -> dict[str, Any]:
    """New credentials for a principal; as `Credentials` of an answer. The call must be seen from the principal's account."""
    made = principals.handing.temporary(call, principal, seconds)
    plan(call, made.expires)
    return {"AccessKeyId": made.id, "SecretAccessKey": made.secret, "SessionToken": made.token, "Expiration": made.expires}


class Policies(NamedTuple):
    """Session policies: their texts, and how many characters the request spent on them."""

    texts: tuple[str, ...] = ()
    size: int = 0


def policies(call: Call, inline: str | None, managed: Sequence[dict[str, str]]) -> Policies:
    """Session policies as they are asked for; raises when one is malformed or there are too many."""
    texts = []
    if inline is not None:
        if len(inline) > _MOST_PLAIN:
            raise invalid(f"1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have"
                          f" length less than or equal to {_MOST_PLAIN}")
        try:
            principals.check_policy(inline)
        except principals.MalformedPolicy as problem:
            raise error.MalformedPolicyDocumentException(str(problem)) from None
        texts.append(inline)
    if len(managed) > _MOST_POLICIES:
        raise invalid(f"The number of policy ARNs exceeds the limit of {_MOST_POLICIES}")
    for one in managed:
        arn = one.get("arn", "")
        row = call.table(principals.ManagedPolicy).get(arn)
        text = row.PolicyDocument if row is not None else principals.aws_policies.document(arn)
        if text is None:
            raise invalid(f"Policy {arn} does not exist or is not attachable.")
        texts.append(text)
    return Policies(tuple(texts), len(inline or "") + sum(len(one.get("arn", "")) for one in managed))


def tags_of(given: Sequence[dict[str, str]]) -> dict[str, str]:
    """Session tags; their keys are not distinguished by case."""
    names = [t["Key"].lower() for t in given]
    if len(set(names)) != len(names):
        raise error.InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.", 400)
    if len(names) > _MOST_TAGS:
        raise invalid(f"The number of session tags exceeds the limit of {_MOST_TAGS}")
    return {t["Key"]: t["Value"] for t in given}


def packed(policies: Policies, tags: Mapping[str, str]) -> int | None:
    """Percent of the allowed size that policies and tags take; None when there are none."""
    size = policies.size + sum(len(k) + len(v) for k, v in tags.items())
    percent = -(-size * 100 // _PACKED)
    if percent > 100:
        raise error.PackedPolicyTooLargeException(f"Packed size of session tags and policies exceeds the limit: {percent}%")
    return percent or None


def invalid(message: str) -> Exception:
    return error.ValidationError(message, 400)
