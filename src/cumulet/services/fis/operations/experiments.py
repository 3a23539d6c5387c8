"""Experiments: started from templates, told, stopped."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from ..pages import cut
from ..resources import Experiment, Words, experiment_arn
from ..running import OVER, begin, steps_of, stop
from .templates import find as find_template

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
MOST_RUNNING = 5


@operation
def start_experiment(call: Call, clientToken: str, experimentTemplateId: str, experimentOptions: Words | None = None,
                     tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_StartExperiment.html"""
    table = call.table(Experiment)
    mode = (experimentOptions or {}).get("actionsMode", "run-all")
    earlier = table.find("token", clientToken)
    if earlier is not None:
        if (earlier.template, earlier.mode, earlier.tags) != (experimentTemplateId, mode, tags or {}):
            raise error.ConflictException("The client token was used before, with other parameters.")
        return {"experiment": told(call, earlier)}
    template = find_template(call, experimentTemplateId)
    if sum(row.status not in OVER for row in table.scan()) >= MOST_RUNNING:
        raise error.ServiceQuotaExceededException(f"At most {MOST_RUNNING} experiments can be active at the same time.")
    row = Experiment(id=call.token(15, _LETTERS, "EXP"), template=template.id, said=template.said, mode=mode, token=clientToken,
                     created=call.now, status="initiating", reason="Experiment is initiating.", tags=tags or {})
    row.steps = steps_of(row)
    table.insert(row)
    call.at(call.now, begin, name=row.id, id=row.id)
    return {"experiment": told(call, row)}


@operation
def get_experiment(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_GetExperiment.html"""
    return {"experiment": told(call, find(call, id))}


@operation
def stop_experiment(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_StopExperiment.html"""
    row = find(call, id)
    if row.status in OVER:
        raise error.ValidationException(f"The experiment {id} is not running: it is {row.status}.")
    call.cancel(begin, row.id)
    stop(call, row, "stopped", "Experiment was stopped.")
    return {"experiment": told(call, call.put(row))}


@operation
def list_experiments(call: Call, maxResults: int = 100, nextToken: str | None = None,
                     experimentTemplateId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_ListExperiments.html"""
    table = call.table(Experiment)
    if experimentTemplateId is None:
        found = table.scan(after=nextToken, limit=maxResults + 1)
    else:
        found = table.scan(experimentTemplateId, index="template", after=nextToken, limit=maxResults + 1)
    rows, following = cut(found, maxResults)
    return {"nextToken": following, "experiments": [
        {"id": row.id, "arn": experiment_arn(call, row.id), "experimentTemplateId": row.template,
         "state": {"status": row.status, "reason": row.reason}, "creationTime": row.created, "tags": row.tags,
         "experimentOptions": _options(row)} for row in rows]}


@operation
def list_experiment_resolved_targets(call: Call, experimentId: str, targetName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_ListExperimentResolvedTargets.html"""
    row = find(call, experimentId)
    targets = row.said["targets"]
    if targetName is not None and targetName not in targets:
        raise error.ResourceNotFoundException(f"The experiment {experimentId} has no target {targetName}.")
    return {"resolvedTargets": [
        {"resourceType": target["resourceType"], "targetName": name, "targetInformation": {"ARN": arn}}
        for name, target in targets.items() if targetName in (None, name) for arn in row.resolved.get(name, ())]}


def find(call: Call, id: str) -> Experiment:
    """One experiment; raises when there is none."""
    row = call.table(Experiment).get(id)
    if row is None:
        raise error.ResourceNotFoundException(f"Experiment {id} does not exist.")
    return row


def _options(row: Experiment) -> Words:
    return {**row.said["experimentOptions"], "actionsMode": row.mode}


def told(call: Call, row: Experiment) -> dict[str, Any]:
    """An experiment as the API tells it."""
    actions = {name: {**said, "state": {"status": row.steps[name].status, "reason": row.steps[name].reason},
                      "startTime": row.steps[name].began, "endTime": row.steps[name].ended}
               for name, said in row.said["actions"].items()}
    return {"id": row.id, "arn": experiment_arn(call, row.id), "experimentTemplateId": row.template,
            "roleArn": row.said["roleArn"], "state": {"status": row.status, "reason": row.reason},
            "targets": row.said["targets"], "actions": actions, "stopConditions": row.said["stopConditions"],
            "creationTime": row.created, "startTime": row.began, "endTime": row.ended, "tags": row.tags,
            "experimentOptions": _options(row), "targetAccountConfigurationsCount": 0}
