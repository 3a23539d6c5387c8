"""Methods of resources, and what each may answer."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import methods, parts, patches, paths


@operation
def put_method(call: Call, restApiId: str, resourceId: str, httpMethod: str, authorizationType: str,
               authorizerId: str | None = None, apiKeyRequired: bool = False, operationName: str | None = None,
               requestParameters: dict[str, bool] | None = None, requestModels: dict[str, str] | None = None,
               requestValidatorId: str | None = None, authorizationScopes: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html"""
    resource = parts.one(call, restApiId, parts.RESOURCE, resourceId)
    if httpMethod in (resource.get("resourceMethods") or {}):
        raise error.ConflictException("Method already exists for this resource")
    said = methods.checked(call, restApiId, {
        "httpMethod": httpMethod, "authorizationType": authorizationType, "authorizerId": authorizerId,
        "apiKeyRequired": apiKeyRequired, "operationName": operationName, "requestParameters": requestParameters,
        "requestModels": requestModels, "requestValidatorId": requestValidatorId, "authorizationScopes": authorizationScopes})
    resource.setdefault("resourceMethods", {})[httpMethod] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def get_method(call: Call, restApiId: str, resourceId: str, httpMethod: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetMethod.html"""
    return paths.method_of(call, restApiId, resourceId, httpMethod)[1]


@operation
def update_method(call: Call, restApiId: str, resourceId: str, httpMethod: str,
                  patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateMethod.html"""
    resource, said = paths.method_of(call, restApiId, resourceId, httpMethod)
    said = methods.checked(call, restApiId, patches.patched("method", said, patchOperations))
    resource["resourceMethods"][httpMethod] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def delete_method(call: Call, restApiId: str, resourceId: str, httpMethod: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteMethod.html"""
    resource, _ = paths.method_of(call, restApiId, resourceId, httpMethod)
    del resource["resourceMethods"][httpMethod]
    paths.keep(call, restApiId, resource)


@operation
def put_method_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str,
                        responseParameters: dict[str, bool] | None = None,
                        responseModels: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html"""
    resource, method = paths.method_of(call, restApiId, resourceId, httpMethod)
    answers = method.setdefault("methodResponses", {})
    if statusCode in answers:
        raise error.ConflictException("Response already exists for this resource")
    said = methods.checked_response(call, restApiId, {
        "statusCode": statusCode, "responseParameters": responseParameters, "responseModels": responseModels})
    answers[statusCode] = said
    paths.keep(call, restApiId, resource)
    return said


@operation
def get_method_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetMethodResponse.html"""
    return paths.response_of(paths.method_of(call, restApiId, resourceId, httpMethod)[1].get("methodResponses"), statusCode)


@operation
def update_method_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str,
                           patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateMethodResponse.html"""
    resource, method = paths.method_of(call, restApiId, resourceId, httpMethod)
    said = patches.patched("method response", paths.response_of(method.get("methodResponses"), statusCode), patchOperations)
    method["methodResponses"][statusCode] = said = methods.checked_response(call, restApiId, said)
    paths.keep(call, restApiId, resource)
    return said


@operation
def delete_method_response(call: Call, restApiId: str, resourceId: str, httpMethod: str, statusCode: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteMethodResponse.html"""
    resource, method = paths.method_of(call, restApiId, resourceId, httpMethod)
    paths.response_of(method.get("methodResponses"), statusCode)
    del method["methodResponses"][statusCode]
    paths.keep(call, restApiId, resource)
