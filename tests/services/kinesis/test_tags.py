"""Tags of streams, by the operations of streams and by those of all resources."""

from __future__ import annotations

from typing import Any

from .conftest import Make, refused


def test_tags_come_with_a_stream_and_are_added_and_removed(kinesis: Any, make: Make) -> None:
    make("s", Tags={"team": "red", "stage": "dev"})
    kinesis.add_tags_to_stream(StreamName="s", Tags={"stage": "prod", "cost": "7"})
    assert kinesis.list_tags_for_stream(StreamName="s") | {"ResponseMetadata": None} == {
        "Tags": [{"Key": "cost", "Value": "7"}, {"Key": "stage", "Value": "prod"}, {"Key": "team", "Value": "red"}],
        "HasMoreTags": False, "ResponseMetadata": None}
    first = kinesis.list_tags_for_stream(StreamName="s", Limit=1)
    assert (first["Tags"], first["HasMoreTags"]) == ([{"Key": "cost", "Value": "7"}], True)
    rest = kinesis.list_tags_for_stream(StreamName="s", ExclusiveStartTagKey="cost")["Tags"]
    assert [tag["Key"] for tag in rest] == ["stage", "team"]
    kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["cost", "team", "none"])
    assert kinesis.list_tags_for_stream(StreamName="s")["Tags"] == [{"Key": "stage", "Value": "prod"}]


def test_tags_by_arn(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    arn = f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"
    kinesis.tag_resource(ResourceARN=arn, Tags={"a": "1", "b": ""})
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": ""}]
    refused(kinesis.list_tags_for_resource, "ResourceNotFoundException", ResourceARN=arn + "s")


def test_a_stream_has_fifty_tags_at_most_and_none_of_awss(kinesis: Any, make: Make) -> None:
    make("s", Tags={str(n): "" for n in range(49)})
    refused(kinesis.add_tags_to_stream, "InvalidArgumentException", StreamName="s", Tags={"a": "", "b": ""})
    refused(kinesis.add_tags_to_stream, "InvalidArgumentException", StreamName="s", Tags={"aws:x": ""})
    assert len(kinesis.list_tags_for_stream(StreamName="s")["Tags"]) == 49
