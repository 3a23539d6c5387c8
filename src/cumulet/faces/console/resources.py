"""The search for resources by a part of their id or name: over what services declare, in the account and region of who asks.

So that it tells nobody what they may not list, it asks for `tag:GetResources`, AWS's own permission to see resources of all
services at once.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ...kernel.access.modes import mode_of
from ...kernel.access.simulate import simulate
from ...kernel.call import Call
from ...kernel.cloud import Cloud
from ...kernel.declare import about
from ...kernel.errors import AwsError
from ...kernel.store.contract import Transaction
from .sessions import Who

MOST = 30
_ACTION = "tag:GetResources"
_READ = 5000                    # rows of one kind that are looked at


async def found(cloud: Cloud, who: Who, region: str, text: str) -> list[dict[str, Any]]:
    """The first resources whose id or name holds this text."""
    text = text.strip().lower()
    if len(text) < 2:
        return []
    types = cloud.catalog.types()
    for api in sorted(set(types.values()) - cloud.catalog.loaded):
        cloud.catalog.load(api)
        await asyncio.sleep(0)                     # each is imported once; others are served in between
    return await cloud.store.run(lambda tx: _found(cloud, tx, who, region, text))


def _found(cloud: Cloud, tx: Transaction, who: Who, region: str, text: str) -> list[dict[str, Any]]:
    call = Call(cloud, tx, "iam", "GetResources", who.principal.account, region, who.principal,
                cloud.clock.now(), None, cloud.chance.uuid(), cloud.endpoint)
    if mode_of(call) == "enforce" and who.principal.kind != "root" \
            and simulate(call, who.principal, None, None, _ACTION).decision != "allowed":
        raise AwsError("AccessDenied", f"User: {who.principal.arn} is not authorized to perform: {_ACTION}", 403)
    rows: list[dict[str, Any]] = []
    for type_name, api in sorted(cloud.catalog.types().items()):
        kind = cloud.catalog.resource(type_name)
        said = about(kind)
        for row in call.table(kind).scan(limit=_READ):
            name = _name(row, said.id)
            if text in name.lower() and getattr(row, "account", call.account) == call.account:
                rows.append({"type": type_name, "service": api, "id": "|".join(str(getattr(row, part)) for part in said.id),
                             "name": name, "arn": call.arn(row) if said.arn else ""})
                if len(rows) == MOST:
                    return rows
    return rows


def _name(row: Any, key: tuple[str, ...]) -> str:
    """What people call it: its id, and its name where that is another."""
    parts = [str(getattr(row, part)) for part in key]
    parts += [str(value) for field in ("Name", "Description", "TableName") if (value := getattr(row, field, None))]
    return " ".join(dict.fromkeys([*parts, *([row.tags["Name"]] if "Name" in row.tags else [])]))
