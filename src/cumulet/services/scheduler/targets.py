"""What a schedule calls: templated targets by their ARN, universal ones by the SDK's names, with the rights of its role."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cumulet.kernel import Arn, AwsError, Call, error, not_implemented, parse_arn, principals

from . import roles
from .resources import ScheduleGroup

_UNIVERSAL = re.compile(r"arn:[\w-]+:scheduler:::aws-sdk:([\w-]+):(\w+)")
_READS = re.compile(r"(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|"
                    r"batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|"
                    r"translateDocument|isAuthorized|invokeModel)")
_TEMPLATED = ("events", "kinesis", "lambda", "sns", "sqs")
_TAKEN = {"Arn", "RoleArn", "DeadLetterConfig", "RetryPolicy", "Input", "EventBridgeParameters", "KinesisParameters",
          "SqsParameters"}
_JSON_ONLY = ("events", "lambda")


class Invocation(NamedTuple):
    """One call of a target. due: the time that the schedule named.  attempt: the first one is 1."""

    arn: str
    target: dict[str, Any]
    due: float
    id: str
    attempt: int


def timestamp(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check(call: Call, target: Mapping[str, Any]) -> None:
    """May this be a target?"""
    if odd := target.keys() - _TAKEN:
        raise not_implemented(f"scheduler: {', '.join(sorted(odd))} of targets")
    universal = _UNIVERSAL.fullmatch(target["Arn"])
    if universal is not None:
        if _READS.match(universal[2]):
            raise error.ValidationException(f"Invalid Target Arn: the operation {universal[2]} only reads.")
        principals.acting.operation_of(call, universal[1], universal[2])
        _json(target.get("Input") or "{}")
        return
    arn = parse_arn(target["Arn"])
    if arn is None or not arn.resource:
        raise error.ValidationException("Provided Arn is not in correct format.")
    if arn.service not in _TEMPLATED:
        raise not_implemented(f"scheduler: targets of {arn.service}")
    if arn.service in _JSON_ONLY and target.get("Input") is not None:
        _json(target["Input"])
    if arn.service == "events" and "EventBridgeParameters" not in target:
        raise error.ValidationException("EventBridgeParameters must be provided for an event bus.")
    if arn.service == "kinesis" and "KinesisParameters" not in target:
        raise error.ValidationException("KinesisParameters must be provided for a Kinesis stream.")
    if arn.resource.endswith(".fifo") and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        raise error.ValidationException("SqsParameters must be provided for a FIFO queue.")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise error.ValidationException("Target Input is not a valid JSON.") from None


def invoke(call: Call, what: Invocation) -> None:
    """Do it, as the schedule's role; as the service itself where there is no such role."""
    target = what.target
    group = call.arn(ScheduleGroup(Name=what.arn.split("/")[1]))
    if not roles.lets_in(call, target["RoleArn"], group):
        raise AwsError("AccessDeniedException", roles.REFUSED, 403)
    text = _input(call, what)
    universal = _UNIVERSAL.fullmatch(target["Arn"])
    arn = parse_arn(target["Arn"])
    assert arn is not None
    account, region = ("", "") if universal else (arn.account, arn.region)
    peers = (principals.acting.as_role(call, target["RoleArn"], what.id, account, region)
             or call.as_service(what.arn, account, region))
    if universal is not None:
        result = principals.acting.invoke(call, peers, universal[1], universal[2], _json(text) if target.get("Input") else {})
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise not_implemented(f"scheduler: the target {universal[1]}:{universal[2]}, which waits")
        return
    _templated(call, peers, arn, target, text)


def _templated(call: Call, peers: Any, arn: Arn, target: Mapping[str, Any], text: str) -> None:
    if arn.service == "sqs":
        members = {"QueueUrl": f"{call.endpoint}/{arn.account}/{arn.resource}", "MessageBody": text}
        if group := (target.get("SqsParameters") or {}).get("MessageGroupId"):
            members["MessageGroupId"] = group
        peers.sqs.send_message(**members)
    elif arn.service == "sns":
        peers.sns.publish(TopicArn=target["Arn"], Message=text)
    elif arn.service == "lambda":
        getattr(peers, "lambda").invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())
    elif arn.service == "kinesis":
        peers.kinesis.put_record(StreamARN=target["Arn"], Data=text.encode(),
                                 PartitionKey=target["KinesisParameters"]["PartitionKey"])
    else:
        said = target["EventBridgeParameters"]
        told = peers.events.put_events(Entries=[{"EventBusName": target["Arn"], "Source": said["Source"],
                                                 "DetailType": said["DetailType"], "Detail": text}])
        if told["FailedEntryCount"]:
            raise AwsError(told["Entries"][0]["ErrorCode"], told["Entries"][0]["ErrorMessage"], 400)


def _input(call: Call, what: Invocation) -> str:
    """What the target is given: its input with the words that stand for this invocation, or AWS's own notice."""
    text = what.target.get("Input")
    if text is None:
        return json.dumps({
            "version": "0", "id": what.id, "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": call.account,
            "time": timestamp(what.due), "region": call.region, "resources": [what.arn], "detail": "{}"})
    words = {"schedule-arn": what.arn, "scheduled-time": timestamp(what.due), "execution-id": what.id,
             "attempt-number": str(what.attempt)}
    for name, value in words.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return str(text)
