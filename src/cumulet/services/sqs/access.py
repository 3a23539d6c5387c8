"""Queues in policies: a call is about the queue of its URL, and the queue's own policy counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cumulet.kernel import Call, Guard

from .addresses import place
from .resources import Queue


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Of a URL, the account and the name count, whatever the host is."""
    url = str(members.get("QueueUrl", ""))
    if not url:
        return None
    return [("", _arn(call.region, call.account, url))]


@lru_cache(4096)
def _arn(region: str, caller: str, url: str) -> str:
    account, name = ["", *url.rstrip("/").split("/")][-2:]
    account = account if account.isdigit() and len(account) == 12 else caller
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:sqs:{region}:{account}:{name}"


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """A queue of this account without a policy."""
    account, name = place(str(members.get("QueueUrl")))
    if account != call.account:
        return False
    row = call.table(Queue).known(name)
    return row is not None and not row.Policy


def guard(call: Call, arn: str) -> Guard | None:
    """The queue's policy."""
    row = call.table(Queue).known(arn.rpartition(":")[2])
    if row is None:
        return None
    policies = (("queue policy", row.Policy),) if row.Policy else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()) if row.tags else ())
