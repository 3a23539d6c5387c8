"""Faults, as clients meet them."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from cumulet.kernel.faults.rules import Fault, strikes


def code(ask: Any) -> tuple[str, int]:
    """The error that a call meets, "" for none, and the status."""
    try:
        return "", ask()["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as problem:
        return problem.response["Error"]["Code"], problem.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def faulty(cloud: Any) -> Any:
    """The shared cloud; a test's faults are about its own account, and none is left."""


    with httpx.Client(base_url=cloud.endpoint) as http:
        made: list[int] = []

        def add(**asked: Any) -> dict[str, Any]:
            answer = http.post("/_cumulet/faults", json={"account": cloud.account, **asked}).json()
            if "error" in answer and "id" not in answer:
                raise ValueError(answer["error"])
            made.append(answer["id"])
            return dict(answer)

        def clear(id: int) -> None:
            http.post("/_cumulet/faults/clear", json={"id": id})

        add.http, add.clear = http, clear                  # type: ignore[attr-defined]
        yield add
        for id in made:
            clear(id)


def listed(faulty: Any, id: int) -> dict[str, Any]:
    return next(dict(f) for f in faulty.http.get("/_cumulet/faults").json()["faults"] if f["id"] == id)


def test_an_error_is_answered_as_the_service_says_it(cloud: Any, faulty: Any) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(TableName="items", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    made = faulty(service="dynamodb", operations=["put-item"], error="ProvisionedThroughputExceededException", message="Slow.")
    assert made["operations"] == ["PutItem"]
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException, match=r"Slow\.") as problem:
        dynamodb.put_item(TableName="items", Item={"k": {"S": "a"}})
    assert problem.value.response["ResponseMetadata"]["HTTPHeaders"]["x-cumulet-fault"] == str(made["id"])
    assert "Item" not in dynamodb.get_item(TableName="items", Key={"k": {"S": "a"}})
    assert (listed(faulty, made["id"])["seen"], listed(faulty, made["id"])["struck"]) == (1, 1)
    faulty.clear(made["id"])
    dynamodb.put_item(TableName="items", Item={"k": {"S": "a"}})
    assert dynamodb.get_item(TableName="items", Key={"k": {"S": "a"}})["Item"]


@pytest.mark.parametrize(("service", "ask", "sort", "answer"), [
    ("s3", "list_buckets", "throttle", ("SlowDown", 503)), ("s3", "list_buckets", "internal", ("InternalError", 500)),
    ("s3", "list_buckets", "unavailable", ("ServiceUnavailable", 503)),
    ("ec2", "describe_vpcs", "throttle", ("RequestLimitExceeded", 503)),
    ("iam", "list_users", "throttle", ("Throttling", 400)), ("lambda", "list_functions", "throttle",
                                                               ("TooManyRequestsException", 429)),
    ("dynamodb", "list_tables", "internal", ("InternalServerError", 500)),
    ("sqs", "list_queues", "throttle", ("RequestThrottled", 403)),
    ("kms", "list_keys", "unavailable", ("ServiceUnavailable", 503)),
])
def test_each_service_says_it_in_its_own_words(cloud: Any, faulty: Any, service: str, ask: str, sort: str,
                                               answer: tuple[str, int]) -> None:
    client = cloud.client(service)
    made = faulty(service=service, error=sort)
    assert code(getattr(client, ask)) == answer
    faulty.clear(made["id"])
    assert code(getattr(client, ask)) == ("", 200)


def test_latency_comes_on_top_and_keeps_nobody_else_waiting(cloud: Any, faulty: Any) -> None:
    sqs = cloud.client("sqs")
    sqs.list_queues()
    faulty(service="sqs", operations=["ListQueues"], latency=0.6)
    began = time.monotonic()
    assert code(sqs.list_queues) == ("", 200)
    assert time.monotonic() - began >= 0.6
    began = time.monotonic()
    assert code(lambda: sqs.create_queue(QueueName="q")) == ("", 200)
    assert time.monotonic() - began < 0.6


def test_a_connection_is_cut_before_or_in_the_place_of_the_answer(cloud: Any, faulty: Any) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    def waiting() -> str:
        return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"][
            "ApproximateNumberOfMessages"])

    before = faulty(service="sqs", operations=["SendMessage"], cut="before")
    with pytest.raises(ConnectionClosedError):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    assert waiting() == "0"
    faulty.clear(before["id"])
    faulty(service="sqs", operations=["SendMessage"], cut="after")
    with pytest.raises(ConnectionClosedError):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    assert waiting() == "1"


def test_a_large_answer_is_cut_too(cloud: Any, faulty: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=f"b-{cloud.account}")
    s3.put_object(Bucket=f"b-{cloud.account}", Key="big", Body=b"x" * 3_000_000)
    made = faulty(service="s3", operations=["GetObject"], cut="after")
    with pytest.raises(ConnectionClosedError):
        s3.get_object(Bucket=f"b-{cloud.account}", Key="big")
    faulty.clear(made["id"])
    assert len(s3.get_object(Bucket=f"b-{cloud.account}", Key="big")["Body"].read()) == 3_000_000


def test_only_what_a_fault_is_about_is_struck(cloud: Any, faulty: Any) -> None:
    sqs = cloud.client("sqs")
    one, two = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("orders-1", "others"))
    made = faulty(service="sqs", resource=f"arn:aws:sqs:*:{cloud.account}:orders-*", error="throttle")
    assert code(lambda: sqs.send_message(QueueUrl=one, MessageBody="x"))[0] == "RequestThrottled"
    assert code(lambda: sqs.send_message(QueueUrl=two, MessageBody="x"))[0] == ""
    faulty.clear(made["id"])
    made = faulty(region="eu-west-1", error="unavailable")
    assert code(cloud.client("sqs", region="eu-west-1").list_queues)[0] == "ServiceUnavailable"
    assert code(cloud.client("kms", region="eu-west-1").list_keys)[0] == "ServiceUnavailable"
    assert code(sqs.list_queues)[0] == ""
    other = cloud.other()
    assert code(other.client("sqs", region="eu-west-1").list_queues)[0] == ""
    faulty.clear(made["id"])
    iam = cloud.client("iam")
    iam.create_user(UserName="u")
    keys = iam.create_access_key(UserName="u")["AccessKey"]
    user = cloud.client("sqs", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])
    faulty(principal="arn:aws:iam::*:user/u", error="internal")
    assert code(user.list_queues)[1] == 500
    assert code(sqs.list_queues)[0] == ""


def test_a_rate_strikes_the_same_calls_each_time(cloud: Any, faulty: Any) -> None:
    sqs = cloud.client("sqs")
    rounds = []
    for _ in range(2):
        made = faulty(service="sqs", operations=["ListQueues"], error="throttle", rate=0.3, seed=7)
        rounds.append([code(sqs.list_queues)[0] for _ in range(40)])
        faulty.clear(made["id"])
    assert rounds[0] == rounds[1]
    assert 4 <= sum(map(bool, rounds[0])) <= 20
    drawn = [strikes(Fault(error="throttle", rate=0.3, seed=s), n) for s in range(40) for n in range(100)]
    assert 0.27 < sum(drawn) / len(drawn) < 0.33


def test_a_fault_ends_by_the_clock(cloud: Any, faulty: Any) -> None:
    sqs = cloud.client("sqs")
    made = faulty(service="sqs", error="throttle", seconds=300)
    assert 290 < listed(faulty, made["id"])["left"] <= 300
    assert code(sqs.list_queues)[0] == "RequestThrottled"
    cloud.clock.advance(301)
    assert code(sqs.list_queues)[0] == ""
    assert made["id"] not in [f["id"] for f in faulty.http.get("/_cumulet/faults").json()["faults"]]


@pytest.mark.parametrize(("asked", "problem"), [
    ({"service": "sqs"}, "say what the fault does"), ({"service": "none", "error": "throttle"}, "no service none"),
    ({"service": "sqs", "operations": ["Fly"], "error": "throttle"}, "no operation Fly"),
    ({"service": "sqs", "error": "ResourceInUseException"}, "no error ResourceInUseException"),
    ({"operations": ["PutItem"], "error": "throttle"}, "say the service"),
    ({"service": "sqs", "error": "throttle", "rate": 1.5}, "rate is above 0"),
    ({"service": "sqs", "latency": -1}, "latency is between"), ({"error": "QueueDoesNotExist"}, "no error of every service"),
    ({"service": "sqs", "error": "throttle", "cut": "before"}, "carries no error"), ({"colour": "red"}, "colour"),
    ({"service": "sqs", "cut": "now"}, "now"),
])
def test_what_cannot_be_is_refused(faulty: Any, asked: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        faulty(**asked)


def test_a_status_allows_any_code(cloud: Any, faulty: Any) -> None:
    faulty(service="sqs", error="Odd", status=418)
    assert code(cloud.client("sqs").list_queues) == ("Odd", 418)


def test_faults_outlive_a_restart(start_cloud: Any, tmp_path: Any) -> None:


    first = start_cloud(data=tmp_path / "state")
    httpx.post(f"{first.cloud.endpoint}/_cumulet/faults", json={"service": "sqs", "error": "throttle"}).raise_for_status()
    first.stop()
    second = start_cloud(data=tmp_path / "state")
    found = httpx.get(f"{second.cloud.endpoint}/_cumulet/faults").json()["faults"]
    assert [(f["service"], f["error"]) for f in found] == [("sqs", "throttle")]
    second.call(second.cloud.reset())
    assert len(httpx.get(f"{second.cloud.endpoint}/_cumulet/faults").json()["faults"]) == 1
    assert httpx.post(f"{second.cloud.endpoint}/_cumulet/faults/clear", json={}).json() == {"cleared": 1}
    second.stop()
