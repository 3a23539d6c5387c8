"""Consumers of streams: registered, told, listed and ended."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Make, refused


@pytest.fixture
def stream(cloud: Any, make: Make) -> str:
    """A stream's ARN."""
    make("s")
    return f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"


def test_a_consumer_is_registered_and_told_by_arn_or_name(cloud: Any, kinesis: Any, stream: str) -> None:
    told = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="reader", Tags={"team": "red"})["Consumer"]
    made = int(told["ConsumerCreationTimestamp"].timestamp())
    assert told["ConsumerARN"] == f"{stream}/consumer/reader:{made}"
    assert told["ConsumerStatus"] == "CREATING"
    by_arn = kinesis.describe_stream_consumer(ConsumerARN=told["ConsumerARN"])["ConsumerDescription"]
    assert (by_arn["ConsumerStatus"], by_arn["StreamARN"], by_arn["ConsumerName"]) == ("ACTIVE", stream, "reader")
    by_name = kinesis.describe_stream_consumer(StreamARN=stream, ConsumerName="reader")["ConsumerDescription"]
    assert by_name == by_arn
    assert kinesis.list_tags_for_resource(ResourceARN=told["ConsumerARN"])["Tags"] == [{"Key": "team", "Value": "red"}]
    kinesis.untag_resource(ResourceARN=told["ConsumerARN"], TagKeys=["team"])
    assert kinesis.list_tags_for_resource(ResourceARN=told["ConsumerARN"])["Tags"] == []
    assert kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["ConsumerCount"] == 1


def test_consumers_are_listed_in_pages(kinesis: Any, stream: str) -> None:
    for name in ("b", "c", "a"):
        kinesis.register_stream_consumer(StreamARN=stream, ConsumerName=name)
    first = kinesis.list_stream_consumers(StreamARN=stream, MaxResults=2)
    assert [row["ConsumerName"] for row in first["Consumers"]] == ["a", "b"]
    rest = kinesis.list_stream_consumers(StreamARN=stream, NextToken=first["NextToken"])
    assert [row["ConsumerName"] for row in rest["Consumers"]] == ["c"]
    assert "NextToken" not in rest
    refused(kinesis.list_stream_consumers, "ResourceNotFoundException", StreamARN=stream, StreamCreationTimestamp=1.0)


def test_a_deregistered_consumer_is_gone_and_its_name_is_free(kinesis: Any, stream: str) -> None:
    arn = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
    kinesis.deregister_stream_consumer(ConsumerARN=arn)
    refused(kinesis.describe_stream_consumer, "ResourceNotFoundException", ConsumerARN=arn)
    refused(kinesis.deregister_stream_consumer, "ResourceNotFoundException", StreamARN=stream, ConsumerName="c")
    kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")
    kinesis.deregister_stream_consumer(StreamARN=stream, ConsumerName="c")
    assert kinesis.list_stream_consumers(StreamARN=stream)["Consumers"] == []


def test_names_and_limits_of_consumers(kinesis: Any, stream: str) -> None:
    for n in range(20):
        kinesis.register_stream_consumer(StreamARN=stream, ConsumerName=f"c{n}")
    refused(kinesis.register_stream_consumer, "ResourceInUseException", StreamARN=stream, ConsumerName="c0")
    refused(kinesis.register_stream_consumer, "LimitExceededException", StreamARN=stream, ConsumerName="more")
    refused(kinesis.describe_stream_consumer, "InvalidArgumentException", ConsumerName="c0")
    arn = kinesis.describe_stream_consumer(StreamARN=stream, ConsumerName="c0")["ConsumerDescription"]["ConsumerARN"]
    refused(kinesis.describe_stream_consumer, "InvalidArgumentException", ConsumerARN=arn, ConsumerName="c1")


def test_a_stream_with_consumers_goes_only_when_they_may_go_too(kinesis: Any, stream: str, make: Make) -> None:
    arn = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
    refused(kinesis.delete_stream, "ResourceInUseException", StreamName="s")
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    refused(kinesis.describe_stream_consumer, "ResourceNotFoundException", ConsumerARN=arn)
    make("s")
    assert kinesis.list_stream_consumers(StreamARN=stream)["Consumers"] == []
