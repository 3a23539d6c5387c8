"""`/_cumulet/explain`: why a call was allowed or refused, or would be, and the change that lets it pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel.access.apply import NotApplied, apply
from ..kernel.access.contract import Principal, root_of
from ..kernel.access.explain import explain
from ..kernel.access.simulate import principal_of
from ..kernel.call import Call
from ..kernel.cloud import Cloud
from ..kernel.errors import AwsError

Asked = Mapping[str, str]
_CONTEXT = "context."


async def told(cloud: Cloud, asked: Asked, change: bool = False) -> dict[str, Any]:
    """The explanation of {"request": id or "last"} or {"principal", "action", "resource", "context.<key>"}; with `change`,
    the proposed changes are made and it is decided once more. Raises ValueError when the question is none."""
    return await cloud.store.run(lambda tx: _told(cloud, tx, asked, change))


def _told(cloud: Cloud, tx: Any, asked: Asked, change: bool) -> dict[str, Any]:
    call = _call(cloud, tx)
    kept = None
    if request := asked.get("request"):
        kept = cloud.recorder.decisions.find(request)
        if kept is None:
            raise ValueError(f"no decision is kept of {request}: the root of an account is decided on without policies, and "
                             "only the latest decisions are kept")
        principal, action, resource, context = kept.principal, kept.action, kept.resource, dict(kept.context)
        call = _call(cloud, tx, kept.service, principal.account, kept.region)
    else:
        principal, action, resource = _principal(call, asked), asked.get("action", ""), asked.get("resource", "*")
        if ":" not in action:
            raise ValueError("say an action, such as s3:GetObject")
        call = _call(cloud, tx, "iam", principal.account)
        context = {key.removeprefix(_CONTEXT): value.split(",") for key, value in asked.items() if key.startswith(_CONTEXT)}
    found = explain(call, principal, action, resource, context, kept)
    if not change or found["decision"] == "allowed":
        return found
    try:
        done = apply(call, principal, found)
    except (NotApplied, AwsError) as problem:
        raise ValueError(str(problem)) from None
    if not done:
        raise ValueError("no change of a policy lets this pass")
    return {**explain(call, principal, action, resource, context, kept), "applied": done}


def _principal(call: Call, asked: Asked) -> Principal:
    arn = asked.get("principal", "")
    found = principal_of(call, arn) if arn.startswith("arn:") else None
    if found is None:
        raise ValueError(f"there is no principal {arn!r}: say the ARN of a user or role, or a request")
    return found


def _call(cloud: Cloud, tx: Any, service: str = "iam", account: str = "", region: str = "") -> Call:
    """A call of nobody's, to ask with."""
    account = account or cloud.settings.account
    return Call(cloud, tx, service, "Explain", account, region or cloud.settings.region, root_of(account), cloud.clock.now(),
                request_id=cloud.chance.uuid())
