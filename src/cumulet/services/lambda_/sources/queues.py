"""SQS as a source: messages are received as by any consumer, given to the function in batches, and deleted when it is done.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.drivers.functions.gate import Gate
from cumulet.kernel import AwsError, Call, parse_arn

from .. import lineage, roles
from ..deployments import find
from ..durable.waiters import outcome_of
from ..resources import EventSourceMapping
from . import filters

_POLL = 20.0
_FEW, _MANY = 5, 1000                 # batches at once; without a limit of one's own, few while they are quick
_AT_ONCE = 10                         # messages that SQS gives at most
_PAUSE = 1.0


async def follow(call: Call, mapping: EventSourceMapping) -> None:
    """Until the mapping is changed, disabled or gone."""
    functions = call.driver(Functions)
    most = (mapping.ScalingConfig or {}).get("MaximumConcurrency", _MANY)
    room = functions.new_gate(min(_FEW, most), most)
    while True:
        try:
            batch = await call.poll(_receive, mapping, seconds=_POLL)
            if batch is None:
                return
            if not batch:
                continue
            batch = await _filled(call, mapping, batch)
        except AwsError:                                 # the queue is gone, or lets nobody in: perhaps it comes back
            if await call.run(current, mapping) is None:
                return
            await asyncio.sleep(_PAUSE)
            continue
        await room.enter()
        functions.spawn(_give(call, functions, mapping, batch, room))


def current(call: Call, mapping: EventSourceMapping) -> EventSourceMapping | None:
    """The mapping, if nobody changed it since."""
    row = call.table(EventSourceMapping).get(mapping.UUID)
    return row if row is not None and row.Enabled and row.generation == mapping.generation else None


def _url(call: Call, mapping: EventSourceMapping) -> tuple[Any, str]:
    """The queue as the function's role asks it."""
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    return roles.peers_of(call, mapping).sqs, f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"


def _receive(call: Call, mapping: EventSourceMapping, most: int = 0, wait: int = 20) -> list[dict[str, Any]] | None:
    """The next messages; those that no filter lets through are deleted. None when the mapping is over."""
    if current(call, mapping) is None:
        return None
    sqs, url = _url(call, mapping)
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=min(most or mapping.BatchSize or 10, _AT_ONCE),
                              WaitTimeSeconds=wait, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
    records = [_record(message, mapping) for message in got.get("Messages") or []]
    wanted = filters.wanted(call, mapping.FilterCriteria, records, "body")
    for record, keep in zip(records, wanted, strict=True):
        if not keep:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])
    return [record for record, keep in zip(records, wanted, strict=True) if keep]


async def _filled(call: Call, mapping: EventSourceMapping, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With a window: wait until the batch is full or the window over."""
    size, window = mapping.BatchSize or 10, mapping.MaximumBatchingWindowInSeconds or 0
    loop = asyncio.get_running_loop()
    ends = loop.time() + window
    while len(batch) < size and (window or size > _AT_ONCE):
        left = ends - loop.time()
        if left <= 0:
            break
        more = await call.poll(_receive, mapping, size - len(batch), 20, seconds=left)
        batch += more or []
        if more is None:
            break
    return batch


def _record(message: Mapping[str, Any], mapping: EventSourceMapping) -> dict[str, Any]:
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    attributes = {}
    for name, value in (message.get("MessageAttributes") or {}).items():
        told: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
        if "StringValue" in value:
            told["stringValue"] = value["StringValue"]
        if "BinaryValue" in value:
            told["binaryValue"] = b64encode(value["BinaryValue"]).decode()
        attributes[name] = told
    record = {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
              "attributes": dict(message.get("Attributes") or {}), "messageAttributes": attributes,
              "md5OfBody": message["MD5OfBody"], "eventSource": "aws:sqs", "eventSourceARN": mapping.EventSourceArn,
              "awsRegion": arn.region}
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


async def _give(call: Call, functions: Functions, mapping: EventSourceMapping, batch: Sequence[Mapping[str, Any]],
                room: Gate) -> None:
    """One batch; what was done is deleted, the rest becomes visible again in its time."""
    try:
        found = await call.run(find, mapping.FunctionName)
        payload = json.dumps({"Records": batch}, separators=(",", ":")).encode()
        traces = [record["attributes"].get("AWSTraceHeader", "") for record in batch]
        trace = found.admit(lineage.furthest(traces, found.deployment.function) or lineage.header(call, found.traced))
        invocation = Invocation(functions.request_id(), payload, found.arn, "", trace)
        outcome = await outcome_of(call, found, invocation)
        await call.run(_settle, mapping, batch, outcome)
    except (Throttled, RuntimeProblem, AwsError):
        return
    finally:
        room.leave()


def _settle(call: Call, mapping: EventSourceMapping, batch: Sequence[Mapping[str, Any]], outcome: Outcome) -> None:
    failed = failures(outcome, mapping, [record["messageId"] for record in batch])
    done = [record for record in batch if record["messageId"] not in failed]
    if not done:
        return
    sqs, url = _url(call, mapping)
    for start in range(0, len(done), _AT_ONCE):
        sqs.delete_message_batch(QueueUrl=url, Entries=[
            {"Id": str(i), "ReceiptHandle": record["receiptHandle"]} for i, record in enumerate(done[start:start + _AT_ONCE])])


def failures(outcome: Outcome, mapping: EventSourceMapping, identifiers: Sequence[str]) -> set[str]:
    """The records that were not done: all where the function failed; where it reports them, those that it names."""
    everything = set(identifiers)
    if outcome.error:
        return everything
    if "ReportBatchItemFailures" not in (mapping.FunctionResponseTypes or ()):
        return set()
    try:
        said = json.loads(outcome.payload or b"null") or {}
        named = {failure["itemIdentifier"] for failure in said.get("batchItemFailures") or []}
    except (ValueError, KeyError, TypeError, AttributeError):
        return everything
    return named if named <= everything else everything
