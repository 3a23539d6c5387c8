"""Transformers of groups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import transforming
from ..names import group_of
from ..resources import LogGroup
from ..settings import TRANSFORMER, GroupPolicy, shown


def _standard(call: Call, identifier: str) -> LogGroup:
    group = group_of(call, None, identifier)
    if group.LogGroupClass != "STANDARD":
        raise error.InvalidOperationException(f"Log groups of the class {group.LogGroupClass} have no transformers.")
    return group


@operation
def put_transformer(call: Call, logGroupIdentifier: str, transformerConfig: Sequence[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutTransformer.html"""
    group = _standard(call, logGroupIdentifier)
    transforming.check(transformerConfig)
    before = call.table(GroupPolicy).get(group.LogGroupName, TRANSFORMER)
    call.put(GroupPolicy(group=group.LogGroupName, kind=TRANSFORMER, document=json.dumps(transformerConfig),
                         created=before.created if before else call.now, modified=call.now))


@operation
def get_transformer(call: Call, logGroupIdentifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetTransformer.html"""
    group = group_of(call, None, logGroupIdentifier)
    row = call.table(GroupPolicy).get(group.LogGroupName, TRANSFORMER)
    if row is None:
        return {}
    return {"logGroupIdentifier": call.arn(group), "transformerConfig": json.loads(row.document), **shown(row)}


@operation
def delete_transformer(call: Call, logGroupIdentifier: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteTransformer.html"""
    group = group_of(call, None, logGroupIdentifier)
    if not call.table(GroupPolicy).delete(group.LogGroupName, TRANSFORMER):
        raise error.ResourceNotFoundException("The specified log group has no transformer.")


@operation
def test_transformer(call: Call, transformerConfig: Sequence[dict[str, Any]],
                     logEventMessages: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestTransformer.html"""
    transforming.check(transformerConfig)
    transform = transforming.compiled(json.dumps(transformerConfig))
    origin = transforming.Origin(call.account, call.region, "", "")
    return {"transformedLogs": [{"eventNumber": i, "eventMessage": message,
                                 "transformedEventMessage": transform(message, origin) or None}
                                for i, message in enumerate(logEventMessages, 1)]}
