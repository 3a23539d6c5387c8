"""Buses in policies: which of them events are put to, and the bus's own policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .failover import route
from .names import DEFAULT
from .resources import EventBus, Rule


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """PutEvents asks for each bus that an entry names, or for the one that a global endpoint leads to now."""
    if call.operation != "PutEvents":
        return None
    if members.get("EndpointId"):
        way = route(call, str(members["EndpointId"]))
        return None if way is None else [("", call.elsewhere(region=way.region).arn(EventBus(Name=way.bus)))]
    names = [entry.get("EventBusName") or DEFAULT for entry in members.get("Entries") or () if isinstance(entry, Mapping)]
    return [("", name if name.startswith("arn:") else call.arn(EventBus(Name=name))) for name in dict.fromkeys(names)]


def guard(call: Call, arn: str) -> Guard | None:
    """A bus's policy; the tags of buses and rules."""
    parts = parse_arn(arn)
    kind, _, name = (parts.resource if parts else "").partition("/")
    if kind == "event-bus":
        bus = call.table(EventBus).known(name)
        if bus is not None:
            policies = (("event bus policy", bus.policy),) if bus.policy else ()
            return Guard(call.account, policies, tags=tuple(bus.tags.items()))
    elif kind == "rule":
        rule = call.table(Rule).find("path", name)
        if rule is not None:
            return Guard(call.account, tags=tuple(rule.tags.items()))
    return None
