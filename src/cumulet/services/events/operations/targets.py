"""Targets of rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, not_implemented, operation

from .. import inputs
from ..delivery import check
from ..names import bus_of, check_owner, invalid, rule_of
from ..resources import Target

_MOST_TARGETS = 5
_TAKEN = {"Id", "Arn", "RoleArn", "Input", "InputPath", "InputTransformer", "SqsParameters", "HttpParameters",
          "KinesisParameters", "DeadLetterConfig", "RetryPolicy"}


@operation
def put_targets(call: Call, Rule: str, Targets: Sequence[dict[str, Any]], EventBusName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html"""
    rule = rule_of(call, Rule, EventBusName)
    check_owner(call, rule)
    for said in Targets:
        _check(said)
        check(call, said)
    table = call.table(Target)
    ids = {row.id for row in table.scan(rule.EventBusName, rule.Name)} | {said["Id"] for said in Targets}
    if len(ids) > _MOST_TARGETS:
        raise error.LimitExceededException("The requested resource exceeds the maximum number allowed.")
    for said in Targets:
        table.put(Target(bus=rule.EventBusName, rule=rule.Name, id=said["Id"], arn=said["Arn"], said=said))
    return {"FailedEntryCount": 0, "FailedEntries": []}


def _check(said: Mapping[str, Any]) -> None:
    if odd := said.keys() - _TAKEN:
        raise not_implemented(f"events: {', '.join(sorted(odd))} of targets")
    if sum(said.get(name) is not None for name in ("Input", "InputPath", "InputTransformer")) > 1:
        raise invalid(f"Only one of Input, InputPath, or InputTransformer must be provided for target {said['Id']}.")
    if said["Arn"].endswith(".fifo") and not (said.get("SqsParameters") or {}).get("MessageGroupId"):
        raise invalid(f"Parameter(s) SqsParameters must be specified for target: {said['Id']}.")
    if said["Arn"].startswith("arn:") and said["Arn"].split(":")[2] == "kinesis":
        _check_stream(said)
    _check_input(said)


def _check_stream(said: Mapping[str, Any]) -> None:
    if not said.get("RoleArn"):
        raise invalid(f"RoleArn is required for target {said['Arn']}.")
    try:
        inputs.steps((said.get("KinesisParameters") or {}).get("PartitionKeyPath") or "$")
    except inputs.BadPath:
        raise invalid(f"Invalid PartitionKeyPath for target {said['Id']}.") from None


def _check_input(said: Mapping[str, Any]) -> None:
    name = said["Id"]
    if said.get("Input") is not None:
        try:
            json.loads(said["Input"])
        except ValueError:
            raise invalid(f"JSON syntax error in input for target {name}") from None
    transformer = said.get("InputTransformer") or {}
    named = transformer.get("InputPathsMap") or {}
    paths = [said["InputPath"]] if said.get("InputPath") is not None else list(named.values())
    for path in paths:
        try:
            inputs.steps(path)
        except inputs.BadPath:
            raise _bad_path(name) from None
    if any(variable.startswith("aws.") for variable in named):
        raise invalid(f"Invalid InputPathsMap for target {name}: names must not begin with aws.")


def _bad_path(name: str) -> AwsError:
    return invalid(f"Invalid InputPath for target {name}.")


@operation
def remove_targets(call: Call, Rule: str, Ids: Sequence[str], EventBusName: str | None = None,
                   Force: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html"""
    rule = rule_of(call, Rule, EventBusName)
    check_owner(call, rule, Force)
    failed = [{"TargetId": each, "ErrorCode": "ResourceNotFoundException", "ErrorMessage": f"Target {each} does not exist."}
              for each in Ids if not call.table(Target).delete(rule.EventBusName, rule.Name, each)]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


@operation
def list_targets_by_rule(call: Call, Rule: str, EventBusName: str | None = None,
                         page: Page[Target] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html"""
    rule = rule_of(call, Rule, EventBusName)
    rows = call.table(Target).scan(rule.EventBusName, rule.Name, after=page.after, limit=page.limit + 1)
    return {"Targets": [row.said for row in page.cut(rows, lambda row: row.id)]}


@operation
def list_rule_names_by_target(call: Call, TargetArn: str, EventBusName: str | None = None,
                              page: Page[str] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html"""
    bus = bus_of(call, EventBusName).Name
    names = sorted({row.rule for row in call.table(Target).scan(TargetArn, index="arn") if row.bus == bus})
    found = [name for name in names if name > (page.after or "")][:page.limit + 1]
    return {"RuleNames": list(page.cut(found, lambda name: name))}
