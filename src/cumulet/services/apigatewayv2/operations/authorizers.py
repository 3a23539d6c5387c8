"""Authorizers: who says whether a request may pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from ..deploying import changed
from ..parts import LETTERS, bad, change, conflict, listed, told
from ..resources import Api, Authorizer, Route


def shown(row: Authorizer) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name != "ApiId"}


def checked(call: Call, api: Api, row: Authorizer) -> Authorizer:
    """What AWS refuses of an authorizer."""
    http = api.ProtocolType == "HTTP"
    if row.AuthorizerType == "JWT":
        _checked_jwt(http, row)
    elif not row.AuthorizerUri:
        raise bad("AuthorizerUri is required for REQUEST authorizers")
    elif http and row.AuthorizerPayloadFormatVersion not in ("1.0", "2.0"):
        raise bad("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizers; it must be 1.0 or 2.0")
    elif row.EnableSimpleResponses and row.AuthorizerPayloadFormatVersion != "2.0":
        raise bad("EnableSimpleResponses is supported only with AuthorizerPayloadFormatVersion 2.0")
    elif row.AuthorizerResultTtlInSeconds and not row.IdentitySource:
        raise bad("IdentitySource is required when caching is enabled")
    for other in call.table(Authorizer).scan(row.ApiId):
        if other.Name == row.Name and other.AuthorizerId != row.AuthorizerId:
            raise conflict("Authorizer name must be unique. Authorizer with the same name already exists for this API")
    prefix = "$" if http else "route.request."
    for source in row.IdentitySource:
        if not source.startswith((prefix, "stageVariables.", "context.")):
            raise bad(f"Invalid mapping expression specified: {source}")
    return row


def _checked_jwt(http: bool, row: Authorizer) -> None:
    config = row.JwtConfiguration or {}
    if not http:
        raise bad("JWT authorizers are supported only for HTTP protocol type APIs")
    if not config.get("Issuer") or not config.get("Audience"):
        raise bad("JwtConfiguration with Issuer and Audience is required for JWT authorizers")
    if not str(config["Issuer"]).startswith(("https://", "http://")):
        raise bad("Issuer must be a URL")
    if len(row.IdentitySource) != 1:
        raise bad("Exactly one identity source is required for JWT authorizers")
    if row.AuthorizerUri or row.EnableSimpleResponses or row.AuthorizerPayloadFormatVersion:
        raise bad("AuthorizerUri, EnableSimpleResponses and AuthorizerPayloadFormatVersion are supported only for REQUEST"
                  " authorizers")


@operation
def create_authorizer(call: Call, ApiId: str, AuthorizerType: str, IdentitySource: Sequence[str], Name: str,
                      AuthorizerCredentialsArn: str | None = None, AuthorizerPayloadFormatVersion: str | None = None,
                      AuthorizerResultTtlInSeconds: int | None = None, AuthorizerUri: str | None = None,
                      EnableSimpleResponses: bool | None = None, IdentityValidationExpression: str | None = None,
                      JwtConfiguration: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html#CreateAuthorizer"""
    api = call.get(Api, ApiId)
    row = Authorizer(ApiId=ApiId, AuthorizerId=call.token(6, LETTERS), Name=Name,
                     AuthorizerType=AuthorizerType, IdentitySource=list(IdentitySource), created=call.now,
                     AuthorizerCredentialsArn=AuthorizerCredentialsArn, AuthorizerUri=AuthorizerUri,
                     AuthorizerPayloadFormatVersion=AuthorizerPayloadFormatVersion, JwtConfiguration=JwtConfiguration,
                     AuthorizerResultTtlInSeconds=AuthorizerResultTtlInSeconds, EnableSimpleResponses=EnableSimpleResponses,
                     IdentityValidationExpression=IdentityValidationExpression)
    call.put(checked(call, api, row))
    return shown(row)


@operation
def get_authorizer(call: Call, ApiId: str, AuthorizerId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers-authorizerid.html#GetAuthorizer"""
    call.get(Api, ApiId)
    return shown(call.get(Authorizer, ApiId, AuthorizerId))


@operation
def get_authorizers(call: Call, ApiId: str, page: Page[Authorizer] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html#GetAuthorizers"""
    call.get(Api, ApiId)
    return {"Items": [shown(row) for row in listed(call, Authorizer, page, "AuthorizerId", ApiId)]}


@operation
def update_authorizer(call: Call, ApiId: str, AuthorizerId: str, AuthorizerCredentialsArn: str | None = None,
                      AuthorizerPayloadFormatVersion: str | None = None, AuthorizerResultTtlInSeconds: int | None = None,
                      AuthorizerType: str | None = None, AuthorizerUri: str | None = None,
                      EnableSimpleResponses: bool | None = None, IdentitySource: Sequence[str] | None = None,
                      IdentityValidationExpression: str | None = None, JwtConfiguration: dict[str, Any] | None = None,
                      Name: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers-authorizerid.html#UpdateAuthorizer"""
    api = call.get(Api, ApiId)
    row = change(call.get(Authorizer, ApiId, AuthorizerId), AuthorizerCredentialsArn=AuthorizerCredentialsArn, Name=Name,
                 AuthorizerPayloadFormatVersion=AuthorizerPayloadFormatVersion, AuthorizerType=AuthorizerType,
                 AuthorizerResultTtlInSeconds=AuthorizerResultTtlInSeconds, AuthorizerUri=AuthorizerUri,
                 EnableSimpleResponses=EnableSimpleResponses, IdentitySource=IdentitySource, JwtConfiguration=JwtConfiguration,
                 IdentityValidationExpression=IdentityValidationExpression)
    call.put(checked(call, api, row))
    changed(call, ApiId)
    return shown(row)


@operation
def delete_authorizer(call: Call, ApiId: str, AuthorizerId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers-authorizerid.html#DeleteAuthorizer"""
    call.get(Api, ApiId)
    call.get(Authorizer, ApiId, AuthorizerId)
    if any(route.AuthorizerId == AuthorizerId for route in call.table(Route).scan(ApiId)):
        raise conflict("Authorizer is currently used by a route")
    call.table(Authorizer).delete(ApiId, AuthorizerId)
