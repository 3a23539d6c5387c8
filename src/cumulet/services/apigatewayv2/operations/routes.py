"""Routes and what WebSocket routes answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, not_implemented, operation

from .. import routing
from ..deploying import changed
from ..parts import bad, change, conflict, listed, new_id, told
from ..resources import Api, Authorizer, Integration, Route, RouteResponse


def shown(api: Api, row: Route) -> dict[str, Any]:
    said = {name: value for name, value in told(row).items() if name != "ApiId"}
    return said | ({"ApiGatewayManaged": True} if api.managed.get("route") == row.RouteId else {})


def checked(call: Call, api: Api, row: Route) -> Route:
    """What AWS refuses of a route."""
    routing.checked_key(api.ProtocolType, row.RouteKey)
    for other in call.table(Route).scan(row.ApiId):
        if other.RouteKey == row.RouteKey and other.RouteId != row.RouteId:
            raise conflict(f"Route with key {row.RouteKey} already exists for this API")
    if row.Target:
        kind, _, name = row.Target.partition("/")
        if kind != "integrations" or call.table(Integration).get(row.ApiId, name) is None:
            raise bad(f"Invalid target {row.Target}: it must be integrations/ID of an integration of this API")
    http = api.ProtocolType == "HTTP"
    if http and (row.ApiKeyRequired or row.RequestModels or row.RequestParameters or row.ModelSelectionExpression
                 or row.RouteResponseSelectionExpression):
        raise bad("API keys, request models, request parameters and route responses are supported only for WEBSOCKET protocol"
                  " type APIs")
    if row.ApiKeyRequired:
        raise not_implemented("API keys of WebSocket routes")
    if row.AuthorizationType == "JWT" and not http:
        raise bad("JWT authorization is supported only for HTTP protocol type APIs")
    if not http and row.AuthorizationType != "NONE" and row.RouteKey != "$connect":
        raise bad("Currently, authorization is restricted to the $connect route only")
    if row.AuthorizationType in ("JWT", "CUSTOM"):
        found = call.table(Authorizer).get(row.ApiId, row.AuthorizerId) if row.AuthorizerId else None
        if found is None:
            raise bad("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or JWT requires a valid"
                      " authorizer.")
        if (found.AuthorizerType == "JWT") != (row.AuthorizationType == "JWT"):
            raise bad(f"Authorizer type {found.AuthorizerType} does not fit authorization type {row.AuthorizationType}")
    if row.AuthorizationScopes and row.AuthorizationType != "JWT":
        raise bad("Authorization scopes are supported only for JWT authorization")
    return row


@operation
def create_route(call: Call, ApiId: str, RouteKey: str, ApiKeyRequired: bool | None = None,
                 AuthorizationScopes: Sequence[str] | None = None, AuthorizationType: str | None = None,
                 AuthorizerId: str | None = None, ModelSelectionExpression: str | None = None, OperationName: str | None = None,
                 RequestModels: dict[str, str] | None = None, RequestParameters: dict[str, Any] | None = None,
                 RouteResponseSelectionExpression: str | None = None, Target: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html#CreateRoute"""
    api = call.get(Api, ApiId)
    row = change(Route(ApiId=ApiId, RouteId=new_id(call), RouteKey=RouteKey, created=call.now), ApiKeyRequired=ApiKeyRequired,
                 AuthorizationScopes=AuthorizationScopes, AuthorizationType=AuthorizationType, AuthorizerId=AuthorizerId,
                 ModelSelectionExpression=ModelSelectionExpression, OperationName=OperationName, RequestModels=RequestModels,
                 RequestParameters=RequestParameters, RouteResponseSelectionExpression=RouteResponseSelectionExpression,
                 Target=Target)
    call.put(checked(call, api, row))
    changed(call, ApiId)
    return shown(api, row)


@operation
def get_route(call: Call, ApiId: str, RouteId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html#GetRoute"""
    return shown(call.get(Api, ApiId), call.get(Route, ApiId, RouteId))


@operation
def get_routes(call: Call, ApiId: str, page: Page[Route] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html#GetRoutes"""
    api = call.get(Api, ApiId)
    return {"Items": [shown(api, row) for row in listed(call, Route, page, "RouteId", ApiId)]}


@operation
def update_route(call: Call, ApiId: str, RouteId: str, ApiKeyRequired: bool | None = None,
                 AuthorizationScopes: Sequence[str] | None = None, AuthorizationType: str | None = None,
                 AuthorizerId: str | None = None, ModelSelectionExpression: str | None = None, OperationName: str | None = None,
                 RequestModels: dict[str, str] | None = None, RequestParameters: dict[str, Any] | None = None,
                 RouteKey: str | None = None, RouteResponseSelectionExpression: str | None = None,
                 Target: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html#UpdateRoute"""
    api = call.get(Api, ApiId)
    row = change(call.get(Route, ApiId, RouteId), ApiKeyRequired=ApiKeyRequired, AuthorizationScopes=AuthorizationScopes,
                 AuthorizationType=AuthorizationType, AuthorizerId=AuthorizerId, OperationName=OperationName, RouteKey=RouteKey,
                 ModelSelectionExpression=ModelSelectionExpression, RequestModels=RequestModels, Target=Target,
                 RequestParameters=RequestParameters, RouteResponseSelectionExpression=RouteResponseSelectionExpression)
    if AuthorizationType in ("NONE", "AWS_IAM") and not AuthorizerId:
        row.AuthorizerId = None
        row.AuthorizationScopes = list(AuthorizationScopes or ()) or None
    call.put(checked(call, api, row))
    changed(call, ApiId)
    return shown(api, row)


@operation
def delete_route(call: Call, ApiId: str, RouteId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html#DeleteRoute"""
    call.get(Api, ApiId)
    call.get(Route, ApiId, RouteId)
    call.table(RouteResponse).delete_all(ApiId, RouteId)
    call.table(Route).delete(ApiId, RouteId)
    changed(call, ApiId)


@operation
def delete_route_request_parameter(call: Call, ApiId: str, RouteId: str, RequestParameterKey: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-requestparameters-requestparameterkey.html#DeleteRouteRequestParameter"""
    call.get(Api, ApiId)
    row = call.get(Route, ApiId, RouteId)
    left = dict(row.RequestParameters or {})
    if left.pop(RequestParameterKey, None) is None:
        raise bad("Invalid request parameter key specified")
    row.RequestParameters = left or None
    call.put(row)
    changed(call, ApiId)


# --- responses ---


def _response(row: RouteResponse) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name not in ("ApiId", "RouteId")}


def _websocket(call: Call, api_id: str) -> None:
    if call.get(Api, api_id).ProtocolType != "WEBSOCKET":
        raise bad("Route responses are supported only for WEBSOCKET protocol type APIs")


@operation
def create_route_response(call: Call, ApiId: str, RouteId: str, RouteResponseKey: str,
                          ModelSelectionExpression: str | None = None, ResponseModels: dict[str, str] | None = None,
                          ResponseParameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses.html#CreateRouteResponse"""
    _websocket(call, ApiId)
    call.get(Route, ApiId, RouteId)
    if RouteResponseKey != "$default":
        raise bad("Only $default is supported as a route response key")
    if call.table(RouteResponse).scan(ApiId, RouteId):
        raise conflict(f"Route response with key {RouteResponseKey} already exists for this route")
    row = RouteResponse(ApiId=ApiId, RouteId=RouteId, RouteResponseId=new_id(call), RouteResponseKey=RouteResponseKey,
                        ModelSelectionExpression=ModelSelectionExpression, ResponseModels=ResponseModels,
                        ResponseParameters=ResponseParameters, created=call.now)
    call.put(row)
    changed(call, ApiId)
    return _response(row)


@operation
def get_route_response(call: Call, ApiId: str, RouteId: str, RouteResponseId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses-routeresponseid.html#GetRouteResponse"""
    _websocket(call, ApiId)
    return _response(call.get(RouteResponse, ApiId, RouteId, RouteResponseId))


@operation
def get_route_responses(call: Call, ApiId: str, RouteId: str, page: Page[RouteResponse] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses.html#GetRouteResponses"""
    _websocket(call, ApiId)
    call.get(Route, ApiId, RouteId)
    return {"Items": [_response(row) for row in listed(call, RouteResponse, page, "RouteResponseId", ApiId, RouteId)]}


@operation
def update_route_response(call: Call, ApiId: str, RouteId: str, RouteResponseId: str,
                          ModelSelectionExpression: str | None = None, ResponseModels: dict[str, str] | None = None,
                          ResponseParameters: dict[str, Any] | None = None,
                          RouteResponseKey: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses-routeresponseid.html#UpdateRouteResponse"""
    _websocket(call, ApiId)
    if RouteResponseKey not in (None, "$default"):
        raise bad("Only $default is supported as a route response key")
    row = change(call.get(RouteResponse, ApiId, RouteId, RouteResponseId), ModelSelectionExpression=ModelSelectionExpression,
                 ResponseModels=ResponseModels, ResponseParameters=ResponseParameters)
    call.put(row)
    changed(call, ApiId)
    return _response(row)


@operation
def delete_route_response(call: Call, ApiId: str, RouteId: str, RouteResponseId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses-routeresponseid.html#DeleteRouteResponse"""
    _websocket(call, ApiId)
    call.get(RouteResponse, ApiId, RouteId, RouteResponseId)
    call.table(RouteResponse).delete(ApiId, RouteId, RouteResponseId)
    changed(call, ApiId)
