"""Listings of shards, page by page: those that a filter asks for, in the order of their ids."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import shards, streams
from .resources import Doc, Shard
from .streams import Found

_LIVES = 300.0
_BATCH = 1000


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What a listing asks for, and where it is. kind, moment: of its filter.  made: when its page was told."""

    account: str
    stream: str
    after: Annotated[int, msgspec.Meta(ge=-1, lt=2 ** 62)]
    kind: str
    moment: float
    made: float


def begin(found: Found, created: float | None, after: str | None, wanted: Mapping[str, Any]) -> Asked:
    """A listing from its start."""
    call, stream = found
    if created is not None and abs(created - stream.created) >= 1:
        raise streams.missing(call, stream.Name)
    kind, moment = wanted.get("Type", ""), wanted.get("Timestamp")
    if (kind == "AFTER_SHARD_ID") != ("ShardId" in wanted):
        raise error.InvalidArgumentException(
            "ShardId must be specified in a ShardFilter of type AFTER_SHARD_ID, and in no other.")
    if kind.endswith("_TIMESTAMP") != (moment is not None):
        raise error.InvalidArgumentException(
            "Timestamp must be specified in a ShardFilter of type AT_TIMESTAMP or FROM_TIMESTAMP, and in no other.")
    shard = wanted.get("ShardId", after)
    place = shards.index_of(shard) if shard is not None else -1
    return Asked(call.account, stream.Name, place, kind, moment or 0.0, call.now)


def check_alone(*others: Any) -> None:
    if any(other is not None for other in others):
        raise error.InvalidArgumentException("NextToken and StreamName, ExclusiveStartShardId, StreamCreationTimestamp or "
                                             "ShardFilter cannot be provided together.")


def read_token(token: str) -> Asked:
    """What a token says."""
    try:
        return msgspec.msgpack.decode(base64.b64decode(token, validate=True), type=Asked)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise _invalid() from None


def _invalid() -> AwsError:
    return error.InvalidArgumentException("NextToken is invalid.")


def resume(call: Call, token: str, arn: str | None) -> tuple[Found, Asked]:
    """A listing that goes on."""
    asked = read_token(token)
    there = call if asked.account == call.account else call.elsewhere(account=asked.account)
    found = streams.find(there, asked.stream, arn)
    if call.now - asked.made > _LIVES:
        raise error.ExpiredNextTokenException("The pagination token passed to the operation has expired.")
    return found, asked


def page(found: Found, asked: Asked, limit: int) -> Doc:
    """One page, and where the next begins."""
    call, stream = found
    fits = _filter(found, asked)
    told: list[Shard] = []
    after = asked.after
    while len(told) <= limit:
        batch = shards.some(call, stream, after, _BATCH)
        told += [shard for shard in batch if fits(shard)]
        if len(batch) < _BATCH:
            break
        after = batch[-1].index
    token = None
    if len(told) > limit:
        told = told[:limit]
        token = msgspec.structs.replace(asked, after=told[-1].index, made=call.now)
    return {"Shards": shards.all_shown(stream, told),
            "NextToken": base64.b64encode(msgspec.msgpack.encode(token)).decode() if token is not None else None}


def _filter(found: Found, asked: Asked) -> Callable[[Shard], bool]:
    """Which shards are wanted: those open at a moment, or then and ever since."""
    if asked.kind == "AT_LATEST":
        return lambda shard: not shard.closed
    if asked.kind in ("", "AFTER_SHARD_ID"):
        return lambda shard: True
    kept = max(streams.horizon(found.call, found.stream), found.stream.created)
    moment = kept if asked.kind.endswith("TRIM_HORIZON") else max(asked.moment, kept)
    ever = asked.kind.startswith("FROM_")
    return lambda shard: (ever or shard.opened <= moment) and not 0 < shard.closed <= moment
