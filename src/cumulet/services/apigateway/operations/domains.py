"""Custom domain names, and what their paths lead to."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, doors, not_implemented, operation

from .. import domains, items, patches, tagging
from ..resources import Item


@operation
def create_domain_name(call: Call, domainName: str, certificateName: str | None = None, certificateArn: str | None = None,
                       regionalCertificateName: str | None = None, regionalCertificateArn: str | None = None,
                       endpointConfiguration: dict[str, Any] | None = None, tags: dict[str, str] | None = None,
                       securityPolicy: str = "TLS_1_2", endpointAccessMode: str | None = None,
                       routingMode: str = "BASE_PATH_MAPPING_ONLY") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDomainName.html"""
    if routingMode != "BASE_PATH_MAPPING_ONLY":
        raise not_implemented(f"apigateway:routingMode {routingMode}")
    return domains.begin(call, {
        "domainName": domainName, "certificateName": certificateName, "certificateArn": certificateArn,
        "regionalCertificateName": regionalCertificateName, "regionalCertificateArn": regionalCertificateArn,
        "endpointConfiguration": endpointConfiguration, "tags": tagging.checked(tags) or None, "securityPolicy": securityPolicy,
        "endpointAccessMode": endpointAccessMode, "routingMode": routingMode})


@operation
def get_domain_name(call: Call, domainName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainName.html"""
    return items.one(call, items.DOMAIN, domainName)


@operation
def get_domain_names(call: Call, resourceOwner: str = "SELF", page: Page[Item] = Page(25, 500)) -> dict[str, Any]:
    """Of other accounts there are none: names are not shared.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainNames.html
    """
    return {"items": items.listed(call, items.DOMAIN, page) if resourceOwner == "SELF" else []}


@operation
def update_domain_name(call: Call, domainName: str, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDomainName.html"""
    return domains.patched(call, patches.patched("domain", items.one(call, items.DOMAIN, domainName), patchOperations))


@operation
def delete_domain_name(call: Call, domainName: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDomainName.html"""
    domains.end(call, domainName)


@operation
def create_base_path_mapping(call: Call, domainName: str, restApiId: str, basePath: str = domains.NO_PATH,
                             stage: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html"""
    return domains.shown(domains.lead(call, domainName, basePath or domains.NO_PATH, restApiId, stage))


@operation
def get_base_path_mapping(call: Call, domainName: str, basePath: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMapping.html"""
    return domains.shown(domains.mapped(call, domainName, basePath))


@operation
def get_base_path_mappings(call: Call, domainName: str, page: Page[doors.Mapping] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMappings.html"""
    items.one(call, items.DOMAIN, domainName)
    rows = call.table(doors.Mapping).scan(domainName, after=page.after, limit=page.limit + 1)
    return {"items": [domains.shown(row) for row in page.cut(rows, lambda row: row.path)]}


@operation
def update_base_path_mapping(call: Call, domainName: str, basePath: str,
                             patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateBasePathMapping.html"""
    row = domains.mapped(call, domainName, basePath)
    said = patches.patched("mapping", domains.shown(row), patchOperations)
    domains.unlead(call, row)
    return domains.shown(domains.lead(call, domainName, said["basePath"] or domains.NO_PATH, said["restApiId"],
                                      said.get("stage")))


@operation
def delete_base_path_mapping(call: Call, domainName: str, basePath: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteBasePathMapping.html"""
    domains.unlead(call, domains.mapped(call, domainName, basePath))
