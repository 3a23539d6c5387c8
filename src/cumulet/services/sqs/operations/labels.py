"""Tags of queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from ..addresses import queue_at
from ..resources import Queue
from ..tags import check_tags


@operation
def tag_queue(call: Call, QueueUrl: str, Tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html"""
    call, queue = queue_at(call, QueueUrl)
    call.table(Queue).change(queue.QueueName, tags=check_tags(queue.tags, Tags))


@operation
def untag_queue(call: Call, QueueUrl: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html"""
    call, queue = queue_at(call, QueueUrl)
    call.table(Queue).change(queue.QueueName, tags={k: v for k, v in queue.tags.items() if k not in TagKeys})


@operation
def list_queue_tags(call: Call, QueueUrl: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html"""
    _, queue = queue_at(call, QueueUrl)
    return {"Tags": queue.tags or None}
