"""What axe finds on the console's screens, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from conftest import Cloud

from .browser import Person, profile
from .mocks import mock
from .test_packages import ROLE, package

SCREENS = [
    "", "inspector", "explain", "state", "coverage", "labs", "labs/L90-kms-envelope", "s3", "s3/buckets/b-{account}",
    "s3/buckets/b-{account}?tab=permissions", "dynamodb", "dynamodb/tables/music",
    "dynamodb/tables/music?tab=capacity", "sqs", "sqs/queues/jobs", "sns", "sns/mailbox",
    "iam", "iam/groups", "iam/users/ann", "iam/roles", "iam/policies", "kms", "secretsmanager", "ssm",
    "lambda", "lambda/functions/work",
    *(f"lambda/functions/work?tab={tab}" for tab in ("test", "monitor", "triggers", "configuration", "versions")),
    "logs", "logs/groups/app", "logs/groups/app?tab=streams", "logs/insights?group=app", "events",
    "events/rules/default/hourly", "events/buses", "events/archives", "events/schedules", "apigateway",
    *(f"apigateway/rest/{{rest}}?tab={tab}" for tab in ("resources", "stages", "test")),
    *(f"apigateway/apis/{{chat}}?tab={tab}" for tab in ("routes", "test")), "kinesis",
    *(f"kinesis/streams/clicks?tab={tab}" for tab in ("details", "data", "put", "shards", "consumers", "triggers", "policy")),
    "service/sns",
    "service/kms?tab=operations", "service/gamelift"]


def furnish(console: Cloud) -> dict[str, str]:
    """A little for the screens to show; what has a name of the server's making."""
    s3, sqs = console.client("s3"), console.client("sqs")
    s3.create_bucket(Bucket=f"b-{console.account}")
    s3.put_object(Bucket=f"b-{console.account}", Key="k", Body=b"v")
    console.client("dynamodb").create_table(
        TableName="music", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName="jobs")["QueueUrl"], MessageBody="one")
    console.client("iam").create_user(UserName="ann")
    console.client("lambda").create_function(FunctionName="work", Role=ROLE, Runtime="python3.11", Handler="app.handler",
                                             Code={"ZipFile": package()})
    console.client("logs").create_log_group(logGroupName="app")
    console.client("kinesis").create_stream(StreamName="clicks", ShardCount=2)
    console.client("events").put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    chat = console.client("apigatewayv2").create_api(Name="chat", ProtocolType="WEBSOCKET",
                                                     RouteSelectionExpression="$request.body.action")
    return {"account": console.account, "rest": greetings(console.client("apigateway")), "chat": chat["ApiId"]}


def greetings(client: Any) -> str:
    """A REST API with one mock, deployed to a stage."""
    api = client.create_rest_api(name="greetings")
    mock(client, restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET")
    client.create_deployment(restApiId=api["id"], stageName="live")
    return str(api["id"])


# In the dark, only the colours are others.
@pytest.mark.parametrize(("mode", "screens", "rules"), [("light", SCREENS, []), ("dark", SCREENS[::3], ["color-contrast"])])
def test_no_screen_shuts_anybody_out(browser: Browser, console: Cloud, mode: str, screens: list[str],
                                     rules: list[str]) -> None:
    named = furnish(console)
    person = Person(profile(browser, color_scheme=mode), console.endpoint, console.account)
    person.go()
    problems = _problems(person, "sign-in", rules)
    person.sign_in()
    for screen in screens:
        person.turn_to(screen.format(**named))
        problems += _problems(person, screen, rules)
    complaints = person.complaints
    person.context.close()
    assert (problems, complaints) == ([], [])


def _problems(person: Person, screen: str, rules: list[str]) -> list[str]:
    """What axe finds serious on this screen, by these rules or by all."""
    person.tab.locator("main, [class*=awsui_main]").first.wait_for()
    if person.tab.evaluate("typeof axe") == "undefined":
        Axe().run(person.tab, options={"runOnly": ["document-title"]})       # it stays until the page is loaded anew
    # What stands around the screens is the same for all: it is looked at with the first ones.
    found = person.tab.evaluate("""([whole, rules]) => axe.run(
        whole ? document : document.querySelector('main') ?? document,
        {resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})})""", [screen in ("sign-in", ""), rules])
    return [f"{screen}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]
            if v["impact"] in ("serious", "critical")]
