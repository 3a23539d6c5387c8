"""Rotation: its steps, its windows, and what a failure leaves.

The function that rotates is this test's own where it has to answer: it is asked as Lambda's functions are, and it calls
Secrets Manager over the wire as they do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.services.secretsmanager import rotation
from services.lambda_.test_functions import make as make_function
from services.secretsmanager.test_secrets import OTHER, TOKEN, make, secrets, value_of  # noqa: F401  (a fixture)
from services.sqs.queues import refused

DAY = 86_400
Events = list[tuple[str, dict[str, Any]]]


class Functions:
    """Answers for Lambda in this test's account: runs the handler in a thread, so that it may call the cloud."""

    def __init__(self, account: str, handler: Callable[[dict[str, Any]], None]) -> None:
        self.account = account
        self.handler = handler
        self.asked: list[dict[str, Any]] = []

    def get_function(self, FunctionName: str) -> dict[str, Any]:
        return {"Configuration": {"FunctionArn": FunctionName}}

    async def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        event = json.loads(Payload)
        if event["SecretId"].split(":")[4] != self.account:      # an earlier test's, whose clock is the same
            return {"StatusCode": 200, "FunctionError": "Unhandled"}
        self.asked.append(event)
        try:
            await asyncio.to_thread(self.handler, event)
        except (LookupError, ClientError):
            return {"StatusCode": 200, "FunctionError": "Unhandled"}
        return {"StatusCode": 200}


@pytest.fixture
def events(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Events:
    heard: Events = []


    def emit(call: Any, source: str, kind: str, detail: dict[str, Any], resources: Any) -> None:
        if call.account == cloud.account:
            heard.append((kind, detail))

    monkeypatch.setattr(cloud.kernel.bus, "emit", emit)
    return heard


def names(events: Events) -> list[str]:
    return [detail["eventName"] for _, detail in events if "eventName" in detail]


def rotate(secrets: Any, event: dict[str, Any]) -> None:  # noqa: F811
    """What AWS's rotation templates do."""
    arn, token = event["SecretId"], event["ClientRequestToken"]
    told = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    assert "AWSPENDING" in told[token]
    if event["Step"] == "createSecret":
        secrets.put_secret_value(SecretId=arn, ClientRequestToken=token, SecretString=f"made {token[:4]}",
                                 VersionStages=["AWSPENDING"])
    elif event["Step"] == "testSecret":
        assert value_of(secrets, arn, VersionId=token, VersionStage="AWSPENDING")
    elif event["Step"] == "finishSecret":
        current = next(version for version, labels in told.items() if "AWSCURRENT" in labels)
        secrets.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                            RemoveFromVersionId=current)


@pytest.fixture
def functions(cloud: Cloud, secrets: Any, monkeypatch: pytest.MonkeyPatch) -> Functions:  # noqa: F811
    found = Functions(cloud.account, lambda event: rotate(secrets, event))
    monkeypatch.setattr(rotation, "_functions", lambda call, source: found)
    return found


ARN = "arn:aws:lambda:us-east-1:111122223333:function:rotate"


def test_a_rotation_goes_through_its_four_steps(cloud: Cloud, secrets: Any, functions: Functions,  # noqa: F811
                                                events: Events) -> None:
    arn = make(secrets, ClientRequestToken=TOKEN)
    told = secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, ClientRequestToken=OTHER,
                                 RotationRules={"AutomaticallyAfterDays": 30})
    assert (told["ARN"], told["VersionId"]) == (arn, OTHER)
    cloud.clock.idle()
    assert [event["Step"] for event in functions.asked] == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    assert all(event["SecretId"] == arn and event["ClientRequestToken"] == OTHER for event in functions.asked)
    assert (value_of(secrets), value_of(secrets, VersionStage="AWSPREVIOUS")) == ("made bbbb", "one")
    told = secrets.describe_secret(SecretId="db")
    assert told["VersionIdsToStages"] == {OTHER: ["AWSCURRENT"], TOKEN: ["AWSPREVIOUS"]}
    assert (told["RotationEnabled"], told["RotationLambdaARN"]) == (True, ARN)
    assert told["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert told["LastRotatedDate"].timestamp() == pytest.approx(cloud.clock.now(), abs=10)
    assert names(events) == ["RotationStarted", "RotationSucceeded"]


def test_it_goes_on_by_its_schedule(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets)
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotationRules={"ScheduleExpression": "rate(10 days)"})
    cloud.clock.idle()
    first = value_of(secrets)
    following = secrets.describe_secret(SecretId="db")["NextRotationDate"].timestamp()
    assert following == (cloud.clock.now() // DAY + 11) * DAY
    cloud.clock.advance(9 * DAY)
    assert value_of(secrets) == first
    cloud.clock.advance(1 * DAY)
    assert value_of(secrets) != first
    assert secrets.describe_secret(SecretId="db")["NextRotationDate"].timestamp() == following + 10 * DAY
    assert len(functions.asked) == 8


def test_not_at_once_but_in_the_next_window(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets)
    told = secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotateImmediately=False,
                                 RotationRules={"AutomaticallyAfterDays": 2})
    assert "VersionId" not in told
    cloud.clock.idle()
    assert [event["Step"] for event in functions.asked] == ["testSecret"]
    assert list(secrets.describe_secret(SecretId="db")["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert len(secrets.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]) == 1
    assert value_of(secrets) == "one"
    cloud.clock.advance(2 * DAY)
    assert value_of(secrets) != "one"


def test_a_try_out_never_takes_the_place_of_a_version(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=TOKEN)
    with refused("ResourceExistsException", TOKEN):
        secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotateImmediately=False, ClientRequestToken=TOKEN,
                              RotationRules={"AutomaticallyAfterDays": 2})
    cloud.clock.idle()
    assert (value_of(secrets), functions.asked) == ("one", [])


def test_a_version_that_the_try_out_puts_to_use_stays(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=TOKEN)

    def handler(event: dict[str, Any]) -> None:
        secrets.put_secret_value(SecretId="db", ClientRequestToken=event["ClientRequestToken"], SecretString="two")

    functions.handler = handler
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotateImmediately=False, ClientRequestToken=OTHER,
                          RotationRules={"AutomaticallyAfterDays": 2})
    cloud.clock.idle()
    assert value_of(secrets) == "two"


def test_a_change_by_hand_counts_as_a_rotation(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets)
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotateImmediately=False,
                          RotationRules={"AutomaticallyAfterDays": 5})
    cloud.clock.advance(3 * DAY)
    secrets.put_secret_value(SecretId="db", SecretString="by hand")
    cloud.clock.advance(3 * DAY)
    assert value_of(secrets) == "by hand"
    cloud.clock.advance(2 * DAY)
    assert value_of(secrets) != "by hand"


def test_a_failure_leaves_the_pending_version_and_is_tried_again(cloud: Cloud, secrets: Any, functions: Functions,  # noqa: F811
                                                                 events: Events) -> None:
    make(secrets, ClientRequestToken=TOKEN)
    working = functions.handler

    def broken(event: dict[str, Any]) -> None:
        if event["Step"] == "testSecret":
            raise LookupError
        working(event)

    functions.handler = broken
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, ClientRequestToken=OTHER,
                          RotationRules={"AutomaticallyAfterDays": 1})
    cloud.clock.idle()
    assert value_of(secrets) == "one"
    assert secrets.describe_secret(SecretId="db")["VersionIdsToStages"] == {TOKEN: ["AWSCURRENT"], OTHER: ["AWSPENDING"]}
    assert names(events) == ["RotationStarted", "RotationFailed"]
    assert "testSecret failed" in events[-1][1]["errorMessage"]
    with refused("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted."):
        secrets.rotate_secret(SecretId="db")
    functions.handler = working
    cloud.clock.advance(DAY)
    assert value_of(secrets) == "made bbbb"
    assert names(events)[-1] == "RotationSucceeded"


def test_a_function_that_finishes_nothing_has_failed(cloud: Cloud, secrets: Any, functions: Functions,  # noqa: F811
                                                     events: Events) -> None:
    make(secrets)
    functions.handler = lambda event: None
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN)
    cloud.clock.idle()
    assert len(functions.asked) == 4
    assert names(events) == ["RotationStarted", "RotationFailed"]
    assert value_of(secrets) == "one"


def test_rotation_is_called_off(cloud: Cloud, secrets: Any, functions: Functions) -> None:  # noqa: F811
    make(secrets)
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotationRules={"AutomaticallyAfterDays": 1},
                          RotateImmediately=False)
    assert secrets.cancel_rotate_secret(SecretId="db")["Name"] == "db"
    told = secrets.describe_secret(SecretId="db")
    assert told["RotationEnabled"] is False
    assert "NextRotationDate" not in told
    cloud.clock.idle()
    cloud.clock.advance(3 * DAY)
    assert [event["Step"] for event in functions.asked] == ["testSecret"]
    assert value_of(secrets) == "one"


def test_what_cannot_be_rotated(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    make(secrets)
    with refused("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."):
        secrets.rotate_secret(SecretId="db")
    with refused("AccessDeniedException", "cannot invoke the specified Lambda function"):
        secrets.rotate_secret(SecretId="db", RotationLambdaARN=ARN)
    arn = make_function(cloud.client("lambda"))["FunctionArn"]
    with refused("InvalidParameterException", "window"):
        secrets.rotate_secret(SecretId="db", RotationLambdaARN=arn,
                              RotationRules={"ScheduleExpression": "rate(4 hours)", "Duration": "9h"})
    with refused("ResourceNotFoundException"):
        secrets.rotate_secret(SecretId="none", RotationLambdaARN=arn)
    assert "RotationEnabled" not in secrets.describe_secret(SecretId="db")


def test_a_function_that_rotates_nothing_leaves_the_value(cloud: Cloud, secrets: Any, events: Events) -> None:  # noqa: F811
    make(secrets)
    arn = make_function(cloud.client("lambda"))["FunctionArn"]
    secrets.rotate_secret(SecretId="db", RotationLambdaARN=arn)
    cloud.clock.idle()
    assert names(events) == ["RotationStarted", "RotationFailed"]
    assert value_of(secrets) == "one"
