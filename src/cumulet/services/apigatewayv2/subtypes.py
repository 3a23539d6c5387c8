"""Services that HTTP APIs integrate with directly: which operation a subtype is, and what its parameters become.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .parts import bad


class Subtype(NamedTuple):
    """service, operation: as SDKs name them.  json: parameters that are JSON."""

    service: str
    operation: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


_ANY = ("Region",)
SUBTYPES = {
    "EventBridge-PutEvents": Subtype("eventbridge", "putEvents", ("Detail", "DetailType", "Source"),
                                     ("Time", "EventBusName", "Resources", "TraceHeader"), ("Resources",)),
    "SQS-SendMessage": Subtype("sqs", "sendMessage", ("QueueUrl", "MessageBody"),
                               ("DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId",
                                "MessageSystemAttributes"),
                               ("MessageAttributes", "MessageSystemAttributes"), ("DelaySeconds",)),
    "SQS-ReceiveMessage": Subtype("sqs", "receiveMessage", ("QueueUrl",),
                                  ("AttributeNames", "MaxNumberOfMessages", "MessageAttributeNames", "ReceiveRequestAttemptId",
                                   "VisibilityTimeout", "WaitTimeSeconds"), ("AttributeNames", "MessageAttributeNames"),
                                  ("MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds")),
    "SQS-DeleteMessage": Subtype("sqs", "deleteMessage", ("ReceiptHandle", "QueueUrl")),
    "SQS-PurgeQueue": Subtype("sqs", "purgeQueue", ("QueueUrl",)),
    "AppConfig-GetConfiguration": Subtype("appconfig", "getConfiguration",
                                          ("Application", "Environment", "Configuration", "ClientId"),
                                          ("ClientConfigurationVersion",)),
    "Kinesis-PutRecord": Subtype("kinesis", "putRecord", ("StreamName", "Data", "PartitionKey"),
                                 ("SequenceNumberForOrdering", "ExplicitHashKey")),
    "StepFunctions-StartExecution": Subtype("sfn", "startExecution", ("StateMachineArn",), ("Name", "Input")),
    "StepFunctions-StartSyncExecution": Subtype("sfn", "startSyncExecution", ("StateMachineArn",),
                                                ("Name", "Input", "TraceHeader")),
    "StepFunctions-StopExecution": Subtype("sfn", "stopExecution", ("ExecutionArn",), ("Cause", "Error")),
}


def checked(name: str, parameters: Mapping[str, str]) -> Subtype:
    """The subtype, when there is one of this name and its parameters are these."""
    found = SUBTYPES.get(name)
    if found is None:
        raise bad(f"Invalid integration subtype {name}")
    missing = [each for each in found.required if each not in parameters]
    if missing:
        raise bad(f"Parameter: {', '.join(missing)} is required for integration subtype {name}")
    unknown = parameters.keys() - {*found.required, *found.optional, *_ANY}
    if unknown:
        raise bad(f"Parameter: {', '.join(sorted(unknown))} does not fit schema for Operation: {name}")
    return found


def members(found: Subtype, values: Mapping[str, str]) -> dict[str, Any]:
    """The operation's members. Raises ValueError when a value is not of the kind that is needed."""
    said: dict[str, Any] = {}
    for name, text in values.items():
        if name in _ANY or (not text and name not in found.required):
            continue
        said[name] = json.loads(text) if name in found.json else int(text) if name in found.numbers else text
    return {"Entries": [said]} if found.operation == "putEvents" else said
