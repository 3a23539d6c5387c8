"""Integrations of methods: what stands behind each, and how its answers are told."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import methods, patches, paths


@operation
def put_integration(call: Call, restApiId: str, resourceId: str, httpMethod: str, type: str,
                    integrationHttpMethod: str | None = None, uri: str | None = None, connectionType: str | None = None,
                    connectionId: str | None = None, credentials: str | None = None,
                    requestParameters: dict[str, str] | None = None, requestTemplates: dict[str, str] | None = None,
                    passthroughBehavior: str = "WHEN_NO_MATCH", cacheNamespace: str | None = None,
                    cacheKeyParameters: list[str] | None = None, contentHandling: str | None = None,
                    timeoutInMillis: int = 29000, tlsConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html"""
    resource, method = paths.method_of(call, restApiId, resourceId, httpMethod)
    said = methods.checked_integration(call, {
        "type": type, "httpMethod": integrationHttpMethod, "uri": uri, "connectionType": connectionType,
        "connectionId": connectionId, "credentials": credentials, "requestParameters": requestParameters,
        "requestTemplates": requestTemplates, "passthroughBehavior": passthroughBehavior,
        "cacheNamespace": cacheNamespace or resourceId, "cacheKeyParameters": cacheKeyParameters or [],
        "contentHandling": contentHandling, "timeoutInMillis": timeoutInMillis, "tlsConfig": tlsConfig})
    method["methodIntegration"] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def get_integration(call: Call, restApiId: str, resourceId: str, httpMethod: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetIntegration.html"""
    return paths.integration_of(call, restApiId, resourceId, httpMethod)[1]


@operation
def update_integration(call: Call, restApiId: str, resourceId: str, httpMethod: str,
                       patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateIntegration.html"""
    resource, said = paths.integration_of(call, restApiId, resourceId, httpMethod)
    said = methods.checked_integration(call, patches.patched("integration", said, patchOperations))
    resource["resourceMethods"][httpMethod]["methodIntegration"] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def delete_integration(call: Call, restApiId: str, resourceId: str, httpMethod: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteIntegration.html"""
    resource, _ = paths.integration_of(call, restApiId, resourceId, httpMethod)
    del resource["resourceMethods"][httpMethod]["methodIntegration"]
    paths.keep(call, restApiId, resource)


@operation
def put_integration_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str,
                             selectionPattern: str | None = None, responseParameters: dict[str, str] | None = None,
                             responseTemplates: dict[str, str] | None = None,
                             contentHandling: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegrationResponse.html"""
    resource, integration = paths.integration_of(call, restApiId, resourceId, httpMethod)
    said = methods.checked_answer(resource["resourceMethods"][httpMethod], {
        "statusCode": statusCode, "selectionPattern": selectionPattern, "responseParameters": responseParameters,
        "responseTemplates": responseTemplates, "contentHandling": contentHandling})
    integration.setdefault("integrationResponses", {})[statusCode] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def get_integration_response(call: Call, restApiId: str, resourceId: str, httpMethod: str,
                             statusCode: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetIntegrationResponse.html"""
    integration = paths.integration_of(call, restApiId, resourceId, httpMethod)[1]
    return paths.response_of(integration.get("integrationResponses"), statusCode)


@operation
def update_integration_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str,
                                patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateIntegrationResponse.html"""
    resource, integration = paths.integration_of(call, restApiId, resourceId, httpMethod)
    before = paths.response_of(integration.get("integrationResponses"), statusCode)
    said = patches.patched("integration response", before, patchOperations)
    said = methods.checked_answer(resource["resourceMethods"][httpMethod], said)
    integration["integrationResponses"][statusCode] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def delete_integration_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteIntegrationResponse.html"""
    resource, integration = paths.integration_of(call, restApiId, resourceId, httpMethod)
    paths.response_of(integration.get("integrationResponses"), statusCode)
    del integration["integrationResponses"][statusCode]
    paths.keep(call, restApiId, resource)
