"""Messages received, kept longer, given back, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import batches, boxes, content, encryption, lines, messages
from ..addresses import queue_in_use
from ..deduplication import attempt, attempted
from ..handles import Receipt, read_receipt, receipt_handle
from ..measuring import DELETED, RECEIVED, note
from ..resources import Attempt, Box, Message, Queue
from .sends import sequence_number

_MOST_TIMEOUT = 43_200
_MOST_WAIT = 20
_SYSTEM = frozenset({"All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
                     "SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader",
                     "DeadLetterQueueSourceArn"})


@operation
def receive_message(call: Call, QueueUrl: str, MaxNumberOfMessages: int = 1, VisibilityTimeout: int | None = None,
                    WaitTimeSeconds: int | None = None, MessageSystemAttributeNames: Sequence[str] = (),
                    MessageAttributeNames: Sequence[str] = (), AttributeNames: Sequence[str] = (),
                    ReceiveRequestAttemptId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
    call, queue = queue_in_use(call, QueueUrl)
    if not 1 <= MaxNumberOfMessages <= batches.MOST:
        raise content.invalid(MaxNumberOfMessages, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    timeout = _within(VisibilityTimeout, _MOST_TIMEOUT, "VisibilityTimeout", queue.VisibilityTimeout)
    wait = _within(WaitTimeSeconds, _MOST_WAIT, "WaitTimeSeconds", queue.ReceiveMessageWaitTimeSeconds)
    system = _system_names(AttributeNames, MessageSystemAttributeNames)
    given = _given_before(call, queue, ReceiveRequestAttemptId, timeout)
    changed = given is not None
    if given is None:
        given, changed = _take(call, queue, MaxNumberOfMessages, timeout)
    if not given and not changed and wait:
        call.wait(str(queue.number), seconds=wait, until=boxes.next_due(call, queue))
    note(call, queue, RECEIVED, len(given))
    if not given:
        return {}
    if ReceiveRequestAttemptId is not None:
        attempted(call, queue, ReceiveRequestAttemptId, given)
    call.signal(str(queue.number))         # who waits next looks at what is left, and until when
    return {"Messages": [_told(call, queue, message, system, MessageAttributeNames) for message in given]}


def _within(value: int | None, most: int, parameter: str, default: int) -> int:
    if value is None:
        return default
    if not 0 <= value <= most:
        raise content.invalid(value, parameter, f"Must be >= 0 and <= {most}, if provided.")
    return value


def _system_names(*lists: Sequence[str]) -> frozenset[str]:
    names = frozenset(name for each in lists for name in each)
    if unknown := names - _SYSTEM:
        raise error.InvalidAttributeName(f"Unknown Attribute {min(unknown)}.")
    return _SYSTEM if "All" in names else names


def _take(call: Call, queue: Queue, most: int, timeout: int) -> tuple[list[Message], bool]:
    if boxes.full(call, queue):
        if queue.FifoQueue:                # AWS: no error, and no messages
            return [], True
        raise error.OverLimit(f"Too many messages in flight: {messages.MOST_IN_FLIGHT} is the limit.")
    return boxes.take(call, queue, most, timeout)


def _given_before(call: Call, queue: Queue, attempt_id: str | None, timeout: int) -> list[Message] | None:
    """The messages of the same attempt, when none of them was changed since; hidden for the whole timeout again."""
    if attempt_id is None:
        return None
    if not queue.FifoQueue:
        raise content.invalid(attempt_id, "ReceiveRequestAttemptId",
                              "The request includes a parameter that is not valid for this queue type.")
    content.check_token(attempt_id, "ReceiveRequestAttemptId")
    before = attempt(call, queue, attempt_id)
    if before is None or not before.given:
        return None
    found = _unchanged(call, before)
    if found is None:
        return None
    for message in found:
        message.due = call.now + timeout
    messages.hide(call.table(Message), [message.sequence for message in found], call.now + timeout)
    lines.settle(call, queue, {message.line for message in found if message.line is not None})
    return found


def _unchanged(call: Call, before: Attempt) -> list[Message] | None:
    table = call.table(Message)
    found = []
    for sequence, receives, due in before.given:
        message = table.get(sequence)
        if message is None or message.receives != receives or message.due != due or due <= call.now:
            return None
        found.append(message)
    return found


def _told(call: Call, queue: Queue, message: Message, system: frozenset[str], names: Sequence[str]) -> dict[str, Any]:
    """One message as its receiver sees it."""
    body, digest = message.body, message.md5
    if message.sealed is not None:
        body = encryption.opened(call, queue, message)
    if message.finisher is not None:
        body = call.finished(message.finisher, body)
    if not digest:
        digest = content.digest(body.encode())
    told: dict[str, Any] = {
        "MessageId": message.id, "MD5OfBody": digest, "Body": body,
        "ReceiptHandle": receipt_handle(queue.number, message.sequence, message.receives, message.id)}
    if system and (facts := _facts(queue, message, system)):
        told["Attributes"] = facts
    if names and message.attributes and (chosen := content.wanted(message.attributes, names)):
        told["MessageAttributes"] = chosen
        told["MD5OfMessageAttributes"] = content.attributes_digest(chosen)
    return told


def _facts(queue: Queue, message: Message, names: frozenset[str]) -> dict[str, str]:
    facts: dict[str, str | None] = {
        "SenderId": message.sender, "SentTimestamp": str(int(message.sent * 1000)),
        "ApproximateReceiveCount": str(message.earlier + message.receives),
        "ApproximateFirstReceiveTimestamp": str(int(message.first * 1000)),
        "MessageGroupId": message.group, "MessageDeduplicationId": message.deduplication,
        "SequenceNumber": sequence_number(message.sequence) if queue.FifoQueue else None,
        "AWSTraceHeader": message.trace, "DeadLetterQueueSourceArn": message.source}
    return {name: value for name, value in facts.items() if value is not None and name in names}


@operation
def delete_message(call: Call, QueueUrl: str, ReceiptHandle: str) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html"""
    call, queue = queue_in_use(call, QueueUrl)
    receipt = read_receipt(ReceiptHandle, queue.number)
    if queue.FifoQueue:
        _check_not_expired(call, queue, receipt, ReceiptHandle)
    _remove(call, queue, [receipt])


@operation
def delete_message_batch(call: Call, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html"""
    call, queue = queue_in_use(call, QueueUrl)
    batches.check(Entries, "DeleteMessageBatchRequestEntry")
    receipts: list[Receipt] = []

    def one(entry: dict[str, Any]) -> dict[str, Any]:
        receipt = read_receipt(entry["ReceiptHandle"], queue.number)
        if queue.FifoQueue:
            _check_not_expired(call, queue, receipt, entry["ReceiptHandle"])
        receipts.append(receipt)
        return {}

    result = batches.run(Entries, one)
    if receipts:
        _remove(call, queue, receipts)
    return result


def _check_not_expired(call: Call, queue: Queue, receipt: Receipt, handle: str) -> None:
    """In FIFO queues a receipt ends with its visibility timeout."""
    held = messages.held(call.table(Message), queue.box, receipt, call.now - queue.MessageRetentionPeriod)
    if held is not None and held[0] <= call.now:
        raise content.invalid(handle, "ReceiptHandle", "The receipt handle has expired.")


def _remove(call: Call, queue: Queue, receipts: list[Receipt]) -> None:
    note(call, queue, DELETED, len(receipts))
    gone = messages.remove(call.table(Message), queue.box, receipts)
    messages.hand(call.table(Box), queue.box, -len(gone))
    if lines.settle(call, queue, {line for _, line in gone if line is not None}):
        call.signal(str(queue.number))


@operation
def change_message_visibility(call: Call, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html"""
    call, queue = queue_in_use(call, QueueUrl)
    _change(call, queue, ReceiptHandle, VisibilityTimeout)


@operation
def change_message_visibility_batch(call: Call, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html"""
    call, queue = queue_in_use(call, QueueUrl)
    batches.check(Entries, "ChangeMessageVisibilityBatchRequestEntry")

    def one(entry: dict[str, Any]) -> dict[str, Any]:
        if "VisibilityTimeout" not in entry:
            raise error.MissingParameter("The request must contain the parameter VisibilityTimeout.")
        _change(call, queue, entry["ReceiptHandle"], entry["VisibilityTimeout"])
        return {}

    return batches.run(Entries, one)


def _change(call: Call, queue: Queue, handle: str, timeout: int) -> None:
    """Hide a message in flight for another time from now on; one that came back already stays as it is."""
    if not 0 <= timeout <= _MOST_TIMEOUT:
        raise content.invalid(timeout, "VisibilityTimeout", f"Must be between 0 and {_MOST_TIMEOUT}, if provided.")
    receipt = read_receipt(handle, queue.number)
    table = call.table(Message)
    kept = call.now - queue.MessageRetentionPeriod
    held = messages.held(table, queue.box, receipt, kept)
    if held is None:
        message = table.get(receipt.sequence)
        if message is None or message.box != queue.box or message.sent <= kept:
            raise content.invalid(handle, "ReceiptHandle",
                                  "Message does not exist or is not available for visibility timeout change.")
        return
    due, received, line = held
    if due <= call.now:
        if queue.FifoQueue:
            raise content.invalid(handle, "ReceiptHandle", "The receipt handle has expired.")
        return
    if call.now + timeout > received + _MOST_TIMEOUT:
        raise content.invalid(timeout, "VisibilityTimeout",
                              f"Total VisibilityTimeout for the message is beyond the limit [{_MOST_TIMEOUT} seconds]")
    messages.hide(table, [receipt.sequence], call.now + timeout)
    if line is not None:
        lines.settle(call, queue, [line])
    call.signal(str(queue.number))
