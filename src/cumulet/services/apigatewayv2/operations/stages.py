"""Stages: the names under which deployments answer."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, Page, doors, not_implemented, operation

from ..deploying import deploy, serve
from ..parts import bad, change, conflict, listed, told
from ..resources import Api, Deployment, Stage

_NAME = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
_VARIABLE = re.compile(r"\w+", re.ASCII)
_VALUE = re.compile(r"[A-Za-z0-9-._~:/?#&=,]*")
_LOGS = re.compile(r"arn:[^:]+:(logs:[^:]+:\d{12}:log-group:.+|firehose:[^:]+:\d{12}:deliverystream/amazon-apigateway-.+)")


def shown(api: Api, row: Stage) -> dict[str, Any]:
    said = {name: value for name, value in told(row).items() if name != "ApiId"}
    return said | {"CreatedDate": row.created, "LastUpdatedDate": row.modified, "Tags": row.tags} | (
        {"ApiGatewayManaged": True} if api.managed.get("stage") == row.StageName else {})


def checked(call: Call, api: Api, row: Stage) -> Stage:
    """What AWS refuses of a stage."""
    if row.StageName == "$default" and api.ProtocolType != "HTTP":
        raise bad("$default stage is supported only for HTTP protocol type APIs")
    for name, value in row.StageVariables.items():
        if not _VARIABLE.fullmatch(name) or not _VALUE.fullmatch(value):
            raise bad(f"Stage variable {name} has an invalid name or value. Names are alphanumeric with underscores, and the"
                      f" values must match [A-Za-z0-9-._~:/?#&=,]+")
    if row.DeploymentId:
        call.get(Deployment, row.ApiId, row.DeploymentId)
    logs = row.AccessLogSettings
    if logs and logs.get("DestinationArn"):
        if not logs.get("Format"):
            raise bad("Format is required when access logging is enabled")
        if not _LOGS.fullmatch(logs["DestinationArn"]):
            raise bad("Invalid ARN specified in the request. The destination of access logs must be a log group or a delivery"
                      " stream whose name begins with amazon-apigateway-")
        if ":firehose:" in logs["DestinationArn"]:
            raise not_implemented("Access logs in delivery streams")
    return row


@operation
def create_stage(call: Call, ApiId: str, StageName: str, AccessLogSettings: dict[str, str] | None = None,
                 AutoDeploy: bool | None = None,
                 DefaultRouteSettings: dict[str, Any] | None = None, DeploymentId: str | None = None,
                 Description: str | None = None, RouteSettings: dict[str, dict[str, Any]] | None = None,
                 StageVariables: dict[str, str] | None = None, Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html#CreateStage"""
    api = call.get(Api, ApiId)
    if not _NAME.fullmatch(StageName):
        raise bad("Stage name only allows a-zA-Z0-9_- and $default")
    if call.table(Stage).get(ApiId, StageName) is not None:
        raise conflict("Stage already exists")
    if AutoDeploy and DeploymentId:
        raise bad("DeploymentId cannot be set when AutoDeploy is enabled")
    row = checked(call, api, change(
        Stage(ApiId=ApiId, StageName=StageName, created=call.now, modified=call.now, tags=Tags or {}),
        AccessLogSettings=AccessLogSettings, AutoDeploy=AutoDeploy,
        DefaultRouteSettings=DefaultRouteSettings, DeploymentId=DeploymentId, Description=Description,
        RouteSettings=RouteSettings, StageVariables=StageVariables))
    call.put(row)
    if row.AutoDeploy:
        serve(call, row, deploy(call, api, auto=True))
    return shown(api, row)


@operation
def get_stage(call: Call, ApiId: str, StageName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html#GetStage"""
    return shown(call.get(Api, ApiId), call.get(Stage, ApiId, StageName))


@operation
def get_stages(call: Call, ApiId: str, page: Page[Stage] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html#GetStages"""
    api = call.get(Api, ApiId)
    return {"Items": [shown(api, row) for row in listed(call, Stage, page, "StageName", ApiId)]}


@operation
def update_stage(call: Call, ApiId: str, StageName: str, AccessLogSettings: dict[str, str] | None = None,
                 AutoDeploy: bool | None = None,
                 DefaultRouteSettings: dict[str, Any] | None = None, DeploymentId: str | None = None,
                 Description: str | None = None, RouteSettings: dict[str, dict[str, Any]] | None = None,
                 StageVariables: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html#UpdateStage"""
    api, before = call.get(Api, ApiId), call.get(Stage, ApiId, StageName)
    if DeploymentId and (before.AutoDeploy if AutoDeploy is None else AutoDeploy):
        raise bad("Deployment ID cannot be set on stages with AutoDeploy enabled")
    row = checked(call, api, change(
        before, AccessLogSettings=AccessLogSettings, AutoDeploy=AutoDeploy,
        DefaultRouteSettings=DefaultRouteSettings, DeploymentId=DeploymentId, Description=Description,
        RouteSettings=_merged(before.RouteSettings, RouteSettings),
        StageVariables=_merged(before.StageVariables, StageVariables)))
    row.modified = call.now
    call.put(row)
    if row.AutoDeploy and not before.AutoDeploy:
        serve(call, row, deploy(call, api, auto=True))
    return shown(api, row)


def _merged(before: dict[str, Any], said: dict[str, Any] | None) -> dict[str, Any] | None:
    """Entries are added and changed; one with an empty value is taken away."""
    return None if said is None else {name: value for name, value in {**before, **said}.items() if value != ""}


@operation
def delete_stage(call: Call, ApiId: str, StageName: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html#DeleteStage"""
    call.get(Api, ApiId)
    call.get(Stage, ApiId, StageName)
    if any(row.stage == StageName for row in call.table(doors.Mapping).scan(ApiId, index="api")):
        raise bad("Deleting stage is not allowed, as it is referenced by an API mapping of a custom domain name")
    call.table(Stage).delete(ApiId, StageName)


@operation
def delete_access_log_settings(call: Call, ApiId: str, StageName: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-accesslogsettings.html#DeleteAccessLogSettings"""
    row = call.get(Stage, ApiId, StageName)
    row.AccessLogSettings, row.modified = None, call.now
    call.put(row)


@operation
def delete_route_settings(call: Call, ApiId: str, StageName: str, RouteKey: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-routesettings-routekey.html#DeleteRouteSettings"""
    row = call.get(Stage, ApiId, StageName)
    left = dict(row.RouteSettings)
    if left.pop(RouteKey, None) is None:
        raise bad(f"No route settings for route key {RouteKey}")
    row.RouteSettings, row.modified = left, call.now
    call.put(row)


@operation
def reset_authorizers_cache(call: Call, ApiId: str, StageName: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-cache-authorizers.html#ResetAuthorizersCache"""
    row = call.get(Stage, ApiId, StageName)
    row.flushed = call.now
    call.put(row)
