"""VPC links: recorded; requests do not go through them yet."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import items, parts, patches, tagging
from ..names import invalid, new_id
from ..resources import Item, RestApi


@operation
def create_vpc_link(call: Call, name: str, targetArns: list[str], description: str | None = None,
                    tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateVpcLink.html"""
    if len(targetArns) != 1:
        raise invalid("Exactly one target ARN must be specified")
    said = {"id": new_id(call), "name": name, "description": description, "targetArns": targetArns, "status": "AVAILABLE",
            "statusMessage": "Your vpc link is ready for use", "tags": tagging.checked(tags) or None}
    return items.keep(call, items.LINK, str(said["id"]), said)


@operation
def get_vpc_link(call: Call, vpcLinkId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLink.html"""
    return items.one(call, items.LINK, vpcLinkId)


@operation
def get_vpc_links(call: Call, page: Page[Item] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLinks.html"""
    return {"items": items.listed(call, items.LINK, page)}


@operation
def update_vpc_link(call: Call, vpcLinkId: str, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateVpcLink.html"""
    said = patches.patched("link", items.one(call, items.LINK, vpcLinkId), patchOperations)
    return items.keep(call, items.LINK, vpcLinkId, said)


@operation
def delete_vpc_link(call: Call, vpcLinkId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteVpcLink.html"""
    for api in call.table(RestApi).scan():
        for resource in parts.every(call, api.RestApiId, parts.RESOURCE):
            for method in (resource.get("resourceMethods") or {}).values():
                if (method.get("methodIntegration") or {}).get("connectionId") == vpcLinkId:
                    raise invalid(f"Cannot delete vpc link. Vpc link '{vpcLinkId}', is referenced in [{method['httpMethod']}:"
                                  f"{resource['path']}] in API {api.RestApiId}")
    items.drop(call, items.LINK, vpcLinkId)
