"""Streams on demand grow with their load: a quarter of an hour after a shard refused records, they have twice as many.

https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
"""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .. import shards, streams
from ..resharding import Resharding
from ..resources import Stream
from ..streams import Found

_TAKES = 900.0


def refused(call: Call, stream: Stream) -> None:
    """A shard of a stream refused records. Of those that come meanwhile, nothing follows."""
    if stream.on_demand and not stream.growing:
        call.table(Stream).change(stream.Name, growing=True)
        call.at(call.now + _TAKES, grow, name=f"grow {stream.Name}", stream=stream.Name)


@timer
def grow(call: Call, stream: str) -> None:
    """Twice as many shards, as far as there may be."""
    row = call.table(Stream).get(stream)
    if row is None or not row.growing:
        return                         # it is another one of this name
    row.growing = False
    call.put(row)
    count = shards.count_open(call, row)
    target = min(2 * count, streams.most_on_demand(call))
    if row.on_demand and target > count:
        Resharding(Found(call, row)).scale(target)
