"""The screens of CloudWatch Logs as a person uses them, in Chromium."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person


class Group:
    """A log group that is written to."""

    def __init__(self, console: Cloud) -> None:
        self.client = console.client("logs")
        self.client.create_log_group(logGroupName="/app/web")

    def write(self, stream: str, *messages: str) -> None:
        if not self.client.describe_log_streams(logGroupName="/app/web", logStreamNamePrefix=stream)["logStreams"]:
            self.client.create_log_stream(logGroupName="/app/web", logStreamName=stream)
        now = int(time.time() * 1000)
        self.client.put_log_events(logGroupName="/app/web", logStreamName=stream,
                                   logEvents=[{"timestamp": now, "message": message} for message in messages])


@pytest.fixture
def web(console: Cloud) -> Group:
    return Group(console)


def table(person: Person, name: str) -> Any:
    return person.tab.get_by_role("table", name=name)


def test_a_group_is_made_kept_shorter_written_to_and_deleted(person: Person, console: Cloud) -> None:
    client = console.client("logs")
    person.go("logs")
    person.press("Create log group")
    person.field("Log group name").fill("/app/made")
    person.choose("Retention", "14 days")
    person.press("Create log group")
    expect(person.row("/app/made")).to_contain_text("14 days")
    person.pick("/app/made")
    person.press("Retention")
    person.choose("Retention", "1 day")
    person.confirm("Save")
    expect(person.row("/app/made")).to_contain_text("1 day")
    assert client.describe_log_groups()["logGroups"][0]["retentionInDays"] == 1
    person.tab.get_by_role("link", name="/app/made").click()
    person.press("Put event")
    person.field("Message").fill('{"level": "error"}')
    person.press("Put")
    person.sees('{"level": "error"}')
    person.tab_named("Streams")
    person.sees("console")
    person.go("logs")
    person.pick("/app/made")
    person.press("Delete")
    person.confirm()
    person.sees("/app/made is deleted.")
    assert client.describe_log_groups()["logGroups"] == []


def test_events_are_filtered_and_a_tail_shows_what_comes(person: Person, web: Group) -> None:
    web.write("one", "ERROR it broke", "INFO all is well")
    web.write("two", "ERROR it broke again")
    person.go("logs/groups/%2Fapp%2Fweb")
    expect(table(person, "Events").get_by_role("row")).to_have_count(4)
    person.field("Filter pattern").fill("ERROR")
    person.tab.get_by_role("button", name="Filter", exact=True).click()
    expect(table(person, "Events").get_by_role("row")).to_have_count(3)
    person.tab_named("Streams")
    person.tab.get_by_role("link", name="two", exact=True).click()
    expect(table(person, "Events").get_by_role("row")).to_have_count(2)
    person.press("Of all streams")
    person.tab.get_by_text("Live tail").click()
    person.sees("Nothing came yet.")
    person.tab.wait_for_timeout(300)               # the first look tells from when on
    web.write("one", "while you look")
    person.sees("while you look")
    expect(table(person, "Events").get_by_role("row")).to_have_count(2)


def test_insights_answer_in_a_table(person: Person, web: Group) -> None:
    web.write("one", '{"level": "error", "took": 9}', '{"level": "info", "took": 10}', '{"level": "error", "took": 100}')
    person.go("logs")
    person.pick("/app/web")
    person.tab.get_by_role("button", name="Query", exact=True).click()
    person.field("Query").fill("stats count(*) as n, max(took) as longest by level | sort n desc")
    person.press("Run query")
    expect(table(person, "Results").get_by_role("row")).to_have_count(3)
    expect(person.row("error")).to_contain_text("100")
    with person.tab.expect_download() as got:
        person.press("Download CSV")
    assert got.value.path().read_text().splitlines()[0] in ("level,n,longest", "n,longest,level")
    person.field("Query").fill("nonsense |")
    person.press("Run query")
    person.sees("The query was not run")
    person.tab.wait_for_load_state("networkidle")


def test_a_group_that_is_not_there_says_so(person: Person) -> None:
    person.go("logs/groups/nowhere")
    person.sees("The specified log group does not exist.")
