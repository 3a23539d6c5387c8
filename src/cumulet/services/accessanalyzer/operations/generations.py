"""Policies generated from what a user or role was seen to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..background import generate
from ..generating import policy
from ..resources import Generation


@operation
def start_policy_generation(call: Call, policyGenerationDetails: Mapping[str, str],
                            clientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StartPolicyGeneration.html"""
    before = call.table(Generation).find("token", clientToken) if clientToken is not None else None
    if before is not None:
        return {"jobId": before.id}
    row = call.table(Generation).insert(Generation(
        id=call.uuid(), principal=policyGenerationDetails["principalArn"], started=call.now, token=clientToken))
    call.task(generate, id=row.id)
    return {"jobId": row.id}


@operation
def get_generated_policy(call: Call, jobId: str, includeResourcePlaceholders: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetGeneratedPolicy.html"""
    row = _job(call, jobId)
    details = {"jobId": row.id, "status": row.status, "startedOn": row.started, "completedOn": row.completed}
    if row.failure:
        details["jobError"] = {"code": "RESOURCE_NOT_FOUND_ERROR", "message": row.failure}
    result: dict[str, Any] = {"properties": {"principalArn": row.principal, "isComplete": row.status == "SUCCEEDED"}}
    if row.status == "SUCCEEDED":
        result["generatedPolicies"] = [{"policy": policy(row.uses, includeResourcePlaceholders)}] if row.uses else []
    return {"jobDetails": details, "generatedPolicyResult": result}


@operation
def list_policy_generations(call: Call, principalArn: str | None = None,
                            page: Page[Generation] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListPolicyGenerations.html"""
    rows = [row for row in call.table(Generation).scan(after=page.after) if principalArn in (None, row.principal)]
    return {"policyGenerations": [
        {"jobId": row.id, "principalArn": row.principal, "status": row.status, "startedOn": row.started,
         "completedOn": row.completed} for row in page.cut(rows, lambda row: row.id)]}


@operation
def cancel_policy_generation(call: Call, jobId: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CancelPolicyGeneration.html"""
    if _job(call, jobId).status == "IN_PROGRESS":
        call.table(Generation).change(jobId, status="CANCELED", completed=call.now)


def _job(call: Call, id: str) -> Generation:
    row = call.table(Generation).get(id)
    if row is None:
        raise error.ValidationException(f"The job {id} was not found.", reason="other")
    return row
