"""Event sources of partners: offered by them, taken by an account as a bus of the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from ..background import lapse
from ..delivery import put
from ..envelopes import envelope
from ..names import absent, page_of
from ..resources import EventBus, EventSource, Offered
from .putting import problem_of

_OFFERED_FOR = 14 * 86_400.0


def _arn(call: Call, name: str) -> str:
    """A partner's source is nobody's: its ARN has no account."""
    whole = call.arn(EventBus(Name="-")).rpartition("event-bus/")[0]
    return whole.replace(f":{call.account}:", "::") + f"event-source/{name}"


# --- what the partner does ---


@operation
def create_partner_event_source(call: Call, Name: str, Account: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreatePartnerEventSource.html"""
    there = call.elsewhere(Account)
    if there.table(EventSource).get(Name) is not None:
        raise error.ResourceAlreadyExistsException(f"Partner event source {Name} already exists.")
    call.put(Offered(name=Name, account=Account))
    there.put(EventSource(name=Name, partner=call.account, created=call.now, expires=call.now + _OFFERED_FOR))
    there.at(call.now + _OFFERED_FOR, lapse, name=Name, source=Name)
    return {"EventSourceArn": _arn(call, Name)}


@operation
def delete_partner_event_source(call: Call, Name: str, Account: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeletePartnerEventSource.html"""
    call.table(Offered).delete(Name, Account)
    there = call.elsewhere(Account)
    source = there.table(EventSource).get(Name)
    if source is None or source.partner != call.account:
        return
    if there.table(EventBus).get(Name) is not None:          # the account sees that nothing will come any more
        there.table(EventSource).change(Name, state="DELETED")
    else:
        there.table(EventSource).delete(Name)


@operation
def describe_partner_event_source(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribePartnerEventSource.html"""
    if not call.table(Offered).scan(Name, limit=1):
        raise absent(f"Partner event source {Name} does not exist.")
    return {"Arn": _arn(call, Name), "Name": Name}


@operation
def list_partner_event_sources(call: Call, NamePrefix: str, NextToken: str | None = None, Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListPartnerEventSources.html"""
    names = sorted({row.name for row in call.table(Offered).scan() if row.name.startswith(NamePrefix)})
    found, token = page_of(names, lambda name: name, NextToken, Limit)
    return {"PartnerEventSources": [{"Arn": _arn(call, name), "Name": name} for name in found], "NextToken": token}


@operation
def list_partner_event_source_accounts(call: Call, EventSourceName: str, NextToken: str | None = None,
                                       Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListPartnerEventSourceAccounts.html"""
    rows, token = page_of(call.table(Offered).scan(EventSourceName), lambda row: row.account, NextToken, Limit)
    if not rows and NextToken is None:
        raise absent(f"Partner event source {EventSourceName} does not exist.")
    sources = [(row.account, call.elsewhere(row.account).table(EventSource).get(row.name)) for row in rows]
    return {"PartnerEventSourceAccounts": [
        {"Account": account, "CreationTime": source.created, "ExpirationTime": source.expires, "State": source.state}
        for account, source in sources if source is not None], "NextToken": token}


@operation
def put_partner_events(call: Call, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPartnerEvents.html"""
    told = [_put(call, entry) for entry in Entries]
    return {"FailedEntryCount": sum("ErrorCode" in each for each in told), "Entries": told}


def _put(call: Call, entry: Mapping[str, Any]) -> dict[str, Any]:
    if (problem := problem_of(entry)) is not None:
        return problem
    name, number = entry["Source"], call.uuid()
    for offered in call.table(Offered).scan(name):
        there = call.elsewhere(offered.account)
        source = there.table(EventSource).get(name)
        if source is not None and source.state == "ACTIVE":
            put(there, name, envelope(number, entry["DetailType"], name, offered.account, there.region,
                                      entry.get("Time", call.now), entry.get("Resources") or (), entry["Detail"].strip()))
    return {"EventId": number}


# --- what the account does ---


def _source(call: Call, name: str) -> EventSource:
    row = call.table(EventSource).get(name)
    if row is None:
        raise absent(f"Event source {name} does not exist.")
    return row


def _told(call: Call, row: EventSource) -> dict[str, Any]:
    return {"Arn": _arn(call, row.name), "Name": row.name, "CreatedBy": row.name.split("/")[1], "CreationTime": row.created,
            "ExpirationTime": row.expires, "State": row.state}


@operation
def describe_event_source(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventSource.html"""
    return _told(call, _source(call, Name))


@operation
def list_event_sources(call: Call, NamePrefix: str = "", NextToken: str | None = None, Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventSources.html"""
    rows = [row for row in call.table(EventSource).scan() if row.name.startswith(NamePrefix)]
    found, token = page_of(rows, lambda row: row.name, NextToken, Limit)
    return {"EventSources": [_told(call, row) for row in found], "NextToken": token}


def _switch(call: Call, name: str, before: str, after: str) -> None:
    row = _source(call, name)
    if row.state != before or call.table(EventBus).get(name) is None:
        raise error.InvalidStateException(f"Event source {name} is not in a valid state for this operation.")
    expires = None if after == "ACTIVE" else call.now + _OFFERED_FOR
    call.cancel(lapse, name)
    if expires is not None:
        call.at(expires, lapse, name=name, source=name)
    call.table(EventSource).change(name, state=after, expires=expires)


@operation
def activate_event_source(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ActivateEventSource.html"""
    _switch(call, Name, "PENDING", "ACTIVE")


@operation
def deactivate_event_source(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeactivateEventSource.html"""
    _switch(call, Name, "ACTIVE", "PENDING")
