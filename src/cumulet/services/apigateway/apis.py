"""REST APIs in the API's words, what each has from its beginning, and what goes with it."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, doors, error

from . import parts
from .names import invalid, new_id
from .resources import Authorized, Cached, Part, RestApi, Snapshot

Said = dict[str, Any]
# What the API calls each property.
WORDS = {
    "name": "Name", "description": "Description", "version": "Version", "apiKeySource": "ApiKeySourceType",
    "binaryMediaTypes": "BinaryMediaTypes", "minimumCompressionSize": "MinimumCompressionSize",
    "endpointConfiguration": "EndpointConfiguration", "policy": "Policy",
    "disableExecuteApiEndpoint": "DisableExecuteApiEndpoint", "securityPolicy": "SecurityPolicy",
    "endpointAccessMode": "EndpointAccessMode"}
_MODELS = {
    "Empty": ("This is a default empty schema model",
              {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Empty Schema", "type": "object"}),
    "Error": ("This is a default error schema model",
              {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Error Schema", "type": "object",
               "properties": {"message": {"type": "string"}}})}
_MOST_COMPRESSED = 10_485_760


def settings(api: RestApi) -> Said:
    """What patches may change."""
    return {word: value for word, name in WORDS.items() if (value := getattr(api, name)) not in (None, [])}


def shown(api: RestApi) -> Said:
    """An API as operations tell it. restApiId: its id as other operations take it, for who goes on by the declaration."""
    told = settings(api)
    if api.Policy is not None:                             # it comes as a text within a text
        told["policy"] = json.dumps(api.Policy)[1:-1]
    return {**told, "id": api.RestApiId, "restApiId": api.RestApiId, "createdDate": float(int(api.created)),
            "rootResourceId": api.root, "apiStatus": "AVAILABLE", "tags": api.tags or None, "warnings": api.warnings or None}


def change(call: Call, api: RestApi, said: Said) -> None:
    """Keep an API with other settings."""
    for word, name in WORDS.items():
        setattr(api, name, said.get(word, [] if name == "BinaryMediaTypes" else None))
    api.EndpointConfiguration = endpoint(api.EndpointConfiguration)
    size = api.MinimumCompressionSize
    if not api.Name:
        raise invalid("Invalid API name specified")
    if api.ApiKeySourceType not in ("HEADER", "AUTHORIZER"):
        raise invalid("Invalid API key source specified. Must be one of: [HEADER, AUTHORIZER]")
    if size is not None and not 0 <= size <= _MOST_COMPRESSED:
        raise invalid("Invalid minimum compression size, must be between 0 and 10485760")
    if api.Policy:
        checked_policy(api.Policy)
    call.put(api)


def checked_policy(text: str) -> None:
    """A resource policy must be an object of JSON with statements."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "Statement" not in said:
        raise invalid("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")


def endpoint(said: Said | None) -> Said:
    """An endpoint configuration with its defaults."""
    types = (said or {}).get("types") or ["EDGE"]
    if len(types) != 1 or types[0] not in ("REGIONAL", "EDGE", "PRIVATE"):
        raise invalid("Only one endpoint type is allowed: EDGE, REGIONAL or PRIVATE.")
    told = {**(said or {}), "types": types, "ipAddressType": (said or {}).get("ipAddressType")
            or ("dualstack" if types == ["PRIVATE"] else "ipv4")}
    if told.get("vpcEndpointIds") and types != ["PRIVATE"]:
        raise invalid("VPCEndpoints can only be specified with PRIVATE apis.")
    return told


def begin(call: Call, api: RestApi) -> RestApi:
    """A new API, with its first resource."""
    api.RestApiId, api.root, api.created = doors.claim_api(call), new_id(call, 10), call.now
    call.table(RestApi).insert(api)
    parts.keep(call, api.RestApiId, parts.RESOURCE, api.root, {"id": api.root, "path": "/"})
    return api


def first_models(call: Call, api: RestApi) -> None:
    """The models that an API has which was not imported."""
    for name, (description, schema) in _MODELS.items():
        parts.keep(call, api.RestApiId, parts.MODEL, name, {
            "id": new_id(call), "name": name, "description": description, "contentType": "application/json",
            "schema": json.dumps(schema, indent=2)})


def end(call: Call, api: RestApi) -> None:
    """An API goes, with all that it is made of. One that domain names lead to stays."""
    if domains := doors.leading(call, api.RestApiId):
        raise error.BadRequestException(f"Deleting RestApi {api.RestApiId} failed. Please remove all base path mappings"
                                        f" related to the RestApi in your domains: {', '.join(domains)}.")
    for kind in (Part, Snapshot, Cached, Authorized):
        call.table(kind).delete_all(api.RestApiId)
    doors.release(call, doors.API, api.RestApiId)
    call.table(RestApi).delete(api.RestApiId)


def copy(call: Call, source: str, api: RestApi) -> None:
    """The parts of another API, with identifiers of their own where those are told to be the partition's."""
    origin = parts.api_of(call, source)
    for kind in (*parts.DEFINITION, parts.DOCUMENTATION):
        for part in call.table(Part).scan(source, kind):
            said = part.said
            if kind == parts.RESOURCE:
                said = {**said, **({"parentId": api.root} if said.get("parentId") == origin.root else {})}
                if part.id == origin.root:
                    said = {**said, "id": api.root}
            parts.keep(call, api.RestApiId, kind, said["id"] if kind == parts.RESOURCE else part.id, said)
