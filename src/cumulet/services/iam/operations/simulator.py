"""The policy simulator, and which condition keys policies speak of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, Principal, error, operation, parse_arn, principals

from .. import simulation, sources
from ..simulation import Scene
from ..sources import Source

Entries = list[dict[str, Any]]


def _context(entries: Entries) -> dict[str, list[str]]:
    return {one["ContextKeyName"]: list(one.get("ContextKeyValues") or ()) for one in entries if one.get("ContextKeyName")}


def _caller(call: Call, arn: str) -> Principal:
    """A user, role or the root of this account; what is known of others is not for this account to ask."""
    found = principals.principal_of(call, arn)
    if found is None or found.account != call.account:
        raise error.InvalidInputException(f"Invalid Caller Arn: {arn}")
    return found


def _anyone(call: Call) -> Principal:
    """A user of the account of whom nothing is known: for policies of groups, and policies of nobody."""
    arn = f"arn:aws:iam::{call.account}:user/"
    return Principal("user", call.account, arn, "", arn)


def _owner(call: Call, given: str | None) -> str:
    """The account in ResourceOwner: as such, or in an ARN."""
    if given is None:
        return ""
    arn = parse_arn(given)
    account = arn.account if arn is not None else given
    if not (len(account) == 12 and account.isdigit()):
        raise error.InvalidInputException(f"Invalid ResourceOwner: {given}")
    return account


def _resource_policy(text: str | None) -> str:
    if text is None:
        return ""
    try:
        principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise error.InvalidInputException(str(problem)) from None
    return text


def _boundary(texts: Sequence[str]) -> list[Source]:
    if len(texts) > 1:
        raise error.InvalidInputException("Only one permissions boundary can be given.")
    return sources.given(texts, "PermissionsBoundaryPolicyInputList")


def _results(call: Call, scene: Scene, actions: list[str], resources: list[str], page: Page[Any]) -> dict[str, Any]:
    first = page.after or 0
    found = [(number + 1, action) for number, action in enumerate(actions)][first:first + page.limit + 1]
    return {"EvaluationResults": [simulation.evaluate(call, scene, action, resources or ["*"])
                                  for _, action in page.cut(found, lambda one: one[0])]}


@operation
def simulate_custom_policy(call: Call, PolicyInputList: list[str], ActionNames: list[str],
                           PermissionsBoundaryPolicyInputList: list[str] = [],
                           OrderedOrganizationPolicyInputList: Entries = [], ResourceArns: list[str] = [],
                           ResourcePolicy: str | None = None, ResourceOwner: str | None = None, CallerArn: str | None = None,
                           ContextEntries: Entries = [], ResourceHandlingOption: str | None = None,
                           page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html"""
    simulation.check(ActionNames, ResourceArns, ResourceHandlingOption)
    if ResourcePolicy is not None and CallerArn is None:
        raise error.InvalidInputException("CallerArn is required when a resource policy is given.")
    levels = [sources.given(level.get("ServiceControlPolicyInputList") or [], "ServiceControlPolicyInputList")
              for level in OrderedOrganizationPolicyInputList]
    scene = Scene(_caller(call, CallerArn) if CallerArn else _anyone(call), sources.given(PolicyInputList, "PolicyInputList"),
                  _boundary(PermissionsBoundaryPolicyInputList) or None, _resource_policy(ResourcePolicy),
                  _owner(call, ResourceOwner), _context(ContextEntries), levels or None)
    return _results(call, scene, ActionNames, ResourceArns, page)


@operation
def simulate_principal_policy(call: Call, PolicySourceArn: str, ActionNames: list[str], PolicyInputList: list[str] = [],
                              PermissionsBoundaryPolicyInputList: list[str] = [], PolicyExclusionList: Entries = [],
                              ResourceArns: list[str] = [], ResourcePolicy: str | None = None,
                              ResourceOwner: str | None = None, CallerArn: str | None = None, ContextEntries: Entries = [],
                              ResourceHandlingOption: str | None = None,
                              page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"""
    simulation.check(ActionNames, ResourceArns, ResourceHandlingOption)
    entity = sources.entity(call, PolicySourceArn)
    if ResourcePolicy is not None and entity.kind == "role":
        raise error.InvalidInputException("Simulation of resource-based policies isn't supported for IAM roles.")
    if ResourcePolicy is not None and entity.kind == "group" and CallerArn is None:
        raise error.InvalidInputException("CallerArn is required when a resource policy is given.")
    boundary = _boundary(PermissionsBoundaryPolicyInputList)
    if not boundary and entity.boundary and not any(one.get("PolicyType") == "permission-boundary"
                                                    for one in PolicyExclusionList):
        attached = sources.managed(call, entity.boundary)
        boundary = sources.without([attached] if attached else [], PolicyExclusionList)
    caller = CallerArn or (None if entity.kind == "group" else PolicySourceArn)
    scene = Scene(_caller(call, caller) if caller else _anyone(call),
                  sources.without(sources.policies(call, entity), PolicyExclusionList) + sources.given(
                      PolicyInputList, "PolicyInputList"),
                  boundary or None, _resource_policy(ResourcePolicy), _owner(call, ResourceOwner), _context(ContextEntries))
    return _results(call, scene, ActionNames, ResourceArns, page)


@operation
def get_context_keys_for_custom_policy(call: Call, PolicyInputList: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html"""
    return {"ContextKeyNames": sources.context_keys(sources.checked(text) for text in PolicyInputList)}


@operation
def get_context_keys_for_principal_policy(call: Call, PolicySourceArn: str,
                                          PolicyInputList: list[str] = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html"""
    own = [one.text for one in sources.policies(call, sources.entity(call, PolicySourceArn))]
    return {"ContextKeyNames": sources.context_keys([*own, *map(sources.checked, PolicyInputList)])}
