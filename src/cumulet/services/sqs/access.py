"""Queues in policies: a call is about the queue of its URL, and the queue's own policy counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .resources import Queue


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Of a URL, the account and the name count, whatever the host is."""
    url = str(members.get("QueueUrl", ""))
    if not url:
        return None
    account, name = ["", *url.rstrip("/").split("/")][-2:]
    account = account if account.isdigit() and len(account) == 12 else call.account
    return [("", call.elsewhere(account).arn(Queue(QueueName=name)))]


def guard(call: Call, arn: str) -> Guard | None:
    """The queue's policy."""
    parts = parse_arn(arn)
    row = call.table(Queue).get(parts.resource) if parts is not None else None
    if row is None:
        return None
    policies = (("queue policy", row.Policy),) if row.Policy else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()))
