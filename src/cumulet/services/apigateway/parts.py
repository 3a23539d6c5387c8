"""What APIs are made of, by kind: found, kept, listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cumulet.kernel import Call, Page, error

from .names import missing
from .resources import Part, RestApi

Said = dict[str, Any]
# Each kind, and how AWS calls it where there is none.
RESOURCE, MODEL, AUTHORIZER, VALIDATOR = "resource", "model", "authorizer", "validator"
RESPONSE, DEPLOYMENT, STAGE, DOCUMENTATION, VERSION = "response", "deployment", "stage", "documentation", "version"
_CALLED = {
    RESOURCE: "Resource identifier", MODEL: "Model identifier", AUTHORIZER: "Authorizer identifier",
    VALIDATOR: "Request Validator identifier", RESPONSE: "Gateway Response type", DEPLOYMENT: "Deployment identifier",
    STAGE: "stage identifier", DOCUMENTATION: "Documentation part identifier", VERSION: "Documentation version identifier"}
DEFINITION = (RESOURCE, MODEL, AUTHORIZER, VALIDATOR, RESPONSE)      # what a deployment keeps


def api_of(call: Call, api: str) -> RestApi:
    """An API of this account and region."""
    found = call.table(RestApi).get(api)
    if found is None:
        raise error.NotFoundException(f"Invalid API identifier specified {call.account}:{api}")
    return found


def one(call: Call, api: str, kind: str, name: str) -> Said:
    """What is said of one part."""
    found = call.table(Part).get(api, kind, name)
    if found is None:
        api_of(call, api)
        raise missing(_CALLED[kind])
    return found.said


def every(call: Call, api: str, kind: str) -> list[Said]:
    """All parts of a kind."""
    return [part.said for part in call.table(Part).scan(api, kind)]


def has(call: Call, api: str, kind: str, name: str) -> bool:
    return call.table(Part).get(api, kind, name) is not None


def keep(call: Call, api: str, kind: str, name: str, said: Said) -> Said:
    """Keep a part; what is None was not said."""
    said = {key: value for key, value in said.items() if value is not None}
    call.put(Part(api=api, kind=kind, id=name, said=said))
    return said


def drop(call: Call, api: str, kind: str, name: str) -> None:
    """A part goes; it must be there."""
    one(call, api, kind, name)
    call.table(Part).delete(api, kind, name)


def listed(call: Call, api: str, kind: str, page: Page[Part],
           fits: Callable[[Mapping[str, Any]], bool] | None = None) -> list[Said]:
    """One page of a kind. fits: those alone that it says yes to."""
    api_of(call, api)
    table = call.table(Part)
    if fits is None:
        rows = table.scan(api, kind, after=page.after, limit=page.limit + 1)
    else:
        rows = [row for row in table.scan(api, kind, after=page.after) if fits(row.said)]
    return [row.said for row in page.cut(rows, lambda row: row.id)]
