"""Documentation parts: their places in an API, and those of OpenAPI files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cumulet.kernel import Call

from . import openapi, parts
from .names import invalid, new_id
from .resources import Part

Said = dict[str, Any]
# What may be said of the place of each type.
_PLACES: dict[str, tuple[str, ...]] = {
    "API": (), "AUTHORIZER": ("name",), "MODEL": ("name",), "RESOURCE": ("path",), "METHOD": ("path", "method"),
    "PATH_PARAMETER": ("path", "method", "name"), "QUERY_PARAMETER": ("path", "method", "name"),
    "REQUEST_HEADER": ("path", "method", "name"), "REQUEST_BODY": ("path", "method"),
    "RESPONSE": ("path", "method", "statusCode"), "RESPONSE_HEADER": ("path", "method", "statusCode", "name"),
    "RESPONSE_BODY": ("path", "method", "statusCode")}
_NAMED = ("AUTHORIZER", "MODEL", "PATH_PARAMETER", "QUERY_PARAMETER", "REQUEST_HEADER", "RESPONSE_HEADER")


def check(location: Said, properties: str) -> None:
    """A place says what its type has, and the properties are an object of JSON."""
    allowed = _PLACES[location["type"]]
    if odd := [name for name in location if name != "type" and name not in allowed]:
        raise invalid(f"Documentation part location of type {location['type']} does not have: {', '.join(odd)}")
    if location["type"] in _NAMED and not location.get("name"):
        raise invalid(f"Documentation part location of type {location['type']} must have a name")
    try:
        said = json.loads(properties)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise invalid("Invalid documentation properties specified: must be a JSON object")


def at(call: Call, api: str, location: Said) -> Said | None:
    """The part at a place."""
    wanted = _whole(location)
    return next((said for said in parts.every(call, api, parts.DOCUMENTATION) if _whole(said["location"]) == wanted), None)


def _whole(location: Said) -> Said:
    """A place with what it leaves out: the root, all methods, all statuses."""
    defaults = {"path": "/", "method": "*", "statusCode": "*", "name": ""}
    return {"type": location["type"], **{name: location.get(name) or defaults[name] for name in _PLACES[location["type"]]}}


def fits(location: Said, kind: str | None, name: str | None, path: str | None) -> bool:
    return (kind in (None, location["type"]) and (name is None or name in location.get("name", ""))
            and path in (None, location.get("path")))


def undocumented(call: Call, api: str) -> Iterator[Said]:
    """Places of the API without a part."""
    places: list[Said] = [{"type": "API"}]
    places += [{"type": "MODEL", "name": each["name"]} for each in parts.every(call, api, parts.MODEL)]
    places += [{"type": "AUTHORIZER", "name": each["name"]} for each in parts.every(call, api, parts.AUTHORIZER)]
    for resource in parts.every(call, api, parts.RESOURCE):
        places.append({"type": "RESOURCE", "path": resource["path"]})
        places += [{"type": "METHOD", "path": resource["path"], "method": verb}
                   for verb in resource.get("resourceMethods") or ()]
    yield from (place for place in places if at(call, api, place) is None)


def imported(call: Call, api: str, body: Any, overwrite: bool) -> tuple[list[str], list[str]]:
    """The ids of the parts that a file has (`x-amazon-apigateway-documentation`), and what is odd about them."""
    said = openapi.parsed(openapi.text_of(call, body))
    found = (said.get("x-amazon-apigateway-documentation") or {}).get("documentationParts") or []
    if overwrite:
        call.table(Part).delete_all(api, parts.DOCUMENTATION)
    ids, warnings = [], []
    for each in found:
        location, properties = each.get("location") or {}, each.get("properties")
        text = properties if isinstance(properties, str) else json.dumps(properties)
        if location.get("type") not in _PLACES:
            warnings.append(f"Invalid documentation part location: {json.dumps(location)}")
            continue
        check(location, text)
        there = at(call, api, location)
        name = there["id"] if there is not None else new_id(call)
        parts.keep(call, api, parts.DOCUMENTATION, name, {"id": name, "location": location, "properties": text})
        ids.append(name)
    return ids, warnings
