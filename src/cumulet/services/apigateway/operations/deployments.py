"""Deployments: the API as it was, for stages to serve."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import definitions, parts, patches, stages
from ..names import invalid, new_id
from ..resources import Part, Snapshot


@operation
def create_deployment(call: Call, restApiId: str, stageName: str | None = None, stageDescription: str | None = None,
                      description: str | None = None, cacheClusterEnabled: bool | None = None,
                      cacheClusterSize: str | None = None, variables: dict[str, str] | None = None,
                      canarySettings: dict[str, Any] | None = None, tracingEnabled: bool | None = None) -> dict[str, Any]:
    """With a stage's name it serves there at once; with canary settings to a part of the requests.

    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
    """
    api = parts.api_of(call, restApiId)
    definitions.check_complete(call, restApiId)
    said = parts.keep(call, restApiId, parts.DEPLOYMENT, name := new_id(call), {
        "id": name, "description": description, "createdDate": float(int(call.now))})
    call.put(Snapshot(api=restApiId, id=name, definition=definitions.taken(call, api)))
    if stageName:
        given = {"description": stageDescription, "cacheClusterEnabled": cacheClusterEnabled,
                 "cacheClusterSize": cacheClusterSize, "variables": variables, "tracingEnabled": tracingEnabled}
        stages.deploy(call, restApiId, stageName, name, given, canarySettings)
    return said


@operation
def get_deployment(call: Call, restApiId: str, deploymentId: str, embed: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployment.html"""
    said = parts.one(call, restApiId, parts.DEPLOYMENT, deploymentId)
    if "apisummary" in (embed or ()):
        snapshot = call.table(Snapshot).get(restApiId, deploymentId)
        assert snapshot is not None
        return {**said, "apiSummary": definitions.summary(snapshot.definition)}
    return said


@operation
def get_deployments(call: Call, restApiId: str, page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html"""
    return {"items": parts.listed(call, restApiId, parts.DEPLOYMENT, page)}


@operation
def update_deployment(call: Call, restApiId: str, deploymentId: str,
                      patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDeployment.html"""
    said = patches.patched("deployment", parts.one(call, restApiId, parts.DEPLOYMENT, deploymentId), patchOperations)
    return parts.keep(call, restApiId, parts.DEPLOYMENT, deploymentId, said)


@operation
def delete_deployment(call: Call, restApiId: str, deploymentId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDeployment.html"""
    parts.one(call, restApiId, parts.DEPLOYMENT, deploymentId)
    for stage in parts.every(call, restApiId, parts.STAGE):
        if deploymentId in (stage["deploymentId"], (stage.get("canarySettings") or {}).get("deploymentId")):
            raise invalid("Active stages pointing to this deployment must be moved or deleted")
    call.table(Snapshot).delete(restApiId, deploymentId)
    parts.drop(call, restApiId, parts.DEPLOYMENT, deploymentId)
