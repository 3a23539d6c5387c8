"""Integrations, and what of the answers of WebSocket integrations goes back."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, not_implemented, operation, principals

from .. import mapping, subtypes
from ..deploying import changed
from ..parts import bad, change, conflict, listed, new_id, told
from ..resources import Api, Integration, IntegrationResponse, Route, VpcLink

_WEBSOCKET_ONLY = ("ContentHandlingStrategy", "PassthroughBehavior", "RequestTemplates", "TemplateSelectionExpression")


def shown(api: Api, row: Integration) -> dict[str, Any]:
    said = {name: value for name, value in told(row).items() if name != "ApiId"}
    if api.ProtocolType == "WEBSOCKET":
        said["IntegrationResponseSelectionExpression"] = "${integration.response.statuscode}"
    return said | ({"ApiGatewayManaged": True} if api.managed.get("integration") == row.IntegrationId else {})


def checked(call: Call, api: Api, row: Integration) -> Integration:
    """What AWS refuses of an integration."""
    if api.ProtocolType == "HTTP":
        _checked_http(call, row)
    elif row.IntegrationType != "MOCK" and not row.IntegrationUri:
        raise bad("IntegrationUri should be specified for the integration type")
    elif row.IntegrationType == "AWS" and "functions/" not in str(row.IntegrationUri):
        raise not_implemented("A WebSocket integration with a service other than Lambda")
    if row.ContentHandlingStrategy:
        raise not_implemented("Content handling of WebSocket integrations")
    _static(row.RequestTemplates)
    if row.TimeoutInMillis > (30000 if api.ProtocolType == "HTTP" else 29000):
        raise bad("Timeout should be between 50 ms and 29000 ms")
    if row.ConnectionType == "VPC_LINK":
        if not row.ConnectionId:
            raise bad("ConnectionId is required for VPC_LINK")
        if not row.ConnectionId.startswith("${stageVariables."):
            call.get(VpcLink, row.ConnectionId)
    return row


def _static(templates: dict[str, str] | None) -> None:
    """Templates without variables are honoured."""
    if any("$" in text or "#" in text for text in (templates or {}).values()):
        raise not_implemented("A mapping template with variables, of a WebSocket API")


def _checked_http(call: Call, row: Integration) -> None:
    if row.IntegrationType not in ("AWS_PROXY", "HTTP_PROXY"):
        raise bad(f"Integration type {row.IntegrationType} is not supported for HTTP protocol type APIs")
    if any(getattr(row, name) is not None for name in _WEBSOCKET_ONLY):
        raise bad(f"{', '.join(_WEBSOCKET_ONLY)} are supported only for WEBSOCKET protocol type APIs")
    if row.IntegrationSubtype:
        found = subtypes.checked(row.IntegrationSubtype, row.RequestParameters or {})
        principals.acting.operation_of(call, found.service, found.operation)         # 501 by name for what is not there
        if row.IntegrationUri:
            raise bad("IntegrationUri must not be specified with an IntegrationSubtype")
        if not row.CredentialsArn:
            raise bad("CredentialsArn is required for AWS service integrations")
    elif not row.IntegrationUri:
        raise bad("IntegrationUri should be specified for the integration type")
    if row.PayloadFormatVersion not in ("1.0", "2.0"):
        raise bad("PayloadFormatVersion is a required parameter for the HTTP protocol; it must be 1.0 or 2.0")
    if row.IntegrationType == "HTTP_PROXY":
        if row.PayloadFormatVersion != "1.0":
            raise bad("PayloadFormatVersion 2.0 is supported only for Lambda integrations")
        if not row.IntegrationMethod:
            raise bad("HttpMethod is required for HTTP_PROXY integrations")
    if not row.IntegrationSubtype:
        mapping.checked(row.RequestParameters or {})
    for key, parameters in (row.ResponseParameters or {}).items():
        if not (key.isdigit() and 200 <= int(key) <= 599):
            raise bad("Response parameter selection keys must be status codes between 200 and 599")
        mapping.checked_response(parameters)


@operation
def create_integration(call: Call, ApiId: str, IntegrationType: str, ConnectionId: str | None = None,
                       ConnectionType: str | None = None, ContentHandlingStrategy: str | None = None,
                       CredentialsArn: str | None = None, Description: str | None = None, IntegrationMethod: str | None = None,
                       IntegrationSubtype: str | None = None, IntegrationUri: str | None = None,
                       PassthroughBehavior: str | None = None, PayloadFormatVersion: str | None = None,
                       RequestParameters: dict[str, str] | None = None, RequestTemplates: dict[str, str] | None = None,
                       ResponseParameters: dict[str, dict[str, str]] | None = None,
                       TemplateSelectionExpression: str | None = None, TimeoutInMillis: int | None = None,
                       TlsConfig: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html#CreateIntegration"""
    api = call.get(Api, ApiId)
    row = Integration(ApiId=ApiId, IntegrationId=new_id(call), IntegrationType=IntegrationType, created=call.now)
    if api.ProtocolType == "WEBSOCKET":
        row.TimeoutInMillis, row.PassthroughBehavior = 29000, "WHEN_NO_MATCH"
    elif "function:" in str(IntegrationUri):
        row.IntegrationMethod = "POST"
    row = change(row, ConnectionId=ConnectionId, ConnectionType=ConnectionType, ContentHandlingStrategy=ContentHandlingStrategy,
                 CredentialsArn=CredentialsArn, Description=Description, IntegrationMethod=IntegrationMethod,
                 IntegrationSubtype=IntegrationSubtype, IntegrationUri=IntegrationUri, PassthroughBehavior=PassthroughBehavior,
                 PayloadFormatVersion=PayloadFormatVersion, RequestParameters=RequestParameters,
                 RequestTemplates=RequestTemplates, ResponseParameters=ResponseParameters,
                 TemplateSelectionExpression=TemplateSelectionExpression, TimeoutInMillis=TimeoutInMillis, TlsConfig=TlsConfig)
    call.put(checked(call, api, row))
    changed(call, ApiId)
    return shown(api, row)


@operation
def get_integration(call: Call, ApiId: str, IntegrationId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html#GetIntegration"""
    return shown(call.get(Api, ApiId), call.get(Integration, ApiId, IntegrationId))


@operation
def get_integrations(call: Call, ApiId: str, page: Page[Integration] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html#GetIntegrations"""
    api = call.get(Api, ApiId)
    return {"Items": [shown(api, row) for row in listed(call, Integration, page, "IntegrationId", ApiId)]}


@operation
def update_integration(call: Call, ApiId: str, IntegrationId: str, ConnectionId: str | None = None,
                       ConnectionType: str | None = None, ContentHandlingStrategy: str | None = None,
                       CredentialsArn: str | None = None, Description: str | None = None, IntegrationMethod: str | None = None,
                       IntegrationSubtype: str | None = None, IntegrationType: str | None = None,
                       IntegrationUri: str | None = None, PassthroughBehavior: str | None = None,
                       PayloadFormatVersion: str | None = None, RequestParameters: dict[str, str] | None = None,
                       RequestTemplates: dict[str, str] | None = None,
                       ResponseParameters: dict[str, dict[str, str]] | None = None,
                       TemplateSelectionExpression: str | None = None, TimeoutInMillis: int | None = None,
                       TlsConfig: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html#UpdateIntegration"""
    api, before = call.get(Api, ApiId), call.get(Integration, ApiId, IntegrationId)
    row = change(before, ConnectionId=ConnectionId, ConnectionType=ConnectionType, CredentialsArn=CredentialsArn,
                 ContentHandlingStrategy=ContentHandlingStrategy, Description=Description, IntegrationMethod=IntegrationMethod,
                 IntegrationSubtype=IntegrationSubtype, IntegrationType=IntegrationType, IntegrationUri=IntegrationUri,
                 PassthroughBehavior=PassthroughBehavior, PayloadFormatVersion=PayloadFormatVersion, TlsConfig=TlsConfig,
                 RequestParameters=_merged(before.RequestParameters, RequestParameters), RequestTemplates=RequestTemplates,
                 ResponseParameters=ResponseParameters, TemplateSelectionExpression=TemplateSelectionExpression,
                 TimeoutInMillis=TimeoutInMillis)
    row.RequestParameters = row.RequestParameters or None
    call.put(checked(call, api, row))
    changed(call, ApiId)
    return shown(api, row)


def _merged(before: dict[str, str] | None, said: dict[str, str] | None) -> dict[str, str] | None:
    """Parameters are added and changed; one without a value is taken away."""
    return None if said is None else {name: value for name, value in {**(before or {}), **said}.items() if value}


@operation
def delete_integration(call: Call, ApiId: str, IntegrationId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html#DeleteIntegration"""
    call.get(Api, ApiId)
    call.get(Integration, ApiId, IntegrationId)
    for route in call.table(Route).scan(ApiId):
        if route.Target == f"integrations/{IntegrationId}":
            raise conflict(f"Cannot delete Integration '{IntegrationId}', it is referenced by Route '{route.RouteKey}'")
    call.table(IntegrationResponse).delete_all(ApiId, IntegrationId)
    call.table(Integration).delete(ApiId, IntegrationId)
    changed(call, ApiId)


# --- responses ---


def _response(row: IntegrationResponse) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name not in ("ApiId", "IntegrationId")}


def _of_websocket(call: Call, api_id: str, integration_id: str) -> None:
    if call.get(Api, api_id).ProtocolType != "WEBSOCKET":
        raise bad("Integration responses are supported only for WEBSOCKET protocol type APIs")
    call.get(Integration, api_id, integration_id)


def _unique(call: Call, row: IntegrationResponse) -> IntegrationResponse:
    _static(row.ResponseTemplates)
    if row.ResponseParameters or row.ContentHandlingStrategy:
        raise not_implemented("Response parameters and content handling of WebSocket integrations")
    if row.IntegrationResponseKey != "$default" and not (row.IntegrationResponseKey.startswith("/")
                                                         and row.IntegrationResponseKey.endswith("/")):
        raise bad("Integration response keys must be $default or a regular expression between slashes, such as /400/")
    for other in call.table(IntegrationResponse).scan(row.ApiId, row.IntegrationId):
        if other.IntegrationResponseKey == row.IntegrationResponseKey \
                and other.IntegrationResponseId != row.IntegrationResponseId:
            raise conflict(f"Integration response with key {row.IntegrationResponseKey} already exists for this integration")
    return row


@operation
def create_integration_response(call: Call, ApiId: str, IntegrationId: str, IntegrationResponseKey: str,
                                ContentHandlingStrategy: str | None = None, ResponseParameters: dict[str, str] | None = None,
                                ResponseTemplates: dict[str, str] | None = None,
                                TemplateSelectionExpression: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses.html#CreateIntegrationResponse"""
    _of_websocket(call, ApiId, IntegrationId)
    row = _unique(call, IntegrationResponse(
        ApiId=ApiId, IntegrationId=IntegrationId, IntegrationResponseId=new_id(call), created=call.now,
        IntegrationResponseKey=IntegrationResponseKey, ContentHandlingStrategy=ContentHandlingStrategy,
        ResponseParameters=ResponseParameters, ResponseTemplates=ResponseTemplates,
        TemplateSelectionExpression=TemplateSelectionExpression))
    call.put(row)
    changed(call, ApiId)
    return _response(row)


@operation
def get_integration_response(call: Call, ApiId: str, IntegrationId: str, IntegrationResponseId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses-integrationresponseid.html#GetIntegrationResponse"""
    _of_websocket(call, ApiId, IntegrationId)
    return _response(call.get(IntegrationResponse, ApiId, IntegrationId, IntegrationResponseId))


@operation
def get_integration_responses(call: Call, ApiId: str, IntegrationId: str,
                              page: Page[IntegrationResponse] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses.html#GetIntegrationResponses"""
    _of_websocket(call, ApiId, IntegrationId)
    return {"Items": [_response(row) for row in listed(call, IntegrationResponse, page, "IntegrationResponseId", ApiId,
                                                       IntegrationId)]}


@operation
def update_integration_response(call: Call, ApiId: str, IntegrationId: str, IntegrationResponseId: str,
                                ContentHandlingStrategy: str | None = None, IntegrationResponseKey: str | None = None,
                                ResponseParameters: dict[str, str] | None = None,
                                ResponseTemplates: dict[str, str] | None = None,
                                TemplateSelectionExpression: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses-integrationresponseid.html#UpdateIntegrationResponse"""
    _of_websocket(call, ApiId, IntegrationId)
    row = _unique(call, change(
        call.get(IntegrationResponse, ApiId, IntegrationId, IntegrationResponseId), ResponseTemplates=ResponseTemplates,
        ContentHandlingStrategy=ContentHandlingStrategy, IntegrationResponseKey=IntegrationResponseKey,
        ResponseParameters=ResponseParameters, TemplateSelectionExpression=TemplateSelectionExpression))
    call.put(row)
    changed(call, ApiId)
    return _response(row)


@operation
def delete_integration_response(call: Call, ApiId: str, IntegrationId: str, IntegrationResponseId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses-integrationresponseid.html#DeleteIntegrationResponse"""
    _of_websocket(call, ApiId, IntegrationId)
    call.get(IntegrationResponse, ApiId, IntegrationId, IntegrationResponseId)
    call.table(IntegrationResponse).delete(ApiId, IntegrationId, IntegrationResponseId)
    changed(call, ApiId)
