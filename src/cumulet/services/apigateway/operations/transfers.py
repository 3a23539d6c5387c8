"""OpenAPI: files become APIs, APIs become files; and the SDKs that are not made here."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import apis, definitions, exporting, importing, openapi, parts
from ..names import invalid
from ..resources import RestApi, Snapshot


@operation
def import_rest_api(call: Call, body: Any, failOnWarnings: bool = False,
                    parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html"""
    said = openapi.checked(openapi.parsed(openapi.text_of(call, body)))
    api = apis.begin(call, RestApi(RestApiId="", Name=str(said["info"]["title"])))
    return _brought(call, api, said, False, parameters, failOnWarnings)


@operation
def put_rest_api(call: Call, restApiId: str, body: Any, mode: str = "merge", failOnWarnings: bool = False,
                 parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html"""
    api = parts.api_of(call, restApiId)
    said = openapi.checked(openapi.parsed(openapi.text_of(call, body)))
    return _brought(call, api, said, mode == "overwrite", parameters, failOnWarnings)


def _brought(call: Call, api: RestApi, said: dict[str, Any], overwrite: bool, parameters: dict[str, str] | None,
             strict: bool) -> dict[str, Any]:
    warnings = importing.bring(call, api, said, overwrite, parameters or {})
    if warnings and strict:
        raise invalid(f"Warnings found during import: {'; '.join(warnings)}")
    api.warnings = warnings
    call.put(api)
    return apis.shown(api)


@operation
def get_export(call: Call, restApiId: str, stageName: str, exportType: str, parameters: dict[str, str] | None = None,
               accepts: str = "application/json") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html"""
    stage = parts.one(call, restApiId, parts.STAGE, stageName)
    if exportType not in ("swagger", "oas30"):
        raise invalid("Unsupported export type. Must be one of: [oas30, swagger]")
    if accepts not in ("application/json", "application/yaml"):
        raise invalid("Unsupported media type. Must be one of: [application/json, application/yaml]")
    snapshot = call.table(Snapshot).get(restApiId, stage["deploymentId"])
    assert snapshot is not None
    documented = stage.get("documentationVersion")
    version = parts.one(call, restApiId, parts.VERSION, documented) if documented else {}
    text = exporting.written(call, restApiId, stage, definitions.read(snapshot.definition), exportType,
                             (parameters or {}).get("extensions", ""), version.get("parts") or [], accepts)
    return {"contentType": accepts, "contentDisposition":
            f'attachment; filename="{exportType}_{stage["createdDate"]:.0f}.{accepts.rpartition("/")[2]}"', "body": text}
