"""A hundred thousand rows: they come in pages, and the first is there soon."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person

MANY, BATCH = 100_000, 10_000
SOON = 3.0               # seconds of the page's main thread, on however slow a machine: all rows would take far more


@pytest.fixture
def log(console: Cloud) -> Any:
    client = console.client("logs")
    client.create_log_group(logGroupName="large")
    client.create_log_stream(logGroupName="large", logStreamName="one")
    began = int(time.time() * 1000) - MANY
    for first in range(0, MANY, BATCH):
        client.put_log_events(logGroupName="large", logStreamName="one", logEvents=[
            {"timestamp": began + number, "message": f"line {number}"} for number in range(first, first + BATCH)])
    return client


def test_a_table_pages_through_what_the_server_has(person: Person, log: Any) -> None:
    asked: list[str] = []
    person.tab.on("request", lambda request: asked.append(request.post_data or "") if "api/invoke" in request.url else None)
    measured = person.context.new_cdp_session(person.tab)
    measured.send("Performance.enable", {"timeDomain": "threadTicks"})
    person.go("logs/groups/large")
    expect(person.row("line 0")).to_be_visible()
    spent = {one["name"]: one["value"] for one in measured.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
    print(f"the first page took {spent:.2f} s of the main thread")
    expect(person.tab.get_by_text("(1000+)")).to_be_visible()
    assert sum("FilterLogEvents" in body for body in asked) == 1
    for last in range(199, 1000, 100):
        person.press("Next page")
        expect(person.row(f"line {last}")).to_be_visible()
    person.press("Next page")
    expect(person.tab.get_by_text("(2000+)")).to_be_visible()
    expect(person.row("line 1099")).to_be_visible()
    assert sum("FilterLogEvents" in body for body in asked) == 2
    assert spent < SOON


def test_lists_of_things_go_on_behind_their_first_page(person: Person, console: Cloud) -> None:
    sqs, sns = console.client("sqs"), console.client("sns")
    for number in range(51):
        sqs.create_queue(QueueName=f"queue-{number:03}")
    for number in range(101):
        sns.create_topic(Name=f"topic-{number:03}")
    for path, title, last in (("sqs", "(50+)", "queue-050"), ("sns", "(100+)", "topic-100")):
        person.go(path)
        expect(person.tab.get_by_text(title)).to_be_visible()
        for _ in range(int(title[1:-2]) // 50):
            person.press("Next page")
        expect(person.row(last)).to_be_visible()
