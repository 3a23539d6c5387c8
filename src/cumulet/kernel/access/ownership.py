"""Whose a resource is, which policies of its own it has, and its tags: asked of its service, or read from its declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import structs

from ..declare import Resource, about
from . import actions
from .contract import Guard, Principal
from .gather import account_of

if TYPE_CHECKING:
    from ..call import Call
    from ..catalog import Catalog, Loaded

_OF_NOBODY = Guard()


@lru_cache(4096)
def _owned(account: str) -> Guard:
    """Of an account, and no more is known."""
    return Guard(account)


def service_of(call: Call, action: str) -> Loaded | None:
    """The service that an action belongs to; None when this installation has none."""
    catalog = call.cloud.catalog
    api = _api_of(catalog, call.service, action)
    return catalog.load(api) if api else None


@lru_cache(4096)
def _api_of(catalog: Catalog, service: str, action: str) -> str:
    prefix = action.partition(":")[0].removesuffix("-object-lambda")     # S3 has two prefixes
    return service if actions.prefix_of(service) == prefix else \
        next((name for name in catalog.apis if actions.prefix_of(name) == prefix), "")


def guard_of(call: Call, action: str, arn: str, principal: Principal | None = None,
             members: Mapping[str, Any] | None = None) -> Guard:
    """Owner, own policies and tags of what an action is about; what was granted there to the principal, when it is said."""
    if arn == "*":
        return _OF_NOBODY
    loaded = service_of(call, action)
    ask = getattr(loaded.access, "guard", None) if loaded is not None else None
    account, region = _place(arn)
    if ask is None:
        return _owned(account)
    there = call if account in ("", call.account) and region in ("", call.region) else call.elsewhere(account, region)
    found: Guard | None = ask(there, arn)
    if found is None:
        return _owned(account)
    given = getattr(loaded.access, "given", None) if loaded is not None else None
    if principal is not None and given is not None and (more := given(there, arn, principal, action, members)):
        return structs.replace(found, policies=(*found.policies, *more))
    return found


def tags_of(call: Call, action: str, arn: str, guard: Guard) -> dict[str, str]:
    """The tags of a resource: as its guard tells, else of its row."""
    if guard.tags is not None or arn == "*":
        return dict(guard.tags or ())
    loaded = service_of(call, action)
    account, region = _place(arn)
    row = row_of(call.elsewhere(account, region), loaded, arn) if loaded is not None else None
    return dict(row.tags) if row is not None else {}


def row_of(call: Call, loaded: Loaded, arn: str) -> Resource | None:
    """The declared resource with this ARN, if it exists."""
    for kind in loaded.resources.values():
        said = about(kind)
        found = _matcher(said.arn).fullmatch(arn)
        if found is None:
            continue
        groups = found.groupdict()
        key = [groups.get(name) or (arn if name.endswith("Arn") else "") for name in said.id]
        row: Any = call.table(kind).get(*key) if all(key) else None
        if row is not None:
            return row  # type: ignore[no-any-return]
    return None


@lru_cache(4096)
def _place(arn: str) -> tuple[str, str]:
    """Account and region of an ARN, "" where it names none."""
    parts = arn.split(":", 5)
    return account_of(arn), parts[3] if len(parts) == 6 and parts[3] != "*" else ""


@lru_cache(1024)
def _matcher(pattern: str) -> re.Pattern[str]:
    """An ARN pattern as a regular expression: paths end in a slash, names are as long as they can be."""
    def group(found: re.Match[str]) -> str:
        name = found[1]
        if name in ("partition", "region", "account"):
            return f"(?P<{name}>[^:]*)"
        return "(?P<Path>/(?:.*/)?)" if name == "Path" else f"(?P<{name}>.+)"

    return re.compile(re.sub(r"\\{(\w+)\\}", group, re.escape(pattern)))
