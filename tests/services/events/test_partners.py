"""Event sources of partners: offered, taken as a bus, active or not, gone."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Inbox, connect

NAME = "aws.partner/example.com/orders"


def test_events_of_a_partner_come_to_a_bus_of_their_name(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    partner = cloud.other().client("events")
    arn = partner.create_partner_event_source(Name=NAME, Account=cloud.account)["EventSourceArn"]
    assert arn == f"arn:aws:events:us-east-1::event-source/{NAME}"
    with refused("ResourceAlreadyExistsException", "already exists"):
        partner.create_partner_event_source(Name=NAME, Account=cloud.account)
    told = events.describe_event_source(Name=NAME)
    assert (told["State"], told["CreatedBy"], told["Arn"]) == ("PENDING", "example.com", arn)
    with refused("ResourceNotFoundException", "Event source"):
        events.create_event_bus(Name=NAME + "/x", EventSourceName=NAME + "/x")
    with refused("ValidationException", "must be the name"):
        events.create_event_bus(Name="other", EventSourceName=NAME)
    events.create_event_bus(Name=NAME, EventSourceName=NAME)
    connect(events, inbox, {"detail-type": ["Order"]}, bus=NAME)
    entry = {"Source": NAME, "DetailType": "Order", "Detail": '{"n": 1}'}

    def sent() -> list[Any]:
        told = partner.put_partner_events(Entries=[entry, {**entry, "Detail": "x"}])
        assert (told["FailedEntryCount"], told["Entries"][1]["ErrorCode"]) == (1, "MalformedDetail")
        return [(event["source"], event["account"], event["detail"]) for event in inbox.events()]

    assert sent() == [(NAME, cloud.account, {"n": 1})]
    events.deactivate_event_source(Name=NAME)
    assert sent() == []
    events.activate_event_source(Name=NAME)
    with refused("InvalidStateException", "not in a valid state"):
        events.activate_event_source(Name=NAME)
    assert len(sent()) == 1
    (account,) = partner.list_partner_event_source_accounts(EventSourceName=NAME)["PartnerEventSourceAccounts"]
    assert (account["Account"], account["State"]) == (cloud.account, "ACTIVE")
    partner.delete_partner_event_source(Name=NAME, Account=cloud.account)
    assert events.describe_event_source(Name=NAME)["State"] == "DELETED"
    assert sent() == []


def test_sources_are_listed(cloud: Cloud, events: Any) -> None:
    partner = cloud.other().client("events")
    for name in ("a", "b"):
        partner.create_partner_event_source(Name=f"aws.partner/example.com/{name}", Account=cloud.account)
    assert [s["Name"][-1] for s in events.list_event_sources()["EventSources"]] == ["a", "b"]
    assert [s["Name"][-1] for s in events.list_event_sources(NamePrefix="aws.partner/example.com/b")["EventSources"]] == ["b"]
    first = partner.list_partner_event_sources(NamePrefix="aws.partner/example.com/", Limit=1)
    rest = partner.list_partner_event_sources(NamePrefix="aws.partner/example.com/", NextToken=first["NextToken"])
    assert [s["Name"][-1] for s in first["PartnerEventSources"] + rest["PartnerEventSources"]] == ["a", "b"]
    assert partner.describe_partner_event_source(Name="aws.partner/example.com/a")["Name"].endswith("/a")
    partner.delete_partner_event_source(Name="aws.partner/example.com/a", Account=cloud.account)
    with refused("ResourceNotFoundException", "does not exist"):
        partner.describe_partner_event_source(Name="aws.partner/example.com/a")
    assert [s["Name"][-1] for s in events.list_event_sources()["EventSources"]] == ["b"]
    cloud.clock.advance(15 * 86_400)
    assert events.list_event_sources()["EventSources"] == []
