"""Capacity: provisioned by the shard, or on demand; and what an account that has committed itself may keep warm.

https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
"""

from __future__ import annotations

from cumulet.kernel import Call, error

from . import resharding, shards, streams
from .resources import Commitment, Doc, Stream
from .streams import Found

_DAY = 86_400.0
_SWITCHES = 2                          # of the mode of a stream in a day
_ONLY = "minimum throughput"           # the commitment that there is
_MOST_WARM = 10_240                    # MiB a second: a shard takes one of them


def switch(found: Found, mode: str, warm: int | None) -> None:
    """Put a stream into another mode. Its shards stay."""
    call, stream = found
    if warm is not None and mode != "ON_DEMAND":
        raise error.InvalidArgumentException("WarmThroughputMiBps is only valid when the stream mode is updated to ON_DEMAND.")
    if mode != streams.mode_of(stream):
        recent = [moment for moment in stream.switched if moment > call.now - _DAY]
        if len(recent) >= _SWITCHES:
            raise error.LimitExceededException(
                f"{found.subject} has reached the limit of {_SWITCHES} changes of its mode in a rolling 24-hour period.")
        if mode == "ON_DEMAND":
            streams.check_on_demand(call)
        else:
            streams.check_room(call, shards.count_open(call, stream))
            stream.WarmThroughputMiBps, stream.scattered = None, False
        stream.switched = [*recent, call.now]
        stream.StreamModeDetails = {"StreamMode": mode}
    stream.ShardCount = None if stream.on_demand else shards.count_open(call, stream)
    call.put(stream)
    if warm is not None:
        keep_warm(found, warm)


def keep_warm(found: Found, warm: int) -> None:
    """Have as many shards as so many MiB a second need."""
    call, stream = found
    must_be_on_demand(found, "warm throughput configuration")
    if not committed(call):
        raise error.ValidationException(
            f"Warm throughput needs MinimumThroughputBillingCommitment to be enabled for account {call.account}.")
    if warm > _MOST_WARM:
        raise error.LimitExceededException(f"Warm throughput of {found.said} must be at most {_MOST_WARM} MiBps.")
    stream.WarmThroughputMiBps = warm
    call.put(stream)
    wanted = max(warm, streams.FIRST_ON_DEMAND)
    if wanted != shards.count_open(call, stream):
        resharding.Resharding(found).scale(wanted)


def must_be_on_demand(found: Found, what: str) -> None:
    if not found.stream.on_demand:
        raise error.InvalidArgumentException(f"{found.subject} is in PROVISIONED mode, which has no {what}.")


def warm_shown(call: Call, stream: Stream) -> Doc | None:
    """What a stream keeps warm; nothing of others."""
    warm = stream.WarmThroughputMiBps
    return {"TargetMiBps": warm, "CurrentMiBps": warm} if warm is not None and committed(call) else None


def strategy_of(stream: Stream) -> str | None:
    """How a stream on demand distributes records."""
    return (streams.AUTO if stream.scattered else "USER_PARTITION_KEY") if stream.on_demand else None


def committed(call: Call) -> bool:
    """Whether the account pays for a minimum of throughput at this moment."""
    found = call.table(Commitment).get(_ONLY)
    return found is not None and not 0 < found.ends <= call.now


def commit(call: Call, wanted: bool) -> None:
    """Begin a commitment, or end it: a day after its beginning at the earliest."""
    found = call.table(Commitment).get(_ONLY)
    if wanted and (found is None or not committed(call)):
        call.put(Commitment(_ONLY, call.now))
    elif found is not None and committed(call):
        found.ends = 0.0 if wanted else max(call.now, found.started + _DAY)
        call.put(found)


def commitment_shown(call: Call) -> Doc:
    """The account's commitment in a result."""
    found = call.table(Commitment).get(_ONLY)
    if found is None:
        return {"Status": "DISABLED"}
    if not committed(call):
        return {"Status": "DISABLED", "StartedAt": found.started, "EndedAt": found.ends}
    return {"Status": "ENABLED_UNTIL_EARLIEST_ALLOWED_END" if found.ends else "ENABLED", "StartedAt": found.started,
            "EarliestAllowedEndAt": found.started + _DAY}
