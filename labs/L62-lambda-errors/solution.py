"""A function that fails, and one that uses all that it is given."""

import base64
import json
import re
from pathlib import Path
from typing import Any

from cumulet.faces.labs.room import Room


def solve(room: Room) -> None:
    """First the failures, then the limits."""
    role = _role(room)
    _queues(room)
    _job(room, role)
    _retries(room)
    _limits(room)
    _layer(room, role)


def _arn(room: Room, service: str, name: str) -> str:
    return f"arn:aws:{service}:us-east-1:{room.account}:{name}"


def _role(room: Room) -> str:
    iam = room.client("iam")
    arn = iam.create_role(RoleName="job", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="job", PolicyName="job", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": [_arn(room, "sqs", "dead"), _arn(room, "sqs", "done")]},
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": _arn(room, "sns", "failed")},
        {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]}))
    return str(arn)


def _queues(room: Room) -> None:
    """And the topic, with an address that confirms."""
    for name in ("dead", "done"):
        room.client("sqs").create_queue(QueueName=name)
    sns = room.client("sns")
    topic = sns.create_topic(Name="failed")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="office@example.com")
    (line,) = room.remote.get("/_cumulet/mail", account=room.account)["messages"]
    link = re.search(r"Token=([0-9a-zA-Z]+)", room.remote.get("/_cumulet/mail", id=line["id"])["text"])
    assert link is not None
    sns.confirm_subscription(TopicArn=topic, Token=link[1])


def _job(room: Room, role: str) -> None:
    functions = room.client("lambda")
    functions.create_function(
        FunctionName="job", Runtime="python3.11", Handler="job.handler", Role=role, Timeout=2, MemorySize=128,
        Code={"ZipFile": room.zipped({"job.py": Path(__file__).with_name("job.py").read_text()})},
        DeadLetterConfig={"TargetArn": _arn(room, "sqs", "dead")})
    functions.put_function_event_invoke_config(FunctionName="job", DestinationConfig={
        "OnSuccess": {"Destination": _arn(room, "sqs", "done")}, "OnFailure": {"Destination": _arn(room, "sns", "failed")}})


def _call(room: Room, event: dict[str, Any], name: str = "job", qualifier: str = "$LATEST") -> tuple[Any, str]:
    """What a function answers, and the end of its log."""
    answer = room.client("lambda").invoke(FunctionName=name, Qualifier=qualifier, LogType="Tail", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), base64.b64decode(answer["LogResult"]).decode()


def _waiting(room: Room, name: str) -> int:
    sqs = room.client("sqs")
    told = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def _retries(room: Room) -> None:
    """Three attempts: at once, a minute later, and two minutes after that."""
    said, log = _call(room, {"fail": "here"})
    assert said["errorType"] == "ValueError"                                     # who waits is told at once
    assert "Init Duration" in log
    assert "Init Duration" not in _call(room, {"fail": "again"})[1]              # the environment is warm by now
    functions = room.client("lambda")
    for event in ({"n": 1}, {"fail": "on purpose"}):
        assert functions.invoke(FunctionName="job", InvocationType="Event", Payload=json.dumps(event))["StatusCode"] == 202
    room.wait(lambda: _waiting(room, "done"))
    for minutes in (1, 2):
        assert _waiting(room, "dead") == 0
        room.advance(minutes * 60 + 15)
    room.wait(lambda: _waiting(room, "dead"))
    room.wait(lambda: len(room.remote.get("/_cumulet/mail", account=room.account)["messages"]) > 1)


def _limits(room: Room) -> None:
    functions = room.client("lambda")
    assert "Task timed out after 2.00 seconds" in _call(room, {"sleep": 3})[0]["errorMessage"]
    assert "errorType" in _call(room, {"megabytes": 200})[0]
    functions.put_function_concurrency(FunctionName="job", ReservedConcurrentExecutions=0)
    room.refused("TooManyRequestsException", functions.invoke, FunctionName="job", Payload=b"{}")
    functions.put_function_concurrency(FunctionName="job", ReservedConcurrentExecutions=1)
    assert _call(room, {"n": 2})[0]["began"] == "on-demand"

    functions.create_alias(FunctionName="job", Name="live",
                           FunctionVersion=functions.publish_version(FunctionName="job")["Version"])
    functions.put_provisioned_concurrency_config(FunctionName="job", Qualifier="live", ProvisionedConcurrentExecutions=1)
    room.wait(lambda: functions.get_provisioned_concurrency_config(FunctionName="job", Qualifier="live")["Status"] == "READY")
    answer, log = _call(room, {"n": 4}, qualifier="live")
    assert answer["began"] == "provisioned-concurrency"
    assert "Init Duration" not in log


def _layer(room: Room, role: str) -> None:
    functions = room.client("lambda")
    layer = functions.publish_layer_version(
        LayerName="words", CompatibleRuntimes=["python3.11"],
        Content={"ZipFile": room.zipped({"python/words.py": 'GOOD = "Good"\n'})})
    functions.create_function(
        FunctionName="talk", Runtime="python3.11", Handler="talk.handler", Role=role, Timeout=10,
        Layers=[layer["LayerVersionArn"]], Environment={"Variables": {"GREETING": "evening"}},
        Code={"ZipFile": room.zipped({"talk.py": Path(__file__).with_name("talk.py").read_text()})})
    assert _call(room, {"name": "Bo"}, "talk")[0] == {"said": "Good evening, Bo", "calls": 1}
    assert _call(room, {"name": "Bo"}, "talk")[0] == {"said": "Good evening, Bo", "calls": 2}
