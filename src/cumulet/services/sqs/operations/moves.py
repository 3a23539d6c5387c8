"""Message move tasks: started, listed, cancelled."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import boxes
from ..addresses import queue_of
from ..background.moves import CANCELLING, RUNNING, move
from ..handles import read_task_handle, task_handle
from ..resources import Move, Queue

_MOST_RATE = 500
_MOST_LISTED = 10


@operation
def start_message_move_task(call: Call, SourceArn: str, DestinationArn: str | None = None,
                            MaxNumberOfMessagesPerSecond: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html"""
    source = queue_of(call, SourceArn, "SourceArn")
    rate = MaxNumberOfMessagesPerSecond
    if rate is not None and not 1 <= rate <= _MOST_RATE:
        raise error.InvalidParameterValue(
            "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value between 1 and "
            f"{_MOST_RATE}.")
    if call.table(Queue).find("dead_letter", source.QueueName) is None:
        raise error.InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    destination = queue_of(call, DestinationArn, "DestinationArn") if DestinationArn is not None else None
    if destination is not None and destination.QueueName == source.QueueName:
        raise error.InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.")
    if destination is not None and destination.FifoQueue != source.FifoQueue:
        raise error.InvalidParameterValue("Source queue and destination queue must be of the same type.")
    tasks = call.table(Move)
    earlier = tasks.scan(source.QueueName, reverse=True)
    if any(task.status in (RUNNING, CANCELLING) for task in earlier):
        raise error.UnsupportedOperation("There is already a task running. Only one active task is allowed for a source "
                                         "queue arn at a given time.")
    for old in earlier[_MOST_LISTED - 1:]:
        tasks.delete(old.queue, old.started, old.id)
    task = tasks.insert(Move(
        queue=source.QueueName, started=call.now, id=call.uuid(), status=RUNNING, rate=rate,
        destination=destination.QueueName if destination else None, to_move=boxes.count(call, source)[0]))
    call.at(call.now, move, name=task.id, queue=task.queue, started=task.started, task=task.id)
    return {"TaskHandle": task_handle(task.id, SourceArn)}


@operation
def list_message_move_tasks(call: Call, SourceArn: str, MaxResults: int = 1) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html"""
    source = queue_of(call, SourceArn, "SourceArn")
    if not 1 <= MaxResults <= _MOST_LISTED:
        raise error.InvalidParameterValue(
            f"Value for parameter MaxResults is invalid. Reason: You must enter a value between 1 and {_MOST_LISTED}.")
    tasks = call.table(Move).scan(source.QueueName, reverse=True, limit=MaxResults)
    return {"Results": [_told(task, SourceArn) for task in tasks]}


def _told(task: Move, source_arn: str) -> dict[str, Any]:
    base = source_arn.rpartition(":")[0]
    return {"TaskHandle": task_handle(task.id, source_arn) if task.status == RUNNING else None, "Status": task.status,
            "SourceArn": source_arn, "DestinationArn": f"{base}:{task.destination}" if task.destination else None,
            "MaxNumberOfMessagesPerSecond": task.rate, "ApproximateNumberOfMessagesMoved": task.moved,
            "ApproximateNumberOfMessagesToMove": task.to_move, "FailureReason": task.failure,
            "StartedTimestamp": int(task.started * 1000)}


@operation
def cancel_message_move_task(call: Call, TaskHandle: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html"""
    task_id, source_arn = read_task_handle(TaskHandle)
    task = call.table(Move).find("id", task_id)
    if task is None:
        raise error.ResourceNotFoundException("Task does not exist.")
    if task.status != RUNNING:
        raise error.UnsupportedOperation(f"Only active tasks can be cancelled. The task of {source_arn} is {task.status}.")
    task.status = CANCELLING
    call.put(task)
    call.at(call.now, move, name=task.id, queue=task.queue, started=task.started, task=task.id)
    return {"ApproximateNumberOfMessagesMoved": task.moved}
