"""Deployments: an API as it was, kept."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from ..deploying import deploy, serve
from ..parts import bad, change, listed, told
from ..resources import Api, Deployment, Route, Snapshot, Stage


def shown(row: Deployment) -> dict[str, Any]:
    said = {name: value for name, value in told(row).items() if name != "ApiId"}
    return said | {"CreatedDate": row.created, "DeploymentStatus": "DEPLOYED"}


@operation
def create_deployment(call: Call, ApiId: str, Description: str | None = None, StageName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html#CreateDeployment"""
    api = call.get(Api, ApiId)
    if not call.table(Route).scan(ApiId, limit=1):
        raise bad("At least one route is required before deploying the Api.")
    stage = call.get(Stage, ApiId, StageName) if StageName else None
    if stage is not None and stage.AutoDeploy:
        raise bad("Deployment ID cannot be set on stages with AutoDeploy enabled")
    row = deploy(call, api, Description)
    if stage is not None:
        stage.modified = call.now
        serve(call, stage, row)
    return shown(row)


@operation
def get_deployment(call: Call, ApiId: str, DeploymentId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments-deploymentid.html#GetDeployment"""
    call.get(Api, ApiId)
    return shown(call.get(Deployment, ApiId, DeploymentId))


@operation
def get_deployments(call: Call, ApiId: str, page: Page[Deployment] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html#GetDeployments"""
    call.get(Api, ApiId)
    return {"Items": [shown(row) for row in listed(call, Deployment, page, "DeploymentId", ApiId)]}


@operation
def update_deployment(call: Call, ApiId: str, DeploymentId: str, Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments-deploymentid.html#UpdateDeployment"""
    call.get(Api, ApiId)
    row = change(call.get(Deployment, ApiId, DeploymentId), Description=Description)
    call.put(row)
    return shown(row)


@operation
def delete_deployment(call: Call, ApiId: str, DeploymentId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments-deploymentid.html#DeleteDeployment"""
    call.get(Api, ApiId)
    call.get(Deployment, ApiId, DeploymentId)
    if any(stage.DeploymentId == DeploymentId for stage in call.table(Stage).scan(ApiId)):
        raise bad("Active stages pointing to this deployment must be moved or deleted")
    call.table(Deployment).delete(ApiId, DeploymentId)
    call.table(Snapshot).delete(ApiId, DeploymentId)
