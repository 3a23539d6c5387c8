"""What a call of FIS is about.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsfaultinjectionservice.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call

from .resources import Template, experiment_arn, template_arn


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Templates with the actions that they have, and experiments."""
    if call.operation in ("CreateExperimentTemplate", "UpdateExperimentTemplate"):
        return [("", template_arn(call, members.get("id", "*"))), *_actions(call, members.get("actions") or {})]
    if call.operation in ("GetExperimentTemplate", "DeleteExperimentTemplate"):
        return [("", template_arn(call, members["id"]))]
    if call.operation == "StartExperiment":
        id = members["experimentTemplateId"]
        row = call.table(Template).get(id)
        return [("", template_arn(call, id)), ("", experiment_arn(call, "*")),
                *_actions(call, row.said["actions"] if row is not None else {})]
    if call.operation in ("GetExperiment", "StopExperiment"):
        return [("", experiment_arn(call, members["id"]))]
    if call.operation == "ListExperimentResolvedTargets":
        return [("", experiment_arn(call, members["experimentId"]))]
    if call.operation == "GetAction":
        return [("", _action(call, members["id"]))]
    return None


def _actions(call: Call, actions: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("", _action(call, id)) for id in sorted({str(said.get("actionId", "*")) for said in actions.values()})]


def _action(call: Call, id: str) -> str:
    return f"arn:aws:fis:{call.region}:{call.account}:action/{id}"
