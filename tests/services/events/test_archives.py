"""Archives that keep events and give them out again."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from cumulet.kernel import Call
from services.sqs.queues import refused

from .conftest import Inbox, connect, inside, put


def bus_arn(cloud: Cloud) -> str:
    return f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default"


def test_what_was_archived_is_replayed(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    arn = events.create_archive(ArchiveName="all", EventSourceArn=bus_arn(cloud),
                                EventPattern='{"detail": {"keep": [true]}}')["ArchiveArn"]
    begin = cloud.clock.now()
    for i in range(250):
        put(events, {"keep": i % 2 == 0, "i": i})
    put(events, {"keep": True, "i": "early"}, Time=int(begin) - 10_000)
    told = events.describe_archive(ArchiveName="all")
    assert (told["EventCount"], told["State"], told["RetentionDays"]) == (126, "ENABLED", 0)
    assert told["SizeBytes"] > 126 * 200
    connect(events, inbox, {"source": ["my.app"]})
    other = Inbox(cloud, "other")
    rule = connect(events, other, {"source": ["my.app"]}, name="other")
    events.start_replay(ReplayName="again", EventSourceArn=arn, EventStartTime=begin - 60, EventEndTime=begin + 3600,
                        Destination={"Arn": bus_arn(cloud)})
    found = inbox.events()
    assert sorted(e["detail"]["i"] for e in found) == list(range(0, 250, 2))
    assert {e["replay-name"] for e in found} == {"again"}
    assert len(other.events()) == 125
    told = events.describe_replay(ReplayName="again")
    assert told["State"] == "COMPLETED"
    assert told["ReplayArn"] == f"arn:aws:events:us-east-1:{cloud.account}:replay/again"
    assert events.describe_archive(ArchiveName="all")["EventCount"] == 126
    events.start_replay(ReplayName="one", EventSourceArn=arn, EventStartTime=begin - 20_000, EventEndTime=begin - 60,
                        Destination={"Arn": bus_arn(cloud), "FilterArns": [rule]})
    assert inbox.events() == []
    assert [e["detail"]["i"] for e in other.events()] == ["early"]
    assert [each["ReplayName"] for each in events.list_replays()["Replays"]] == ["again", "one"]
    assert [each["ReplayName"] for each in events.list_replays(NamePrefix="o", State="COMPLETED")["Replays"]] == ["one"]
    with refused("IllegalStatusException", "not in a valid state"):
        events.cancel_replay(ReplayName="one")
    with refused("ResourceAlreadyExistsException", "Replay one already exists."):
        events.start_replay(ReplayName="one", EventSourceArn=arn, EventStartTime=begin, EventEndTime=begin + 1,
                            Destination={"Arn": bus_arn(cloud)})


def test_a_replay_can_be_stopped(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    arn = events.create_archive(ArchiveName="all", EventSourceArn=bus_arn(cloud))["ArchiveArn"]
    begin = cloud.clock.now()
    put(events)
    connect(events, inbox, {"source": ["my.app"]})

    def start_and_stop(call: Call) -> Any:
        call.aws.events.start_replay(ReplayName="r", EventSourceArn=arn, EventStartTime=begin - 60, EventEndTime=begin + 60,
                                     Destination={"Arn": bus_arn(cloud)})
        return call.aws.events.cancel_replay(ReplayName="r")

    assert inside(cloud, start_and_stop)["State"] == "CANCELLING"
    assert inbox.events() == []
    assert events.describe_replay(ReplayName="r")["State"] == "CANCELLED"


def test_archives_forget(cloud: Cloud, events: Any) -> None:
    events.create_archive(ArchiveName="short", EventSourceArn=bus_arn(cloud), RetentionDays=2)
    put(events)
    cloud.clock.advance(86_400 * 1.5)
    put(events)
    assert events.describe_archive(ArchiveName="short")["EventCount"] == 2
    cloud.clock.advance(86_400 * 1.5)
    assert events.describe_archive(ArchiveName="short")["EventCount"] == 1
    events.update_archive(ArchiveName="short", RetentionDays=0, Description="d")
    cloud.clock.advance(86_400 * 9)
    told = events.describe_archive(ArchiveName="short")
    assert (told["EventCount"], told["Description"]) == (1, "d")
    events.update_archive(ArchiveName="short", RetentionDays=1)
    assert events.describe_archive(ArchiveName="short")["EventCount"] == 0


def test_archives_are_listed_and_deleted(cloud: Cloud, events: Any) -> None:
    for name in ("a1", "a2", "b"):
        events.create_archive(ArchiveName=name, EventSourceArn=bus_arn(cloud))

    def listed(**members: Any) -> list[str]:
        return [each["ArchiveName"] for each in events.list_archives(**members)["Archives"]]

    assert listed(NamePrefix="a") == ["a1", "a2"]
    assert listed(EventSourceArn=bus_arn(cloud)) == ["a1", "a2", "b"]
    assert listed(Limit=2) == ["a1", "a2"]
    assert listed(NextToken=events.list_archives(Limit=2)["NextToken"]) == ["b"]
    events.delete_archive(ArchiveName="b")
    assert listed(State="ENABLED") == ["a1", "a2"]
    with refused("ValidationException", "At most one filter"):
        listed(State="ENABLED", NamePrefix="a")
    with refused("ResourceNotFoundException", "Archive b does not exist."):
        events.delete_archive(ArchiveName="b")
    with refused("ResourceAlreadyExistsException", "Archive a1 already exists."):
        events.create_archive(ArchiveName="a1", EventSourceArn=bus_arn(cloud))
    with refused("ResourceNotFoundException", "Event bus"):
        events.create_archive(ArchiveName="c", EventSourceArn=bus_arn(cloud) + "x")
