"""Discoverers: each watches one bus by a rule that EventBridge keeps for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Arn, AwsError, Call, Page, operation, parse_arn

from ..checking import absent, conflict, invalid
from ..discovery import kind_of, registry, together
from ..rendering import rendered
from ..resources import Discoverer
from .registries import tagged

_PREFIX = "Schemas-"
_GONE = "ResourceNotFoundException"


def _discoverer(call: Call, id: str) -> Discoverer:
    row = call.table(Discoverer).get(id)
    if row is None:
        raise absent(f"Discoverer with id {id} does not exist.")
    return row


def _told(call: Call, row: Discoverer) -> dict[str, Any]:
    return {"DiscovererId": row.DiscovererId, "DiscovererArn": call.arn(row), "SourceArn": row.SourceArn, "State": row.State,
            "Description": row.Description, "CrossAccount": row.CrossAccount, "Tags": row.tags}


def _bus(call: Call, arn: str) -> Arn:
    """The bus of a source, which is here."""
    said = parse_arn(arn)
    if said is None or said.service != "events" or not said.resource.startswith("event-bus/") \
            or (said.account, said.region) != (call.account, call.region):
        raise invalid("SourceArn must be the ARN of an event bus of this account and Region.")
    return said


def _where(row: Discoverer) -> tuple[str, str]:
    """The rule and its bus."""
    return (_PREFIX + row.DiscovererId)[:64], row.SourceArn.partition("event-bus/")[2]


def _watch(call: Call, row: Discoverer) -> None:
    """The rule as the discoverer is."""
    name, bus = _where(row)
    peers = call.as_service(call.arn(row))
    account: list[Any] = [{"prefix": ""}] if row.CrossAccount else [call.account]
    peers.events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"account": account}),
                          Description="Discovers the schemas of the events of this bus.",
                          State="ENABLED" if row.State == "STARTED" else "DISABLED")
    peers.events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "discoverer", "Arn": call.arn(row)}])


@operation
def create_discoverer(call: Call, SourceArn: str, Description: str | None = None, CrossAccount: bool = True,
                      Tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers.html"""
    bus = _bus(call, SourceArn)
    row = Discoverer(DiscovererId="events-" + bus.resource.replace("/", "-"), SourceArn=SourceArn, Description=Description,
                     CrossAccount=CrossAccount, tags=tagged({}, Tags), created=call.now)
    if call.table(Discoverer).get(row.DiscovererId) is not None:
        raise conflict(f"A discoverer for {SourceArn} already exists.")
    registry(call)
    call.put(row)
    try:
        _watch(call, row)
    except AwsError as problem:
        raise invalid(problem.message) if problem.code == _GONE else problem from None
    return _told(call, row)


@operation
def describe_discoverer(call: Call, DiscovererId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers-id-discovererid.html"""
    return _told(call, _discoverer(call, DiscovererId))


@operation
def update_discoverer(call: Call, DiscovererId: str, Description: str | None = None,
                      CrossAccount: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers-id-discovererid.html"""
    row = _discoverer(call, DiscovererId)
    row.Description = row.Description if Description is None else Description
    row.CrossAccount = row.CrossAccount if CrossAccount is None else CrossAccount
    call.put(row)
    _watch(call, row)
    return _told(call, row)


@operation
def delete_discoverer(call: Call, DiscovererId: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers-id-discovererid.html"""
    row = _discoverer(call, DiscovererId)
    name, bus = _where(row)
    peers = call.as_service(call.arn(row))
    try:
        peers.events.remove_targets(Rule=name, EventBusName=bus, Ids=["discoverer"], Force=True)
        peers.events.delete_rule(Name=name, EventBusName=bus, Force=True)
    except AwsError as problem:
        if problem.code != _GONE:        # somebody may have ended the rule by force
            raise
    call.table(Discoverer).delete(DiscovererId)


def _switch(call: Call, id: str, state: str) -> dict[str, Any]:
    row = _discoverer(call, id)
    row.State = state
    call.put(row)
    _watch(call, row)
    return {"DiscovererId": id, "State": state}


@operation
def start_discoverer(call: Call, DiscovererId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers-id-discovererid-start.html"""
    return _switch(call, DiscovererId, "STARTED")


@operation
def stop_discoverer(call: Call, DiscovererId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers-id-discovererid-stop.html"""
    return _switch(call, DiscovererId, "STOPPED")


@operation
def list_discoverers(call: Call, DiscovererIdPrefix: str = "", SourceArnPrefix: str = "",
                     page: Page[Discoverer] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discoverers.html"""
    rows = [row for row in call.table(Discoverer).scan(after=page.after)
            if row.DiscovererId.startswith(DiscovererIdPrefix) and row.SourceArn.startswith(SourceArnPrefix)]
    told = [_told(call, row) for row in page.cut(rows[:page.limit + 1], lambda row: row.DiscovererId)]
    return {"Discoverers": [{name: value for name, value in each.items() if name != "Description"} for each in told]}


@operation
def get_discovered_schema(call: Call, Events: Sequence[str], Type: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-discover.html"""
    try:
        events = [json.loads(text) for text in Events]
    except (ValueError, RecursionError):
        raise invalid("Events must be JSON documents.") from None
    kinds = {kind_of(event) if isinstance(event, dict) else None for event in events}
    kind = kinds.pop()
    if kind is None or kinds:
        raise invalid("Events must be events of one source and detail-type, each with a detail.")
    return {"Content": rendered(kind, together(events), Type)}
