"""Who is told of the end of an asynchronous event: destinations get a record, a dead-letter queue the event itself.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cumulet.drivers.functions.contract import Outcome
from cumulet.kernel import Arn, AwsError, Call, Spool, parse_arn

from . import roles
from .resources import Event

_MOST_MESSAGE = 1024


def record(call: Call, event: Event, arn: str, version: str, condition: str, outcome: Outcome | None) -> dict[str, Any]:
    """What a destination is told. arn: of the function with its version or alias."""
    said: dict[str, Any] = {
        "version": "1.0", "timestamp": stamp(call.now),
        "requestContext": {"requestId": event.request, "functionArn": arn, "condition": condition,
                           "approximateInvokeCount": event.failures + (condition == "Success")},
        "requestPayload": json.loads(event.payload)}
    if outcome is not None:
        said["responseContext"] = {"statusCode": 200, "executedVersion": version}
        if outcome.error:
            said["responseContext"]["functionError"] = outcome.error
        said["responsePayload"] = _parsed(outcome.payload)
    return said


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")


def send(call: Call, function: str, role: str, target: str, said: dict[str, Any], folder: str = "", payload: str = "") -> None:
    """Send a record to a destination; where that is refused, it is lost, as in AWS. folder: where a bucket has it, if not in
    the function's.  payload: what only a bucket has of it as well."""
    arn = parse_arn(target)
    if arn is None:
        return
    text = json.dumps(said, separators=(",", ":"))
    succeeded = said["requestContext"]["condition"] == "Success"
    try:
        with call.tx.savepoint():
            peers = roles.peers(call, role, function, arn.account or call.account, arn.region or call.region)
            if arn.service == "sqs":
                peers.sqs.send_message(QueueUrl=_url(arn), MessageBody=text)
            elif arn.service == "sns":
                peers.sns.publish(TopicArn=target, Message=text)
            elif arn.service == "lambda":
                getattr(peers, "lambda").invoke(FunctionName=target, InvocationType="Event", Payload=text.encode())
            elif arn.service == "events":
                peers.events.put_events(Entries=[{
                    "Source": "lambda", "Resources": [target, said["requestContext"]["functionArn"]],
                    "DetailType": f"Lambda Function Invocation Result - {'Success' if succeeded else 'Failure'}",
                    "Detail": text, "EventBusName": target}])
            elif arn.service == "s3":
                peers.s3.put_object(Bucket=arn.resource, Key=_key(call, said, folder),
                                    Body=Spool(json.dumps(said | {"payload": payload}).encode() if payload else text.encode()))
    except AwsError:
        return


def _url(arn: Arn) -> str:
    """A queue's address: SQS reads the end of it."""
    return f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"


def _key(call: Call, said: dict[str, Any], folder: str) -> str:
    """Where a record lies in a bucket."""
    folder = folder or f"async/{said['requestContext']['functionArn'].split(':')[6]}"
    day, moment = said["timestamp"][:10].replace("-", "/"), said["timestamp"][:19].replace(":", ".")
    return f"aws/lambda/{folder}/{day}/{moment}-{call.uuid()}"


def bury(call: Call, function: str, role: str, target: str, event: Event, outcome: Outcome | None) -> bool:
    """The event itself goes to a dead-letter queue or topic. False when it is not taken there."""
    arn = parse_arn(target)
    if arn is None:
        return False
    message = str((_parsed(outcome.payload) or {}).get("errorMessage", "")) if outcome is not None else "Rate Exceeded."
    told = {"RequestID": event.request, "ErrorCode": "200" if outcome is not None else "429",
            "ErrorMessage": message[:_MOST_MESSAGE]}
    attributes = {k: {"DataType": "Number" if k == "ErrorCode" else "String", "StringValue": v} for k, v in told.items() if v}
    try:
        with call.tx.savepoint():
            peers = roles.peers(call, role, function, arn.account, arn.region)
            if arn.service == "sqs":
                peers.sqs.send_message(QueueUrl=_url(arn), MessageBody=event.payload.decode(), MessageAttributes=attributes)
            elif arn.service == "sns":
                peers.sns.publish(TopicArn=target, Message=event.payload.decode(), MessageAttributes=attributes)
    except AwsError:
        return False
    return True
