"""Messages sent, one or a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import batches, boxes, content, encryption, lines
from ..addresses import queue_in_use
from ..deduplication import remember, remembered
from ..measuring import REPEATED, SENT, note
from ..resources import Message, Queue

_MOST_BATCH = 1_048_576
_MOST_DELAY = 900


@operation
def send_message(call: Call, QueueUrl: str, MessageBody: str, DelaySeconds: int | None = None,
                 MessageAttributes: Mapping[str, Any] = {}, MessageSystemAttributes: Mapping[str, Any] = {},
                 MessageDeduplicationId: str | None = None, MessageGroupId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
    call, queue = queue_in_use(call, QueueUrl)
    return _send(call, queue, MessageBody, DelaySeconds, MessageAttributes, MessageSystemAttributes, MessageDeduplicationId,
                 MessageGroupId)


@operation
def send_message_batch(call: Call, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
    call, queue = queue_in_use(call, QueueUrl)
    batches.check(Entries, "SendMessageBatchRequestEntry")
    total = sum(_size(entry) for entry in Entries)
    if total > _MOST_BATCH:
        raise error.BatchRequestTooLong(
            f"Batch requests cannot be longer than {_MOST_BATCH} bytes. You have sent {total} bytes.")
    encryption.check(call, queue)
    return batches.run(Entries, lambda entry: _send(
        call, queue, entry["MessageBody"], entry.get("DelaySeconds"), entry.get("MessageAttributes") or {},
        entry.get("MessageSystemAttributes") or {}, entry.get("MessageDeduplicationId"), entry.get("MessageGroupId")))


def _size(entry: dict[str, Any]) -> int:
    """Bytes of an entry, whether or not it will be accepted."""
    size = len(entry["MessageBody"].encode(errors="surrogatepass"))
    for name, value in (entry.get("MessageAttributes") or {}).items():
        size += len(name.encode()) + len((value.get("DataType") or "").encode())
        size += len(value["BinaryValue"]) if "BinaryValue" in value else len((value.get("StringValue") or "").encode())
    return size


def _send(call: Call, queue: Queue, body: str, delay: int | None, attributes: Mapping[str, Any], system: Mapping[str, Any],
          deduplication: str | None, group: str | None) -> dict[str, Any]:
    """Check everything, then write."""
    data, finisher = content.check_body(body), call.finisher(body)
    size = len(data) if finisher is None else len(data) + finisher.more
    if attributes:
        size += content.check_attributes(attributes)
    if size > queue.MaximumMessageSize:
        content.check_size(size, queue.MaximumMessageSize)
    trace = content.check_trace(system) if system else _header_trace(call)
    fifo = queue.FifoQueue
    if fifo:
        deduplication = _check_fifo(queue, data, delay, deduplication, group)
    elif group is not None or deduplication is not None:
        _check_standard(deduplication, group)
    if delay is None or (fifo and not delay):
        delay = queue.DelaySeconds
    elif not 0 <= delay <= _MOST_DELAY:
        raise content.invalid(delay, "DelaySeconds", f"DelaySeconds must be >= 0 and <= {_MOST_DELAY}.")
    digest = content.digest(data) if finisher is None else ""         # of the whole body, which is not there yet
    before = remembered(call, queue, group or "", deduplication) if deduplication is not None else None
    if before is None:
        now, sealed = call.now, None
        if queue.KmsMasterKeyId is not None:
            body, sealed = "", encryption.seal(call, queue, body)
        line = lines.line_in(call, queue, group) if fifo or queue.fair or group is not None else None
        message = boxes.put(call, queue, Message(
            box=queue.box, due=now + delay, sent=now, line=line, group=group, deduplication=deduplication, id=call.uuid(),
            sender=call.principal.id, md5=digest if sealed is None else "", attributes=dict(attributes) or None, trace=trace,
            body=str(body), finisher=None if finisher is None else finisher.name, sealed=sealed))
        identity, sequence = message.id, message.sequence
        note(call, queue, SENT, size)
        if deduplication is not None:
            remember(call, queue, deduplication, message)
    else:
        identity, sequence = before.message, before.sequence
        note(call, queue, REPEATED, 0)
    result: dict[str, Any] = {"MessageId": identity, "MD5OfMessageBody": digest}
    if attributes:
        result["MD5OfMessageAttributes"] = content.attributes_digest(attributes)
    if trace is not None and system:
        result["MD5OfMessageSystemAttributes"] = content.attributes_digest(system)
    if fifo:
        result["SequenceNumber"] = sequence_number(sequence)
    return result


def _header_trace(call: Call) -> str | None:
    """The X-Ray trace that the client's request belongs to."""
    return call.request.headers.get("x-amzn-trace-id") if call.request is not None else None


def sequence_number(sequence: int) -> str:
    """Twenty digits, as AWS's are, so that they also compare as texts."""
    return str(18_850_000_000_000_000_000 + sequence)


def _check_fifo(queue: Queue, data: bytes, delay: int | None, deduplication: str | None, group: str | None) -> str:
    """What FIFO queues ask for besides; the deduplication id."""
    if group is None:
        raise error.MissingParameter("The request must contain the parameter MessageGroupId.")
    content.check_group(group)
    if delay:
        raise content.invalid(delay, "DelaySeconds",
                              "The request include parameter that is not valid for this queue type.")
    if deduplication is not None:
        content.check_token(deduplication, "MessageDeduplicationId")
        return deduplication
    if not queue.ContentBasedDeduplication:
        raise error.InvalidParameterValue("The queue should either have ContentBasedDeduplication enabled or "
                                          "MessageDeduplicationId provided explicitly")
    return sha256(data).hexdigest()


def _check_standard(deduplication: str | None, group: str | None) -> None:
    if deduplication is not None:
        raise content.invalid(deduplication, "MessageDeduplicationId",
                              "The request includes a parameter that is not valid for this queue type.")
    if group is not None:
        content.check_group(group)
