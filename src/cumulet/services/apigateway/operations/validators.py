"""Request validators: what of a request is checked before it goes on."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import parts, patches
from ..names import new_id
from ..resources import Part


@operation
def create_request_validator(call: Call, restApiId: str, name: str | None = None, validateRequestBody: bool = False,
                             validateRequestParameters: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRequestValidator.html"""
    parts.api_of(call, restApiId)
    said = {"id": new_id(call), "name": name, "validateRequestBody": validateRequestBody,
            "validateRequestParameters": validateRequestParameters}
    return parts.keep(call, restApiId, parts.VALIDATOR, str(said["id"]), said)


@operation
def get_request_validator(call: Call, restApiId: str, requestValidatorId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetRequestValidator.html"""
    return parts.one(call, restApiId, parts.VALIDATOR, requestValidatorId)


@operation
def get_request_validators(call: Call, restApiId: str, page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetRequestValidators.html"""
    return {"items": parts.listed(call, restApiId, parts.VALIDATOR, page)}


@operation
def update_request_validator(call: Call, restApiId: str, requestValidatorId: str,
                             patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateRequestValidator.html"""
    said = patches.patched("validator", parts.one(call, restApiId, parts.VALIDATOR, requestValidatorId), patchOperations)
    return parts.keep(call, restApiId, parts.VALIDATOR, requestValidatorId, said)


@operation
def delete_request_validator(call: Call, restApiId: str, requestValidatorId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteRequestValidator.html"""
    parts.one(call, restApiId, parts.VALIDATOR, requestValidatorId)
    for resource in parts.every(call, restApiId, parts.RESOURCE):
        for method in (resource.get("resourceMethods") or {}).values():
            if method.get("requestValidatorId") == requestValidatorId:
                raise error.ConflictException(f"Cannot delete validator '{requestValidatorId}', is referenced in method "
                                              f"{method['httpMethod']} of resource {resource['path']}")
    parts.drop(call, restApiId, parts.VALIDATOR, requestValidatorId)
