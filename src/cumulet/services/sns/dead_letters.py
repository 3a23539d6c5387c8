"""Queues that take what could not be delivered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call

from .messages import Notice
from .queues import MOST_ATTRIBUTES, Queues


def bury(call: Call, topic_arn: str, redrive: str, body: str, attributes: Mapping[str, Any], problem: AwsError,
         notice: Notice | None = None) -> bool:
    """To a subscription's dead-letter queue, with what went wrong. Did it take it?"""
    why = {"RequestID": call.request_id, "ErrorCode": problem.code, "ErrorMessage": problem.message or problem.code}
    told = {name: {"DataType": "String", "StringValue": value} for name, value in why.items() if value}
    try:
        Queues(call, topic_arn, notice).send(json.loads(redrive)["deadLetterTargetArn"], body, {
            **dict(list(attributes.items())[:MOST_ATTRIBUTES - len(told)]), **told})
    except AwsError:
        return False                               # no dead-letter queue either: nothing is left to do
    return True
