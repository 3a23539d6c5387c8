"""Gateway responses, by type."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import parts, patches, responses
from ..names import checked_limit, missing


@operation
def put_gateway_response(call: Call, restApiId: str, responseType: str, statusCode: str | None = None,
                         responseParameters: dict[str, str] | None = None,
                         responseTemplates: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutGatewayResponse.html"""
    parts.api_of(call, restApiId)
    return parts.keep(call, restApiId, parts.RESPONSE, responseType, {
        "responseType": responseType, "statusCode": statusCode or responses.STATUS[responseType] or None,
        "responseParameters": responseParameters or {},
        "responseTemplates": responses.default(responseType)["responseTemplates"] if responseTemplates is None
        else responseTemplates, "defaultResponse": False})


@operation
def get_gateway_response(call: Call, restApiId: str, responseType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetGatewayResponse.html"""
    parts.api_of(call, restApiId)
    if parts.has(call, restApiId, parts.RESPONSE, responseType):
        return parts.one(call, restApiId, parts.RESPONSE, responseType)
    return responses.default(responseType)


@operation
def get_gateway_responses(call: Call, restApiId: str, position: str = "", limit: int | None = None) -> dict[str, Any]:
    """All types: those that the API does not say have the defaults.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetGatewayResponses.html
    """
    parts.api_of(call, restApiId)
    own = {said["responseType"]: said for said in parts.every(call, restApiId, parts.RESPONSE)}
    kinds = [kind for kind in sorted(responses.STATUS) if kind > position]
    shown = kinds[:checked_limit(limit)]
    return {"items": [own.get(kind) or responses.default(kind) for kind in shown],
            "position": shown[-1] if len(kinds) > len(shown) else None}


@operation
def update_gateway_response(call: Call, restApiId: str, responseType: str,
                            patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateGatewayResponse.html"""
    said = patches.patched("response", get_gateway_response(call, restApiId, responseType), patchOperations)
    return parts.keep(call, restApiId, parts.RESPONSE, responseType, {**said, "defaultResponse": False})


@operation
def delete_gateway_response(call: Call, restApiId: str, responseType: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteGatewayResponse.html"""
    parts.api_of(call, restApiId)
    if not parts.has(call, restApiId, parts.RESPONSE, responseType):
        raise missing("Gateway response type")
    parts.drop(call, restApiId, parts.RESPONSE, responseType)
