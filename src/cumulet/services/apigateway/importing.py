"""OpenAPI files become APIs, or come to those that are there: merged into them, or in their place."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call

from . import apis, authorizers, documents, methods, openapi, parts, paths, schemas
from .names import new_id
from .resources import Part, RestApi

Said = dict[str, Any]


def bring(call: Call, api: RestApi, said: Said, overwrite: bool, parameters: dict[str, str]) -> list[str]:
    """The file's definition comes to the API; what is odd about it."""
    warnings: list[str] = []
    _settle(call, api, said, overwrite, parameters)
    if overwrite:
        for kind in parts.DEFINITION:
            for part in call.table(Part).scan(api.RestApiId, kind):
                if (kind, part.id) != (parts.RESOURCE, api.root):
                    call.table(Part).delete(api.RestApiId, kind, part.id)
        parts.keep(call, api.RestApiId, parts.RESOURCE, api.root, {"id": api.root, "path": "/"})
    for name, schema in openapi.models(said).items():
        text = json.dumps(openapi.referring(schema, api.RestApiId))
        schemas.check(text)
        there = parts.one(call, api.RestApiId, parts.MODEL, name) if parts.has(call, api.RestApiId, parts.MODEL, name) else {}
        parts.keep(call, api.RestApiId, parts.MODEL, name, {
            "id": there.get("id") or new_id(call), "name": name, "contentType": "application/json", "schema": text,
            "description": schema.get("description") if isinstance(schema, dict) else None})
    _responses(call, api, said)
    known = _authorizers(call, api, said)
    validators = _validators(call, api, said)
    base = openapi.base_path(said).strip("/") if parameters.get("basepath", "ignore") == "prepend" else ""
    for path, those in openapi.methods(said).items():
        place = _place(call, api, f"/{base}/{path.strip('/')}" if base else path)
        for verb, operation in those.items():
            warnings += _method(call, api, place, verb, said, operation, known, validators)
    if "x-amazon-apigateway-documentation" in said and parameters.get("ignore") != "documentation":
        warnings += documents.imported(call, api.RestApiId, json.dumps(said).encode(), overwrite)[1]
    return warnings


def _settle(call: Call, api: RestApi, said: Said, overwrite: bool, parameters: dict[str, str]) -> None:
    found = openapi.settings(said)
    if kinds := parameters.get("endpointConfigurationTypes"):
        found["endpointConfiguration"] = {**found.get("endpointConfiguration", {}), "types": kinds.split(",")}
    kept = {name: value for name, value in apis.settings(api).items()
            if not overwrite or name in ("apiKeySource", "endpointConfiguration", "disableExecuteApiEndpoint", "policy")}
    apis.change(call, api, {**kept, **found})


def _responses(call: Call, api: RestApi, said: Said) -> None:
    for kind, own in (said.get("x-amazon-apigateway-gateway-responses") or {}).items():
        status = own.get("statusCode")
        parts.keep(call, api.RestApiId, parts.RESPONSE, kind, {
            "responseType": kind, "statusCode": str(status) if status else None, "defaultResponse": False,
            "responseParameters": own.get("responseParameters") or {}, "responseTemplates": own.get("responseTemplates") or {}})


def _authorizers(call: Call, api: RestApi, said: Said) -> dict[str, str]:
    """Ids of authorizers, by name."""
    known = {each["name"]: each["id"] for each in parts.every(call, api.RestApiId, parts.AUTHORIZER)}
    for name, each in openapi.authorizers(said).items():
        known.setdefault(name, new_id(call))
        parts.keep(call, api.RestApiId, parts.AUTHORIZER, known[name], authorizers.checked({"id": known[name], **each}))
    return known


def _validators(call: Call, api: RestApi, said: Said) -> dict[str, str]:
    """Ids of validators, by name."""
    known = {each.get("name", ""): each["id"] for each in parts.every(call, api.RestApiId, parts.VALIDATOR)}
    for name, own in (said.get("x-amazon-apigateway-request-validators") or {}).items():
        known.setdefault(name, new_id(call))
        parts.keep(call, api.RestApiId, parts.VALIDATOR, known[name], {
            "id": known[name], "name": name, "validateRequestBody": bool(own.get("validateRequestBody")),
            "validateRequestParameters": bool(own.get("validateRequestParameters"))})
    return known


def _place(call: Call, api: RestApi, path: str) -> str:
    """The id of a path's resource; what is missing on the way is made."""
    found = {each["path"]: each["id"] for each in parts.every(call, api.RestApiId, parts.RESOURCE)}
    here, at = "", api.root
    for name in path.strip("/").split("/") if path.strip("/") else ():
        here += f"/{name}"
        if here not in found:
            paths.check(call, api.RestApiId, at, name)
            found[here] = new_id(call)
            parts.keep(call, api.RestApiId, parts.RESOURCE, found[here], {
                "id": found[here], "parentId": at, "pathPart": name, "path": here})
        at = found[here]
    return at


def _method(call: Call, api: RestApi, place: str, verb: str, said: Said, operation: Said, known: dict[str, str],
            validators: dict[str, str]) -> list[str]:
    """One operation of the file; in the place of the method that was there."""
    resource = parts.one(call, api.RestApiId, parts.RESOURCE, place)
    found, authorizer, warnings = openapi.method(said, operation, verb, validators)
    if authorizer:
        found["authorizerId"] = known[authorizer]
    found = methods.checked(call, api.RestApiId, found)
    integration = openapi.integration(operation, place)
    if integration is not None:
        integration = methods.checked_integration(call, integration)
        for answer in openapi.integration_answers(operation):
            status = answer["statusCode"]
            own = found.setdefault("methodResponses", {}).setdefault(status, {"statusCode": status})
            if answer["responseParameters"]:             # a file need not say its headers twice
                own["responseParameters"] = {**dict.fromkeys(answer["responseParameters"], False),
                                             **(own.get("responseParameters") or {})}
            integration.setdefault("integrationResponses", {})[status] = methods.checked_answer(found, answer)
        found["methodIntegration"] = integration
    resource.setdefault("resourceMethods", {})[verb] = found
    paths.keep(call, api.RestApiId, resource)
    return warnings
