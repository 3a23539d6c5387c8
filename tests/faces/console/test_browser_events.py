"""The screens of EventBridge and its Scheduler as a person uses them, in Chromium."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person

ORDERS = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}})


def received(console: Cloud, url: str) -> list[Any]:
    answer = console.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def send(person: Person, total: int, button: str = "Send") -> None:
    person.press("Send events")
    person.field("Source").fill("shop")
    person.field("Event detail").fill(json.dumps({"total": total}))
    person.press(button)


def test_a_rule_tells_a_queue_what_fits(person: Person, console: Cloud) -> None:
    url = console.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    person.go("events/buses")
    person.press("Create event bus")
    person.field("Event bus name").fill("shop")
    person.press("Create event bus")
    person.tab.get_by_role("link", name="shop", exact=True).click()
    person.press("Create rule")
    person.field("Rule name").fill("big")
    person.field("Event pattern").fill(ORDERS)
    person.press("Create rule")
    person.tab.get_by_role("link", name="big", exact=True).click()
    person.press("Add target")
    person.choose("Target", "SQS: orders")
    person.confirm("Add")
    expect(person.row(":orders")).to_contain_text("target1")
    send(person, 20, "Which rules fit?")
    person.sees("No rule of this bus fits it.")
    person.field("Event detail").fill('{"total": 200}')
    person.press("Which rules fit?")
    person.sees("It fits big.")
    person.press("Send")
    person.sees("is sent.")
    assert [event["detail"] for event in received(console, url)] == [{"total": 200}]
    person.go("events?bus=shop")
    person.pick("big")
    person.press("Disable")
    expect(person.row("big")).to_contain_text("DISABLED")
    person.pick("big")
    person.press("Delete")
    person.confirm()
    person.sees("big is deleted.")
    assert console.client("events").list_rules(EventBusName="shop")["Rules"] == []


def test_an_archive_is_made_and_replayed(person: Person, console: Cloud) -> None:
    events = console.client("events")
    person.go("events/archives")
    person.press("Create archive")
    person.field("Archive name").fill("all")
    person.press("Create archive")
    person.sees("all is there.")
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": "{}"}])
    person.press("Refresh")
    person.pick("all")
    person.press("Replay")
    person.press("Start replay")
    person.sees("The replay has begun.")
    assert [replay["ReplayName"] for replay in events.list_replays()["Replays"]] == ["all-again"]
    expect(person.row("all-again")).to_be_visible()


def test_a_schedule_is_made_switched_off_and_deleted(person: Person, console: Cloud) -> None:
    console.client("sqs").create_queue(QueueName="orders")
    scheduler = console.client("scheduler")
    person.go("events/schedules")
    person.press("Create schedule")
    person.field("Schedule name").fill("nightly")
    person.field("When").fill("cron(0 3 * * ? *)")
    person.choose("Target", "SQS: orders")
    person.press("Create schedule")
    person.sees("nightly is there.")
    assert scheduler.get_schedule(Name="nightly")["Target"]["RoleArn"].endswith("role/service-role/nightly-schedule-role")
    person.pick("nightly")
    expect(person.tab.locator("pre[aria-label=Schedule]")).to_contain_text("cron(0 3 * * ? *)")
    person.press("Disable")
    expect(person.row("nightly")).to_contain_text("DISABLED")
    assert scheduler.get_schedule(Name="nightly")["ScheduleExpression"] == "cron(0 3 * * ? *)"
    person.pick("nightly")
    person.press("Delete")
    person.confirm()
    person.sees("nightly is deleted.")
