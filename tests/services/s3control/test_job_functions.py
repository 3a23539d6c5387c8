"""Jobs of Batch Operations that invoke a function for each object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from enforced import document
from services.lambda_.conftest import zipped
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.batch import report, run, wanted

FUNCTION = """
import json
import os

def handler(event, context):
    task = event["tasks"][0]
    answers = json.loads(os.environ["ANSWERS"])
    code = answers.get(task["s3Key"].replace("%20", "_"), "Succeeded")
    if code == "raise":
        raise ValueError("no good")
    if code == "wrong":
        return ["no", "answer"]
    said = {"invocationSchemaVersion": event["invocationSchemaVersion"], "invocationId": event["invocationId"],
            "treatMissingKeysAs": answers.get("missing", "PermanentFailure"), "results": []}
    if code != "none":
        said["results"] = [{"taskId": task["taskId"], "resultCode": code, "resultString": json.dumps(event)}]
    return said
"""


@pytest.fixture
def function(cloud: Any) -> Any:
    """`function(**answers)` makes the function that answers so, by key; its ARN."""
    client = cloud.client("lambda")

    def make(**answers: str) -> str:
        arn: str = client.create_function(
            FunctionName="worker", Role=f"arn:aws:iam::{cloud.account}:role/runner", Runtime="python3.11",
            Handler="app.handler", Timeout=20, Code={"ZipFile": zipped({"app.py": FUNCTION})},
            Environment=answering(**answers))["FunctionArn"]
        return arn

    return make


def answering(**answers: str) -> dict[str, Any]:
    return {"Variables": {"ANSWERS": json.dumps(answers)}}


def invoking(arn: str, **more: Any) -> dict[str, Any]:
    return {"LambdaInvoke": {"FunctionArn": arn} | more}


def told(job: dict[str, Any]) -> tuple[int, int]:
    return job["ProgressSummary"]["NumberOfTasksSucceeded"], job["ProgressSummary"]["NumberOfTasksFailed"]


def test_a_function_is_given_each_object(shop: Any, function: Any) -> None:
    job = run(shop, invoking(function()))
    assert (job["Status"], told(job), job["Operation"]["LambdaInvoke"]["FunctionArn"][-6:]) == ("Complete", (3, 0), "worker")
    lines = report(shop, job)
    assert [line[3:6] for line in lines] == [["succeeded", "200", ""]] * 3
    events = [json.loads(line[6]) for line in lines]
    assert [one["tasks"][0]["s3Key"] for one in events] == ["a%201", "b", "c"]
    assert events[0]["invocationSchemaVersion"] == "1.0"
    assert events[0]["job"] == {"id": job["JobId"]}
    assert events[0]["tasks"][0]["s3BucketArn"] == f"arn:aws:s3:::{shop.bucket}"
    assert events[0]["tasks"][0]["s3VersionId"] is None
    assert len({one["invocationId"] for one in events}) == 3


def test_the_second_schema_has_arguments(shop: Any, function: Any) -> None:
    arn = function()
    job = run(shop, invoking(arn, InvocationSchemaVersion="2.0", UserArguments={"to": "there"}))
    event = json.loads(report(shop, job)[0][6])
    assert (event["invocationSchemaVersion"], event["job"]) == ("2.0", {"id": job["JobId"], "userArguments": {"to": "there"}})
    assert event["tasks"][0]["s3Bucket"] == shop.bucket
    assert "s3BucketArn" not in event["tasks"][0]
    for wrong in ({"UserArguments": {"a": "b"}}, {"InvocationSchemaVersion": "3.0"},
                  {"InvocationSchemaVersion": "2.0", "UserArguments": {"n" * 65: "v"}}, {"FunctionArn": None}):
        said = {name: value for name, value in invoking(arn, **wrong)["LambdaInvoke"].items() if value is not None}
        assert refused(shop.control.create_job, **wanted(shop, {"LambdaInvoke": said}, "u"))[1] == 400


def test_what_a_function_answers_is_told(shop: Any, function: Any) -> None:
    job = run(shop, invoking(function(a_1="PermanentFailure", b="raise", c="wrong")))
    assert (job["Status"], told(job)) == ("Complete", (0, 3))
    lines = report(shop, job)
    assert [line[3:6] for line in lines] == [["failed", "200", "PermanentFailure"]] * 3
    assert json.loads(lines[0][6])["tasks"][0]["s3Key"] == "a%201"
    assert lines[1][6].startswith("Lambda returned function error: {")
    assert "no good" in lines[1][6]
    assert lines[2][6] == 'Lambda returned an invalid response: ["no", "answer"]'


@pytest.mark.parametrize(("missing", "expected"), [("Succeeded", (3, 0)), ("PermanentFailure", (2, 1))])
def test_missing_results_are_taken_as_it_says(shop: Any, function: Any, missing: str, expected: tuple[int, int]) -> None:
    assert told(run(shop, invoking(function(b="none", missing=missing)))) == expected


def test_temporary_failures_are_tried_again(shop: Any, function: Any, cloud: Any) -> None:
    arn = function(b="TemporaryFailure", c="TemporaryFailure")
    job = run(shop, invoking(arn))
    assert (job["Status"], told(job)) == ("Active", (1, 0))
    cloud.client("lambda").update_function_configuration(FunctionName="worker", Environment=answering(b="TemporaryFailure"))
    who = {"AccountId": shop.account, "JobId": job["JobId"]}
    shop.clock.advance(61)
    job = shop.control.describe_job(**who)["Job"]
    assert told(job) == (2, 0)
    assert 60 <= job["ProgressSummary"]["Timers"]["ElapsedTimeInActiveSeconds"] < 70
    shop.clock.advance(400)
    job = shop.control.describe_job(**who)["Job"]
    assert (job["Status"], told(job)) == ("Complete", (2, 1))
    assert [line[5] for line in report(shop, job)] == ["", "", "TemporaryFailure"]


def test_a_function_that_is_missing_fails_the_tasks(shop: Any) -> None:
    job = run(shop, invoking(f"arn:aws:lambda:us-east-1:{shop.account}:function:none"))
    assert told(job) == (0, 3)
    assert report(shop, job)[0][4:6] == ["404", "ResourceNotFoundException"]


def test_the_role_must_be_allowed_to_invoke(shop: Any, function: Any, cloud: Any) -> None:
    arn, iam = function(), cloud.client("iam")
    for role, service in (("batch", "batchoperations.s3"), ("runner", "lambda")):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(
            {"Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}))
    body = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    assert ask(cloud.endpoint, "POST", "/_cumulet/iam", body, Content_Type="application/json").status == 200
    job = run(shop, invoking(arn))
    assert (told(job), report(shop, job)[0][4:6]) == ((0, 3), ["403", "AccessDenied"])
    iam.put_role_policy(RoleName="batch", PolicyName="it", PolicyDocument=document(
        {"Action": "lambda:InvokeFunction", "Resource": arn}))
    job = run(shop, invoking(arn), token="u")
    assert told(job) == (3, 0)


def test_a_job_that_is_cancelled_reports_what_it_did(shop: Any, function: Any) -> None:
    job = run(shop, invoking(function(b="TemporaryFailure")))
    shop.control.update_job_status(AccountId=shop.account, JobId=job["JobId"], RequestedJobStatus="Cancelled")
    shop.clock.advance(1000)
    assert shop.control.describe_job(AccountId=shop.account, JobId=job["JobId"])["Job"]["Status"] == "Cancelled"
    assert sorted(line[1] for line in report(shop, job)) == ["a 1", "c"]
