"""OpenAPI files (2 and 3) as definitions of APIs: read into resources and methods, with `x-amazon-apigateway-…`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from cumulet.kernel import Call

from .names import invalid

Said = dict[str, Any]
_VERBS = {"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "patch": "PATCH", "head": "HEAD",
          "options": "OPTIONS", "x-amazon-apigateway-any-method": "ANY"}
_PLACES = {"query": "querystring", "header": "header", "path": "path"}
_MODEL = re.compile(r"#/(?:definitions|components/schemas)/([^/]+)")
_PASSING = {"when_no_match": "WHEN_NO_MATCH", "when_no_templates": "WHEN_NO_TEMPLATES", "never": "NEVER"}


def text_of(call: Call, body: Any) -> bytes:
    """The bytes of a body that came whole or in pieces."""
    return body if isinstance(body, bytes) else bytes(body.read()) if hasattr(body, "read") else call.read(body)


def parsed(text: bytes) -> Said:
    """A file's object, of JSON or YAML."""
    try:
        said = json.loads(text)
    except ValueError:
        import yaml

        try:
            said = yaml.safe_load(text)
        except yaml.YAMLError:
            said = None
    if not isinstance(said, dict):
        raise invalid("Unable to parse API definition because of a malformed document at path #")
    return said


def checked(said: Said) -> Said:
    """It must say which version of OpenAPI it is written in."""
    if str(said.get("swagger")) != "2.0" and not re.match(r"3\.[01]", str(said.get("openapi"))):
        raise invalid("Invalid OpenAPI input")
    if not isinstance(said.get("info"), dict) or not said["info"].get("title"):
        raise invalid("Unable to create API: info.title is required")
    return said


def settings(said: Said) -> Said:
    """What a file says of the API itself."""
    info = said["info"]
    found: Said = {"name": info["title"], "description": info.get("description"), "version": info.get("version") and
                   str(info["version"]), "binaryMediaTypes": said.get("x-amazon-apigateway-binary-media-types"),
                   "apiKeySource": said.get("x-amazon-apigateway-api-key-source"),
                   "minimumCompressionSize": said.get("x-amazon-apigateway-minimum-compression-size")}
    if (policy := said.get("x-amazon-apigateway-policy")) is not None:
        found["policy"] = json.dumps(policy)
    more = said.get("x-amazon-apigateway-endpoint-configuration") or {}
    if "disableExecuteApiEndpoint" in more:
        found["disableExecuteApiEndpoint"] = bool(more["disableExecuteApiEndpoint"])
    if "vpcEndpointIds" in more:
        found["endpointConfiguration"] = {"types": ["PRIVATE"], "vpcEndpointIds": more["vpcEndpointIds"]}
    return {name: value for name, value in found.items() if value is not None}


def base_path(said: Said) -> str:
    """The path before all others: `basePath`, or that of the first server."""
    if "basePath" in said:
        return str(said["basePath"])
    server = (said.get("servers") or [{}])[0]
    url = re.sub(r"\{(\w+)\}", lambda found: str((server.get("variables") or {}).get(found[1], {}).get("default", "")),
                 str(server.get("url", "")))
    return re.sub(r"^(https?:)?//[^/]+", "", url)


def models(said: Said) -> dict[str, Said]:
    """The schemas of a file, by name."""
    found = said.get("definitions") or (said.get("components") or {}).get("schemas") or {}
    return {re.sub(r"\W", "", name): schema for name, schema in found.items()}


def referring(schema: Any, api: str) -> Any:
    """A schema whose references lead to the models of an API."""
    if isinstance(schema, list):
        return [referring(each, api) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = _MODEL.fullmatch(str(schema.get("$ref", "")))
    if found is not None:
        return {"$ref": f"https://apigateway.amazonaws.com/restapis/{api}/models/{re.sub(r'[^A-Za-z0-9]', '', found[1])}"}
    return {name: referring(each, api) for name, each in schema.items()}


def authorizers(said: Said) -> dict[str, Said]:
    """The authorizers of a file, by the name of their security scheme."""
    schemes = said.get("securityDefinitions") or (said.get("components") or {}).get("securitySchemes") or {}
    found: dict[str, Said] = {}
    for name, scheme in schemes.items():
        own = scheme.get("x-amazon-apigateway-authorizer")
        if not own:
            continue
        kind = str(own.get("type", "token")).upper()
        source = own.get("identitySource") or (f"method.request.header.{scheme.get('name')}" if kind == "TOKEN" else None)
        found[name] = {
            "name": name, "type": kind, "authType": scheme.get("x-amazon-apigateway-authtype", "custom"),
            "authorizerUri": own.get("authorizerUri"), "authorizerCredentials": own.get("authorizerCredentials"),
            "identitySource": source, "identityValidationExpression": own.get("identityValidationExpression"),
            "authorizerResultTtlInSeconds": own.get("authorizerResultTtlInSeconds", 300)}
    return found


def methods(said: Said) -> dict[str, dict[str, Said]]:
    """Path → method → the file's operation with what it inherits."""
    found: dict[str, dict[str, Said]] = {}
    for path, those in (said.get("paths") or {}).items():
        found[path] = {}
        shared = those.get("parameters") or []
        for word, verb in _VERBS.items():
            if word in those:
                found[path][verb] = {**those[word], "parameters": [*shared, *(those[word].get("parameters") or [])]}
    return found


def resolved(said: Said, value: Said) -> Said:
    """What a reference within the file leads to."""
    reference = str(value.get("$ref", ""))
    if not reference.startswith("#/"):
        return value
    found: Any = said
    for name in reference[2:].split("/"):
        found = found.get(name.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def method(said: Said, operation: Said, verb: str, validators: dict[str, str]) -> tuple[Said, str, list[str]]:
    """A method as the API has it, the name of its authorizer, and what is odd about it. validators: ids by name."""
    warnings: list[str] = []
    parameters: dict[str, bool] = {}
    bodies: dict[str, str] = {}
    consumes = operation.get("consumes") or said.get("consumes") or ["application/json"]
    for each in operation["parameters"]:
        each = resolved(said, each)
        if each.get("in") == "body":
            _model(bodies, each.get("schema") or {}, consumes[0])
        elif each.get("in") in _PLACES:
            parameters[f"method.request.{_PLACES[each['in']]}.{each.get('name')}"] = bool(each.get("required"))
        else:
            warnings.append(f"Parameter '{each.get('name')}' in '{each.get('in')}' is not supported")
    for kind, content in (resolved(said, operation.get("requestBody") or {}).get("content") or {}).items():
        _model(bodies, content.get("schema") or {}, kind)
    authorization, authorizer, keyed = _security(said, operation)
    chosen = operation.get("x-amazon-apigateway-request-validator", said.get("x-amazon-apigateway-request-validator"))
    found: Said = {
        "httpMethod": verb, "authorizationType": authorization, "apiKeyRequired": keyed,
        "operationName": operation.get("operationId"), "requestParameters": parameters or None, "requestModels": bodies or None,
        "requestValidatorId": validators.get(str(chosen)), "methodResponses": _answers(said, operation) or None}
    return {name: value for name, value in found.items() if value is not None}, authorizer, warnings


def _model(into: dict[str, str], schema: Said, kind: str) -> None:
    if found := _MODEL.fullmatch(str(schema.get("$ref", ""))):
        into[kind] = re.sub(r"[^A-Za-z0-9]", "", found[1])


def _security(said: Said, operation: Said) -> tuple[str, str, bool]:
    schemes = said.get("securityDefinitions") or (said.get("components") or {}).get("securitySchemes") or {}
    kind, authorizer, keyed = "NONE", "", False
    for name in [name for each in operation.get("security", said.get("security")) or () for name in each]:
        scheme = schemes.get(name) or {}
        if scheme.get("x-amazon-apigateway-authorizer"):
            kind, authorizer = "CUSTOM", name
        elif str(scheme.get("x-amazon-apigateway-authtype", "")).lower() == "awssigv4":
            kind = "AWS_IAM"
        elif scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
            keyed = True
    return kind, authorizer, keyed


def _answers(said: Said, operation: Said) -> Said:
    found: Said = {}
    produces = operation.get("produces") or said.get("produces") or ["application/json"]
    for status, answer in (operation.get("responses") or {}).items():
        answer = resolved(said, answer)
        if not re.fullmatch(r"[1-5]\d\d", str(status)):
            continue
        named: dict[str, str] = {}
        _model(named, answer.get("schema") or {}, produces[0])
        for kind, content in (answer.get("content") or {}).items():
            _model(named, content.get("schema") or {}, kind)
        headers = {f"method.response.header.{name}": False for name in answer.get("headers") or ()}
        found[str(status)] = {"statusCode": str(status), **({"responseModels": named} if named else {}),
                              **({"responseParameters": headers} if headers else {})}
    return found


def integration(operation: Said, resource: str) -> Said | None:
    """The integration of an operation, as the API has it."""
    own = operation.get("x-amazon-apigateway-integration")
    if own is None:
        return None
    passing = str(own.get("passthroughBehavior", "when_no_match"))
    found: Said = {
        "type": str(own.get("type", "")).upper(), "uri": own.get("uri"), "httpMethod": own.get("httpMethod"),
        "credentials": own.get("credentials"), "requestParameters": own.get("requestParameters"),
        "requestTemplates": own.get("requestTemplates"), "passthroughBehavior": _PASSING.get(passing.lower(), passing),
        "contentHandling": own.get("contentHandling"), "timeoutInMillis": own.get("timeoutInMillis", 29000),
        "connectionType": own.get("connectionType"), "connectionId": own.get("connectionId"), "tlsConfig": own.get("tlsConfig"),
        "cacheNamespace": own.get("cacheNamespace") or resource, "cacheKeyParameters": own.get("cacheKeyParameters") or []}
    return {name: value for name, value in found.items() if value is not None}


def integration_answers(operation: Said) -> list[Said]:
    """The responses of an integration, each with the pattern that selects it."""
    own = operation.get("x-amazon-apigateway-integration") or {}
    return [{"statusCode": str(each.get("statusCode", "200")), "selectionPattern": None if pattern == "default" else pattern,
             "responseParameters": each.get("responseParameters"), "responseTemplates": each.get("responseTemplates"),
             "contentHandling": each.get("contentHandling")} for pattern, each in (own.get("responses") or {}).items()]
