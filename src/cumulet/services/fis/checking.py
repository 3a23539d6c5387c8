"""What a template may say. All is looked at when it is made, so that an experiment cannot fail for its wording."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, error, not_implemented, parse_arn

from .catalogue import ACTIONS, ROLE, ROLES, Action

MOST_ACTIONS = 20
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SELECTION = re.compile(r"ALL|COUNT\((\d+)\)|PERCENT\((\d{1,3})\)")
_LEAST, _MOST = 60, 12 * 3600


def seconds(text: str) -> int:
    """`PT5M` → 300; ValidationException for what is none, or outside of one minute to 12 hours."""
    found = _DURATION.fullmatch(text)
    days, hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if not _LEAST <= total <= _MOST:
        raise _invalid("The duration must be between PT1M and PT12H, in ISO 8601 format.")
    return total


def check(said: Mapping[str, Any], services: Mapping[str, str]) -> None:
    """Raises ValidationException. services: the names of those that faults can be injected into."""
    if said["stopConditions"] != [{"source": "none"}]:
        raise not_implemented("fis: stop conditions other than one of source none")
    options = said.get("experimentOptions") or {}
    if options.get("accountTargeting", "single-account") != "single-account":
        raise not_implemented("fis: experiments that target several accounts")
    actions, targets = said["actions"], said.get("targets") or {}
    if not actions:
        raise _invalid("The template has no actions.")
    if len(actions) > MOST_ACTIONS:
        raise error.ServiceQuotaExceededException(f"A template can have at most {MOST_ACTIONS} actions.")
    for name, target in targets.items():
        _check_target(name, target)
    for name, action in actions.items():
        _check_action(name, action, targets, services)
    _check_order(actions)


def _check_target(name: str, target: Mapping[str, Any]) -> None:
    if target["resourceType"] != ROLE:
        raise not_implemented(f"fis: targets of the type {target['resourceType']}")
    if target.get("resourceTags") or target.get("filters") or target.get("parameters"):
        raise not_implemented("fis: targets by tags, filters or parameters")
    arns = target.get("resourceArns") or []
    if not arns:
        raise _invalid(f"The target {name} must specify resourceArns or resourceTags.")
    for text in arns:
        arn = parse_arn(text)
        if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
            raise _invalid(f"The ARN {text} of the target {name} is not the ARN of an IAM role.")
    found = _SELECTION.fullmatch(target["selectionMode"])
    if found is None or int(found[1] or 1) < 1 or not 1 <= int(found[2] or 1) <= 100:
        raise _invalid(f"The selection mode {target['selectionMode']} of the target {name} is not valid.")


def _check_action(name: str, action: Mapping[str, Any], targets: Mapping[str, Any], services: Mapping[str, str]) -> None:
    known = ACTIONS.get(action["actionId"])
    if known is None:
        raise not_implemented(f"fis: the action {action['actionId']}")
    given = action.get("parameters") or {}
    wanted = {parameter for parameter, _ in known.parameters}
    if missing := sorted(wanted - given.keys()):
        raise _invalid(f"The action {name} is missing the required parameter {missing[0]}.")
    if odd := sorted(given.keys() - wanted):
        raise _invalid(f"The action {name} has the unknown parameter {odd[0]}.")
    seconds(given["duration"])
    used = action.get("targets") or {}
    if not known.error:
        if used:
            raise _invalid(f"The action {name} takes no targets.")
        return
    if set(used) != {ROLES} or used[ROLES] not in targets:
        raise _invalid(f"The action {name} must name a target of the template as {ROLES}.")
    _check_calls(name, known, given, services)


def _check_calls(name: str, known: Action, given: Mapping[str, str], services: Mapping[str, str]) -> None:
    if given["service"] not in services:
        raise _invalid(f"The service {given['service']} of the action {name} is not supported.")
    if not given["percentage"].isdigit() or not 1 <= int(given["percentage"]) <= 100:
        raise _invalid(f"The percentage of the action {name} must be between 1 and 100.")
    if not operations(given):
        raise _invalid(f"The action {name} names no operations.")


def operations(given: Mapping[str, str]) -> list[str]:
    """What a parameter lists with commas."""
    return [part.strip() for part in given["operations"].split(",") if part.strip()]


def _check_order(actions: Mapping[str, Any]) -> None:
    """Every action can begin: it waits for others that are there, and not for itself in the end."""
    done: set[str] = set()
    waits = {name: set(action.get("startAfter") or ()) for name, action in actions.items()}
    for name, after in waits.items():
        if unknown := sorted(after - actions.keys()):
            raise _invalid(f"The action {name} starts after {unknown[0]}, which the template does not have.")
    while ready := {name for name, after in waits.items() if name not in done and after <= done}:
        done |= ready
    if done != actions.keys():
        raise _invalid("The actions wait for one another in a circle.")


def selected(target: Mapping[str, Any]) -> list[str]:
    """The resources that a target comes to: all, or as many of the first as its mode says."""
    arns = list(target["resourceArns"])
    found = _SELECTION.fullmatch(target["selectionMode"])
    assert found is not None
    if found[1] is not None:
        return arns[:int(found[1])]
    if found[2] is not None:
        return arns[:max(1, len(arns) * int(found[2]) // 100)]
    return arns


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)
