"""What the page is shown beyond operations' answers, it is shown to those who might call the operation that tells of it."""

from __future__ import annotations

from typing import Any

from ...kernel.access.authorize import authorize
from ...kernel.access.contract import Principal
from ...kernel.call import Call
from ...kernel.cloud import Cloud
from ...kernel.errors import AwsError
from ...kernel.store.contract import Transaction


def as_if(cloud: Cloud, tx: Transaction, who: Principal, region: str, service: str, operation: str,
          members: dict[str, Any]) -> Call:
    """The call that somebody may make; raises what the service answers to those who may not."""
    promise = cloud.catalog.promise(service, operation)
    call = Call(cloud, tx, service, operation, who.account, region, who, cloud.clock.now(), None, cloud.chance.uuid(),
                cloud.endpoint)
    decision = authorize(call, promise, members)
    if not decision.allowed and decision.mode == "enforce":
        raise AwsError(decision.code, decision.message, 403)
    return call
