"""The rules, and what came by them."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _look(room: Room, name: str) -> list[dict[str, Any]]:
    """The events in a queue, which stay there."""
    sqs = room.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: list[dict[str, Any]] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found]


def _times(room: Room, name: str, schedule: str) -> list[datetime]:
    """When the messages of a schedule came, in order."""
    said = room.client("events").describe_rule(Name=name).get("ScheduleExpression")
    if said != schedule:
        raise Wrong(f"the schedule of {name} is {said}")
    events = _look(room, name)
    if any(event.get("detail-type") != "Scheduled Event" for event in events):
        raise Wrong(f"there are other messages than those of the rule in {name}")
    return sorted(datetime.fromisoformat(event["time"].replace("Z", "+00:00")) for event in events)


def alarm(room: Room) -> None:
    """A mail about a key that is there, and is about to be deleted."""
    pattern = json.loads(room.client("events").describe_rule(Name="key-deletions")["EventPattern"])
    if pattern.get("detail-type") != ["AWS API Call via CloudTrail"]:
        raise Wrong("the rule key-deletions does not ask for API calls by their detail-type")
    mails = room.remote.get("/_cumulet/mail", account=room.account)["messages"]
    texts = [room.remote.get("/_cumulet/mail", id=mail["id"])["text"] for mail in mails if "security@example.com" in mail["to"]]
    keys = room.client("kms").list_keys()["Keys"]
    deleted = [key["KeyId"] for key in keys
               if room.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"]
    if not deleted:
        raise Wrong("no key is about to be deleted")
    if not any(text.lstrip('"').startswith("Key ") and key in text for text in texts for key in deleted):
        raise Wrong("security@example.com got no mail about it")


def ticks(room: Room) -> None:
    """Three of them, five minutes apart."""
    came = _times(room, "ticks", "rate(5 minutes)")
    if len(came) < 3:
        raise Wrong(f"{len(came)} messages came")
    if any((later - earlier).total_seconds() % 300 for earlier, later in pairwise(came)):
        raise Wrong(f"they came at {', '.join(f'{each:%H:%M:%S}' for each in came)}")


def mornings(room: Room) -> None:
    """At nine, on the right days."""
    came = _times(room, "mornings", room.client("events").describe_rule(Name="mornings").get("ScheduleExpression", ""))
    if not came:
        raise Wrong("nothing came yet")
    if any((each.hour, each.minute) != (9, 0) or each.isoweekday() > 5 for each in came):
        raise Wrong(f"they came at {', '.join(f'{each:%a %H:%M}' for each in came)}")


def archive(room: Room) -> None:
    """What it keeps, and how long."""
    told = room.client("events").describe_archive(ArchiveName="orders")
    if not told["EventSourceArn"].endswith(":event-bus/shop") or told["RetentionDays"] != 7:
        raise Wrong("the archive orders does not keep the events of shop for seven days")
    if told["EventCount"] < 2:
        raise Wrong(f"{told['EventCount']} events are in it")


def replay(room: Room) -> None:
    """Events of the past, in a queue of the present."""
    events = room.client("events")
    if not events.list_targets_by_rule(Rule="orders", EventBusName="shop")["Targets"]:
        raise Wrong("the rule orders has no target")
    if not any(each["State"] == "COMPLETED" for each in events.list_replays()["Replays"]):
        raise Wrong("no replay was completed")
    found = _look(room, "orders")
    if len(found) < 2 or not all("replay-name" in event for event in found):
        raise Wrong(f"{sum('replay-name' in event for event in found)} replayed events are in the queue orders, "
                    f"and {sum('replay-name' not in event for event in found)} others")
