"""Where an event goes that is put to a global endpoint: its home region, or the other one while home is out of order.

There is no Route 53 whose health checks could be asked. A region is out of order while a fault (`cumulet fault add`, FIS) lets
every PutEvents fail there.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-global-endpoints.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, parse_arn, principals, task

from .resources import Endpoint, EndpointHome


class Route(NamedTuple):
    """The name of the bus, the region that takes the events, and the one that is given a copy of them ("": none)."""

    bus: str
    region: str
    copy: str
    role: str


def route(call: Call, id: str) -> Route | None:
    """The way that events of this endpoint take now; None when there is no such endpoint."""
    home = call.table(EndpointHome).get(id)
    if home is None:
        return None
    row = call.elsewhere(region=home.region).get(Endpoint, home.name)
    away = row.RoutingConfig["FailoverConfig"]["Secondary"]["Route"]
    here, there = (away, home.region) if _out_of_order(call, home.region) else (home.region, away)
    bus = parse_arn(row.EventBuses[0]["EventBusArn"])
    assert bus is not None
    copied = row.ReplicationConfig["State"] == "ENABLED"
    return Route(bus.resource.removeprefix("event-bus/"), here, there if copied else "", row.RoleArn or "")


def _out_of_order(call: Call, region: str) -> bool:
    """Does a fault let all events of this account fail there?"""
    def stops(fault: Any) -> bool:
        return bool((fault.error or fault.cut) and fault.rate == 1 and fault.region == region
                    and not (fault.principal or fault.resource) and fault.account in ("", call.account)
                    and fault.service in ("", "events") and (not fault.operations or "PutEvents" in fault.operations)
                    and not (fault.until and call.now >= fault.until))

    return any(stops(tally.fault) for tally in call.cloud.faults.active.values())


@task(retries=5)
def copy(call: Call, region: str, role: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Put the same events in the other region, with the rights of the endpoint's role."""
    peers = principals.acting.as_role(call, role, "EventBridgeReplication", region=region)
    if peers is None:
        return                         # without a role that is there, nothing is copied: as on AWS, nobody is told
    try:
        peers.events.put_events(Entries=list(entries))
    except AwsError as problem:
        if problem.status >= 500:
            raise
