"""Why a call was refused, what would change that, and making the change."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from conftest import Cloud
from cumulet.faces.cli.commands.explain import command
from enforced import document, own, refused, session, user


def ask(cloud: Cloud, change: bool = False, **asked: str) -> tuple[int, Any]:
    parts = urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    if change:
        connection.request("POST", "/_cumulet/explain", json.dumps(asked))
    else:
        connection.request("GET", "/_cumulet/explain?" + urlencode(asked))
    response = connection.getresponse()
    found = response.status, json.loads(response.read())
    connection.close()
    return found


def step(told: Any, kind: str) -> Any:
    return next(s for s in told["steps"] if s["kind"] == kind)


def test_what_did_not_match_is_told_and_the_change_is_made(strict: Cloud) -> None:
    keys = user(strict, "ann", own("sqs:CreateQueue", Condition={"StringEquals": {"aws:RequestTag/team": "a"}}))
    sqs = strict.client("sqs", **keys)
    message = refused(sqs.create_queue, QueueName="q", tags={"team": "b"})
    status, told = ask(strict, request="last")
    assert status == 200
    assert (told["decision"], told["message"], told["then"]["decision"]) == ("denied", message, "denied")
    identity = step(told, "identity-based policy")
    assert identity["verdict"] == "is silent"
    assert identity["statements"][0]["conditions"] == [
        {"condition": "StringEquals aws:RequestTag/team", "values": ["b"], "held": False}]
    arn = f"arn:aws:sqs:us-east-1:{strict.account}:q"
    assert told["changes"] == [{"kind": "identity-based policy", "do": "add", "from": "", "statement": {
        "Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": arn}}]
    _, changed = ask(strict, change=True, request="last")
    assert (changed["decision"], changed["applied"]) == ("allowed", ["inline policy cumulet-explain of user ann"])
    sqs.create_queue(QueueName="q", tags={"team": "b"})
    refused(sqs.create_queue, QueueName="p")


def test_all_that_stands_in_the_way_is_told_at_once(strict: Cloud) -> None:
    keys, iam = user(strict), strict.client("iam")
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=own("s3:*"))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)
    sqs = strict.client("sqs", **keys)
    with pytest.raises(ClientError) as problem:
        sqs.list_queues()
    request = problem.value.response["ResponseMetadata"]["RequestId"]
    assert [c["kind"] for c in ask(strict, request=request)[1]["changes"]] == ["identity-based policy", "permissions boundary"]
    assert ask(strict, change=True, request=request)[1]["decision"] == "allowed"
    sqs.list_queues()
    assert iam.get_policy(PolicyArn=edge)["Policy"]["DefaultVersionId"] == "v2"


def test_a_denial_is_left_to_its_author(strict: Cloud) -> None:
    keys = user(strict, "ann", own("sqs:*"), own("sqs:ListQueues", Effect="Deny", Sid="Never"))
    refused(strict.client("sqs", **keys).list_queues)
    told = ask(strict, request="last")[1]
    assert (told["explicit"], told["statement"]) == (True, "inline policy p1, Never")
    assert told["changes"] == [{"kind": "identity-based policy", "do": "remove", "from": "inline policy p1, Never",
                                "statement": None}]
    status, problem = ask(strict, change=True, request="last")
    assert status == 400
    assert "Never denies it" in problem["error"]


def test_across_accounts_the_resource_has_to_allow(strict: Cloud) -> None:
    other = strict.other()
    keys = user(other, "eve", own("sqs:*"))
    url = strict.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    refused(other.client("sqs", **keys).send_message, QueueUrl=url, MessageBody="1")
    told = ask(strict, request="last")[1]
    assert (told["owner"], told["by"]) == (strict.account, "resource-based policy")
    proposed = told["changes"][0]["statement"]
    assert proposed["Principal"] == {"AWS": f"arn:aws:iam::{other.account}:user/eve"}
    assert ask(strict, change=True, request="last")[0] == 400
    strict.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(proposed)})
    other.client("sqs", **keys).send_message(QueueUrl=url, MessageBody="1")
    assert ask(strict, request="last")[1]["decision"] == "allowed"


def test_a_role_comes_to_trust(strict: Cloud) -> None:
    keys = user(strict)
    role = strict.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}))["Role"]["Arn"]
    sts = strict.client("sts", **keys)
    refused(sts.assume_role, RoleArn=role, RoleSessionName="one")
    assert ask(strict, change=True, request="last")[1]["applied"] == ["trust policy of role r"]
    sts.assume_role(RoleArn=role, RoleSessionName="one")


def test_a_question_without_a_call(strict: Cloud) -> None:
    user(strict, "ann", document({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*", "Condition": {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}))
    asked = {"principal": f"arn:aws:iam::{strict.account}:user/ann", "action": "s3:GetObject",
             "resource": "arn:aws:s3:::b/ann/k"}
    told = ask(strict, **asked)[1]
    assert (told["decision"], told["unknown"]) == ("denied", ["aws:SourceIp"])
    assert ask(strict, **asked, **{"context.aws:SourceIp": "10.1.2.3"})[1]["decision"] == "allowed"
    assert ask(strict, **{**asked, "principal": f"arn:aws:iam::{strict.account}:user/nobody"})[0] == 400
    assert ask(strict, request="no-such-request")[0] == 400


def test_a_session_without_policies_cannot_be_helped(strict: Cloud) -> None:
    made = strict.client("sts").get_federation_token(Name="bob")["Credentials"]
    keys = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    refused(strict.client("sqs", **keys).list_queues)
    assert ask(strict, request="last")[1]["changes"] == []
    assert ask(strict, change=True, request="last")[0] == 400


def test_the_command(strict: Cloud) -> None:
    keys = session(strict, "r", own("sqs:*", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    sqs = strict.client("sqs", **keys)
    refused(sqs.list_queues)
    run = CliRunner().invoke(command, ["last", "--endpoint", strict.endpoint])
    assert run.exit_code == 0, run.output
    assert "✗ denied" in run.output
    assert "○ Allow inline policy p0, statement 1: not its Bool aws:SecureTransport (is false)" in run.output
    assert '"Action": "sqs:ListQueues"' in run.output
    run = CliRunner().invoke(command, ["last", "--apply", "--endpoint", strict.endpoint, "-o", "json"])
    assert json.loads(run.output)["decision"] == "allowed"
    sqs.list_queues()
    assert CliRunner().invoke(command, ["--endpoint", strict.endpoint]).exit_code == 2
    assert CliRunner().invoke(command, ["last", "--action", "s3:GetObject", "--endpoint", strict.endpoint]).exit_code == 2
