"""Which bus and rule a call is about: by name, or by ARN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from cumulet.kernel import AwsError, Call, error, parse_arn

from .resources import EventBus, Rule

DEFAULT = "default"
_MANAGED = ("This rule was created by an AWS service on behalf of your account. It is managed by that service. If you see this "
            "error in response to DeleteRule or RemoveTargets, you can use the Force parameter in those calls to delete the "
            "rule or remove targets from the rule. You cannot modify these managed rules by using DisableRule, EnableRule, "
            "PutTargets, PutRule, TagResource, or UntagResource.")
Row = TypeVar("Row")


def invalid(message: str) -> AwsError:
    return error.ValidationException(message)


def absent(message: str) -> AwsError:
    return error.ResourceNotFoundException(message)


def bus_name(call: Call, name: str | None) -> str:
    """The name of a bus of this account and region."""
    if name is None:
        return DEFAULT
    if not name.startswith("arn:"):
        return name
    arn = parse_arn(name)
    if arn is None or arn.account != call.account or arn.region != call.region:
        raise absent(f"Event bus {name} does not exist.")
    return arn.resource.removeprefix("event-bus/")


def bus_of(call: Call, name: str | None) -> EventBus:
    """A bus; the default one always is there."""
    wanted = bus_name(call, name)
    row = call.table(EventBus).get(wanted)
    if row is None and wanted != DEFAULT:
        raise absent(f"Event bus {wanted} does not exist.")
    return row or EventBus(Name=DEFAULT)


def rule_of(call: Call, name: str, bus: str | None) -> Rule:
    """A rule of a bus."""
    there = bus_of(call, bus)
    row = call.table(Rule).get(there.Name, name)
    if row is None:
        raise absent(f"Rule {name} does not exist on EventBus {there.Name}.")
    return row


def check_owner(call: Call, rule: Rule | None, force: bool = False) -> None:
    """What a service keeps for its own ends only that service changes; by force, others end it."""
    if rule is not None and rule.managed and not force and call.principal.arn != rule.managed:
        raise error.ManagedRuleException(_MANAGED)


def page_of(rows: Sequence[Row], key: Callable[[Row], str], token: str | None, limit: int) -> tuple[list[Row], str | None]:
    """Of rows in order of their keys, those behind a token, and the next token. (For lists that boto3 has no paginator of.)"""
    found = [row for row in rows if token is None or key(row) > token]
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None
