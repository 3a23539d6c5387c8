"""Stages, by name."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import parts, patches, stages, tagging
from ..resources import Cached


@operation
def create_stage(call: Call, restApiId: str, stageName: str, deploymentId: str, description: str | None = None,
                 cacheClusterEnabled: bool = False, cacheClusterSize: str | None = None,
                 variables: dict[str, str] | None = None, documentationVersion: str | None = None,
                 canarySettings: dict[str, Any] | None = None, tracingEnabled: bool = False,
                 tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html"""
    parts.api_of(call, restApiId)
    return stages.begin(call, restApiId, stageName, {
        "deploymentId": deploymentId, "description": description, "cacheClusterEnabled": cacheClusterEnabled,
        "cacheClusterSize": cacheClusterSize, "variables": variables, "documentationVersion": documentationVersion,
        "canarySettings": canarySettings, "tracingEnabled": tracingEnabled, "tags": tagging.checked(tags) or None})


@operation
def get_stage(call: Call, restApiId: str, stageName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetStage.html"""
    return parts.one(call, restApiId, parts.STAGE, stageName)


@operation
def get_stages(call: Call, restApiId: str, deploymentId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetStages.html"""
    parts.api_of(call, restApiId)
    return {"item": [said for said in parts.every(call, restApiId, parts.STAGE)
                     if deploymentId in (None, said["deploymentId"])]}


@operation
def update_stage(call: Call, restApiId: str, stageName: str,
                 patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html"""
    before = parts.one(call, restApiId, parts.STAGE, stageName)
    said = patches.patched("stage", before, patchOperations)
    if said["deploymentId"] != before["deploymentId"]:
        call.table(Cached).delete_all(restApiId, stageName)
    return stages.keep(call, restApiId, said)


@operation
def delete_stage(call: Call, restApiId: str, stageName: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteStage.html"""
    stages.end(call, restApiId, stageName)


@operation
def flush_stage_cache(call: Call, restApiId: str, stageName: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageCache.html"""
    parts.one(call, restApiId, parts.STAGE, stageName)
    call.table(Cached).delete_all(restApiId, stageName)
