"""Resources: the paths of an API."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import parts, patches, paths
from ..names import invalid, new_id
from ..resources import Part


@operation
def create_resource(call: Call, restApiId: str, parentId: str, pathPart: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html"""
    parts.api_of(call, restApiId)
    paths.check(call, restApiId, parentId, pathPart)
    said = {"id": new_id(call), "parentId": parentId, "pathPart": pathPart}
    said["path"] = paths.joined(parts.one(call, restApiId, parts.RESOURCE, parentId)["path"], pathPart)
    return parts.keep(call, restApiId, parts.RESOURCE, said["id"], said)


@operation
def get_resource(call: Call, restApiId: str, resourceId: str, embed: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetResource.html"""
    return paths.shown(parts.one(call, restApiId, parts.RESOURCE, resourceId), "methods" in (embed or ()))


@operation
def get_resources(call: Call, restApiId: str, embed: list[str] | None = None,
                  page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html"""
    full = "methods" in (embed or ())
    return {"items": [paths.shown(said, full) for said in parts.listed(call, restApiId, parts.RESOURCE, page)]}


@operation
def update_resource(call: Call, restApiId: str, resourceId: str,
                    patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateResource.html"""
    before = parts.one(call, restApiId, parts.RESOURCE, resourceId)
    said = patches.patched("resource", before, patchOperations)
    if "parentId" not in before:
        raise invalid("Root resource cannot be updated")
    paths.check(call, restApiId, said["parentId"], said["pathPart"], resourceId)
    paths.move(call, restApiId, said, parts.one(call, restApiId, parts.RESOURCE, said["parentId"])["path"])
    return paths.shown(parts.one(call, restApiId, parts.RESOURCE, resourceId), False)


@operation
def delete_resource(call: Call, restApiId: str, resourceId: str) -> None:
    """With all that is below it.

    https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteResource.html
    """
    if "parentId" not in parts.one(call, restApiId, parts.RESOURCE, resourceId):
        raise error.BadRequestException("Root resource cannot be deleted")
    paths.end(call, restApiId, resourceId)
