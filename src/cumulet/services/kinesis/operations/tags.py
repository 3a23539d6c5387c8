"""Tags of streams and consumers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import Call, operation

from .. import named, streams, tags
from ..resources import Doc

_MOST_TOLD = 50


@operation(accepts=("StreamId",))
def add_tags_to_stream(call: Call, Tags: Mapping[str, str], StreamName: str | None = None,
                       StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html"""
    there, stream = streams.own(call, StreamName, StreamARN)
    tags.add(there, stream, Tags)


@operation(accepts=("StreamId",))
def remove_tags_from_stream(call: Call, TagKeys: Sequence[str], StreamName: str | None = None,
                            StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html"""
    there, stream = streams.own(call, StreamName, StreamARN)
    tags.remove(there, stream, TagKeys)


@operation(accepts=("StreamId",))
def list_tags_for_stream(call: Call, StreamName: str | None = None, ExclusiveStartTagKey: str = "", Limit: int = _MOST_TOLD,
                         StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html"""
    stream = streams.find(call, StreamName, StreamARN).stream
    told = [tag for tag in tags.shown(stream) if tag["Key"] > ExclusiveStartTagKey]
    return {"Tags": told[:Limit], "HasMoreTags": len(told) > Limit}


@operation(accepts=("StreamId",))
def tag_resource(call: Call, Tags: Mapping[str, str], ResourceARN: str) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html"""
    there, row = named.find(call, ResourceARN)
    tags.add(there, row, Tags)


@operation(accepts=("StreamId",))
def untag_resource(call: Call, TagKeys: Sequence[str], ResourceARN: str) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html"""
    there, row = named.find(call, ResourceARN)
    tags.remove(there, row, TagKeys)


@operation(accepts=("StreamId",))
def list_tags_for_resource(call: Call, ResourceARN: str) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html"""
    _, row = named.find(call, ResourceARN)
    return {"Tags": tags.shown(row)}
