"""Schedules: kept, listed, fired at their times, tried again, ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conftest import Cloud, new_account
from services.kinesis.streams import Stream
from services.sqs.queues import refused

from ..events.conftest import Inbox

ROLE = "arn:aws:iam::000000000000:role/r"
OFF = {"Mode": "OFF"}


@pytest.fixture
def scheduler(cloud: Cloud) -> Iterator[Any]:
    """What a test leaves would fire whenever another test moves the clock."""
    found = cloud.client("scheduler")
    yield found
    for each in found.list_schedules()["Schedules"]:
        found.delete_schedule(Name=each["Name"], GroupName=each["GroupName"])


@pytest.fixture
def inbox(cloud: Cloud) -> Inbox:
    return Inbox(cloud, "inbox")


def make(scheduler: Any, expression: str, arn: str, name: str = "s", target: Any = None, **members: Any) -> str:
    said = {"Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": OFF,
            "Target": {"Arn": arn, "RoleArn": ROLE, **(target or {})}, **members}
    return str(scheduler.create_schedule(**said)["ScheduleArn"])


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_a_schedule_is_told_as_it_was_made(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    scheduler.create_schedule_group(Name="g")
    arn = make(scheduler, "cron(0 12 * * ? *)", inbox.arn, GroupName="g", Description="d", State="DISABLED",
               ScheduleExpressionTimezone="Europe/Berlin", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5})
    assert arn == f"arn:aws:scheduler:us-east-1:{cloud.account}:schedule/g/s"
    told = scheduler.get_schedule(GroupName="g", Name="s")
    assert (told["Arn"], told["Description"], told["State"], told["ActionAfterCompletion"]) == (arn, "d", "DISABLED", "NONE")
    assert (told["ScheduleExpression"], told["ScheduleExpressionTimezone"]) == ("cron(0 12 * * ? *)", "Europe/Berlin")
    assert told["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert told["Target"] == {"Arn": inbox.arn, "RoleArn": ROLE, "RetryPolicy": {
        "MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}}
    scheduler.update_schedule(GroupName="g", Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                              Target={"Arn": inbox.arn, "RoleArn": ROLE})
    told = scheduler.get_schedule(GroupName="g", Name="s")
    assert (told["ScheduleExpression"], told.get("Description"), told["State"]) == ("rate(1 hour)", None, "ENABLED")
    with refused("ConflictException", "Schedule s already exists."):
        make(scheduler, "rate(1 hour)", inbox.arn, GroupName="g")
    scheduler.delete_schedule(GroupName="g", Name="s")
    with refused("ResourceNotFoundException", "Schedule s does not exist."):
        scheduler.get_schedule(GroupName="g", Name="s")
    with refused("ResourceNotFoundException", "Schedule s does not exist."):
        scheduler.delete_schedule(GroupName="g", Name="s")


def test_a_request_that_comes_again_makes_one_schedule(scheduler: Any, inbox: Inbox) -> None:
    first = make(scheduler, "rate(1 hour)", inbox.arn, ClientToken="t")
    assert make(scheduler, "rate(1 hour)", inbox.arn, ClientToken="t") == first
    with refused("ConflictException"):
        make(scheduler, "rate(1 hour)", inbox.arn, ClientToken="u")
    group = scheduler.create_schedule_group(Name="g", ClientToken="t")["ScheduleGroupArn"]
    assert scheduler.create_schedule_group(Name="g", ClientToken="t")["ScheduleGroupArn"] == group
    with refused("ConflictException", "Schedule group g already exists."):
        scheduler.create_schedule_group(Name="g", ClientToken="u")


def test_groups(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    arn = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    told = scheduler.get_schedule_group(Name="g")
    assert (told["Arn"], told["State"]) == (arn, "ACTIVE")
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    scheduler.create_schedule_group(Name="h")
    assert [g["Name"] for g in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "g", "h"]
    assert [g["Name"] for g in scheduler.list_schedule_groups(NamePrefix="h")["ScheduleGroups"]] == ["h"]
    make(scheduler, "rate(1 minute)", inbox.arn, GroupName="g")
    inbox.messages()
    scheduler.delete_schedule_group(Name="g")
    cloud.clock.advance(600)
    assert inbox.messages() == []
    with refused("ResourceNotFoundException", "Schedule group g does not exist."):
        make(scheduler, "rate(1 hour)", inbox.arn, GroupName="g")
    with refused("ValidationException", "default"):
        scheduler.delete_schedule_group(Name="default")


def test_schedules_are_listed(scheduler: Any, inbox: Inbox) -> None:
    scheduler.create_schedule_group(Name="g")
    for name, group in (("a1", "default"), ("a2", "g"), ("b", "g")):
        make(scheduler, "rate(1 hour)", inbox.arn, name, GroupName=group, State="DISABLED" if name == "b" else "ENABLED")

    def listed(**members: Any) -> list[str]:
        return [s["Name"] for page in scheduler.get_paginator("list_schedules").paginate(
            PaginationConfig={"PageSize": 1}, **members) for s in page["Schedules"]]

    assert listed() == ["a1", "a2", "b"]
    assert listed(GroupName="g") == ["a2", "b"]
    assert listed(NamePrefix="a") == ["a1", "a2"]
    assert listed(State="DISABLED") == ["b"]


def test_a_schedule_is_changed_in_all_it_says(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    make(scheduler, "rate(1 hour)", inbox.arn)
    assert len(inbox.bodies()) == 1
    begin = int(cloud.clock.now()) + 7200
    said = {"ScheduleExpression": f"at({written(begin + 3600)})", "ScheduleExpressionTimezone": "UTC", "Description": "once",
            "ActionAfterCompletion": "DELETE", "StartDate": begin, "EndDate": begin + 86_400, "State": "DISABLED"}
    scheduler.update_schedule(Name="s", FlexibleTimeWindow=OFF, Target={"Arn": inbox.arn, "RoleArn": ROLE}, **said)
    told = scheduler.get_schedule(Name="s")
    assert {name: told[name].timestamp() if name.endswith("Date") else told[name] for name in said} == said
    cloud.clock.advance(3600)
    assert inbox.bodies() == []
    scheduler.update_schedule(Name="s", FlexibleTimeWindow=OFF, Target={"Arn": inbox.arn, "RoleArn": ROLE},
                              **{**said, "State": "ENABLED"})
    cloud.clock.advance(3 * 3600)
    assert len(inbox.bodies()) == 1
    assert scheduler.list_schedules()["Schedules"] == []
    for name in ("g", "h"):
        scheduler.create_schedule_group(Name=name)
    pages = scheduler.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 1})
    assert [each["Name"] for page in pages for each in page["ScheduleGroups"]] == ["default", "g", "h"]


def test_a_rate_fires_at_once_and_then_each_period(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    arn = make(scheduler, "rate(10 minutes)", inbox.arn)
    (notice,) = [json.loads(body) for body in inbox.bodies()]
    assert (notice["source"], notice["detail-type"], notice["resources"]) == ("aws.scheduler", "Scheduled Event", [arn])
    cloud.clock.advance(3600)
    assert len(inbox.bodies()) == 6
    now = cloud.clock.now()
    make(scheduler, "rate(10 minutes)", inbox.arn, "later", StartDate=now + 3600, EndDate=now + 7200)
    scheduler.delete_schedule(Name="s")
    cloud.clock.advance(3500)
    assert inbox.bodies() == []
    cloud.clock.advance(36_000)
    assert len(inbox.bodies()) == 6


def test_one_time_schedules_fire_once_and_may_go(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    at = cloud.clock.now() + 3600
    make(scheduler, f"at({written(at)})", inbox.arn, "stays", {"Input": "stays"})
    make(scheduler, f"at({written(at + 3600)})", inbox.arn, "goes", {"Input": "goes <aws.scheduler.scheduled-time>"},
         ActionAfterCompletion="DELETE", ScheduleExpressionTimezone="UTC")
    make(scheduler, f"at({written(at + 3600)})", inbox.arn, "off", State="DISABLED")
    cloud.clock.advance(5400)
    assert inbox.bodies() == ["stays"]
    cloud.clock.advance(86_400)
    assert inbox.bodies() == [f"goes {written(at + 3600)}Z"]
    assert [s["Name"] for s in scheduler.list_schedules()["Schedules"]] == ["off", "stays"]


def make_table(cloud: Cloud) -> Any:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(TableName="things", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    return dynamodb


def test_ten_years_by_the_clock_of_berlin(cloud: Cloud, scheduler: Any) -> None:
    """The last Friday of each month, at nine: seven or eight in the morning, UTC."""
    dynamodb = make_table(cloud)
    make(scheduler, "cron(0 9 ? * 6L *)", "arn:aws:scheduler:::aws-sdk:dynamodb:putItem",
         ScheduleExpressionTimezone="Europe/Berlin", target={"Input": json.dumps(
             {"TableName": "things", "Item": {"id": {"S": "<aws.scheduler.scheduled-time>"}}})})
    cloud.clock.advance(10 * 365.25 * 86_400)
    found = [item["id"]["S"] for item in dynamodb.scan(TableName="things")["Items"]]
    assert 119 <= len(found) <= 121
    assert {each[11:] for each in found} == {"07:00:00Z", "08:00:00Z"}
    days = [datetime.fromisoformat(each[:10]) for each in found]
    assert all(day.weekday() == 4 and day.day > 21 for day in days)


def test_ten_years_of_mondays_take_seconds(cloud: Cloud, scheduler: Any) -> None:
    """At nine by the clock of Berlin, none left out and none twice: in CPU seconds that one hand counts."""
    dynamodb, berlin = make_table(cloud), ZoneInfo("Europe/Berlin")
    make(scheduler, "cron(0 9 ? * MON *)", "arn:aws:scheduler:::aws-sdk:dynamodb:putItem",
         ScheduleExpressionTimezone="Europe/Berlin", target={"Input": json.dumps(
             {"TableName": "things", "Item": {"id": {"S": "<aws.scheduler.scheduled-time>"}}})})
    began, cpu = cloud.clock.now(), process_time()
    cloud.clock.advance(10 * 365.25 * 86_400)
    assert process_time() - cpu < 5                      # a tenth of that, when nothing else runs
    first = datetime.fromtimestamp(began, berlin).date()
    mornings = [datetime.combine(first + timedelta(days=day), time(9), berlin).astimezone(UTC) for day in range(3654)]
    due = [each for each in mornings if each.weekday() == 0 and began <= each.timestamp() <= began + 10 * 365.25 * 86_400]
    pages = dynamodb.get_paginator("scan").paginate(TableName="things")
    found = sorted(item["id"]["S"] for page in pages for item in page["Items"])
    assert found == [f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in due]
    assert len(found) >= 521


def test_a_flexible_window_is_kept(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    make(scheduler, "rate(1 hour)", inbox.arn, target={"Input": "<aws.scheduler.scheduled-time>"},
         FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}, StartDate=cloud.clock.now() + 3600)
    cloud.clock.advance(3600 * 10.6)
    found = inbox.messages()
    assert len(found) == 10
    for message in found:
        sent = int(message["Attributes"]["SentTimestamp"]) / 1000
        due = datetime.fromisoformat(message["Body"].replace("Z", "+00:00")).timestamp()
        assert 0 <= sent - due <= 1801
    delays = {int(m["Attributes"]["SentTimestamp"]) // 1000 % 3600 for m in found}
    assert len(delays) > 3


def test_any_operation_can_be_called(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    dynamodb = make_table(cloud)
    make(scheduler, "rate(1 hour)", "arn:aws:scheduler:::aws-sdk:dynamodb:putItem", "put", {"Input": json.dumps(
        {"TableName": "things", "Item": {"id": {"S": "<aws.scheduler.execution-id>"}, "raw": {"B": "aGk="}}})})
    make(scheduler, "rate(1 hour)", "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup", "log",
         {"Input": '{"logGroupName": "made"}', "DeadLetterConfig": {"Arn": inbox.arn}})
    cloud.clock.idle()
    (item,) = dynamodb.scan(TableName="things")["Items"]
    assert item["raw"]["B"] == b"hi"
    assert cloud.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "made"
    cloud.clock.advance(3601)
    (dead,) = inbox.messages()
    told = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["RETRY_ATTEMPTS"]) == ("ResourceAlreadyExistsException", "0")
    assert told["TARGET_ARN"] == "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup"


def test_topics_and_buses(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    sns, events = cloud.client("sns"), cloud.client("events")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn, Attributes={"RawMessageDelivery": "true"})
    make(scheduler, "rate(1 day)", topic, "topic", {"Input": "hello"})
    assert inbox.bodies() == ["hello"]
    events.put_rule(Name="r", EventPattern='{"source": ["my.schedule"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": inbox.arn, "InputPath": "$.detail"}])
    make(scheduler, "rate(1 day)", f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default", "bus", {
        "Input": '{"n": 1}', "EventBridgeParameters": {"Source": "my.schedule", "DetailType": "t"}})
    assert inbox.bodies() == ['{"n":1}']


def test_a_role_is_asked_for_its_rights(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    scheduler, iam = cloud.client("scheduler"), cloud.client("iam")
    inbox, dead = Inbox(cloud, "inbox"), Inbox(cloud, "dead")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    make(scheduler, "rate(1 hour)", inbox.arn, target={"RoleArn": role, "Input": "x", "DeadLetterConfig": {"Arn": dead.arn}})
    assert inbox.bodies() == []
    assert dead.messages()[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"].startswith("AccessDenied")
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": inbox.arn}]}))
    cloud.clock.advance(3600)
    assert inbox.bodies() == ["x"]
    assert dead.messages() == []


def test_a_role_must_let_the_scheduler_in(cloud: Cloud, scheduler: Any, inbox: Inbox) -> None:
    iam, dead = cloud.client("iam"), Inbox(cloud, "dead")

    def trust(service: str, **conditions: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
                     "Condition": {"StringEquals": conditions}}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]
    target = {"RoleArn": role, "Input": "x", "DeadLetterConfig": {"Arn": dead.arn}}
    words = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    with refused("ValidationException", words):
        make(scheduler, "rate(1 hour)", inbox.arn, target=target)
    group = f"arn:aws:scheduler:us-east-1:{cloud.account}:schedule-group/"
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust(
        "scheduler.amazonaws.com", **{"aws:SourceArn": group + "other", "aws:SourceAccount": cloud.account}))
    with refused("ValidationException", words):
        make(scheduler, "rate(1 hour)", inbox.arn, target=target)
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust(
        "scheduler.amazonaws.com", **{"aws:SourceArn": group + "default", "aws:SourceAccount": cloud.account}))
    make(scheduler, "rate(1 hour)", inbox.arn, target=target)
    assert inbox.bodies() == ["x"]
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust("lambda.amazonaws.com"))
    with refused("ValidationException", words):
        scheduler.update_schedule(Name="s", ScheduleExpression="rate(2 hours)", FlexibleTimeWindow=OFF,
                                  Target={"Arn": inbox.arn, "RoleArn": role})
    cloud.clock.advance(3600)
    assert inbox.bodies() == []
    (letter,) = dead.messages()
    assert letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] == words


def test_a_role_is_passed_by_those_who_may_pass_it(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    iam, inbox = cloud.client("iam"), Inbox(cloud, "inbox")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.create_user(UserName="dev")
    keys = iam.create_access_key(UserName="dev")["AccessKey"]
    scheduler = cloud.client("scheduler", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])

    def allow(action: str, resource: str, **conditions: str) -> None:
        said = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": {"StringEquals": conditions}}
        iam.put_user_policy(UserName="dev", PolicyName=action.replace(":", "-"), PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [said]}))

    allow("scheduler:CreateSchedule", "*")
    with refused("AccessDeniedException", "iam:PassRole"):
        make(scheduler, "rate(1 hour)", inbox.arn, target={"RoleArn": role})
    allow("iam:PassRole", role, **{"iam:PassedToService": "scheduler.amazonaws.com"})
    assert make(scheduler, "rate(1 hour)", inbox.arn, target={"RoleArn": role}).endswith(":schedule/default/s")
    with refused("ValidationException", "must allow AWS EventBridge Scheduler"):
        make(cloud.client("scheduler"), "rate(1 hour)", inbox.arn, "t", target={"RoleArn": role + "-absent"})


def test_a_schedule_puts_a_record_into_a_stream(cloud: Cloud, scheduler: Any) -> None:
    stream = Stream(cloud)
    make(scheduler, "rate(1 minute)", stream.arn, target={
        "Input": "at <aws.scheduler.scheduled-time>", "KinesisParameters": {"PartitionKey": "k"}})
    cloud.clock.advance(60)
    records = stream.records()
    assert [record["PartitionKey"] for record in records] == ["k", "k"]        # at once, and a minute later
    assert all(record["Data"].startswith(b"at 20") for record in records)


@pytest.mark.parametrize(("members", "code", "words"), [
    ({"ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "Invalid Schedule Expression rate(1 minutes)."),
    ({"ScheduleExpressionTimezone": "Mars/Base"}, "ValidationException", "Mars/Base"),
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "ValidationException", "MaximumWindowInMinutes"),
    ({"StartDate": 2e9, "EndDate": 1.9e9}, "ValidationException", "StartDate"),
    ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:receiveMessage", "RoleArn": ROLE}}, "ValidationException",
     "only reads"),
    ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "RoleArn": ROLE}}, "NotImplemented", "glue:startJob"),
    ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": ROLE, "Input": "{"}}, "ValidationException",
     "not a valid JSON"),
    ({"Target": {"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "RoleArn": ROLE}}, "ValidationException",
     "KinesisParameters must be provided"),
    ({"Target": {"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c", "RoleArn": ROLE}}, "NotImplemented", "targets of ecs"),
    ({"Target": {"Arn": "nonsense", "RoleArn": ROLE}}, "ValidationException", "correct format"),
    ({"Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo", "RoleArn": ROLE}}, "ValidationException", "SqsParameters"),
    ({"Target": {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/b", "RoleArn": ROLE}}, "ValidationException",
     "EventBridgeParameters")])
def test_schedules_that_are_refused(scheduler: Any, members: dict[str, Any], code: str, words: str) -> None:
    good = {"Name": "s", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF,
            "Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": ROLE}}
    with refused(code, words):
        scheduler.create_schedule(**{**good, **members})
