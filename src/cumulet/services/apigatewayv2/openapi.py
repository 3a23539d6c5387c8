"""OpenAPI 3 documents as HTTP APIs, and HTTP APIs as such documents. No tables, no wire.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from .deploying import Content
from .parts import bad, told
from .resources import Authorizer, Integration

_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", _ANY)
_INTEGRATION, _AUTHORIZER, _CORS = ("x-amazon-apigateway-integration", "x-amazon-apigateway-authorizer",
                                    "x-amazon-apigateway-cors")
_AUTHTYPE, _TAG = "x-amazon-apigateway-authtype", "x-amazon-apigateway-tag-value"
# What an integration's extension calls its members, where it is not the API's name with a small letter.
_MEMBERS = {"type": "IntegrationType", "httpMethod": "IntegrationMethod", "uri": "IntegrationUri",
            "credentials": "CredentialsArn"}
_TYPES = {"aws_proxy": "AWS_PROXY", "http_proxy": "HTTP_PROXY"}
_PARAMETER = re.compile(r"\{([^{}/+]+)\+?\}")


class Operation(NamedTuple):
    """A route as a document says it. integration: members of CreateIntegration.  security: scheme and scopes."""

    key: str
    name: str | None
    integration: dict[str, Any] | None
    security: tuple[str, list[str]] | None


class Document(NamedTuple):
    """What a document says. authorizers: by the name of their scheme; one of IAM's is None."""

    settings: dict[str, Any]
    authorizers: dict[str, dict[str, Any] | None]
    operations: list[Operation]
    warnings: list[str]


def read(text: str, basepath: str) -> Document:
    """A document of JSON or YAML. basepath: what becomes of the path of its server: ignore, prepend or split."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise bad(f"Unable to parse the OpenAPI definition: {problem}") from None
    if not isinstance(said, dict) or not str(said.get("openapi", "")).startswith("3."):
        raise bad("Unsupported OpenAPI version: only OpenAPI 3.0 definitions can be imported as HTTP APIs")
    info = said.get("info") or {}
    if not info.get("title"):
        raise bad("The title of the API is missing: info.title is required")
    settings = {"Name": str(info["title"]), "Description": info.get("description"),
                "Version": None if info.get("version") is None else str(info["version"]),
                "CorsConfiguration": _capital(said[_CORS]) if _CORS in said else None,
                "Tags": {tag["name"]: str(tag[_TAG]) for tag in said.get("tags") or () if _TAG in tag} or None}
    warnings: list[str] = []
    schemes = (said.get("components") or {}).get("securitySchemes") or {}
    authorizers = {name: _authorizer(name, scheme) for name, scheme in schemes.items()
                   if _AUTHORIZER in scheme or scheme.get(_AUTHTYPE) == "awsSigv4"}
    operations = list(_operations(said, _prefix(said, basepath), authorizers, warnings))
    return Document(settings, authorizers, operations, warnings)


def _capital(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name[:1].upper() + name[1:]: value for name, value in said.items()}


def _prefix(said: Mapping[str, Any], basepath: str) -> str:
    server: dict[str, Any] = next(iter(said.get("servers") or ()), {})
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path.strip("/")
    if basepath == "split":                              # its first part is the stage's, outside of the API
        path = path.partition("/")[2]
    return f"/{path}" if path and basepath != "ignore" else ""


def _authorizer(name: str, scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    if scheme.get(_AUTHTYPE) == "awsSigv4":
        return None
    said = scheme[_AUTHORIZER]
    sources = said.get("identitySource") or ""
    listed = sources if isinstance(sources, list) else [one.strip() for one in sources.split(",") if one.strip()]
    found = {"Name": name, "IdentitySource": listed, "AuthorizerType": str(said.get("type", "")).upper()}
    if found["AuthorizerType"] == "JWT":
        return found | {"JwtConfiguration": _capital(said.get("jwtConfiguration") or {})}
    return found | {
        "AuthorizerUri": said.get("authorizerUri"), "AuthorizerCredentialsArn": said.get("authorizerCredentials"),
        "AuthorizerPayloadFormatVersion": str(said.get("authorizerPayloadFormatVersion", "1.0")),
        "AuthorizerResultTtlInSeconds": said.get("authorizerResultTtlInSeconds"),
        "EnableSimpleResponses": said.get("enableSimpleResponses")}


def _operations(said: Mapping[str, Any], prefix: str, authorizers: Mapping[str, Any],
                warnings: list[str]) -> Iterator[Operation]:
    shared = (said.get("components") or {}).get("x-amazon-apigateway-integrations") or {}
    for path, item in (said.get("paths") or {}).items():
        for method in _METHODS:
            if method not in (item or {}):
                continue
            one = item[method] or {}
            verb = "ANY" if method == _ANY else method.upper()
            key = "$default" if path == "/$default" else f"{verb} {prefix}{path}"
            extension = one.get(_INTEGRATION)
            if isinstance(extension, dict) and "$ref" in extension:
                extension = shared.get(str(extension["$ref"]).rpartition("/")[2])
            if extension is None:
                warnings.append(f"No integration was found for the route {key}")
            security = one.get("security", said.get("security")) or []
            named = next(((name, list(scopes)) for entry in security for name, scopes in entry.items()
                          if name in authorizers), None)
            if security and named is None:
                warnings.append(f"No authorizer was found for the security of the route {key}")
            yield Operation(key, one.get("operationId"), None if extension is None else _members(extension), named)


def _members(extension: Mapping[str, Any]) -> dict[str, Any]:
    """CreateIntegration's members."""
    found = {_MEMBERS.get(name, name[:1].upper() + name[1:]): value for name, value in extension.items()
             if name not in ("passthroughBehavior", "cacheKeyParameters", "cacheNamespace", "contentHandling", "responses")}
    kind = str(found.get("IntegrationType", ""))
    found["IntegrationType"] = _TYPES.get(kind.lower(), kind)
    found["PayloadFormatVersion"] = str(found.get("PayloadFormatVersion", "1.0"))
    if "ResponseParameters" in found:
        found["ResponseParameters"] = {str(code): said for code, said in found["ResponseParameters"].items()}
    return found


# --- the other way ---


def write(content: Content, address: str, extensions: bool, form: str) -> bytes:
    """An HTTP API as a document."""
    api = content.api
    said: dict[str, Any] = {"openapi": "3.0.1", "info": {
        "title": api.Name, "description": api.Description, "version": api.Version or "1.0"}, "servers": [{"url": address}]}
    said["info"] = {name: value for name, value in said["info"].items() if value is not None}
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(content.routes, key=lambda row: row.RouteKey):
        verb, _, path = route.RouteKey.partition(" ")
        method = _ANY if verb in ("ANY", "$default") else verb.lower()
        one: dict[str, Any] = {"responses": {"default": {"description": f"Default response for {route.RouteKey}"}}}
        if route.OperationName:
            one["operationId"] = route.OperationName
        guard = content.authorizers.get(route.AuthorizerId or "")
        if guard is not None:
            one["security"] = [{guard.Name: route.AuthorizationScopes or []}]
        elif route.AuthorizationType == "AWS_IAM":
            one["security"] = [{"sigv4": []}]
        names = _PARAMETER.findall(path)
        if names:
            one["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"},
                                  "description": f"Generated path parameter for {name}"} for name in names]
        integration = content.integrations.get((route.Target or "").partition("/")[2])
        if extensions and integration is not None:
            one[_INTEGRATION] = _extension(integration)
        if route.RouteKey == "$default":
            one["isDefaultRoute"] = True
        paths.setdefault(path or "/$default", {})[method] = one
    said["paths"] = paths
    schemes = {row.Name: _scheme(row, extensions) for row in content.authorizers.values()}
    if any(route.AuthorizationType == "AWS_IAM" for route in content.routes):
        schemes["sigv4"] = {"type": "apiKey", "name": "Authorization", "in": "header", _AUTHTYPE: "awsSigv4"}
    if schemes:
        said["components"] = {"securitySchemes": schemes}
    if extensions:
        if api.CorsConfiguration:
            said[_CORS] = _small(api.CorsConfiguration)
        said["x-amazon-apigateway-importexport-version"] = "1.0"
    text = json.dumps(said, indent=2) if form == "JSON" else yaml.safe_dump(said, sort_keys=False)
    return text.encode()


def _small(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name[:1].lower() + name[1:]: value for name, value in said.items()}


def _extension(row: Integration) -> dict[str, Any]:
    back = {member: name for name, member in _MEMBERS.items()}
    return {back.get(name, name[:1].lower() + name[1:]): value for name, value in told(row).items()
            if name not in ("ApiId", "IntegrationId")}


def _scheme(row: Authorizer, extensions: bool) -> dict[str, Any]:
    if row.AuthorizerType == "JWT":
        found: dict[str, Any] = {"type": "oauth2", "flows": {}}
        extension: dict[str, Any] = {"type": "jwt", "identitySource": ",".join(row.IdentitySource),
                                     "jwtConfiguration": _small(row.JwtConfiguration or {})}
    else:
        found = {"type": "apiKey", "name": "Authorization", "in": "header"}
        extension = {"type": "request", "identitySource": ",".join(row.IdentitySource), "authorizerUri": row.AuthorizerUri,
                     "authorizerPayloadFormatVersion": row.AuthorizerPayloadFormatVersion,
                     "authorizerResultTtlInSeconds": row.AuthorizerResultTtlInSeconds,
                     "enableSimpleResponses": row.EnableSimpleResponses, "authorizerCredentials": row.AuthorizerCredentialsArn}
    if extensions:
        found[_AUTHORIZER] = {name: value for name, value in extension.items() if value is not None}
    return found
