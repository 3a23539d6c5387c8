"""A rule on a call, two on the clock, and an archive that is replayed."""

import json
import re
import urllib.request
from typing import Any

from cumulet.faces.labs.room import Room


def solve(room: Room) -> None:
    """All of them, one after the other."""
    _alarm(room)
    _orders(room)
    events = room.client("events")
    for name, schedule in (("ticks", "rate(5 minutes)"), ("mornings", "cron(0 9 ? * MON-FRI *)")):
        rule = events.put_rule(Name=name, ScheduleExpression=schedule)["RuleArn"]
        _queue(room, name, rule)
    room.refused("ValidationException", events.put_rule, Name="nonsense", ScheduleExpression="cron(0 9 * * MON-FRI *)")
    room.advance(1200)
    events.disable_rule(Name="ticks")
    room.advance(3 * 86_400)                     # three days hold a weekday, whenever they begin


def _let_in(arn: str, action: str, rule: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action, "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}})


def _queue(room: Room, name: str, rule: str, bus: str = "default") -> None:
    """A queue of this name that the rule of this name tells."""
    arn = f"arn:aws:sqs:us-east-1:{room.account}:{name}"
    room.client("sqs").create_queue(QueueName=name, Attributes={"Policy": _let_in(arn, "sqs:SendMessage", rule)})
    room.client("events").put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])


def _alarm(room: Room) -> None:
    """Who wants to delete a key is heard of."""
    sns, events, kms = room.client("sns"), room.client("events"), room.client("kms")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@example.com")
    urllib.request.urlopen(re.findall(r"http\S+ConfirmSubscription\S+", _mail(room)["text"])[0]).read()
    rule = events.put_rule(Name="key-deletions", EventPattern=json.dumps({
        "source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["kms.amazonaws.com"], "eventName": ["ScheduleKeyDeletion"]}}))["RuleArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=_let_in(topic, "sns:Publish", rule))
    events.put_targets(Rule="key-deletions", Targets=[{"Id": "mail", "Arn": topic, "InputTransformer": {
        "InputPathsMap": {"key": "$.detail.requestParameters.keyId", "who": "$.detail.userIdentity.arn"},
        "InputTemplate": '"Key <key> will be deleted, says <who>."'}}])
    key = kms.create_key(Description="of no use any more")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    room.wait(lambda: key in _mail(room)["text"])


def _mail(room: Room) -> dict[str, Any]:
    """The newest mail of this account."""
    line = room.remote.get("/_cumulet/mail", account=room.account)["messages"][0]
    return dict(room.remote.get("/_cumulet/mail", id=line["id"]))


def _orders(room: Room) -> None:
    """Events come, are kept, and are heard of later."""
    events = room.client("events")
    bus = events.create_event_bus(Name="shop")["EventBusArn"]
    archive = events.create_archive(ArchiveName="orders", EventSourceArn=bus, RetentionDays=7,
                                    EventPattern='{"detail-type": ["Order"]}')["ArchiveArn"]
    begin = float(room.remote.get("/_cumulet/time")["now"])
    events.put_events(Entries=[{"EventBusName": "shop", "Source": "my.shop", "DetailType": kind, "Detail": json.dumps({"n": n})}
                               for n, kind in enumerate(("Order", "Order", "Visit"))])
    rule = events.put_rule(Name="orders", EventBusName="shop", EventPattern='{"source": ["my.shop"]}')["RuleArn"]
    _queue(room, "orders", rule, "shop")
    room.advance(60)
    events.start_replay(ReplayName="again", EventSourceArn=archive, EventStartTime=begin - 60, EventEndTime=begin + 60,
                        Destination={"Arn": bus})
    room.wait(lambda: events.describe_replay(ReplayName="again")["State"] == "COMPLETED")
