"""Topics in policies: subscriptions are their topic's matter, and the topic's own policy counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .attributes import default_policy
from .resources import Topic

_MEMBERS = ("TopicArn", "TargetArn", "ResourceArn", "SubscriptionArn")

# Whoever has the token or the ARN out of a message may follow its links unsigned; the operations see to the rest.
_LINKS = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
          '"Action":["sns:ConfirmSubscription","sns:Unsubscribe"],"Resource":"*"}]}')


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """A subscription's ARN begins with its topic's."""
    arn = next((str(members[name]) for name in _MEMBERS if members.get(name)), "")
    if not arn:
        return None
    return [("", ":".join(arn.split(":")[:6]) if "/" not in arn else arn)]


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """A root user's topic with the policy that AWS gives, which denies its owner nothing."""
    if call.principal.kind != "root":
        return False
    arn = str(members.get("TopicArn"))
    row = call.table(Topic).known(arn.rpartition(":")[2])
    return row is not None and row.Policy == default_policy(arn, call.account)


def guard(call: Call, arn: str) -> Guard | None:
    """The topic's policy: its owner's, or the one that AWS gives."""
    parts = parse_arn(arn)
    row = call.table(Topic).known(parts.resource) if parts is not None else None
    if row is None:
        return None
    policies = [("topic policy", row.Policy or default_policy(arn, call.account))]
    if call.operation in ("ConfirmSubscription", "Unsubscribe"):
        policies.append(("link in a message", _LINKS))
    return Guard(call.account, tuple(policies), tags=tuple(row.tags.items()))


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html"""
    return {"aws:sourceowner": call.principal.account}
