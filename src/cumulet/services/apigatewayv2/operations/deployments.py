"""Deployments, and models."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from ..deploying import deploy, serve
from ..parts import bad, change, conflict, listed, new_id, told
from ..resources import Api, Deployment, Model, Route, Snapshot, Stage


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


# --- models ---


def _model(row: Model) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name != "ApiId"}


def _checked(call: Call, row: Model) -> Model:
    if call.get(Api, row.ApiId).ProtocolType != "WEBSOCKET":
        raise bad("Models are supported only for WEBSOCKET protocol type APIs")
    if not row.Name.isalnum():
        raise bad("Model name must be alphanumeric")
    if any(other.Name == row.Name and other.ModelId != row.ModelId for other in call.table(Model).scan(row.ApiId)):
        raise conflict(f"Model with name {row.Name} already exists for this API")
    return row


@operation
def create_model(call: Call, ApiId: str, Name: str, Schema: str, ContentType: str | None = None,
                 Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html#CreateModel"""
    row = _checked(call, change(Model(ApiId=ApiId, ModelId=new_id(call), Name=Name, Schema=Schema, created=call.now),
                                ContentType=ContentType, Description=Description))
    call.put(row)
    return _model(row)


@operation
def get_model(call: Call, ApiId: str, ModelId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#GetModel"""
    call.get(Api, ApiId)
    return _model(call.get(Model, ApiId, ModelId))


@operation
def get_models(call: Call, ApiId: str, page: Page[Model] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html#GetModels"""
    call.get(Api, ApiId)
    return {"Items": [_model(row) for row in listed(call, Model, page, "ModelId", ApiId)]}


@operation
def update_model(call: Call, ApiId: str, ModelId: str, ContentType: str | None = None, Description: str | None = None,
                 Name: str | None = None, Schema: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#UpdateModel"""
    row = _checked(call, change(call.get(Model, ApiId, ModelId), ContentType=ContentType, Description=Description, Name=Name,
                                Schema=Schema))
    call.put(row)
    return _model(row)


@operation
def delete_model(call: Call, ApiId: str, ModelId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models-modelid.html#DeleteModel"""
    call.get(Api, ApiId)
    call.get(Model, ApiId, ModelId)
    call.table(Model).delete(ApiId, ModelId)
