"""What to do about unused permissions: policies to create in place of others, and policies to detach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cumulet.kernel import Call, principals

from .statements import listed


def steps(call: Call, entity: str, unused: set[str]) -> list[dict[str, Any]]:
    """For each policy of a user or role that opens an unused service: what is left of it, and its end."""
    found: list[dict[str, Any]] = []
    for name, text, updated in policies(call, entity):
        document = json.loads(text)
        left = without(document, unused)
        if left == document:
            continue
        if left["Statement"]:
            found.append({"recommendedAction": "CREATE_POLICY", "existingPolicyId": name,
                          "recommendedPolicy": json.dumps(left)})
        found.append({"recommendedAction": "DETACH_POLICY", "existingPolicyId": name, "policyUpdatedAt": updated})
    return [{"unusedPermissionsRecommendedStep": step} for step in found]


def without(document: dict[str, Any], unused: set[str]) -> dict[str, Any]:
    """A policy without the actions of these services; patterns that mean further services stay, and so do denials."""
    said = document["Statement"]
    kept = []
    for one in said if isinstance(said, list) else [said]:
        if one["Effect"] != "Allow" or "Action" not in one:
            kept.append(one)
            continue
        actions = [action for action in listed(one["Action"]) if action.partition(":")[0].lower() not in unused]
        if len(actions) == len(listed(one["Action"])):
            kept.append(one)
        elif actions:
            kept.append(one | {"Action": actions})
    return document if kept == (said if isinstance(said, list) else [said]) else document | {"Statement": kept}


def policies(call: Call, entity: str) -> Iterator[tuple[str, str, float | None]]:
    """Name or ARN, text, and when it was changed, of the own policies of a user, group or role."""
    for inline in call.table(principals.InlinePolicy).scan(entity):
        yield inline.name, inline.document, None
    for one in call.table(principals.Attachment).scan(entity):
        row = call.table(principals.ManagedPolicy).get(one.policy)
        text = row.PolicyDocument if row is not None else principals.aws_policies.document(one.policy)
        if text is not None:
            yield one.policy, text, (row.updated or row.created) if row is not None else None
