"""Security warnings: what a statement allows too widely."""

from __future__ import annotations

from collections.abc import Iterator

from .elements import Issue, Path
from .patterns import match
from .positions import Node
from .statements import listed

_PASS_ROLE = "iam:passrole"
_ADVICE = " We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement."
_TEXTS = {
    "PASS_ROLE_WITH_NOT_RESOURCE":
        "Using the iam:PassRole action with NotResource can be overly permissive because it can allow iam:PassRole permissions "
        "on multiple resources. We recommend that you specify resource ARNs instead.",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE":
        "Using an action with a wildcard (*) and NotResource can be overly permissive because it can allow iam:PassRole "
        "permissions on multiple resources." + _ADVICE,
    "PASS_ROLE_WITH_STAR_IN_RESOURCE":
        "Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because it allows "
        "iam:PassRole permissions on multiple resources." + _ADVICE,
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE":
        "Using wildcards (*) in the action and the resource can be overly permissive because it allows iam:PassRole "
        "permissions on all resources." + _ADVICE}


def too_widely(path: Path, node: Node) -> Iterator[Issue]:
    """Warnings about an Allow."""
    said = node.value
    if said.get("Effect") != "Allow":
        return
    if "NotPrincipal" in said:
        yield Issue.at(path, node, "SECURITY_WARNING", "ALLOW_WITH_NOT_PRINCIPAL",
                       "Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.")
    if "Principal" in said or not _passes(listed(said.get("Action", []))) or _passed_to(said.get("Condition")):
        return
    exact = any(action.lower() == _PASS_ROLE for action in listed(said["Action"]))
    if "NotResource" in said:
        code = "PASS_ROLE_WITH_NOT_RESOURCE" if exact else "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE"
    elif any(_wide(resource) for resource in listed(said.get("Resource", []))):
        code = "PASS_ROLE_WITH_STAR_IN_RESOURCE" if exact else "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"
    else:
        return
    yield Issue.at(path, node, "SECURITY_WARNING", code, _TEXTS[code])


def _passes(actions: tuple[str, ...]) -> bool:
    """Do these patterns mean iam:PassRole?"""
    return any(match(action, _PASS_ROLE, True) for action in actions)


def _passed_to(condition: object) -> bool:
    return isinstance(condition, dict) and any(
        key.lower() == "iam:passedtoservice" for lines in condition.values() if isinstance(lines, dict) for key in lines)


def _wide(resource: str) -> bool:
    """A role's name, or its account, that is not fixed."""
    parts = resource.split(":", 5)
    return resource == "*" or len(parts) < 6 or "*" in parts[4] or parts[5] in ("*", "role/*", "role*") or "*" in parts[5]
