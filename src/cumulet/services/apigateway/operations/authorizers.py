"""Authorizers: functions that say who may call."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import authorizers, parts, patches
from ..names import new_id
from ..resources import Authorized, Part


@operation
def create_authorizer(call: Call, restApiId: str, name: str, type: str, authType: str | None = None,
                      authorizerUri: str | None = None, authorizerCredentials: str | None = None,
                      identitySource: str | None = None, identityValidationExpression: str | None = None,
                      authorizerResultTtlInSeconds: int = 300) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html"""
    parts.api_of(call, restApiId)
    said = authorizers.checked({
        "id": new_id(call), "name": name, "type": type, "authType": authType or "custom", "authorizerUri": authorizerUri,
        "authorizerCredentials": authorizerCredentials, "identitySource": identitySource,
        "identityValidationExpression": identityValidationExpression,
        "authorizerResultTtlInSeconds": authorizerResultTtlInSeconds})
    if any(each["name"] == name for each in parts.every(call, restApiId, parts.AUTHORIZER)):
        raise error.ConflictException("Authorizer name must be unique. Authorizer " + name + " already exists in this RestApi.")
    return parts.keep(call, restApiId, parts.AUTHORIZER, said["id"], said)


@operation
def get_authorizer(call: Call, restApiId: str, authorizerId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetAuthorizer.html"""
    return parts.one(call, restApiId, parts.AUTHORIZER, authorizerId)


@operation
def get_authorizers(call: Call, restApiId: str, page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetAuthorizers.html"""
    return {"items": parts.listed(call, restApiId, parts.AUTHORIZER, page)}


@operation
def update_authorizer(call: Call, restApiId: str, authorizerId: str,
                      patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateAuthorizer.html"""
    said = patches.patched("authorizer", parts.one(call, restApiId, parts.AUTHORIZER, authorizerId), patchOperations)
    return parts.keep(call, restApiId, parts.AUTHORIZER, authorizerId, authorizers.checked(said))


@operation
def delete_authorizer(call: Call, restApiId: str, authorizerId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteAuthorizer.html"""
    parts.one(call, restApiId, parts.AUTHORIZER, authorizerId)
    for resource in parts.every(call, restApiId, parts.RESOURCE):
        if any(method.get("authorizerId") == authorizerId for method in (resource.get("resourceMethods") or {}).values()):
            raise error.ConflictException(f"Cannot delete authorizer '{authorizerId}', is referenced in resource "
                                          f"{resource['path']}")
    parts.drop(call, restApiId, parts.AUTHORIZER, authorizerId)


@operation
def flush_stage_authorizers_cache(call: Call, restApiId: str, stageName: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html"""
    parts.one(call, restApiId, parts.STAGE, stageName)
    call.table(Authorized).delete_all(restApiId, stageName)
