"""Pictures of the console's screens, light and dark, wide and narrow, of a cloud with a little in it: `make screenshots`.

    python tools/screenshots.py [FOLDER] [NAME …]        by default build/screenshots, all screens

Needs Playwright and a Chromium (CHROMIUM names its program; /usr/bin/chromium by default).
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cumulet.faces import control
from cumulet.faces.console import face
from cumulet.kernel.cloud import Cloud, CloudThread
from cumulet.kernel.settings import Settings

ACCOUNT = "111122223333"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 420, "height": 860}
SCREENS = {
    "home": "", "inspector": "inspector", "explain": "explain/last", "state": "state", "coverage": "coverage", "labs": "labs",
    "s3": "s3", "s3-objects": "s3/buckets/pictures-111122223333", "dynamodb": "dynamodb",
    "dynamodb-items": "dynamodb/tables/music", "dynamodb-capacity": "dynamodb/tables/music?tab=capacity",
    "sqs": "sqs", "sqs-queue": "sqs/queues/orders",
    "sns": "sns", "iam-users": "iam", "iam-user": "iam/users/ann", "iam-roles": "iam/roles", "iam-policies": "iam/policies",
    "kms": "kms", "secrets": "secretsmanager", "parameters": "ssm",
    "lambda": "lambda", "lambda-code": "lambda/functions/greet", "lambda-test": "lambda/functions/greet?tab=test",
    "lambda-monitor": "lambda/functions/greet?tab=monitor", "lambda-triggers": "lambda/functions/greet?tab=triggers",
    "lambda-configuration": "lambda/functions/greet?tab=configuration", "logs": "logs",
    "logs-events": "logs/groups/%2Faws%2Flambda%2Fgreet", "insights": "logs/insights?group=%2Faws%2Flambda%2Fgreet",
    "events": "events", "events-rule": "events/rules/default/orders", "archives": "events/archives",
    "schedules": "events/schedules", "apis": "apigateway", "api-resources": "apigateway", "api-stages": "apigateway",
    "api-test": "apigateway", "api-routes": "apigateway", "kinesis": "kinesis",
    "kinesis-create": "kinesis",
    **{f"kinesis-{tab}": f"kinesis/streams/clicks?tab={tab}"
       for tab in ("details", "data", "put", "shards", "consumers", "triggers", "policy")},
    "inspector-call": "inspector", "faults": "state",
    "generic": "service/ec2", "generic-create": "service/sns", "generic-operations": "service/kms?tab=operations",
    "generic-away": "service/gamelift",
}
# What is pressed or picked before the picture is taken.
PRESSED = {"generic-create": "Create topic", "lambda-test": "Test", "insights": "Run query", "faults": "Add fault",
           "api-test": "Send request", "kinesis-data": "Get records", "kinesis-create": "Create data stream"}
# The link that is followed first, where an address has a name of the server's making, and the tab that is opened behind it.
FOLLOWED = {"api-resources": ("greetings", "Resources"), "api-stages": ("greetings", "Stages"),
            "api-test": ("greetings", "Test"), "api-routes": ("shop", "Routes")}
PICKED = {"inspector-call": "Publish"}
CODE = """import json


def lambda_handler(event, context):
    name = event.get("name", "world")
    print("greeting", name)
    return {"statusCode": 200, "body": json.dumps(f"Hello, {name}!")}
"""


def furnish(endpoint: str) -> None:
    """A little of everything."""
    def client(service: str, key: str = ACCOUNT) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key="test")

    s3, dynamodb, sqs, sns, iam = (client(name) for name in ("s3", "dynamodb", "sqs", "sns", "iam"))
    for name in ("pictures", "backups", "website"):
        s3.create_bucket(Bucket=f"{name}-{ACCOUNT}")
    for key in ("readme.txt", "2026/january/sea.svg", "2026/report.json", "index.html"):
        s3.put_object(Bucket=f"pictures-{ACCOUNT}", Key=key, Body=f"the content of {key}".encode() * 20)
    dynamodb.create_table(TableName="music", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 50},
                          KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"},
                                     {"AttributeName": "song", "KeyType": "RANGE"}],
                          AttributeDefinitions=[{"AttributeName": "artist", "AttributeType": "S"},
                                                {"AttributeName": "song", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName="music", WaiterConfig={"Delay": 1})
    for number in range(30):
        dynamodb.put_item(TableName="music", Item={
            "artist": {"S": f"Band {number % 7}"}, "song": {"S": f"Song {number:02}"}, "year": {"N": str(1980 + number)},
            "live": {"BOOL": number % 3 == 0}, "tags": {"SS": ["rock", "blues"]}})
    _scaling(client("application-autoscaling"))
    orders = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.create_queue(QueueName="emails.fifo", Attributes={"FifoQueue": "true"})
    for number in range(4):
        sqs.send_message(QueueUrl=orders, MessageBody=json.dumps({"order": number, "items": ["book", "pen"]}))
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders")
    _people(iam)
    sns.publish(TopicArn=topic, Message="The first issue is out.", Subject="News")
    _functions(client)
    _schedule(client)
    _apis(client)
    _streams(client("kinesis"))
    client("kms").create_key(Description="for the backups")
    client("secretsmanager").create_secret(Name="database", SecretString='{"user": "app", "password": "s3cret"}')
    client("ssm").put_parameter(Name="/app/prod/url", Type="String", Value="https://example.com")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    hers = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"])
    hers.list_objects_v2(Bucket=f"pictures-{ACCOUNT}")
    hers.put_object(Bucket=f"pictures-{ACCOUNT}", Key="hers", Body=b"x")


def _scaling(scaling: Any) -> None:
    reads = {"ServiceNamespace": "dynamodb", "ResourceId": "table/music",
             "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    scaling.register_scalable_target(**reads, MinCapacity=5, MaxCapacity=40)
    scaling.put_scaling_policy(**reads, PolicyName="reads", PolicyType="TargetTrackingScaling",
                               TargetTrackingScalingPolicyConfiguration={
                                   "TargetValue": 70, "PredefinedMetricSpecification": {
                                       "PredefinedMetricType": "DynamoDBReadCapacityUtilization"}})


def _functions(client: Callable[[str], Any]) -> None:
    """A function that ran, a rule, an archive and a schedule."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lambda_function.py", CODE)
    runtime = f"python3.{sys.version_info.minor}"
    client("lambda").create_function(FunctionName="greet", Runtime=runtime, Handler="lambda_function.lambda_handler",
                                     Role=f"arn:aws:iam::{ACCOUNT}:role/worker", Code={"ZipFile": packed.getvalue()},
                                     Description="Says hello", Environment={"Variables": {"TABLE": "music"}})
    for name in ("Ann", "Ben", "Cleo"):
        client("lambda").invoke(FunctionName="greet", Payload=json.dumps({"name": name}))
    client("lambda").create_event_source_mapping(FunctionName="greet", Enabled=False,
                                                 EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders")
    events = client("events")
    large = {"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}}
    events.put_rule(Name="orders", EventPattern=json.dumps(large), Description="Large orders")
    events.put_targets(Rule="orders", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"}])
    events.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)")
    bus = events.describe_event_bus()["Arn"]
    events.create_archive(ArchiveName="everything", EventSourceArn=bus, RetentionDays=30)
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"total": 250})}])


def _schedule(client: Callable[[str], Any]) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
                                                     "Action": "sts:AssumeRole"}]}
    role = client("iam").create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    client("scheduler").create_schedule(Name="report", ScheduleExpression="cron(0 8 ? * MON *)",
                                        FlexibleTimeWindow={"Mode": "OFF"},
                                        Target={"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders", "RoleArn": role})


def _apis(client: Callable[[str], Any]) -> None:
    """A REST API that greets by a mock, and an HTTP API of a function."""
    gateway = client("apigateway")
    made = gateway.create_rest_api(name="greetings", description="Says hello without a function")
    api, part = made["id"], made["rootResourceId"]
    for name in ("greetings", "{name}"):
        part = gateway.create_resource(restApiId=api, parentId=part, pathPart=name)["id"]
        method = {"restApiId": api, "resourceId": part, "httpMethod": "GET"}
        gateway.put_method(**method, authorizationType="NONE")
        gateway.put_method_response(**method, statusCode="200")
        gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
        gateway.put_integration_response(**method, statusCode="200",
                                         responseTemplates={"application/json": '{"hello":"$input.params(\'name\')"}'})
    gateway.create_deployment(restApiId=api, stageName="prod", variables={"greeter": "Ann"})
    client("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP", RouteKey="GET /orders/{id}",
                                      Target=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:greet")


def _streams(kinesis: Any) -> None:
    """A stream that was split, with records and a consumer; another one on demand."""
    kinesis.create_stream(StreamName="clicks", ShardCount=2, Tags={"team": "red"})
    kinesis.create_stream(StreamName="logs", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    pages = ("home", "orders", "basket")
    kinesis.put_records(StreamName="clicks", Records=[
        {"PartitionKey": f"visitor-{number % 5}", "Data": json.dumps({"page": pages[number % 3], "took": number * 7}).encode()}
        for number in range(24)])
    kinesis.split_shard(StreamName="clicks", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2 ** 126))
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reports")
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT},
                                                       "Action": "kinesis:GetRecords", "Resource": arn}]}
    kinesis.put_resource_policy(ResourceARN=arn, Policy=json.dumps(reading))


def _people(iam: Any) -> None:
    iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "red"}])
    iam.create_user(UserName="ben")
    iam.create_group(GroupName="developers")
    iam.add_user_to_group(GroupName="developers", UserName="ann")
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"],
                                                       "Resource": "*"}]}
    policy = iam.create_policy(PolicyName="reading", PolicyDocument=json.dumps(reading))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=policy)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                     "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))


def take(browser: Browser, endpoint: str, folder: Path, names: list[str]) -> None:
    """Each screen four times."""
    for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
        for mode in ("light", "dark"):
            context = browser.new_context(viewport=viewport, color_scheme=mode)      # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{endpoint}/_console/")
            page.get_by_label("Account ID or alias").first.wait_for()
            if size == "wide" and "sign-in" in names:
                page.screenshot(path=folder / f"sign-in-{mode}-{size}.png")
            page.get_by_label("Account ID or alias").first.fill(ACCOUNT)
            page.get_by_role("button", name="Sign in as root").click()
            page.get_by_role("heading", name="Home").wait_for()
            for name in names:
                if name in SCREENS:
                    _one(page, name, f"{endpoint}/_console/{SCREENS[name]}", folder / f"{name}-{mode}-{size}.png")
            context.close()


def _one(page: Page, name: str, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle") if address.rpartition("/")[2] != "inspector" else page.wait_for_timeout(1500)
    expect(page.locator("[class*=awsui_spinner]")).to_have_count(0, timeout=20_000)
    page.wait_for_timeout(400)
    if name in FOLLOWED:
        link, tab = FOLLOWED[name]
        page.get_by_role("link", name=link, exact=True).click()
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(600)
    if name in PRESSED:
        page.get_by_role("button", name=PRESSED[name], exact=True).first.click()
        page.wait_for_timeout(1200)
    if name in PICKED:
        page.get_by_label("Filter Calls").fill(PICKED[name])
        page.get_by_role("row").filter(has_text=PICKED[name]).first.click()
        page.wait_for_timeout(400)
        page.get_by_text("What caused what").scroll_into_view_if_needed()
    page.screenshot(path=file)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or ["sign-in", *SCREENS]

    def prepare(cloud: Cloud) -> None:
        control.mount(cloud)
        face.mount(cloud)

    thread = CloudThread(Settings(ports=(0,), ephemeral=True, data=str(folder / "state")), prepare).start()
    try:
        furnish(thread.cloud.endpoint.replace("localhost", "127.0.0.1"))
        with sync_playwright() as playwright:
            program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            take(browser, thread.cloud.endpoint, folder, names)
            browser.close()
    finally:
        thread.stop()


if __name__ == "__main__":
    main()
