"""What requests may say beside the usual: other buses, pages, filters, descriptions; each by what follows from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call
from cumulet.services.events.resources import Archived
from services.sqs.queues import refused

from .conftest import Inbox, inside, put

ROLE = "arn:aws:iam::000000000000:role/r"
PATTERN = '{"source": ["my.app"]}'


@pytest.fixture
def shop(events: Any) -> str:
    """A bus of one's own."""
    events.create_event_bus(Name="shop")
    return "shop"


def paged(list_: Any, key: str, **members: Any) -> list[Any]:
    """All of a listing that boto3 has no paginator for, one a page."""
    found, token = [], None
    while True:
        told = list_(Limit=1, **members, **({"NextToken": token} if token else {}))
        assert len(told[key]) <= 1
        found += told[key]
        if (token := told.get("NextToken")) is None:
            return found


def test_rules_and_targets_of_another_bus(cloud: Cloud, events: Any, inbox: Inbox, shop: str) -> None:
    for name in ("r1", "r2"):
        events.put_rule(Name=name, EventBusName=shop, EventPattern=PATTERN, RoleArn=ROLE)
        events.put_targets(Rule=name, EventBusName=shop, Targets=[{"Id": each, "Arn": inbox.arn} for each in ("a", "b")])
    events.put_rule(Name="r1", EventPattern=PATTERN)
    assert events.describe_rule(Name="r1", EventBusName=shop)["RoleArn"] == ROLE
    assert "RoleArn" not in events.describe_rule(Name="r1")
    assert [rule["Name"] for rule in events.list_rules(EventBusName=shop)["Rules"]] == ["r1", "r2"]
    assert [each["Id"] for each in paged(events.list_targets_by_rule, "Targets", Rule="r1", EventBusName=shop)] == ["a", "b"]
    assert paged(events.list_rule_names_by_target, "RuleNames", TargetArn=inbox.arn, EventBusName=shop) == ["r1", "r2"]
    assert events.list_rule_names_by_target(TargetArn=inbox.arn)["RuleNames"] == []
    events.disable_rule(Name="r1", EventBusName=shop)
    put(events, EventBusName=shop)
    assert len(inbox.events()) == 2
    events.enable_rule(Name="r1", EventBusName=shop)
    failed = events.remove_targets(Rule="r1", EventBusName=shop, Ids=["b", "c"], Force=True)["FailedEntries"]
    assert [each["TargetId"] for each in failed] == ["c"]
    put(events, EventBusName=shop)
    assert len(inbox.events()) == 3
    with refused("ValidationException", "has targets"):
        events.delete_rule(Name="r1", EventBusName=shop, Force=True)
    events.remove_targets(Rule="r1", EventBusName=shop, Ids=["a"])
    events.delete_rule(Name="r1", EventBusName=shop, Force=True)
    assert [rule["Name"] for rule in events.list_rules(EventBusName=shop)["Rules"]] == ["r2"]


def test_the_policy_of_another_bus(cloud: Cloud, events: Any, shop: str) -> None:
    statements = [{"Sid": name, "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
                  for name in ("one", "two")]
    events.put_permission(EventBusName=shop, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    events.remove_permission(EventBusName=shop, StatementId="one")
    left = json.loads(events.describe_event_bus(Name=shop)["Policy"])["Statement"]
    assert [each["Sid"] for each in left] == ["two"]
    with refused("ResourceNotFoundException"):
        events.remove_permission(StatementId="two")
    events.remove_permission(EventBusName=shop, RemoveAllPermissions=True)
    assert "Policy" not in events.describe_event_bus(Name=shop)


def test_archives_and_replays_say_what_they_are_for(cloud: Cloud, events: Any, inbox: Inbox, shop: str) -> None:
    bus = f"arn:aws:events:us-east-1:{cloud.account}:event-bus/{shop}"
    arns = [events.create_archive(ArchiveName=name, EventSourceArn=bus, Description=f"of {name}")["ArchiveArn"]
            for name in ("a", "b")]
    assert events.describe_archive(ArchiveName="a")["Description"] == "of a"
    events.update_archive(ArchiveName="a", EventPattern='{"source": ["another"]}')
    begin = cloud.clock.now()
    put(events, EventBusName=shop)
    assert [events.describe_archive(ArchiveName=name)["EventCount"] for name in ("a", "b")] == [0, 1]
    for name, arn in zip(("x", "y", "z"), [arns[0], arns[1], arns[1]], strict=True):
        events.start_replay(ReplayName=name, EventSourceArn=arn, EventStartTime=begin - 60, EventEndTime=begin + 60,
                            Destination={"Arn": bus}, Description=f"replay {name}")
    cloud.clock.idle()
    assert events.describe_replay(ReplayName="y")["Description"] == "replay y"
    assert [each["ReplayName"] for each in paged(events.list_replays, "Replays", EventSourceArn=arns[1])] == ["y", "z"]


def test_a_long_replay_is_cancelled(cloud: Cloud, events: Any) -> None:
    bus = f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default"
    arn = events.create_archive(ArchiveName="long", EventSourceArn=bus)["ArchiveArn"]
    begin = cloud.clock.now()

    def fill(call: Call) -> None:
        for number in range(6_000):
            call.put(Archived(archive="long", at=begin + number / 1000, size=15, event='{"source":"me"}'))

    inside(cloud, fill)
    events.put_rule(Name="none", EventPattern='{"source": ["nobody"]}')      # each event is looked at
    events.start_replay(ReplayName="long", EventSourceArn=arn, EventStartTime=begin - 1, EventEndTime=begin + 60,
                        Destination={"Arn": bus})
    assert events.cancel_replay(ReplayName="long")["State"] == "CANCELLING"
    cloud.clock.idle()
    told = events.describe_replay(ReplayName="long")
    assert (told["State"], "ReplayEndTime" in told) == ("CANCELLED", True)


def test_connections_and_destinations_are_found_and_changed(events: Any) -> None:
    basic = {"BasicAuthParameters": {"Username": "u", "Password": "hidden"}}
    arns = [events.create_connection(Name=name, AuthorizationType="BASIC", AuthParameters=basic,
                                     Description="d")["ConnectionArn"] for name in ("c", "d")]
    assert events.describe_connection(Name="c")["Description"] == "d"
    events.deauthorize_connection(Name="d")
    assert [each["Name"] for each in events.list_connections(ConnectionState="DEAUTHORIZED")["Connections"]] == ["d"]
    events.update_connection(Name="d", Description="e", AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hidden"}})
    told = events.describe_connection(Name="d")
    assert (told["Description"], told["AuthorizationType"], told["ConnectionState"]) == ("e", "API_KEY", "AUTHORIZED")
    assert told["AuthParameters"] == {"ApiKeyAuthParameters": {"ApiKeyName": "x-key"}}
    for name in ("p", "q", "r"):
        events.create_api_destination(Name=name, ConnectionArn=arns[0], InvocationEndpoint="https://example.com/a",
                                      HttpMethod="POST", Description="here")
    assert events.describe_api_destination(Name="p")["Description"] == "here"
    events.update_api_destination(Name="p", ConnectionArn=arns[1], Description="there", InvocationRateLimitPerSecond=7)
    told = events.describe_api_destination(Name="p")
    assert (told["ConnectionArn"], told["Description"], told["InvocationRateLimitPerSecond"]) == (arns[1], "there", 7)
    found = paged(events.list_api_destinations, "ApiDestinations", ConnectionArn=arns[0])
    assert [each["Name"] for each in found] == ["q", "r"]


def test_partners_and_their_sources_page_by_page(cloud: Cloud, events: Any) -> None:
    partner, third = cloud.other().client("events"), cloud.other()
    names = [f"aws.partner/example.com/{each}" for each in ("a", "b")]
    for name in names:
        partner.create_partner_event_source(Name=name, Account=cloud.account)
    partner.create_partner_event_source(Name=names[0], Account=third.account)
    assert [each["Name"] for each in paged(events.list_event_sources, "EventSources")] == names
    accounts = paged(partner.list_partner_event_source_accounts, "PartnerEventSourceAccounts", EventSourceName=names[0])
    assert {each["Account"] for each in accounts} == {cloud.account, third.account}
