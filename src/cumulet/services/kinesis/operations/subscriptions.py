"""Records pushed to a consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from cumulet.kernel import Call, operation

from .. import subscriptions
from ..resources import Doc
from ..subscriptions import Place

_WHILE = 2 * subscriptions.LASTS       # seconds by the wall that one event is waited for


@operation(accepts=("StreamId",))
async def subscribe_to_shard(call: Call, ConsumerARN: str, ShardId: str, StartingPosition: Mapping[str, Any],
                             DryRun: bool = False) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html"""
    place, after = await call.run(
        subscriptions.begin, ConsumerARN, ShardId, StartingPosition["Type"], StartingPosition.get("SequenceNumber"),
        StartingPosition.get("Timestamp"), DryRun)
    return {"EventStream": _events(call, place, after)}


async def _events(call: Call, place: Place, after: int) -> AsyncIterator[Doc]:
    """One event at once, and then as records come, or every few seconds without."""
    told, going_on = 0.0, True
    while going_on:
        pushed, told = await call.poll(_next, place, after, told, seconds=_WHILE)
        if pushed is None:
            return
        yield {"SubscribeToShardEvent": pushed.event}
        going_on = pushed.after is not None
        after = pushed.after or 0


def _next(call: Call, place: Place, after: int, told: float) -> tuple[subscriptions.Pushed | None, float]:
    """The next event, and when it was."""
    return subscriptions.advance(call, place, after, told), call.now
