"""A look into a queue: its messages in order, without receiving them, for whoever might receive them."""

from __future__ import annotations

from typing import Any

from ...kernel.access.contract import Principal
from ...kernel.cloud import Cloud
from ...kernel.store.contract import Transaction
from .permitted import as_if

MOST = 200


def messages(cloud: Cloud, tx: Transaction, who: Principal, url: str, region: str) -> list[dict[str, Any]]:
    """The first messages of the queue of this address, those in flight and delayed, too. Raises what SQS would."""
    call = as_if(cloud, tx, who, region, "sqs", "ReceiveMessage", {"QueueUrl": url})
    from ...services.sqs import addresses
    from ...services.sqs.resources import Message

    there, queue = addresses.queue_at(call, url)
    kept = call.now - queue.MessageRetentionPeriod
    found = there.table(Message).scan(queue.box, index="due", limit=MOST)
    return [_told(message, call.now) for message in found if message.sent > kept]


def _told(message: Any, now: float) -> dict[str, Any]:
    state = "available" if message.due <= now else "in flight" if message.receives else "delayed"
    return {"id": message.id, "sent": message.sent, "due": message.due, "receives": message.receives, "state": state,
            "body": message.body, "sender": message.sender, "group": message.group or "",
            "attributes": sorted(message.attributes or {})}
