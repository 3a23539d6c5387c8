"""Documentation of an API: its parts, and versions of all of them."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import documents, parts, patches, stages
from ..names import invalid, new_id
from ..resources import Part


@operation
def create_documentation_part(call: Call, restApiId: str, location: dict[str, Any], properties: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationPart.html"""
    parts.api_of(call, restApiId)
    documents.check(location, properties)
    if documents.at(call, restApiId, location) is not None:
        raise error.ConflictException("Documentation part already exists for the specified location: " + json.dumps(location))
    return parts.keep(call, restApiId, parts.DOCUMENTATION, name := new_id(call), {
        "id": name, "location": location, "properties": properties})


@operation
def get_documentation_part(call: Call, restApiId: str, documentationPartId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationPart.html"""
    return parts.one(call, restApiId, parts.DOCUMENTATION, documentationPartId)


@operation
def get_documentation_parts(call: Call, restApiId: str, type: str | None = None, nameQuery: str | None = None,
                            path: str | None = None, locationStatus: str = "DOCUMENTED",
                            page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """locationStatus UNDOCUMENTED: places of the API that have no part.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationParts.html
    """
    if locationStatus == "UNDOCUMENTED":
        parts.api_of(call, restApiId)
        return {"items": [{"location": each} for each in documents.undocumented(call, restApiId)
                          if documents.fits(each, type, nameQuery, path)][:page.limit]}
    return {"items": parts.listed(call, restApiId, parts.DOCUMENTATION, page,
                                  lambda said: documents.fits(said["location"], type, nameQuery, path))}


@operation
def update_documentation_part(call: Call, restApiId: str, documentationPartId: str,
                              patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationPart.html"""
    before = parts.one(call, restApiId, parts.DOCUMENTATION, documentationPartId)
    said = patches.patched("documentation", before, patchOperations)
    documents.check(said["location"], said["properties"])
    return parts.keep(call, restApiId, parts.DOCUMENTATION, documentationPartId, said)


@operation
def delete_documentation_part(call: Call, restApiId: str, documentationPartId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationPart.html"""
    parts.drop(call, restApiId, parts.DOCUMENTATION, documentationPartId)


@operation
def import_documentation_parts(call: Call, restApiId: str, body: Any, mode: str = "merge",
                               failOnWarnings: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_ImportDocumentationParts.html"""
    parts.api_of(call, restApiId)
    ids, warnings = documents.imported(call, restApiId, body, mode == "overwrite")
    if warnings and failOnWarnings:
        raise invalid("; ".join(warnings))
    return {"ids": ids, "warnings": warnings}


@operation
def create_documentation_version(call: Call, restApiId: str, documentationVersion: str, stageName: str | None = None,
                                 description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationVersion.html"""
    parts.api_of(call, restApiId)
    if parts.has(call, restApiId, parts.VERSION, documentationVersion):
        raise error.ConflictException(f"Documentation version already exists: {documentationVersion}")
    found = parts.every(call, restApiId, parts.DOCUMENTATION)
    if not found:
        raise invalid("No documentation parts exist for this API")
    said = parts.keep(call, restApiId, parts.VERSION, documentationVersion, {
        "version": documentationVersion, "description": description, "createdDate": float(int(call.now)), "parts": found})
    if stageName:
        stage = parts.one(call, restApiId, parts.STAGE, stageName)
        stages.keep(call, restApiId, {**stage, "documentationVersion": documentationVersion})
    return said


@operation
def get_documentation_version(call: Call, restApiId: str, documentationVersion: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersion.html"""
    return parts.one(call, restApiId, parts.VERSION, documentationVersion)


@operation
def get_documentation_versions(call: Call, restApiId: str, page: Page[Part] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersions.html"""
    return {"items": parts.listed(call, restApiId, parts.VERSION, page)}


@operation
def update_documentation_version(call: Call, restApiId: str, documentationVersion: str,
                                 patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationVersion.html"""
    said = patches.patched("version", parts.one(call, restApiId, parts.VERSION, documentationVersion), patchOperations)
    return parts.keep(call, restApiId, parts.VERSION, documentationVersion, said)


@operation
def delete_documentation_version(call: Call, restApiId: str, documentationVersion: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationVersion.html"""
    if any(stage.get("documentationVersion") == documentationVersion for stage in parts.every(call, restApiId, parts.STAGE)):
        raise invalid(f"Cannot delete documentation version '{documentationVersion}': a stage has it")
    parts.drop(call, restApiId, parts.VERSION, documentationVersion)
