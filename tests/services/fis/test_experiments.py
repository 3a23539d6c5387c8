"""Experiments strike the calls of roles, and of nobody else, for as long as they run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def code(ask: Any, **members: Any) -> str:
    try:
        ask(**members)
    except ClientError as problem:
        return str(problem.response["Error"]["Code"])
    return ""


def start(fis: Any, template: dict[str, Any], token: str = "go", **more: Any) -> str:
    id = fis.create_experiment_template(**template)["experimentTemplate"]["id"]
    return str(fis.start_experiment(clientToken=token, experimentTemplateId=id, **more)["experiment"]["id"])


def state(fis: Any, id: str) -> tuple[str, dict[str, str]]:
    told = fis.get_experiment(id=id)["experiment"]
    return told["state"]["status"], {name: action["state"]["status"] for name, action in told["actions"].items()}


def test_a_role_is_throttled_while_the_experiment_runs(cloud: Cloud, fis: Any, role: Any, template: Any) -> None:
    sqs, own = role.client("sqs"), cloud.client("sqs")
    assert code(sqs.list_queues) == ""
    id = start(fis, template)
    cloud.clock.idle()
    assert state(fis, id) == ("running", {"slow": "running"})
    assert code(sqs.list_queues) == "RequestThrottled"
    assert code(sqs.create_queue, QueueName="q") == "RequestThrottled"
    assert code(sqs.get_queue_url, QueueName="none").endswith("NonExistentQueue")
    assert code(own.list_queues) == ""
    cloud.clock.advance(301)
    assert state(fis, id) == ("completed", {"slow": "completed"})
    assert code(sqs.list_queues) == ""
    told = fis.get_experiment(id=id)["experiment"]
    assert told["endTime"] > told["startTime"] >= told["creationTime"]
    assert (told["endTime"] - told["startTime"]).total_seconds() == pytest.approx(300, abs=1)


@pytest.mark.parametrize(("action", "answer"), [("internal", "InternalError"), ("unavailable", "ServiceUnavailable"),
                                                ("throttle", "RequestLimitExceeded")])
def test_each_error_as_ec2_says_it(cloud: Cloud, fis: Any, role: Any, template: Any, action: str, answer: str) -> None:
    template["actions"]["slow"]["actionId"] = f"aws:fis:inject-api-{action}-error"
    template["actions"]["slow"]["parameters"] |= {"service": "ec2", "operations": "DescribeVpcs"}
    start(fis, template)
    cloud.clock.idle()
    assert code(role.client("ec2").describe_vpcs) == answer


def test_actions_wait_for_one_another_and_tell_eventbridge(cloud: Cloud, fis: Any, role: Any, template: Any) -> None:
    events, sqs = cloud.client("events"), cloud.client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{cloud.account}:told"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}]})})
    events.put_rule(Name="fis", EventPattern=json.dumps({"source": ["aws.fis"]}))
    events.put_targets(Rule="fis", Targets=[{"Id": "q", "Arn": arn}])
    template["actions"]["pause"] = {"actionId": "aws:fis:wait", "parameters": {"duration": "PT2M"}}
    template["actions"]["slow"]["startAfter"] = ["pause"]
    id = start(fis, template)
    cloud.clock.idle()
    assert state(fis, id)[1] == {"pause": "running", "slow": "pending"}
    assert code(role.client("sqs").list_queues) == ""
    cloud.clock.advance(121)
    assert state(fis, id)[1] == {"pause": "completed", "slow": "running"}
    assert code(role.client("sqs").list_queues) == "RequestThrottled"
    cloud.clock.advance(301)
    assert state(fis, id)[0] == "completed"
    told = [json.loads(m["Body"]) for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert sorted(e["detail"]["new-state"]["status"] for e in told) == ["completed", "running"]
    assert {(e["detail-type"], e["detail"]["experiment-id"]) for e in told} == {("FIS Experiment State Change", id)}


def test_one_that_is_stopped_lets_calls_pass_again(cloud: Cloud, fis: Any, role: Any, template: Any) -> None:
    template["actions"]["later"] = {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}, "startAfter": ["slow"]}
    id = start(fis, template)
    cloud.clock.idle()
    assert code(role.client("sqs").list_queues) == "RequestThrottled"
    assert fis.stop_experiment(id=id)["experiment"]["state"]["status"] == "stopped"
    assert state(fis, id) == ("stopped", {"slow": "stopped", "later": "cancelled"})
    assert code(role.client("sqs").list_queues) == ""
    with pytest.raises(fis.exceptions.ValidationException, match="not running"):
        fis.stop_experiment(id=id)
    cloud.clock.advance(600)
    assert state(fis, id)[0] == "stopped"


def test_some_of_the_roles_and_some_of_the_calls(cloud: Cloud, fis: Any, role: Any, template: Any) -> None:
    other = type(role)(cloud, "spared")
    template["targets"]["app"] |= {"resourceArns": [role.arn, other.arn], "selectionMode": "COUNT(1)"}
    template["actions"]["slow"]["parameters"]["percentage"] = "50"
    id = start(fis, template)
    cloud.clock.idle()
    resolved = fis.list_experiment_resolved_targets(experimentId=id)["resolvedTargets"]
    assert [t["targetInformation"]["ARN"] for t in resolved] == [role.arn]
    assert fis.list_experiment_resolved_targets(experimentId=id, targetName="app")["resolvedTargets"] == resolved
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.list_experiment_resolved_targets(experimentId=id, targetName="none")
    struck = [code(role.client("sqs").list_queues) for _ in range(20)]
    assert 3 < struck.count("RequestThrottled") < 17
    assert [code(other.client("sqs").list_queues) for _ in range(5)] == [""] * 5


def test_a_rehearsal_skips_all(cloud: Cloud, fis: Any, role: Any, template: Any) -> None:
    id = start(fis, template, experimentOptions={"actionsMode": "skip-all"})
    cloud.clock.idle()
    assert state(fis, id) == ("completed", {"slow": "skipped"})
    assert code(role.client("sqs").list_queues) == ""
    assert fis.get_experiment(id=id)["experiment"]["experimentOptions"]["actionsMode"] == "skip-all"


def test_an_operation_that_there_is_not_fails_the_experiment(cloud: Cloud, fis: Any, template: Any) -> None:
    template["actions"]["slow"]["parameters"]["operations"] = "Fly"
    id = start(fis, template)
    cloud.clock.idle()
    assert state(fis, id) == ("failed", {"slow": "failed"})
    assert "no operation Fly" in fis.get_experiment(id=id)["experiment"]["actions"]["slow"]["state"]["reason"]


def test_starting_twice_with_a_token_is_once(cloud: Cloud, fis: Any, template: Any) -> None:
    id = fis.create_experiment_template(**template)["experimentTemplate"]["id"]
    first = fis.start_experiment(clientToken="t", experimentTemplateId=id, tags={"a": "1"})["experiment"]
    assert fis.start_experiment(clientToken="t", experimentTemplateId=id, tags={"a": "1"})["experiment"]["id"] == first["id"]
    with pytest.raises(fis.exceptions.ConflictException):
        fis.start_experiment(clientToken="t", experimentTemplateId=id)
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.start_experiment(clientToken="u", experimentTemplateId="EXTnone")
    for n in range(4):
        fis.start_experiment(clientToken=str(n), experimentTemplateId=id)
    with pytest.raises(fis.exceptions.ServiceQuotaExceededException):
        fis.start_experiment(clientToken="more", experimentTemplateId=id)
    pages = []
    token: dict[str, str] = {}
    while True:
        page = fis.list_experiments(maxResults=2, experimentTemplateId=id, **token)
        pages.append([e["id"] for e in page["experiments"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert [len(p) for p in pages] == [2, 2, 1]
    assert sorted(id for page in pages for id in page) == sorted(e["id"] for e in fis.list_experiments()["experiments"])
    assert fis.list_experiments(experimentTemplateId="EXTother")["experiments"] == []


def test_an_experiment_is_told_for_120_days(cloud: Cloud, fis: Any, template: Any) -> None:
    id = start(fis, template)
    cloud.clock.idle()
    fis.stop_experiment(id=id)
    cloud.clock.advance(119 * 86_400)
    assert state(fis, id)[0] == "stopped"
    cloud.clock.advance(86_401)
    assert code(fis.get_experiment, id=id) == "ResourceNotFoundException"
    assert fis.list_experiments()["experiments"] == []
