"""The policy simulator: the engine that decides on calls, asked about calls that nobody makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import Call, Principal, error, organization, parse_arn, principals

from . import positions
from .sources import Source

Documents = list[tuple[str, str]]
_ALL: Documents = [("all", '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')]
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+").fullmatch
_WORST = ("allowed", "implicitDeny", "explicitDeny")
RESOURCE_POLICY = "ResourcePolicy"

# What each scenario of EC2 needs among the resources.
SCENARIOS = {
    "EC2-VPC-InstanceStore": ("instance", "image", "security-group", "network-interface"),
    "EC2-VPC-InstanceStore-Subnet": ("instance", "image", "security-group", "network-interface", "subnet"),
    "EC2-VPC-EBS": ("instance", "image", "security-group", "network-interface", "volume"),
    "EC2-VPC-EBS-Subnet": ("instance", "image", "security-group", "network-interface", "subnet", "volume"),
}


class Scene(NamedTuple):
    """Everything but action and resource. boundary: None where there is none; levels: SCPs that came with the question."""

    principal: Principal
    policies: Sequence[Source]
    boundary: Sequence[Source] | None
    resource_policy: str
    owner: str
    context: Mapping[str, list[str]]
    levels: Sequence[Sequence[Source]] | None = None


def check(actions: Sequence[str], resources: Sequence[str], scenario: str | None) -> None:
    """Raise InvalidInput for what cannot be simulated."""
    for action in actions:
        if not _ACTION(action):
            raise error.InvalidInputException(f"Invalid Action: {action}")
    for resource in resources:
        if resource != "*" and parse_arn(resource) is None:
            raise error.InvalidInputException(f"Invalid Entity Arn: {resource}")
    if scenario is not None:
        if scenario not in SCENARIOS:
            raise error.InvalidInputException(f"Invalid ResourceHandlingOption: {scenario}")
        present = {arn.resource.partition("/")[0] for one in resources if (arn := parse_arn(one)) is not None}
        if lacking := [kind for kind in SCENARIOS[scenario] if kind not in present]:
            raise error.InvalidInputException(f"{scenario} needs resources of these types as well: {', '.join(lacking)}")


def evaluate(call: Call, scene: Scene, action: str, resources: Sequence[str]) -> dict[str, Any]:
    """One action on all resources."""
    results = [_one(call, scene, action, resource) for resource in resources]
    worst = max((one["EvalResourceDecision"] for one in results), key=_WORST.index)
    matched: list[Any] = []
    missing: set[str] = set()
    for one in results:
        if one["EvalResourceDecision"] == worst:
            matched += [said for said in one["MatchedStatements"] if said not in matched]
        missing |= set(one["MissingContextValues"])
    told = {"EvalActionName": action, "EvalResourceName": resources[0] if len(resources) == 1 else "*", "EvalDecision": worst,
            "MatchedStatements": matched, "MissingContextValues": sorted(missing)}
    organized = [one.pop("_organized") for one in results]
    if organized[0] is not None:
        told["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": all(organized)}
    bounded = [one["PermissionsBoundaryDecisionDetail"] for one in results if "PermissionsBoundaryDecisionDetail" in one]
    if bounded:
        told["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": all(one["AllowedByPermissionsBoundary"] for one in bounded)}
    if list(resources) != ["*"]:
        told["ResourceSpecificResults"] = results
    return told


def _one(call: Call, scene: Scene, action: str, resource: str) -> dict[str, Any]:
    def ask(policies: Documents, boundary: Documents | None, resource_policy: str = "") -> principals.Simulated:
        return principals.simulate(call, scene.principal, policies, boundary or [], action, resource, resource_policy,
                                   dict(scene.context), scene.owner)

    limit = None if scene.boundary is None else _documents(scene.boundary)
    found = ask(_documents(scene.policies), limit, scene.resource_policy)
    levels = [ask(_documents(level), None).decision for level in scene.levels or ()]
    organized = _organized(call, scene, ask(_ALL, None).kind, levels)
    decision = max([found.decision, *levels], key=_WORST.index)
    told: dict[str, Any] = {
        "EvalResourceName": resource, "EvalResourceDecision": decision, "_organized": organized,
        "MatchedStatements": _matched(scene, found) if decision == found.decision else [],
        "MissingContextValues": list(found.missing)}
    if limit is not None:
        told["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": ask(_ALL, limit).kind != "boundary"}
    return told


def _organized(call: Call, scene: Scene, kind: str, levels: Sequence[str]) -> bool | None:
    """Do SCPs allow it: the account's own (kind: what decides when all else allows), and those that came with the question?
    None where there are none of either."""
    if scene.levels is None and organization.organization_of(call.tx, scene.principal.account) is None:
        return None
    return kind not in ("scp", "rcp") and all(decision == "allowed" for decision in levels)


def _documents(sources: Sequence[Source]) -> Documents:
    """Named by their places, so that a finding leads back."""
    return [(str(place), source.text) for place, source in enumerate(sources)]


def _matched(scene: Scene, found: principals.Simulated) -> list[dict[str, Any]]:
    """The statements of identity and resource policies that led to the decision, and where they stand."""
    told = []
    for one in found.matched:
        if one.kind == "identity":
            source = scene.policies[int(one.origin)]
        elif one.kind == "resource":
            source = Source(RESOURCE_POLICY, "resource", scene.resource_policy)
        else:
            continue
        span = positions.statements(source.text)[one.number]
        told.append({"SourcePolicyId": source.id, "SourcePolicyType": source.type,
                     "StartPosition": {"Line": span.start[0], "Column": span.start[1]},
                     "EndPosition": {"Line": span.end[0], "Column": span.end[1]}})
    return told
