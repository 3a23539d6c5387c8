"""APIs: made (at once with a route and a stage, if a target is given), told, changed, ended."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, doors, operation

from .. import routing
from ..deploying import changed, deploy, serve
from ..parts import bad, change, listed, new_id, told
from ..resources import (
    Api,
    Authorizer,
    Deployment,
    Integration,
    IntegrationResponse,
    Model,
    Route,
    RouteResponse,
    Snapshot,
    Stage,
    Verdict,
)

_SELECTION = {"HTTP": "$request.method $request.path"}


def address(call: Call, api: Api) -> str:
    """Where the API answers, as this client reaches us."""
    scheme, _, host = call.endpoint.partition("://")
    port = host.rpartition(":")[2] if ":" in host else ""
    if api.ProtocolType == "WEBSOCKET":
        scheme = "wss" if scheme == "https" else "ws"
    return f"{scheme}://{api.ApiId}.execute-api.localhost{':' + port if port else ''}"


def shown(call: Call, api: Api) -> dict[str, Any]:
    return {**told(api), "ApiEndpoint": address(call, api), "CreatedDate": api.created, "Tags": api.tags}


@operation
def create_api(call: Call, Name: str, ProtocolType: str, ApiKeySelectionExpression: str | None = None,
               CorsConfiguration: dict[str, Any] | None = None, CredentialsArn: str | None = None,
               Description: str | None = None, DisableSchemaValidation: bool | None = None,
               DisableExecuteApiEndpoint: bool | None = None,
               IpAddressType: str | None = None, RouteKey: str | None = None, RouteSelectionExpression: str | None = None,
               Tags: dict[str, str] | None = None, Target: str | None = None, Version: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html#CreateApi"""
    api = Api(Name=Name, ProtocolType=ProtocolType, RouteSelectionExpression=_SELECTION.get(ProtocolType, ""),
              created=call.now, tags=Tags or {})
    api = checked(change(api, ApiKeySelectionExpression=ApiKeySelectionExpression, CorsConfiguration=CorsConfiguration,
                         Description=Description, DisableSchemaValidation=DisableSchemaValidation,
                         DisableExecuteApiEndpoint=DisableExecuteApiEndpoint, IpAddressType=IpAddressType,
                         RouteSelectionExpression=RouteSelectionExpression, Version=Version))
    if ProtocolType == "WEBSOCKET" and (Target or RouteKey or CredentialsArn):
        raise bad("Quick create is supported only for HTTP protocol type APIs")
    if RouteKey and not Target:
        raise bad("Target must be specified when RouteKey is specified")
    api.ApiId = doors.claim_api(call)
    api.ApiEndpoint = address(call, api)
    call.put(api)
    if Target:
        quick(call, api, Target, RouteKey or "$default", CredentialsArn)
    return shown(call, api)


def checked(api: Api) -> Api:
    """What AWS refuses of an API as such."""
    if api.ProtocolType == "WEBSOCKET":
        if not api.RouteSelectionExpression:
            raise bad("RouteSelectionExpression is required for WEBSOCKET protocol type")
        if api.CorsConfiguration:
            raise bad("CORS configuration is supported only for HTTP protocol type APIs")
    elif api.RouteSelectionExpression.replace("{", "").replace("}", "") != _SELECTION["HTTP"]:
        raise bad("RouteSelectionExpression for HTTP protocol type must be '$request.method $request.path'")
    cors = api.CorsConfiguration or {}
    if cors.get("AllowCredentials") and "*" in (cors.get("AllowOrigins") or ()):
        raise bad("Cannot use wildcard in allowOrigins when allowCredentials is true")
    for origin in cors.get("AllowOrigins") or ():
        if origin != "*" and "://" not in origin:
            raise bad(f"Invalid allowOrigins value {origin}: it must begin with a scheme")
    return api


def quick(call: Call, api: Api, target: str, key: str, credentials: str | None) -> None:
    """Quick create: an integration, a route to it, and the stage `$default`, which deploys by itself."""
    routing.checked_key(api.ProtocolType, key)
    made = Integration(ApiId=api.ApiId, IntegrationId=new_id(call), created=call.now, CredentialsArn=credentials,
                       **_target(target))
    route = Route(ApiId=api.ApiId, RouteId=new_id(call), RouteKey=key, Target=f"integrations/{made.IntegrationId}",
                  created=call.now)
    call.put(made)
    call.put(route)
    stage = Stage(ApiId=api.ApiId, StageName="$default", AutoDeploy=True, created=call.now, modified=call.now)
    api.managed = {"integration": made.IntegrationId, "route": route.RouteId, "stage": "$default"}
    call.put(api)
    serve(call, stage, deploy(call, api, auto=True))


def _target(target: str) -> dict[str, Any]:
    if target.startswith("arn:"):
        return {"IntegrationType": "AWS_PROXY", "IntegrationUri": target, "IntegrationMethod": "POST",
                "PayloadFormatVersion": "2.0"}
    if target.startswith(("http://", "https://")):
        return {"IntegrationType": "HTTP_PROXY", "IntegrationUri": target, "IntegrationMethod": "ANY",
                "PayloadFormatVersion": "1.0"}
    raise bad("Target must be a Lambda function ARN or a fully qualified URL")


@operation
def get_api(call: Call, ApiId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#GetApi"""
    return shown(call, call.get(Api, ApiId))


@operation
def get_apis(call: Call, page: Page[Api] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html#GetApis"""
    return {"Items": [shown(call, api) for api in listed(call, Api, page, "ApiId")]}


@operation
def update_api(call: Call, ApiId: str, ApiKeySelectionExpression: str | None = None,
               CorsConfiguration: dict[str, Any] | None = None, CredentialsArn: str | None = None,
               Description: str | None = None, DisableSchemaValidation: bool | None = None,
               DisableExecuteApiEndpoint: bool | None = None,
               IpAddressType: str | None = None, Name: str | None = None, RouteKey: str | None = None,
               RouteSelectionExpression: str | None = None, Target: str | None = None,
               Version: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#UpdateApi"""
    api = checked(change(call.get(Api, ApiId), ApiKeySelectionExpression=ApiKeySelectionExpression,
                         CorsConfiguration=CorsConfiguration, Description=Description, IpAddressType=IpAddressType, Name=Name,
                         DisableSchemaValidation=DisableSchemaValidation, DisableExecuteApiEndpoint=DisableExecuteApiEndpoint,
                         RouteSelectionExpression=RouteSelectionExpression, Version=Version))
    call.put(api)
    if Target or RouteKey or CredentialsArn:
        _quicker(call, api, Target, RouteKey, CredentialsArn)
    changed(call, ApiId)
    return shown(call, api)


def _quicker(call: Call, api: Api, target: str | None, key: str | None, credentials: str | None) -> None:
    """Change what quick create made."""
    if not api.managed:
        raise bad("Target, RouteKey and CredentialsArn can be updated only for APIs that were created by quick create")
    made = call.get(Integration, api.ApiId, api.managed["integration"])
    call.put(change(made, CredentialsArn=credentials, **(_target(target) if target else {})))
    if key:
        routing.checked_key(api.ProtocolType, key)
        call.put(change(call.get(Route, api.ApiId, api.managed["route"]), RouteKey=key))


@operation
def delete_api(call: Call, ApiId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#DeleteApi"""
    call.get(Api, ApiId)
    if doors.leading(call, ApiId):
        raise bad(f"Deleting API {ApiId} failed. Please remove all API mappings for the API from your custom domain names.")
    for kind in (Route, RouteResponse, Integration, IntegrationResponse, Authorizer, Model, Deployment, Snapshot, Stage,
                 Verdict):
        call.table(kind).delete_all(ApiId)
    call.table(Api).delete(ApiId)
    doors.release(call, doors.API, ApiId)


@operation
def delete_cors_configuration(call: Call, ApiId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-cors.html#DeleteCorsConfiguration"""
    api = call.get(Api, ApiId)
    api.CorsConfiguration = None
    call.put(api)
    changed(call, ApiId)
