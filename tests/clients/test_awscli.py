"""The AWS CLI, unmodified: through `cumulet aws`, with --endpoint-url, and with AWS_ENDPOINT_URL."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import urllib.request
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud

AWS = str(Path(sys.executable).parent / "aws")
CUMULET = str(Path(sys.executable).parent / "cumulet")
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Cli:
    """One way to call the CLI."""

    def __init__(self, way: str, cloud: Cloud, folder: Path) -> None:
        self.account, self.folder = cloud.account, folder
        self._words = {"cumulet": [CUMULET, "aws", "--endpoint", cloud.endpoint, "--account", cloud.account],
                       "option": [AWS, "--endpoint-url", cloud.endpoint], "variable": [AWS]}[way]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "PATH": path, "AWS_CONFIG_FILE": str(folder / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
            "AWS_ACCESS_KEY_ID": cloud.account, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}
        if way == "variable":
            self._env["AWS_ENDPOINT_URL"] = cloud.endpoint

    def text(self, *words: str) -> str:
        ran = subprocess.run([*self._words, *words], cwd=self.folder, env=self._env, capture_output=True, text=True, timeout=90)
        assert ran.returncode == 0, f"{words}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    def told(self, *words: str) -> Any:
        return json.loads(self.text(*words, "--output", "json"))


@pytest.fixture
def cli(cloud: Cloud, tmp_path: Path) -> Cli:
    return Cli("option", cloud, tmp_path)


@pytest.mark.parametrize("way", ["cumulet", "option", "variable"])
def test_each_way_reaches_the_account(way: str, cloud: Cloud, tmp_path: Path) -> None:
    cli = Cli(way, cloud, tmp_path)
    assert cli.told("sts", "get-caller-identity")["Account"] == cloud.account
    cli.text("s3", "mb", f"s3://way-{cloud.account}")
    assert f"way-{cloud.account}" in cli.text("s3", "ls")
    assert cli.told("dynamodb", "list-tables") == {"TableNames": []}


SERVICES = """
eval "$(cumulet env --endpoint "$1" --account "$2" --shell bash)"
aws sqs create-queue --queue-name jobs --query QueueUrl --output text &
aws sns create-topic --name news --query TopicArn --output text &
aws lambda list-functions --query Functions --output text &
aws logs create-log-group --log-group-name app &
aws events put-rule --name nightly --schedule-expression 'rate(1 day)' --query RuleArn --output text &
aws dynamodb list-tables --query TableNames --output text &
aws s3 mb "s3://env-$2" &
wait
bash -euc 'aws sqs get-queue-url --queue-name jobs --query QueueUrl --output text'
"""


def test_the_variables_of_env_are_enough_for_all_services(cloud: Cloud, tmp_path: Path) -> None:
    """Version 1 takes old names of real AWS for sqs where nothing but the variable is said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "PATH": path, "AWS_MAX_ATTEMPTS": "1", "HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    ran = subprocess.run(["bash", "-euc", SERVICES, "-", cloud.endpoint, cloud.account], env=env, cwd=tmp_path,
                         capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count(f"{cloud.endpoint}/{cloud.account}/jobs\n") == 2
    for arn in (f"sns:us-east-1:{cloud.account}:news", f"events:us-east-1:{cloud.account}:rule/nightly"):
        assert f"arn:aws:{arn}\n" in ran.stdout
    assert cloud.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "app"
    assert cloud.client("s3").list_buckets()["Buckets"][0]["Name"] == f"env-{cloud.account}"


def test_s3(cli: Cli) -> None:
    bucket, folder = f"s3://cli-{cli.account}", cli.folder
    (folder / "tree/deep").mkdir(parents=True)
    (folder / "tree/a.txt").write_text("a")
    (folder / "tree/deep/b c+é.txt").write_text("b")
    cli.text("s3", "mb", bucket)
    cli.text("s3", "cp", "tree/a.txt", f"{bucket}/one.txt")
    assert "one.txt" in cli.text("s3", "ls", bucket)
    cli.text("s3", "sync", "tree", f"{bucket}/tree")
    assert cli.text("s3", "sync", "tree", f"{bucket}/tree") == ""           # nothing is new
    cli.text("s3", "sync", f"{bucket}/tree", "back")
    assert (folder / "back/deep/b c+é.txt").read_text() == "b"
    with urllib.request.urlopen(cli.text("s3", "presign", f"{bucket}/one.txt").strip(), timeout=10) as answer:
        assert answer.read() == b"a"
    big = os.urandom(20 * 1024 * 1024)
    (folder / "big").write_bytes(big)
    cli.text("s3", "cp", "big", f"{bucket}/big", "--no-progress")
    head = cli.told("s3api", "head-object", "--bucket", bucket[5:], "--key", "big")
    assert head["ContentLength"] == len(big)
    assert head["ETag"].strip('"').endswith("-3")
    cli.text("s3", "cp", f"{bucket}/big", "big.back", "--no-progress")
    assert hashlib.sha256((folder / "big.back").read_bytes()).digest() == hashlib.sha256(big).digest()
    cli.text("s3", "rm", f"{bucket}/one.txt")
    assert "one.txt" not in cli.text("s3", "ls", bucket)
    cli.text("s3", "rb", bucket, "--force")
    assert bucket[5:] not in cli.text("s3", "ls")


def test_a_queue_and_a_topic(cli: Cli) -> None:
    url = cli.told("sqs", "create-queue", "--queue-name", "jobs")["QueueUrl"]
    sent = cli.told("sqs", "send-message", "--queue-url", url, "--message-body", "hello")
    [got] = cli.told("sqs", "receive-message", "--queue-url", url)["Messages"]
    assert (got["MessageId"], got["Body"]) == (sent["MessageId"], "hello")
    topic = cli.told("sns", "create-topic", "--name", "news")["TopicArn"]
    cli.text("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint",
             f"arn:aws:sqs:us-east-1:{cli.account}:jobs", "--attributes", "RawMessageDelivery=true")
    cli.text("sns", "publish", "--topic-arn", topic, "--message", "news")
    [got] = cli.told("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"]
    assert got["Body"] == "news"


def test_a_table(cli: Cli) -> None:
    cli.text("dynamodb", "create-table", "--table-name", "orders", "--billing-mode", "PAY_PER_REQUEST",
             "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH")
    cli.text("dynamodb", "wait", "table-exists", "--table-name", "orders")
    item = {"id": {"S": "1"}, "total": {"N": "9.5"}}
    cli.text("dynamodb", "put-item", "--table-name", "orders", "--item", json.dumps(item))
    got = cli.told("dynamodb", "get-item", "--table-name", "orders", "--key", '{"id": {"S": "1"}}')
    assert got["Item"] == item
    asked = cli.told("dynamodb", "query", "--table-name", "orders", "--key-condition-expression", "id = :id",
                     "--expression-attribute-values", '{":id": {"S": "1"}}')
    assert (asked["Count"], asked["Items"]) == (1, [item])


def test_a_role_and_a_function(cli: Cli) -> None:
    role = cli.told("iam", "create-role", "--role-name", "runner", "--assume-role-policy-document", TRUST)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("app.py", "def handler(event, context):\n    return {'sum': event['a'] + event['b']}\n")
    (cli.folder / "app.zip").write_bytes(packed.getvalue())
    cli.text("lambda", "create-function", "--function-name", "add", "--runtime", "python3.12", "--role", role["Arn"],
             "--handler", "app.handler", "--zip-file", "fileb://app.zip")
    cli.text("lambda", "wait", "function-active-v2", "--function-name", "add")
    assert cli.told("lambda", "get-function", "--function-name", "add")["Configuration"]["State"] == "Active"


def test_a_network_and_a_metric(cli: Cli) -> None:
    vpc = cli.told("ec2", "create-vpc", "--cidr-block", "10.0.0.0/16")["Vpc"]
    [seen] = cli.told("ec2", "describe-vpcs", "--vpc-ids", vpc["VpcId"])["Vpcs"]
    assert seen["CidrBlock"] == "10.0.0.0/16"
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    cli.text("cloudwatch", "put-metric-data", "--namespace", "Cli", "--metric-name", "n", "--value", "2",
             "--timestamp", at.isoformat())
    told = cli.told("cloudwatch", "get-metric-statistics", "--namespace", "Cli", "--metric-name", "n", "--period", "60",
                    "--statistics", "Sum", "--start-time", at.isoformat(),
                    "--end-time", (at + timedelta(minutes=1)).isoformat())
    assert [point["Sum"] for point in told["Datapoints"]] == [2.0]
