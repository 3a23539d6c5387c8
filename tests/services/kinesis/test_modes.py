"""Streams provisioned and on demand, what accounts may have, and what they have committed themselves to."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Make, refused

ON_DEMAND = {"StreamMode": "ON_DEMAND"}
PROVISIONED = {"StreamMode": "PROVISIONED"}


@pytest.fixture
def arn(cloud: Any) -> str:
    return f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"


def summary(kinesis: Any) -> dict[str, Any]:
    told: dict[str, Any] = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    return told


def commit(kinesis: Any, status: str = "ENABLED") -> dict[str, Any]:
    told: dict[str, Any] = kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": status})
    return told["MinimumThroughputBillingCommitment"]


def test_a_stream_changes_its_mode_twice_a_day(cloud: Any, kinesis: Any, make: Make, arn: str) -> None:
    make("s", 2)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    assert (summary(kinesis)["StreamModeDetails"], summary(kinesis)["OpenShardCount"]) == (ON_DEMAND, 2)
    assert summary(kinesis)["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=PROVISIONED)
    assert summary(kinesis)["StreamModeDetails"] == PROVISIONED
    kinesis.update_shard_count(StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    refused(kinesis.update_stream_mode, "LimitExceededException", StreamARN=arn, StreamModeDetails=ON_DEMAND)
    cloud.clock.advance(86_401)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    assert summary(kinesis)["OpenShardCount"] == 3


def test_a_stream_on_demand_grows_when_it_had_to_refuse(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", None, StreamModeDetails=ON_DEMAND, MaxRecordSizeInKiB=2048)
    make("provisioned", 1, MaxRecordSizeInKiB=2048)
    for stream in ("s", "provisioned"):
        put = {"StreamName": stream, "PartitionKey": "k"}
        kinesis.put_record(**put, Data=b"x" * 2_000_000)
        refused(kinesis.put_record, "ProvisionedThroughputExceededException", **put, Data=b"x")
    cloud.clock.advance(800)
    assert summary(kinesis)["OpenShardCount"] == 4
    cloud.clock.advance(200)
    assert summary(kinesis)["OpenShardCount"] == 8
    assert kinesis.describe_limits()["OpenShardCount"] == 9
    cloud.clock.advance(2000)
    assert summary(kinesis)["OpenShardCount"] == 8


def test_limits_tell_what_there_is(kinesis: Any, make: Make) -> None:
    make("one", 3)
    make("two", None, StreamModeDetails=ON_DEMAND)
    told = kinesis.describe_limits()
    assert (told["ShardLimit"], told["OpenShardCount"]) == (20_000, 7)
    assert (told["OnDemandStreamCount"], told["OnDemandStreamCountLimit"]) == (1, 50)


def test_an_account_has_fifty_streams_on_demand(kinesis: Any, make: Make) -> None:
    for n in range(50):
        make(f"s{n}", None, StreamModeDetails=ON_DEMAND)
    refused(kinesis.create_stream, "LimitExceededException", StreamName="more", StreamModeDetails=ON_DEMAND)


def test_a_commitment_lasts_a_day_at_least(cloud: Any, kinesis: Any) -> None:
    def status() -> str:
        told = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
        return str(told["Status"])

    assert status() == "DISABLED"
    begun = commit(kinesis)
    assert (begun["Status"], (begun["EarliestAllowedEndAt"] - begun["StartedAt"]).total_seconds()) == ("ENABLED", 86_400)
    assert commit(kinesis, "DISABLED")["Status"] == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    assert commit(kinesis)["Status"] == "ENABLED"
    commit(kinesis, "DISABLED")
    cloud.clock.advance(86_401)
    assert status() == "DISABLED"
    assert "EndedAt" in kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    commit(kinesis)
    cloud.clock.advance(90_000)
    assert commit(kinesis, "DISABLED")["Status"] == "DISABLED"


def test_warm_throughput_has_a_shard_for_each_mib(kinesis: Any, make: Make, arn: str) -> None:
    make("s", None, StreamModeDetails=ON_DEMAND)
    refused(kinesis.update_stream_warm_throughput, "ValidationException", StreamARN=arn, WarmThroughputMiBps=8)
    commit(kinesis)
    told = kinesis.update_stream_warm_throughput(StreamName="s", WarmThroughputMiBps=8)
    assert (told["StreamARN"], told["WarmThroughput"]) == (arn, {"TargetMiBps": 8, "CurrentMiBps": 8})
    assert (summary(kinesis)["WarmThroughput"]["CurrentMiBps"], summary(kinesis)["OpenShardCount"]) == (8, 8)
    kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=0)
    assert summary(kinesis)["OpenShardCount"] == 4
    make("provisioned")
    refused(kinesis.update_stream_warm_throughput, "InvalidArgumentException", StreamName="provisioned", WarmThroughputMiBps=8)
    refused(kinesis.update_stream_warm_throughput, "LimitExceededException", StreamName="s", WarmThroughputMiBps=10_241)
    make("warm", None, StreamModeDetails=ON_DEMAND, WarmThroughputMiBps=6)
    assert kinesis.describe_limits()["OpenShardCount"] == 4 + 1 + 6
    for n in range(50):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{n}")
    refused(kinesis.register_stream_consumer, "LimitExceededException", StreamARN=arn, ConsumerName="more")


def test_records_are_scattered_where_their_keys_do_not_count(kinesis: Any, make: Make, arn: str) -> None:
    make("s", None, StreamModeDetails=ON_DEMAND)
    refused(kinesis.put_record, "InvalidArgumentException", StreamName="s", Data=b"")
    kinesis.update_stream_record_distribution_strategy(StreamARN=arn, RecordDistributionStrategy="AUTO")
    assert summary(kinesis)["RecordDistributionStrategy"] == "AUTO"
    told = kinesis.put_records(StreamName="s", Records=[{"Data": b"x", "PartitionKey": "same"}] * 100)["Records"]
    assert len({record["ShardId"] for record in told}) == 4
    kinesis.put_record(StreamName="s", Data=b"no key")
    kinesis.update_stream_record_distribution_strategy(StreamARN=arn, RecordDistributionStrategy="USER_PARTITION_KEY")
    again = kinesis.put_records(StreamName="s", Records=[{"Data": b"x", "PartitionKey": "same"}] * 20)["Records"]
    assert len({record["ShardId"] for record in again}) == 1
    make("auto", None, StreamModeDetails=ON_DEMAND, RecordDistributionStrategy="AUTO")
    make("provisioned")
    refused(kinesis.update_stream_record_distribution_strategy, "InvalidArgumentException", RecordDistributionStrategy="AUTO",
            StreamARN=arn[:-1] + "provisioned")
