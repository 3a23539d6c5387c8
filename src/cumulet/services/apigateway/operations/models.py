"""Models: JSON Schemas (draft 4) of what methods take and answer."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import parts, patches, schemas
from ..names import invalid, new_id
from ..resources import Part


@operation
def create_model(call: Call, restApiId: str, name: str, contentType: str, description: str | None = None,
                 schema: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html"""
    parts.api_of(call, restApiId)
    if not name.isalnum():
        raise invalid(f"Model name must be alphanumeric: {name}")
    if parts.has(call, restApiId, parts.MODEL, name):
        raise error.ConflictException("Model name already exists for this REST API")
    schemas.check(schema)
    return parts.keep(call, restApiId, parts.MODEL, name, {
        "id": new_id(call), "name": name, "contentType": contentType, "description": description, "schema": schema})


@operation
def get_model(call: Call, restApiId: str, modelName: str, flatten: bool = False) -> dict[str, Any]:
    """flatten: with the models that it refers to in it.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetModel.html
    """
    said = _one(call, restApiId, modelName)
    if flatten and said.get("schema"):
        return {**said, "schema": schemas.flattened(said["schema"], parts.every(call, restApiId, parts.MODEL))}
    return said


@operation
def get_models(call: Call, restApiId: str, page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetModels.html"""
    return {"items": parts.listed(call, restApiId, parts.MODEL, page)}


@operation
def get_model_template(call: Call, restApiId: str, modelName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html"""
    said = _one(call, restApiId, modelName)
    return {"value": schemas.template(said.get("schema") or "{}")}


@operation
def update_model(call: Call, restApiId: str, modelName: str,
                 patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateModel.html"""
    said = patches.patched("model", _one(call, restApiId, modelName), patchOperations)
    schemas.check(said.get("schema"))
    return parts.keep(call, restApiId, parts.MODEL, modelName, said)


@operation
def delete_model(call: Call, restApiId: str, modelName: str) -> None:
    """One that a method names stays.

    https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteModel.html
    """
    _one(call, restApiId, modelName)
    for resource in parts.every(call, restApiId, parts.RESOURCE):
        for method in (resource.get("resourceMethods") or {}).values():
            answers = (method.get("methodResponses") or {}).values()
            if any(modelName in models.values() for models in (
                    method.get("requestModels") or {}, *(answer.get("responseModels") or {} for answer in answers))):
                raise error.ConflictException(f"Cannot delete model '{modelName}', is referenced in method "
                                              f"{method['httpMethod']} of resource {resource['path']}")
    parts.drop(call, restApiId, parts.MODEL, modelName)


def _one(call: Call, api: str, name: str) -> dict[str, Any]:
    if not parts.has(call, api, parts.MODEL, name):
        parts.api_of(call, api)
        raise error.NotFoundException(f"Invalid model name specified: {name}")
    return parts.one(call, api, parts.MODEL, name)
