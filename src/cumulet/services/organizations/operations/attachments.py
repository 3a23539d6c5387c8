"""Policies on roots, units and accounts, and what becomes of them there."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import contents, inheritance, shown, standing, tree
from ..resources import Organization, OrganizationPolicy, PolicyAttachment
from ..standing import constraint, invalid
from .policies import found, not_enabled


def _both(call: Call, PolicyId: str, TargetId: str) -> tuple[Organization, Any, tree.Node]:
    kind = found(call, standing.member(call), PolicyId).Type
    within = standing.editor(call, kind, PolicyId, TargetId)
    return within, found(call, within, PolicyId), tree.target(call, within, TargetId)


@operation
def attach_policy(call: Call, PolicyId: str, TargetId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html"""
    within, policy, target = _both(call, PolicyId, TargetId)
    if policy.Type not in within.enabled:
        raise not_enabled()
    table = call.table(PolicyAttachment)
    if table.get(target.id, policy.Type, policy.Id) is not None:
        raise error.DuplicatePolicyAttachmentException("The selected policy is already attached to the specified target.")
    most = contents.limits(policy.Type)[1]
    if table.count(target.id, policy.Type) >= most:
        raise constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies to the"
                         f" specified target: {most}.")
    tree.hang(call, within, target.id, policy.Type, policy.Id)


@operation
def detach_policy(call: Call, PolicyId: str, TargetId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html"""
    _, policy, target = _both(call, PolicyId, TargetId)
    table = call.table(PolicyAttachment)
    if table.get(target.id, policy.Type, policy.Id) is None:
        raise error.PolicyNotAttachedException("The policy isn't attached to the specified target in the specified root.")
    if policy.Id == organization.FULL[organization.RCP]:
        raise invalid("NON_DETACHABLE_POLICY", "You can't detach this policy from a root, OU or account.")
    if policy.Type == organization.SCP and table.count(target.id, policy.Type) == 1:
        raise constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the"
                         " specified target. You must have at least one attached at all times.")
    table.delete(target.id, policy.Type, policy.Id)


@operation
def list_policies_for_target(call: Call, TargetId: str, Filter: str, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html"""
    within = standing.reader(call, Filter)
    tree.target(call, within, TargetId)
    rows = call.table(PolicyAttachment).scan(TargetId, Filter, after=page.after, limit=page.limit + 1)
    return {"Policies": [shown.summary(found(call, within, row.policy)) for row in page.cut(rows, lambda row: row.policy)]}


@operation
def list_targets_for_policy(call: Call, PolicyId: str, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html"""
    kind = found(call, standing.member(call), PolicyId).Type
    within = standing.reader(call, kind)
    rows = call.table(PolicyAttachment).scan(within.id, PolicyId, index="policy", after=page.after, limit=page.limit + 1)
    nodes = [tree.target(call, within, row.target) for row in page.cut(rows, lambda row: row.target)]
    return {"Targets": [{"TargetId": n.id, "Arn": n.arn, "Name": n.name, "Type": n.kind} for n in nodes]}


@operation
def describe_effective_policy(call: Call, PolicyType: str, TargetId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html"""
    within = standing.member(call)
    if TargetId not in (None, call.account):
        within = standing.reader(call, PolicyType)
    node = tree.target(call, within, TargetId or call.account)
    if node.kind != "ACCOUNT":
        raise invalid("TARGET_NOT_SUPPORTED", "You can't perform the specified operation on that target entity.")
    levels, updated = [], 0.0
    for place in tree.chain(call, within, node):
        policies = []
        for one in sorted(call.table(PolicyAttachment).scan(place, PolicyType), key=lambda row: row.rank):
            row = call.table(OrganizationPolicy).get(one.policy)
            if row is not None:
                policies.append(json.loads(row.Content))
                updated = max(updated, row.updated, one.created)
        levels.append(policies)
    if not any(levels):
        raise error.EffectivePolicyNotFoundException(
            "The account doesn't have an effective policy of this type, or the policy type is not enabled.")
    content = json.dumps(inheritance.effective(levels), separators=(",", ":"))
    return {"EffectivePolicy": {"PolicyContent": content, "LastUpdatedTimestamp": updated, "TargetId": node.id,
                                "PolicyType": PolicyType}}
