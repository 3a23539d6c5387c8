"""How each kind of target is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cumulet.kernel import Arn, AwsError, Call, error, parse_arn, principals

from . import apis, inputs
from .names import DEFAULT
from .resources import EventBus

Said = Mapping[str, Any]
INWARD = "cumulet.events"              # the source of what services here tell each other alone


def _queue(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    members: dict[str, Any] = {"QueueUrl": f"{call.endpoint}/{target.account}/{target.resource}", "MessageBody": payload}
    group = (said.get("SqsParameters") or {}).get("MessageGroupId")
    if group is not None:
        members["MessageGroupId"] = inputs.dynamic(group, json.loads(text))
    peers.sqs.send_message(**members)


def _topic(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    peers.sns.publish(TopicArn=said["Arn"], Message=payload)


def _function(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    getattr(peers, "lambda").invoke(FunctionName=said["Arn"], InvocationType="Event", Payload=payload.encode())


def _stream(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    """With the rights of the target's role, under the key that its path finds; without one, under the event's id."""
    acting = principals.acting.as_role(call, said["RoleArn"], "EventBridge", target.account, target.region)
    if acting is None and principals.mode_of(call) == "enforce":
        raise error.AccessDeniedException(f"EventBridge cannot assume the role {said['RoleArn']}.")
    event = json.loads(text)
    path = (said.get("KinesisParameters") or {}).get("PartitionKeyPath")
    key = inputs.dynamic(path, event) if path else None
    (acting or peers).kinesis.put_record(StreamARN=said["Arn"], Data=payload.encode(), PartitionKey=key or event["id"])


def _log(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    """A stream of its own for each event; the group is there, or it fails."""
    group = target.resource.removeprefix("log-group:").removesuffix(":*")
    stream, at, message = call.uuid(), int(call.now * 1000), payload
    if said.get("InputTransformer"):
        made = _log_event(payload)
        at, message = made["timestamp"], made["message"]
    peers.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    peers.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": at, "message": message}])


def _log_event(payload: str) -> dict[str, Any]:
    """What a template for a log group makes: a timestamp and a message."""
    try:
        made = json.loads(payload)
        return {"timestamp": int(made["timestamp"]), "message": str(made["message"])}
    except (ValueError, KeyError, TypeError):
        raise error.ValidationException("The input of a log group has a timestamp in milliseconds and a message.") from None


def _discoverer(peers: Any, call: Call, target: Arn, said: Said, payload: str, text: str) -> None:
    """The registry of schemas hears what no program is told: this is no event on a bus."""
    call.emit("Event Discovered", {"discoverer": target.resource.partition("/")[2], "event": text}, source=INWARD)


SENDERS: dict[str, Callable[[Any, Call, Arn, Said, str, str], None]] = {
    "sqs": _queue, "sns": _topic, "lambda": _function, "kinesis": _stream, "logs": _log, "schemas": _discoverer}


def bus_there(call: Call, rule: str, said: Said) -> tuple[Call, str]:
    """The place and name of a bus: this account's, or another one's whose policy lets the rule's role (or the account) in."""
    target = parse_arn(said["Arn"])
    assert target is not None
    there = call.elsewhere(target.account, target.region)
    name = target.resource.removeprefix("event-bus/")
    bus = there.table(EventBus).get(name)
    if bus is None and name != DEFAULT:
        raise error.ResourceNotFoundException(f"Event bus {name} does not exist.")
    if target.account != call.account and not _let_in(call, said, bus):
        raise error.AccessDeniedException(f"{rule} is not authorized to perform: events:PutEvents on resource: {said['Arn']}")
    return there, name


def _let_in(call: Call, said: Said, bus: EventBus | None) -> bool:
    if bus is None or bus.policy is None:
        return False
    who = said.get("RoleArn") or f"arn:aws:iam::{call.account}:root"
    principal = principals.principal_of(call, who)
    if principal is None:
        return False
    target = parse_arn(said["Arn"])
    assert target is not None
    decided = principals.simulate(call, principal, None, None, "events:PutEvents", said["Arn"], bus.policy, {}, target.account)
    return decided.decision == "allowed"


async def to_api(call: Call, said: Said, payload: str) -> None:
    """To an API destination, signed in as its connection says."""
    answer = await apis.post(call, said, payload)
    if answer.status == 0:
        raise AwsError("ServiceUnavailable", answer.text, 503)
    if answer.status >= 300:
        passing = answer.status in (401, 407, 409, 429) or answer.status >= 500
        raise AwsError("ServiceUnavailable" if passing else "ApiDestinationError",
                       f"The API destination answered with the status {answer.status}.", 503 if passing else 400)
