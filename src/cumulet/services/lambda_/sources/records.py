"""Records of a stream: their number and moment, and how functions get them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from cumulet.kernel import parse_arn

from ..resources import EventSourceMapping

Record = dict[str, Any]


def number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def created(record: Record) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def shown(record: Record, mapping: EventSourceMapping) -> Record:
    """A record as functions get it: bytes in base64, moments in seconds, and the identity in other letters than GetRecords'."""
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    told = plain(record)
    if who := told.get("userIdentity"):
        told["userIdentity"] = {"type": who["Type"], "principalId": who["PrincipalId"]}
    return {**told, "eventSourceARN": mapping.EventSourceArn, "eventSource": "aws:dynamodb", "awsRegion": arn.region}


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value
