"""The tree of an API's resources, and the methods that each has."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, error

from . import parts
from .names import invalid, missing
from .resources import Part

Said = dict[str, Any]
_PART = re.compile(r"[\w.:~-]+|\{[\w.:-]+\+?\}")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY")


def joined(parent: str, part: str) -> str:
    return f"{parent.rstrip('/')}/{part}"


def check(call: Call, api: str, parent: str, part: str, own: str = "") -> None:
    """May a resource be there?"""
    if not _PART.fullmatch(part):
        raise invalid("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the "
                      "beginning and the end.")
    above = parts.one(call, api, parts.RESOURCE, parent)
    if above.get("pathPart", "").endswith("+}"):
        raise invalid(f"Cannot create a child of a resource with a greedy path variable: {above['path']}")
    for said in parts.every(call, api, parts.RESOURCE):
        if said.get("parentId") != parent or said["id"] == own:
            continue
        if said["pathPart"] == part:
            raise error.ConflictException(f"Another resource with the same parent already has this name: {part}")
        if part.startswith("{") and said["pathPart"].startswith("{") and part.endswith("+}") == said["pathPart"].endswith("+}"):
            raise invalid(f"A sibling ({said['pathPart']}) of this resource already has a variable path part -- only one is "
                          "allowed")


def move(call: Call, api: str, said: Said, parent_path: str) -> None:
    """A resource has another name or parent: its path changes, and of all below it."""
    path = joined(parent_path, said["pathPart"])
    if said["parentId"] == said["id"]:
        raise invalid("A resource cannot be its own parent")
    parts.keep(call, api, parts.RESOURCE, said["id"], {**said, "path": path})
    for below in parts.every(call, api, parts.RESOURCE):
        if below.get("parentId") == said["id"]:
            move(call, api, below, path)


def end(call: Call, api: str, resource: str) -> None:
    """A resource goes, with all below it."""
    for below in parts.every(call, api, parts.RESOURCE):
        if below.get("parentId") == resource:
            end(call, api, below["id"])
    call.table(Part).delete(api, parts.RESOURCE, resource)


def shown(said: Said, full: bool) -> Said:
    """A resource; its methods with all that is said of them, or by name."""
    methods = said.get("resourceMethods")
    return {**said, "resourceMethods": methods if full else {name: {} for name in methods}} if methods else said


def method_of(call: Call, api: str, resource: str, method: str) -> tuple[Said, Said]:
    """A resource and one of its methods: change the method and keep the resource."""
    said = parts.one(call, api, parts.RESOURCE, resource)
    found = (said.get("resourceMethods") or {}).get(method)
    if found is None:
        raise missing("Method identifier")
    return said, found


def integration_of(call: Call, api: str, resource: str, method: str) -> tuple[Said, Said]:
    """A resource and the integration of one of its methods."""
    said, found = method_of(call, api, resource, method)
    if "methodIntegration" not in found:
        raise missing("Integration identifier")
    return said, found["methodIntegration"]


def response_of(answers: Said | None, status: str) -> Said:
    """The response of a method or an integration for a status."""
    found = (answers or {}).get(status)
    if found is None:
        raise missing("Response status code")
    return dict(found)


def keep(call: Call, api: str, said: Said) -> None:
    parts.keep(call, api, parts.RESOURCE, said["id"], said)
