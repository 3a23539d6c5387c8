"""A stage's API as an OpenAPI file: version 2 ("swagger") or 3, with the extensions that are asked for."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, not_implemented

from .definitions import Definition

Said = dict[str, Any]
_PLACES = {"querystring": "query", "header": "header", "path": "path"}
_REFERENCE = "https://apigateway.amazonaws.com/restapis/"
_INTEGRATION = ("uri", "httpMethod", "credentials", "requestParameters", "requestTemplates", "contentHandling",
                "timeoutInMillis", "connectionType", "connectionId", "tlsConfig", "cacheNamespace", "cacheKeyParameters")

_ANSWER = ("statusCode", "responseParameters", "responseTemplates", "contentHandling")


def written(call: Call, api: str, stage: Said, definition: Definition, kind: str, extensions: str, documentation: list[Said],
            accepts: str) -> bytes:
    """The file. extensions: "integrations", "authorizers", "apigateway" (both). documentation: parts of a version."""
    wanted = set(extensions.split(",")) if extensions else set()
    if "postman" in wanted:
        raise not_implemented("apigateway:GetExport with Postman's extensions")
    if "apigateway" in wanted:
        wanted |= {"integrations", "authorizers"}
    new = kind == "oas30"
    title = definition.settings
    host = f"{api}.execute-api.{call.region}.amazonaws.com"
    said: Said = {"openapi": "3.0.1"} if new else {"swagger": "2.0"}
    said["info"] = {"title": title["name"], **({"description": title["description"]} if title.get("description") else {}),
                    "version": title.get("version") or f"{stage['createdDate']:.0f}"}
    if new:
        said["servers"] = [{"url": f"https://{host}/{{basePath}}", "variables": {"basePath": {"default": stage["stageName"]}}}]
    else:
        said |= {"host": host, "basePath": f"/{stage['stageName']}", "schemes": ["https"]}
    said["paths"] = {each["path"]: _methods(each, definition, new, wanted) for each in definition.resources
                     if each.get("resourceMethods")}
    _shared(said, definition, new, wanted)
    if documentation:
        said["x-amazon-apigateway-documentation"] = {"documentationParts": [
            {"location": each["location"], "properties": json.loads(each["properties"])} for each in documentation]}
    if accepts.endswith("yaml"):
        import yaml

        return str(yaml.safe_dump(said, sort_keys=False)).encode()
    return json.dumps(said, indent=2).encode()


def _shared(said: Said, definition: Definition, new: bool, wanted: set[str]) -> None:
    """Models, security schemes, and what the extensions say of the whole API."""
    models = {name: _local(json.loads(schema), new) for name, schema in definition.models.items()}
    schemes: Said = {}
    methods = [method for each in definition.resources for method in (each.get("resourceMethods") or {}).values()]
    if any(method.get("apiKeyRequired") for method in methods):
        schemes["api_key"] = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    if any(method["authorizationType"] == "AWS_IAM" for method in methods):
        schemes["sigv4"] = {"type": "apiKey", "name": "Authorization", "in": "header",
                            "x-amazon-apigateway-authtype": "awsSigv4"}
    for each in definition.authorizers.values():
        schemes[each["name"]] = _scheme(each, "authorizers" in wanted)
    if new:
        components = {"schemas": models, "securitySchemes": schemes}
        said["components"] = {name: value for name, value in components.items() if value}
    else:
        said |= {name: value for name, value in (("securityDefinitions", schemes), ("definitions", models)) if value}
    if "integrations" not in wanted:
        return
    if definition.settings.get("binaryMediaTypes"):
        said["x-amazon-apigateway-binary-media-types"] = definition.settings["binaryMediaTypes"]
    if definition.responses:
        said["x-amazon-apigateway-gateway-responses"] = {
            kind: {name: own[name] for name in ("statusCode", "responseParameters", "responseTemplates") if own.get(name)}
            for kind, own in definition.responses.items()}
    if definition.validators:
        said["x-amazon-apigateway-request-validators"] = {each.get("name") or each["id"]: {
            name: each[name] for name in ("validateRequestParameters", "validateRequestBody")}
            for each in definition.validators.values()}
    if definition.settings.get("policy"):
        said["x-amazon-apigateway-policy"] = json.loads(definition.settings["policy"])


def _scheme(authorizer: Said, full: bool) -> Said:
    source = str(authorizer.get("identitySource") or "")
    token = authorizer["type"] == "TOKEN"
    said: Said = {"type": "apiKey", "name": source.removeprefix("method.request.header.") if token else "Unused",
                  "in": "header", "x-amazon-apigateway-authtype": authorizer.get("authType", "custom")}
    if full:
        said["x-amazon-apigateway-authorizer"] = {
            "type": authorizer["type"].lower(), **{name: authorizer[name] for name in (
                "authorizerUri", "authorizerCredentials", "identityValidationExpression", "authorizerResultTtlInSeconds")
                if authorizer.get(name) is not None}, **({} if token or not source else {"identitySource": source})}
    return said


def _methods(resource: Said, definition: Definition, new: bool, wanted: set[str]) -> Said:
    return {"x-amazon-apigateway-any-method" if verb == "ANY" else verb.lower(): _operation(method, definition, new, wanted)
            for verb, method in resource["resourceMethods"].items()}


def _operation(method: Said, definition: Definition, new: bool, wanted: set[str]) -> Said:
    said: Said = {}
    if method.get("operationName"):
        said["operationId"] = method["operationName"]
    parameters = []
    for name, required in (method.get("requestParameters") or {}).items():
        kind, _, own = name.removeprefix("method.request.").partition(".")
        shape = {"schema": {"type": "string"}} if new else {"type": "string"}
        if kind in _PLACES:
            parameters.append({"name": own, "in": _PLACES[kind], "required": bool(required or kind == "path"), **shape})
    models = method.get("requestModels") or {}
    if models and new:
        content = {kind: {"schema": _pointer(name, new)} for kind, name in models.items()}
        said["requestBody"] = {"content": content, "required": True}
    elif models:
        said["consumes"] = list(models)
        parameters.append({"in": "body", "name": next(iter(models.values())), "required": True,
                           "schema": _pointer(next(iter(models.values())), new)})
    if parameters:
        said["parameters"] = parameters
    said["responses"] = {status: _answer(answer, new) for status, answer in (method.get("methodResponses") or {}).items()}
    if security := _security(method, definition):
        said["security"] = security
    validator = definition.validators.get(method.get("requestValidatorId") or "")
    if "integrations" in wanted:
        if validator is not None:
            said["x-amazon-apigateway-request-validator"] = validator.get("name") or validator["id"]
        if "methodIntegration" in method:
            said["x-amazon-apigateway-integration"] = _integration(method["methodIntegration"])
    return said


def _answer(answer: Said, new: bool) -> Said:
    said: Said = {"description": f"{answer['statusCode']} response"}
    names = [name.removeprefix("method.response.header.") for name in answer.get("responseParameters") or ()]
    if names:
        said["headers"] = {name: {"schema": {"type": "string"}} if new else {"type": "string"} for name in names}
    models = answer.get("responseModels") or {}
    if models and new:
        said["content"] = {kind: {"schema": _pointer(name, new)} for kind, name in models.items()}
    elif models:
        said["schema"] = _pointer(next(iter(models.values())), new)
    return said


def _security(method: Said, definition: Definition) -> list[Said]:
    found: list[Said] = [{"api_key": []}] if method.get("apiKeyRequired") else []
    if method["authorizationType"] == "AWS_IAM":
        found.append({"sigv4": []})
    authorizer = definition.authorizers.get(method.get("authorizerId") or "")
    return [*found, {authorizer["name"]: []}] if authorizer is not None else found


def _integration(own: Said) -> Said:
    said: Said = {"type": own["type"].lower(), "passthroughBehavior": own.get("passthroughBehavior", "WHEN_NO_MATCH").lower()}
    said |= {name: own[name] for name in _INTEGRATION if own.get(name)}
    said["responses"] = {each.get("selectionPattern") or "default": {
        name: each[name] for name in _ANSWER if each.get(name)}
        for each in (own.get("integrationResponses") or {}).values()}
    return said


def _pointer(model: str, new: bool) -> Said:
    return {"$ref": f"#/{'components/schemas' if new else 'definitions'}/{model}"}


def _local(schema: Any, new: bool) -> Any:
    """A schema whose references lead to the file's own models."""
    if isinstance(schema, list):
        return [_local(each, new) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = str(schema.get("$ref", ""))
    if reference.startswith(_REFERENCE):
        return _pointer(reference.rpartition("/")[2], new)
    return {name: _local(each, new) for name, each in schema.items() if name != "$schema"}
