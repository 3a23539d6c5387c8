"""Lambda's screens as a person uses them, in Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person
from .test_packages import ROLE, package

CODE = "def lambda_handler(event, context):\n    print('saw', event['n'])\n    return {'twice': event['n'] * 2}\n"


@pytest.fixture
def work(console: Cloud) -> Any:
    client = console.client("lambda")
    client.create_function(FunctionName="work", Role=ROLE, Runtime="python3.11", Handler="app.handler",
                           Code={"ZipFile": package()})
    return client


def test_a_function_is_written_tried_and_changed(person: Person, console: Cloud) -> None:
    person.go("lambda")
    person.press("Create function")
    person.field("Function name").fill("double")
    person.field("Code").fill(CODE)
    person.press("Create function")
    person.tab.get_by_role("link", name="double").click()
    expect(person.field("lambda_function.py")).to_have_value(CODE)
    person.tab_named("Test")
    person.field("Event JSON").fill('{"n": 21}')
    person.press("Test")
    person.sees('"twice": 42')
    expect(person.tab.get_by_label("Log", exact=True)).to_contain_text("saw 21")
    person.tab_named("Code")
    person.field("lambda_function.py").fill(CODE.replace("* 2", "* 3"))
    person.sees("Changed, not deployed")
    person.press("Deploy")
    person.sees("double is deployed.")
    client = console.client("lambda")
    assert json.loads(client.invoke(FunctionName="double", Payload=b'{"n": 21}')["Payload"].read()) == {"twice": 63}
    roles = console.client("iam").list_attached_role_policies(RoleName="double-role")["AttachedPolicies"]
    assert [role["PolicyName"] for role in roles] == ["AWSLambdaBasicExecutionRole"]
    person.go("lambda")
    person.pick("double")
    person.press("Delete")
    person.confirm(word="double")
    person.sees("double is deleted.")
    assert client.list_functions()["Functions"] == []


def test_files_of_a_package_are_made_and_removed(person: Person, work: Any) -> None:
    person.go("lambda/functions/work")
    person.sees("logo.png")
    person.press("New file")
    person.field("File name").fill("more/words.py")
    person.press("Create file")
    person.field("more/words.py").fill("WORD = 'new'\n")
    person.choose("File", "lib/name.txt")
    person.press("Remove file")
    person.press("Deploy")
    person.sees("work is deployed.")
    expect(person.tab.get_by_text("Deployed", exact=True)).to_be_visible()
    answer = person.tab.request.post(f"{person.endpoint}/_console/api/function/code", data={"function": "work"}, headers={
        "x-cumulet-token": json.loads(person.tab.evaluate("localStorage.getItem('cumulet.session')"))["token"]})
    assert sorted(answer.json()["files"]) == ["app.py", "more/words.py", "run"]


def reports(console: Cloud) -> int:
    """How many ends of events are in the function's log; it comes into being with the first."""
    logs = console.client("logs")
    try:
        return len(logs.filter_log_events(logGroupName="/aws/lambda/work", filterPattern="REPORT")["events"])
    except logs.exceptions.ResourceNotFoundException:
        return 0


def test_a_failure_is_told_and_stands_in_the_monitor(person: Person, work: Any, console: Cloud) -> None:
    work.update_function_configuration(FunctionName="work", Handler="app.nothing")
    person.go("lambda/functions/work?tab=test")
    person.press("Test")
    person.sees("The function failed: Unhandled")
    work.update_function_configuration(FunctionName="work", Handler="app.handler")
    person.press("Test")
    person.sees("Succeeded")
    while reports(console) < 2:
        person.tab.wait_for_timeout(50)            # what functions write is in the log a moment later
    person.tab_named("Monitor")
    expect(person.tab.get_by_role("table", name="Invocations").get_by_role("row")).to_have_count(3)


def test_triggers_settings_versions_and_aliases(person: Person, work: Any, console: Cloud) -> None:
    console.client("sqs").create_queue(QueueName="jobs")
    person.go("lambda/functions/work?tab=triggers")
    person.press("Add source")
    person.choose("Source", "SQS: jobs")
    person.press("Add")
    expect(person.row(":jobs")).to_contain_text("Enabled")
    person.press("Create URL")
    person.press("Create")
    expect(person.tab.get_by_role("link", name="lambda-url")).to_be_visible()
    assert work.get_function_url_config(FunctionName="work")["AuthType"] == "NONE"
    person.tab_named("Configuration")
    person.press("Edit environment variables")
    person.press("Add environment variable")
    dialog = person.tab.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("TABLE")
    dialog.get_by_role("textbox").last.fill("orders")
    person.press("Save")
    person.sees("orders")
    assert work.get_function_configuration(FunctionName="work")["Environment"]["Variables"] == {"TABLE": "orders"}
    person.tab_named("Versions and aliases")
    person.press("Publish version")
    person.press("Publish")
    person.sees("Version 1 is what $LATEST is now.")
    person.press("Create alias")
    person.field("Alias name").fill("live")
    person.choose("Version", "1")
    person.press("Create")
    expect(person.row("live")).to_contain_text("1")
    assert work.get_alias(FunctionName="work", Name="live")["FunctionVersion"] == "1"
