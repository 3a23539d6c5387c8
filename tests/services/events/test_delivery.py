"""Events that reach their targets, in the form that the target wants, and what becomes of those that do not."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud, new_account
from enforced import document
from services.kinesis.streams import Stream
from services.sqs.queues import refused

from .conftest import Inbox, connect, put


def test_an_event_reaches_those_whose_pattern_it_meets(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"source": ["my.app"], "detail": {"state": [{"anything-but": "off"}]}})
    told = put(events, {"state": "on", "n": 1.50}, Resources=["arn:x"], Time=1_700_000_000)
    put(events, {"state": "off"})
    put(events, {"state": "on"}, source="other")
    (event,) = inbox.events()
    assert event == {"version": "0", "id": told["EventId"], "detail-type": "Test", "source": "my.app", "account": cloud.account,
                     "time": "2023-11-14T22:13:20Z", "region": "us-east-1", "resources": ["arn:x"],
                     "detail": {"state": "on", "n": 1.5}}
    events.disable_rule(Name="rule")
    put(events, {"state": "on"})
    assert inbox.events() == []


def test_entries_that_are_refused(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"source": [{"prefix": ""}]})
    good = {"Source": "a", "DetailType": "t", "Detail": "{}"}
    told = events.put_events(Entries=[
        good, {**good, "Source": ""}, {"Source": "a", "Detail": "{}"}, {**good, "Detail": "[1]"}, {**good, "Detail": "no"},
        {**good, "Source": "aws.s3"}, {**good, "EventBusName": "nowhere"}])
    assert told["FailedEntryCount"] == 5
    assert [each.get("ErrorCode") for each in told["Entries"]] == [
        None, "InvalidArgument", "InvalidArgument", "MalformedDetail", "MalformedDetail", "NotAuthorizedForSourceException",
        None]
    assert told["Entries"][1]["ErrorMessage"] == "Parameter Source is not valid. Reason: Source is a required argument."
    assert len(inbox.events()) == 1
    with refused("ValidationException", "Total size of the entries in the request is over the limit."):
        events.put_events(Entries=[{**good, "Detail": json.dumps({"x": "y" * 600_000})}] * 2)


def test_what_a_target_is_given(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    arn = connect(events, inbox, {"source": ["my.app"]}, Input='{"fixed": true}')
    detail = {"name": 'a "b"', "n": 5, "list": [1, {"x": "y"}], "odd key": None}

    def given(**target: Any) -> list[str]:
        events.put_targets(Rule="rule", Targets=[{"Id": "inbox", "Arn": inbox.arn, **target}])
        put(events, detail)
        return inbox.bodies()

    def filled(template: str, **paths: str) -> str:
        (body,) = given(InputTransformer={"InputPathsMap": paths, "InputTemplate": template})
        return body

    assert given(Input='{"fixed": true}') == ['{"fixed": true}']
    assert given(InputPath="$.detail.list[1]") == ['{"x":"y"}']
    assert given(InputPath="$.detail['odd key']") == ["null"]
    assert given(InputPath="$.detail.none") == []
    assert filled('"<who> has <n>"', who="$.detail.name", n="$.detail.n") == r'"a \"b\" has 5"'
    assert json.loads(filled('{"who": <who>, "list": <list>, "text": "n=<n> <unknown>", "none": <none>}', who="$.detail.name",
                             list="$.detail.list", n="$.detail.n", none="$.detail.none")) == {
        "who": 'a "b"', "list": [1, {"x": "y"}], "text": "n=5 <unknown>", "none": None}
    own = json.loads(filled('{"rule": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "event": <aws.events.event>, '
                            '"whole": <aws.events.event.json>, "at": <aws.events.event.ingestion-time>}'))
    assert (own["rule"], own["name"], own["whole"]["detail"]) == (arn, "rule", detail)
    assert "detail" not in own["event"]
    assert own["at"].endswith("Z")


def test_topics_fifo_queues_and_logs(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    fifo = Inbox(cloud, "ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    sns, logs = cloud.client("sns"), cloud.client("logs")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn, Attributes={"RawMessageDelivery": "true"})
    logs.create_log_group(logGroupName="/aws/events/all")
    events.put_rule(Name="r", EventPattern='{"source": ["my.app"]}')
    group = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:/aws/events/all"
    events.put_targets(Rule="r", Targets=[
        {"Id": "1", "Arn": topic}, {"Id": "2", "Arn": fifo.arn, "SqsParameters": {"MessageGroupId": "$.detail.group"}},
        {"Id": "3", "Arn": group}])
    put(events, {"group": "g7"})
    assert inbox.events()[0]["detail"] == {"group": "g7"}
    (message,) = fifo.messages()
    assert message["Attributes"]["MessageGroupId"] == "g7"
    (logged,) = logs.filter_log_events(logGroupName="/aws/events/all")["events"]
    assert json.loads(logged["message"])["detail"] == {"group": "g7"}


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(cloud: Cloud, events: Any) -> None:
    dead = Inbox(cloud, "dead")
    missing = f"arn:aws:sqs:us-east-1:{cloud.account}:missing"
    events.put_rule(Name="r", EventPattern='{"source": ["my.app"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": missing, "DeadLetterConfig": {"Arn": dead.arn}},
                                          {"Id": "2", "Arn": missing}])
    put(events, {"n": 1})
    (message,) = dead.messages()
    assert json.loads(message["Body"])["detail"] == {"n": 1}
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told["TARGET_ARN"] == missing
    assert told["RULE_ARN"] == f"arn:aws:events:us-east-1:{cloud.account}:rule/r"
    assert (told["ERROR_CODE"], told["RETRY_ATTEMPTS"]) == ("SDK_CLIENT_ERROR", "0")
    assert "does not exist" in told["ERROR_MESSAGE"]


def test_events_go_on_to_other_buses_regions_and_accounts(cloud: Cloud, events: Any) -> None:
    other = cloud.other()
    theirs, theirs_inbox = other.client("events"), Inbox(other, "inbox")
    west = cloud.client("events", region="eu-west-1")
    connect(theirs, theirs_inbox, {"account": [cloud.account]})
    west.put_rule(Name="west", EventPattern='{"source": ["my.app"]}')
    west.put_targets(Rule="west", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{cloud.account}:home"}])
    home = Inbox(cloud, "home")
    events.create_event_bus(Name="side")
    connect(events, home, {"source": ["my.app"]}, bus="side", name="side")
    dead = Inbox(cloud, "dead")
    events.put_rule(Name="r", EventPattern='{"source": ["my.app"]}')
    buses = [f"arn:aws:events:us-east-1:{other.account}:event-bus/default",
             f"arn:aws:events:eu-west-1:{cloud.account}:event-bus/default",
             f"arn:aws:events:us-east-1:{cloud.account}:event-bus/side"]
    events.put_targets(Rule="r", Targets=[{"Id": str(i), "Arn": arn, "DeadLetterConfig": {"Arn": dead.arn}}
                                          for i, arn in enumerate(buses)])
    first = put(events, {"n": 1})["EventId"]
    assert [(e["id"], e["region"], e["account"]) for e in home.events()] == [(first, "us-east-1", cloud.account)] * 2
    assert theirs_inbox.events() == []
    (refusal,) = dead.messages()
    assert refusal["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    theirs.put_permission(Action="events:PutEvents", Principal=cloud.account, StatementId="s")
    second = put(events, {"n": 2})["EventId"]
    assert [e["id"] for e in theirs_inbox.events()] == [second]


def test_rules_on_schedules_fire(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    for name, expression in (("five", "rate(5 minutes)"), ("noon", "cron(0 12 * * ? *)")):
        arn = events.put_rule(Name=name, ScheduleExpression=expression)["RuleArn"]
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": inbox.arn}])
    begin = cloud.clock.now()
    cloud.clock.advance(86_400)
    found = inbox.events()
    assert sum(e["resources"] == [arn] for e in found) == 1
    noon = next(e for e in found if e["resources"] == [arn])
    assert noon["time"].endswith("T12:00:00Z")
    assert (noon["detail-type"], noon["source"], noon["detail"]) == ("Scheduled Event", "aws.events", {})
    assert len(found) - 1 == 288
    events.disable_rule(Name="five")
    cloud.clock.advance(3600)
    assert all(e["resources"] == [arn] for e in inbox.events())
    assert cloud.clock.now() >= begin + 90_000


def test_what_services_here_tell_comes_to_the_default_bus(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"object": {
        "key": [{"prefix": "in/"}]}}})
    s3 = cloud.client("s3")
    bucket = f"b{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="out/a", Body=b"12345")
    (event,) = inbox.events()
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["detail"]["object"]["size"] == 5


def test_policies_of_a_bus_are_asked(start_cloud: Any) -> None:

    thread = start_cloud(iam="enforce")
    ours, theirs = Cloud(thread, new_account()), Cloud(thread, new_account())
    events = ours.client("events")
    events.create_event_bus(Name="open")
    bus = events.describe_event_bus(Name="open")["Arn"]
    entry = {"Source": "a", "DetailType": "t", "Detail": "{}", "EventBusName": bus}
    with refused("AccessDeniedException", "events:PutEvents"):
        theirs.client("events").put_events(Entries=[entry])
    events.put_permission(EventBusName="open", Action="events:PutEvents", Principal=theirs.account, StatementId="s")
    assert theirs.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0




def test_an_event_goes_from_a_bus_to_another_once_so_that_no_loop_runs_forever(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    dead = Inbox(cloud, "dead")
    bus = {}
    for name in ("a", "b"):
        bus[name] = events.create_event_bus(Name=name)["EventBusArn"]
        connect(events, inbox, {"source": ["my.app"]}, bus=name)
    for name, other in (("a", "b"), ("b", "a")):
        events.put_targets(Rule="rule", EventBusName=name, Targets=[
            {"Id": "on", "Arn": bus[other], "DeadLetterConfig": {"Arn": dead.arn}}])
    id = put(events, EventBusName="a")["EventId"]
    assert [event["id"] for event in inbox.events()] == [id, id]                 # one of each bus
    (letter,) = dead.messages()
    told = {name: said["StringValue"] for name, said in letter["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["TARGET_ARN"]) == ("THIRD_ACCOUNT_HOP_DETECTED", bus["a"])
    assert told["ERROR_MESSAGE"] == (
        f"Event ingestion rejected for event {id} because an event can be sent to an event bus target only once. "
        "This event was previously delivered to an event bus target.")


def test_a_stream_gets_records_under_the_key_that_the_event_says(cloud: Cloud, events: Any) -> None:
    stream, role = Stream(cloud), f"arn:aws:iam::{cloud.account}:role/r"
    events.put_rule(Name="rule", EventPattern='{"source": ["my.app"]}')
    target = {"Id": "t", "Arn": stream.arn, "RoleArn": role}
    events.put_targets(Rule="rule", Targets=[{**target, "KinesisParameters": {"PartitionKeyPath": "$.detail.who"}}])
    first, second = put(events, {"who": "ada"}), put(events, {"who": None})
    events.put_targets(Rule="rule", Targets=[{**target, "InputPath": "$.detail"}])
    third = put(events, {"n": 1})
    one, two, three = stream.records()
    assert (one["PartitionKey"], json.loads(one["Data"])["id"]) == ("ada", first["EventId"])
    assert json.loads(two["Data"])["id"] == second["EventId"]
    assert (three["PartitionKey"], three["Data"]) == (third["EventId"], b'{"n":1}')


def test_a_stream_that_has_enough_is_told_later(cloud: Cloud, events: Any) -> None:
    stream = Stream(cloud)
    events.put_rule(Name="rule", EventPattern='{"source": ["my.app"]}')
    events.put_targets(Rule="rule", Targets=[{"Id": "t", "Arn": stream.arn, "RoleArn": f"arn:aws:iam::{cloud.account}:role/r"}])
    for _ in range(8):                       # a shard takes a MiB a second
        put(events, {"text": "x" * 250_000})
    cloud.clock.advance(60)
    assert len(stream.records()) == 8


def test_a_stream_is_told_with_the_rights_of_the_targets_role(strict: Cloud) -> None:
    events, iam, stream, letters = strict.client("events"), strict.client("iam"), Stream(strict), Inbox(strict, "dead")
    trust = {"Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
    role = iam.create_role(RoleName="teller", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    events.put_rule(Name="rule", EventPattern='{"source": ["my.app"]}')
    events.put_targets(Rule="rule", Targets=[{"Id": "t", "Arn": stream.arn, "RoleArn": role,
                                              "DeadLetterConfig": {"Arn": letters.arn}}])
    put(events, {"n": 1})
    assert [each["MessageAttributes"]["ERROR_CODE"]["StringValue"] for each in letters.messages()] == ["NO_PERMISSIONS"]
    iam.put_role_policy(RoleName="teller", PolicyName="p", PolicyDocument=document(
        {"Action": "kinesis:PutRecord", "Resource": stream.arn}))
    put(events, {"n": 2})
    assert [json.loads(record["Data"])["detail"] for record in stream.records()] == [{"n": 2}]
