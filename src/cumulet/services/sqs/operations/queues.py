"""Queues: made, found, changed, emptied, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import attributes as settings
from .. import boxes
from ..addresses import queue_at, url_of
from ..background.sweeps import REST, arm, clear
from ..resources import Box, Move, Queue
from ..tags import check_tags

_PURGE_REST = 60.0
_EVERYONE = 1_000_000


@operation
def create_queue(call: Call, QueueName: str, Attributes: Mapping[str, str] = {},
                 tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""
    fifo = Attributes.get("FifoQueue", "").lower() == "true"
    settings.check_name(QueueName, fifo)
    fields = settings.read(Attributes, fifo)
    queues = call.table(Queue)
    existing = queues.get(QueueName)
    if existing is not None:
        other = settings.differing(existing, fields)
        if other is not None:
            raise error.QueueNameExists(
                f"A queue already exists with the same name and a different value for attribute {other}")
        return {"QueueUrl": url_of(call, QueueName)}
    table = call.table(Box)
    if any(box.deleted > call.now - REST for box in table.scan(QueueName, index="queue")):
        raise error.QueueDeletedRecently(
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
    queue = Queue(QueueName=QueueName, created=call.now, modified=call.now, tags=check_tags({}, tags))
    settings.apply(call, queue, fields)
    queue.number = queue.box = table.insert(Box(queue=QueueName)).number
    queues.insert(queue)
    return {"QueueUrl": url_of(call, QueueName)}


@operation
def delete_queue(call: Call, QueueUrl: str) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html"""
    call, queue = queue_at(call, QueueUrl)
    arm(call, queue, 0.0)
    call.table(Queue).delete(queue.QueueName)
    call.table(Move).delete_all(queue.QueueName)
    call.table(Box).change(queue.box, deleted=call.now)
    call.at(call.now, clear, name=str(queue.box), box=queue.box)
    call.signal(str(queue.number), count=_EVERYONE)


@operation
def purge_queue(call: Call, QueueUrl: str) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html"""
    call, queue = queue_at(call, QueueUrl)
    if queue.purged and call.now < queue.purged + _PURGE_REST:
        raise error.PurgeQueueInProgress(f"Only one PurgeQueue operation on {queue.QueueName} is allowed every 60 seconds.")
    old = queue.box
    queue.box = call.table(Box).insert(Box(queue=queue.QueueName, owner=queue.number)).number
    call.table(Queue).change(queue.QueueName, box=queue.box, purged=call.now)
    call.at(call.now, clear, name=str(old), box=old)


@operation
def get_queue_url(call: Call, QueueName: str, QueueOwnerAWSAccountId: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html"""
    call = call.elsewhere(QueueOwnerAWSAccountId) if QueueOwnerAWSAccountId else call
    call.get(Queue, QueueName)
    return {"QueueUrl": url_of(call, QueueName)}


@operation
def list_queues(call: Call, QueueNamePrefix: str = "", page: Page[Queue] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html"""
    table = call.table(Queue)
    if page.after is not None:
        rows = table.scan(after=page.after, limit=page.limit + 1)
    else:
        rows = table.scan(low=QueueNamePrefix, limit=page.limit + 1)
    rows = [queue for queue in rows if queue.QueueName.startswith(QueueNamePrefix)]
    return {"QueueUrls": [url_of(call, queue.QueueName) for queue in page.cut(rows, lambda queue: queue.QueueName)] or None}


@operation
def list_dead_letter_source_queues(call: Call, QueueUrl: str, page: Page[Queue] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html"""
    call, queue = queue_at(call, QueueUrl)
    rows = call.table(Queue).scan(queue.QueueName, index="dead_letter", after=page.after, limit=page.limit + 1)
    return {"queueUrls": [url_of(call, source.QueueName) for source in page.cut(rows, lambda source: source.QueueName)]}


@operation
def get_queue_attributes(call: Call, QueueUrl: str, AttributeNames: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html"""
    call, queue = queue_at(call, QueueUrl)
    for name in AttributeNames:
        if name not in settings.KNOWN:
            raise error.InvalidAttributeName(f"Unknown Attribute {name}.")
    everything = "All" in AttributeNames
    found = settings.write(queue) if AttributeNames else {}
    if AttributeNames:
        found["QueueArn"] = call.arn(queue)
    if everything or any(name.startswith("ApproximateNumber") for name in AttributeNames):
        visible, in_flight, delayed = boxes.count(call, queue)
        found["ApproximateNumberOfMessages"] = str(visible)
        found["ApproximateNumberOfMessagesNotVisible"] = str(in_flight)
        found["ApproximateNumberOfMessagesDelayed"] = str(delayed)
    chosen = found if everything else {name: found[name] for name in AttributeNames if name in found}
    return {"Attributes": chosen or None}


@operation
def set_queue_attributes(call: Call, QueueUrl: str, Attributes: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""
    call, queue = queue_at(call, QueueUrl)
    fields = settings.read(Attributes, queue.FifoQueue)
    if fields.get("FifoQueue", queue.FifoQueue) != queue.FifoQueue:
        raise settings.bad("FifoQueue")
    if "MessageRetentionPeriod" in fields:
        boxes.expire(call, queue)          # what is over stays over, however long messages are kept from now on
    settings.apply(call, queue, fields)
    queue.modified = call.now
    call.put(queue)
    if queue.sweep and "MessageRetentionPeriod" in fields:
        arm(call, queue, call.now)
