"""What the organization's resource policy gives to members: a policy, an action, a caller; no wire, no tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from cumulet.kernel import Principal

# Operations that a resource policy may hand to members.
READING = frozenset({
    "DescribeOrganization", "DescribeOrganizationalUnit", "DescribeAccount", "DescribePolicy", "DescribeEffectivePolicy",
    "DescribeResourcePolicy", "ListRoots", "ListOrganizationalUnitsForParent", "ListParents", "ListChildren", "ListAccounts",
    "ListAccountsForParent", "ListPolicies", "ListPoliciesForTarget", "ListTargetsForPolicy", "ListTagsForResource",
    "ListAWSServiceAccessForOrganization", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
    "ListCreateAccountStatus", "DescribeCreateAccountStatus", "ListHandshakesForOrganization", "DescribeHandshake",
    "ListAccountsWithInvalidEffectivePolicy", "ListEffectivePolicyValidationErrors"})
WRITING = frozenset({
    "CreatePolicy", "UpdatePolicy", "DeletePolicy", "AttachPolicy", "DetachPolicy", "EnablePolicyType", "DisablePolicyType",
    "TagResource", "UntagResource"})
_TYPE = "organizations:policytype"


def allows(content: str, action: str, who: Principal, policy_type: str, resources: Sequence[str] = ()) -> bool:
    """Does a statement allow, and none deny, on each of these resources (none: on whatever it is)? Conditions other than on the
    policy type match nothing here: what they would allow stays closed; what they would deny is denied whatever they say."""
    found = statements(content)
    return all(_allows([one for one in found if _about(one, resource)], action, who, policy_type)
               for resource in resources or ("",))


def _about(statement: dict[str, Any], resource: str) -> bool:
    if not resource:
        return True
    excepted = "NotResource" in statement
    said = listed(statement["NotResource" if excepted else "Resource"])
    return any(_like(resource, str(one)) for one in said) != excepted


def _allows(found: Sequence[dict[str, Any]], action: str, who: Principal, policy_type: str) -> bool:
    allowed = False
    for one in found:
        if not (_names(one, who) and any(_like(action.lower(), a.lower()) for a in listed(one.get("Action")))):
            continue
        if one.get("Effect") == "Deny":
            if _holds(one.get("Condition"), policy_type, True):
                return False
        elif _holds(one.get("Condition"), policy_type, False):
            allowed = True
    return allowed


def statements(content: str) -> list[dict[str, Any]]:
    found = json.loads(content).get("Statement", [])
    return [found] if isinstance(found, dict) else found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _names(statement: dict[str, Any], who: Principal) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    named = listed(principal.get("AWS")) if isinstance(principal, dict) else []
    return any(n in ("*", who.account, f"arn:aws:iam::{who.account}:root", who.arn, who.subject) for n in named)


def _holds(conditions: Any, policy_type: str, unknown: bool) -> bool:
    for operator, block in (conditions or {}).items():
        bare = operator.removesuffix("IfExists")
        for key, values in block.items():
            if key.lower() != _TYPE or bare not in ("StringEquals", "StringLike"):
                return unknown
            if not policy_type:
                if bare == operator:
                    return False
            elif not any(_like(policy_type, v) if bare == "StringLike" else policy_type == v for v in listed(values)):
                return False
    return True


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))
