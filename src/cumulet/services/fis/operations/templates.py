"""Experiment templates."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from ..checking import check
from ..pages import cut
from ..resources import Template, Words, template_arn

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"


@operation
def create_experiment_template(call: Call, clientToken: str, description: str, stopConditions: list[Words],
                               actions: dict[str, Words], roleArn: str, targets: dict[str, Words] | None = None,
                               experimentOptions: Words | None = None, tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_CreateExperimentTemplate.html"""
    said = _said(description, stopConditions, actions, roleArn, targets, experimentOptions)
    table = call.table(Template)
    earlier = table.find("token", clientToken)
    if earlier is not None:
        if earlier.said != said or earlier.tags != (tags or {}):
            raise error.ConflictException("The client token was used before, with other parameters.")
        return {"experimentTemplate": told(call, earlier)}
    check(said, call.cloud.catalog.apis)
    row = Template(id=call.token(15, _LETTERS, "EXT"), said=said, created=call.now, updated=call.now, token=clientToken,
                   tags=tags or {})
    return {"experimentTemplate": told(call, table.insert(row))}


def _said(description: str, stop: list[Words], actions: dict[str, Words], role: str, targets: dict[str, Words] | None,
          options: Words | None) -> Words:
    return {"description": description, "stopConditions": stop, "actions": actions, "roleArn": role, "targets": targets or {},
            "experimentOptions": {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"} | (options or {})}


@operation
def get_experiment_template(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_GetExperimentTemplate.html"""
    return {"experimentTemplate": told(call, find(call, id))}


@operation
def update_experiment_template(call: Call, id: str, description: str | None = None, stopConditions: list[Words] | None = None,
                               targets: dict[str, Words] | None = None, actions: dict[str, Words] | None = None,
                               roleArn: str | None = None, experimentOptions: Words | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_UpdateExperimentTemplate.html"""
    row = find(call, id)
    given = {"description": description, "stopConditions": stopConditions, "targets": targets, "actions": actions,
             "roleArn": roleArn}
    row.said = row.said | {name: value for name, value in given.items() if value is not None}
    row.said["experimentOptions"] = row.said["experimentOptions"] | (experimentOptions or {})
    check(row.said, call.cloud.catalog.apis)
    row.updated = call.now
    return {"experimentTemplate": told(call, call.put(row))}


@operation
def delete_experiment_template(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_DeleteExperimentTemplate.html"""
    row = find(call, id)
    call.table(Template).delete(id)
    return {"experimentTemplate": told(call, row)}


@operation
def list_experiment_templates(call: Call, maxResults: int = 100, nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_ListExperimentTemplates.html"""
    rows, following = cut(call.table(Template).scan(after=nextToken, limit=maxResults + 1), maxResults)
    return {"nextToken": following, "experimentTemplates": [
        {"id": row.id, "arn": template_arn(call, row.id), "description": row.said["description"], "creationTime": row.created,
         "lastUpdateTime": row.updated, "tags": row.tags} for row in rows]}


def find(call: Call, id: str) -> Template:
    """One template; raises when there is none."""
    row = call.table(Template).get(id)
    if row is None:
        raise missing(id)
    return row


def missing(id: str) -> AwsError:
    return error.ResourceNotFoundException(f"Experiment template {id} does not exist.")


def told(call: Call, row: Template) -> dict[str, Any]:
    """A template as the API tells it."""
    return {"id": row.id, "arn": template_arn(call, row.id), **row.said, "creationTime": row.created,
            "lastUpdateTime": row.updated, "tags": row.tags, "targetAccountConfigurationsCount": 0}
