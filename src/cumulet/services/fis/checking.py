"""What a template may say. All is looked at when it is made, so that an experiment cannot fail for its wording."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, error, not_implemented

from .catalogue import ACTIONS, operations
from .targets import check as check_target

MOST_ACTIONS = 20
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
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
        check_target(name, target)
    for name, action in actions.items():
        _check_action(name, action, targets, services)
    _check_order(actions)


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
    if not known.targets:
        if used:
            raise _invalid(f"The action {name} takes no targets.")
        return
    target = targets.get(used.get(known.targets, ""))
    if set(used) != {known.targets} or target is None:
        raise _invalid(f"The action {name} must name a target of the template as {known.targets}.")
    if target["resourceType"] != known.sort:
        raise _invalid(f"The action {name} is for targets of the type {known.sort}.")
    if "service" in wanted:
        _check_calls(name, given, services)
    if given.get("scope", "all") != "all":
        raise not_implemented(f"fis: the scope {given['scope']} of {known.id}")


def _check_calls(name: str, given: Mapping[str, str], services: Mapping[str, str]) -> None:
    if given["service"] not in services:
        raise _invalid(f"The service {given['service']} of the action {name} is not supported.")
    if not given["percentage"].isdigit() or not 1 <= int(given["percentage"]) <= 100:
        raise _invalid(f"The percentage of the action {name} must be between 1 and 100.")
    if not operations(given):
        raise _invalid(f"The action {name} names no operations.")


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


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)
