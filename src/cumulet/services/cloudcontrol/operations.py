"""The operations of Cloud Control. Each request is done at once; its token tells how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, lifecycle, operation

from .background import KEPT, forget
from .patches import BadPatch, apply
from .resources import ResourceRequest

_BATCH = 200
_CODES = {"NotUpdatable": "NotUpdatable", "TypeNotFoundException": "NotFound", "AccessDenied": "AccessDenied"}
_EXISTS = ("AlreadyExists", "AlreadyOwnedByYou", "ResourceInUse", "ResourceConflict", "Duplicate", "NameExists")
_GONE = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent")


def _error_code(problem: AwsError) -> str:
    """Cloud Control's word for an error of the service behind it."""
    if problem.code in _CODES:
        return _CODES[problem.code]
    if any(word in problem.code for word in _EXISTS):
        return "AlreadyExists"
    if any(word in problem.code for word in _GONE):
        return "NotFound"
    return "InvalidRequest" if (problem.status or 400) < 500 else "GeneralServiceException"


def _type(call: Call, name: str) -> None:
    if name not in lifecycle.types(call):
        raise error.UnsupportedActionException(f"Resource type {name} is not there. See `cumulet coverage`.")


def _key(identifier: str) -> tuple[str, ...]:
    return tuple(identifier.split("|"))


def _properties(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise error.InvalidRequestException("The desired state is no JSON object.")
    return found


def _request(call: Call, kind: str, type_name: str, identifier: str, asked: str, client_token: str | None,
             work: Callable[[], str]) -> dict[str, Any]:
    """Do the work, or tell how the same request ended before; a failure leaves nothing but its record."""
    _type(call, type_name)
    if (before := _earlier(call, kind, type_name, asked, client_token)) is not None:
        return {"ProgressEvent": _event(before)}
    table = call.table(ResourceRequest)
    row = ResourceRequest(token=call.uuid(), operation=kind, type_name=type_name, identifier=identifier, asked=asked,
                          at=call.now, client_token=client_token)
    try:
        with call.tx.savepoint():
            row.identifier = work()
    except AwsError as problem:
        if problem.status == 501:
            raise
        row.error_code, row.message = _error_code(problem), str(problem)
    if not table.scan(limit=1):                          # else it comes for the oldest already
        call.at(call.now + KEPT, forget, name="forget")
    table.put(row)
    return {"ProgressEvent": _event(row)}


def _earlier(call: Call, kind: str, type_name: str, asked: str, client_token: str | None) -> ResourceRequest | None:
    """The same request, when it came before."""
    found = call.table(ResourceRequest).find("client", client_token) if client_token is not None else None
    if found is not None and (found.operation, found.type_name, found.asked) != (kind, type_name, asked):
        raise error.ClientTokenConflictException("The client token was used for another request.")
    return found


def _event(row: ResourceRequest) -> dict[str, Any]:
    return {"TypeName": row.type_name, "Identifier": row.identifier or None, "RequestToken": row.token,
            "Operation": row.operation, "OperationStatus": "FAILED" if row.error_code else "SUCCESS", "EventTime": row.at,
            "StatusMessage": row.message, "ErrorCode": row.error_code, "ResourceModel": row.model}


@operation
def create_resource(call: Call, TypeName: str, DesiredState: str, ClientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html"""
    wanted = _properties(DesiredState)
    return _request(call, "CREATE", TypeName, "", DesiredState, ClientToken,
                    lambda: "|".join(lifecycle.create(call, TypeName, wanted)))


@operation
def get_resource(call: Call, TypeName: str, Identifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html"""
    _type(call, TypeName)
    return {"TypeName": TypeName, "ResourceDescription": {"Identifier": Identifier,
                                                          "Properties": json.dumps(_read(call, TypeName, Identifier))}}


def _read(call: Call, type_name: str, identifier: str) -> dict[str, Any]:
    try:
        return lifecycle.read(call, type_name, _key(identifier))
    except (AwsError, TypeError) as problem:
        raise error.ResourceNotFoundException(f"Resource of type '{type_name}' with identifier '{identifier}' was not found:"
                                              f" {problem}") from None


@operation
def update_resource(call: Call, TypeName: str, Identifier: str, PatchDocument: str,
                    ClientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_UpdateResource.html"""
    _type(call, TypeName)
    if (earlier := _earlier(call, "UPDATE", TypeName, PatchDocument, ClientToken)) is not None:
        return {"ProgressEvent": _event(earlier)}        # the patch may not fit what it has made
    before = _read(call, TypeName, Identifier)
    known = lifecycle.property_names(call, TypeName)
    before = {k: v for k, v in before.items() if k in known}
    try:
        after = apply(before, json.loads(PatchDocument))
    except (BadPatch, ValueError, TypeError) as problem:
        raise error.InvalidRequestException(f"Invalid patch document: {problem}") from None

    def work() -> str:
        lifecycle.update(call, TypeName, _key(Identifier), before, after)
        return Identifier

    return _request(call, "UPDATE", TypeName, Identifier, PatchDocument, ClientToken, work)


@operation
def delete_resource(call: Call, TypeName: str, Identifier: str, ClientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_DeleteResource.html"""
    def work() -> str:
        lifecycle.delete(call, TypeName, _key(Identifier))
        return Identifier

    return _request(call, "DELETE", TypeName, Identifier, Identifier, ClientToken, work)


@operation
def list_resources(call: Call, TypeName: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ListResources.html"""
    _type(call, TypeName)
    keys = sorted(lifecycle.every(call, TypeName))
    if page.after is not None:
        keys = [k for k in keys if list(k) > list(page.after)]
    shown = page.cut(keys, list)
    return {"TypeName": TypeName, "ResourceDescriptions": [
        {"Identifier": "|".join(k), "Properties": json.dumps(lifecycle.read(call, TypeName, k))} for k in shown]}


@operation
def get_resource_request_status(call: Call, RequestToken: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResourceRequestStatus.html"""
    row = call.table(ResourceRequest).get(RequestToken)
    if row is None:
        raise error.RequestTokenNotFoundException(f"Request with token {RequestToken} was not found")
    return {"ProgressEvent": _event(row)}


@operation
def list_resource_requests(call: Call, ResourceRequestStatusFilter: dict[str, list[str]] | None = None,
                           page: Page[ResourceRequest] = Page(20, 100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ListResourceRequests.html"""
    wanted = ResourceRequestStatusFilter or {}
    found: list[ResourceRequest] = []
    place = tuple(page.after) if page.after else None
    while len(found) <= page.limit:
        rows = call.table(ResourceRequest).scan(index="age", after=place, limit=_BATCH)
        found += [row for row in rows if _is_wanted(_event(row), wanted)]
        if len(rows) < _BATCH:
            break
        place = rows[-1].at, rows[-1].token
    shown = page.cut(found, lambda r: [r.at, r.token])
    return {"ResourceRequestStatusSummaries": [_event(r) for r in shown]}


def _is_wanted(event: dict[str, Any], wanted: dict[str, list[str]]) -> bool:
    """Does a request's event pass the filter?"""
    return all(event[name] in (wanted.get(member) or [event[name]])
               for member, name in (("Operations", "Operation"), ("OperationStatuses", "OperationStatus")))
