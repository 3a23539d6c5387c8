"""Definitions: an API as it is deployed, read once and kept as long as requests come for it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from cumulet.kernel import Call

from . import apis, parts
from .names import invalid
from .resources import RestApi

Said = dict[str, Any]


class Definition(NamedTuple):
    """All that is served of an API. paths: each resource's path in its parts, literal ones before variables, greedy ones last.
    models: schemas by name.  responses: the gateway responses that the API says itself."""

    settings: Said
    resources: list[Said]
    paths: list[tuple[list[str], Said]]
    models: dict[str, str]
    authorizers: dict[str, Said]
    validators: dict[str, Said]
    responses: dict[str, Said]


def taken(call: Call, api: RestApi) -> bytes:
    """The API as it is now."""
    said: Said = {kind: parts.every(call, api.RestApiId, kind) for kind in parts.DEFINITION}
    said["settings"] = apis.settings(api)
    return json.dumps(said, separators=(",", ":")).encode()


def check_complete(call: Call, api: str) -> None:
    """An API can be deployed when it has methods, and each has an integration."""
    methods = [method for resource in parts.every(call, api, parts.RESOURCE)
               for method in (resource.get("resourceMethods") or {}).values()]
    if not methods:
        raise invalid("The REST API doesn't contain any methods")
    if not all("methodIntegration" in method for method in methods):
        raise invalid("No integration defined for method")


@lru_cache(256)
def read(text: bytes) -> Definition:
    """What a snapshot says."""
    said = json.loads(text)
    routes = [(each["path"].strip("/").split("/") if each["path"] != "/" else [], each) for each in said[parts.RESOURCE]]
    return Definition(
        said["settings"], said[parts.RESOURCE], sorted(routes, key=lambda route: [_rank(name) for name in route[0]]),
        {each["name"]: each.get("schema") or "{}" for each in said[parts.MODEL]},
        {each["id"]: each for each in said[parts.AUTHORIZER]}, {each["id"]: each for each in said[parts.VALIDATOR]},
        {each["responseType"]: each for each in said[parts.RESPONSE]})


def _rank(name: str) -> int:
    return 0 if not name.startswith("{") else 2 if name.endswith("+}") else 1


def summary(text: bytes) -> Said:
    """The methods of a deployment: path → method → what it asks for."""
    return {each["path"]: {name: {"authorizationType": method["authorizationType"],
                                  "apiKeyRequired": method.get("apiKeyRequired", False)}
                           for name, method in each["resourceMethods"].items()}
            for each in read(text).resources if each.get("resourceMethods")}
