"""Streams and consumers in policies: by name or ARN, or as an iterator or token tells, and their own policies count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, Guard, parse_arn

from . import consumers, iterators, listing
from .resources import Consumer, Policy, Stream

_ARNS = ("ConsumerARN", "StreamARN", "ResourceARN")
Targets = list[tuple[str, str]]


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html"""
    arn = _arn(call, members)
    return [("", arn)] if arn else None


def further(call: Call, members: Mapping[str, Any]) -> Targets:
    """Tags at creation: of a stream, and of a consumer."""
    if not members.get("Tags"):
        return []
    if call.operation == "CreateStream":
        return [("kinesis:AddTagsToStream", _arn(call, members))]
    if call.operation == "RegisterStreamConsumer":
        return [("kinesis:TagResource", f"{members['StreamARN']}/consumer/{members['ConsumerName']}:*")]
    return []


def _arn(call: Call, members: Mapping[str, Any]) -> str:
    """What the call is about; "" for all."""
    if members.get("ConsumerName") and members.get("StreamARN") and call.operation != "RegisterStreamConsumer":
        return _consumer(call, members["StreamARN"], members["ConsumerName"])
    if (told := _told(call, members)) is not None:
        return _stream(call, *told)
    for name in _ARNS:
        if members.get(name):
            return str(members[name])
    return _stream(call, call.account, members["StreamName"]) if members.get("StreamName") else ""


def _told(call: Call, members: Mapping[str, Any]) -> tuple[str, str] | None:
    """The account and the stream of an iterator, or of a token that tells the next shards."""
    try:
        if call.operation == "GetRecords":
            iterator = iterators.read_token(members["ShardIterator"])
            return iterator.account, iterator.stream
        if call.operation == "ListShards" and members.get("NextToken"):
            asked = listing.read_token(members["NextToken"])
            return asked.account, asked.stream
    except AwsError:
        pass                           # the operation will say so
    return None


def _stream(call: Call, account: str, name: str) -> str:
    return (call if account == call.account else call.elsewhere(account=account)).arn(Stream(Name=name))


def _consumer(call: Call, stream: str, name: str) -> str:
    """The ARN of a consumer that is told by its name."""
    parts = parse_arn(stream)
    if parts is None:
        return stream
    there = call if parts.account == call.account else call.elsewhere(account=parts.account)
    row = consumers.named(there, stream, name)
    return row.ConsumerARN if row is not None else f"{stream}/consumer/{name}:*"


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """A stream of this account without a policy."""
    name = members.get("StreamName")
    if "ShardIterator" in members:
        account, name = _told(call, members) or ("", "")
        if account != call.account:
            return False
    row = call.table(Stream).known(name) if name and "StreamARN" not in members else None
    return row is not None and not row.guarded


def guard(call: Call, arn: str) -> Guard | None:
    """A stream's policy is its own, and a consumer's as well."""
    parts = parse_arn(arn)
    if parts is None:
        return None
    row = call.table(Consumer).known(arn) if "/consumer/" in parts.resource \
        else call.table(Stream).known(parts.resource.removeprefix("stream/"))
    if row is None:
        return None
    policy = call.table(Policy).known(arn) if row.guarded else None
    policies = (("resource policy", policy.text),) if policy is not None else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()))
