"""APIs as OpenAPI documents: imported, put in the place of what an API was, exported."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import openapi
from ..deploying import changed, content_of, current
from ..parts import bad, change, new_id
from ..resources import Api, Authorizer, Integration, Route, Snapshot, Stage
from . import apis, authorizers, integrations, routes


def _document(text: str, basepath: str | None, fail: bool | None) -> openapi.Document:
    if basepath not in (None, "ignore", "prepend", "split"):
        raise bad("Basepath must be one of ignore, prepend or split")
    try:
        found = openapi.read(text, basepath or "ignore")
    except (AttributeError, KeyError, TypeError, ValueError):
        raise bad("Invalid OpenAPI definition: a part of it is of another kind than OpenAPI 3.0 says") from None
    if fail and found.warnings:
        raise bad("Warnings found during import:\n" + "\n".join(f"\t{warning}" for warning in found.warnings))
    return found


def _filled(call: Call, api: Api, said: openapi.Document) -> None:
    """Make what a document says of an API that is empty."""
    guards: dict[str, str] = {}
    for name, members in said.authorizers.items():
        if members is not None:
            row = change(Authorizer(ApiId=api.ApiId, AuthorizerId=new_id(call), Name=name, created=call.now,
                                    AuthorizerType=members["AuthorizerType"]), **members)
            guards[name] = call.put(authorizers.checked(call, api, row)).AuthorizerId
    for one in said.operations:
        route = Route(ApiId=api.ApiId, RouteId=new_id(call), RouteKey=one.key, OperationName=one.name, created=call.now)
        if one.integration is not None:
            made = Integration(ApiId=api.ApiId, IntegrationId=new_id(call), created=call.now,
                               IntegrationType=one.integration["IntegrationType"])
            try:
                made = change(made, **one.integration)
            except TypeError:
                raise bad(f"Invalid integration of the route {one.key}: {', '.join(sorted(one.integration))}") from None
            route.Target = "integrations/" + call.put(integrations.checked(call, api, made)).IntegrationId
        if one.security is not None:
            name, scopes = one.security
            guard = said.authorizers[name]
            route.AuthorizationType = "AWS_IAM" if guard is None else "JWT" if guard["AuthorizerType"] == "JWT" else "CUSTOM"
            route.AuthorizerId = guards.get(name)
            route.AuthorizationScopes = scopes or None
        call.put(routes.checked(call, api, route))
    api.Warnings, api.ImportInfo = said.warnings or None, None
    call.put(api)


@operation
def import_api(call: Call, Body: str, Basepath: str | None = None, FailOnWarnings: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html#ImportApi"""
    said = _document(Body, Basepath, FailOnWarnings)
    made = apis.create_api(call, ProtocolType="HTTP", **said.settings)
    api = call.get(Api, made["ApiId"])
    _filled(call, api, said)
    return apis.shown(call, api)


@operation
def reimport_api(call: Call, ApiId: str, Body: str, Basepath: str | None = None,
                 FailOnWarnings: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#ReimportApi"""
    api = call.get(Api, ApiId)
    if api.ProtocolType != "HTTP":
        raise bad("Only HTTP APIs can be imported")
    said = _document(Body, Basepath, FailOnWarnings)
    for kind in (Route, Integration, Authorizer):
        call.table(kind).delete_all(ApiId)
    settings = {name: value for name, value in said.settings.items() if name != "Tags"}
    api = apis.checked(change(api, **settings))
    api.CorsConfiguration, api.managed = said.settings["CorsConfiguration"], {}
    _filled(call, api, said)
    changed(call, ApiId)
    return apis.shown(call, api)


@operation
def export_api(call: Call, ApiId: str, OutputType: str, Specification: str, ExportVersion: str = "1.0",
               IncludeExtensions: bool = True, StageName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-exports-specification.html#ExportApi"""
    api = call.get(Api, ApiId)
    if api.ProtocolType != "HTTP" or Specification != "OAS30":
        raise bad("Only HTTP APIs can be exported, as OAS30")
    if ExportVersion != "1.0":
        raise bad("Only the export version 1.0 is supported")
    content = current(call, api)
    if StageName:
        stage = call.get(Stage, ApiId, StageName)
        packed = call.table(Snapshot).get(ApiId, stage.DeploymentId) if stage.DeploymentId else None
        if packed is None:
            raise error.NotFoundException("The stage has no deployment")
        content = content_of(packed.content)
    return {"body": openapi.write(content, apis.address(call, api), IncludeExtensions, OutputType)}
