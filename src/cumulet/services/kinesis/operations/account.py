"""What an account may have, and how it pays."""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import Call, operation

from .. import modes, shards, streams
from ..resources import Doc


@operation
def describe_limits(call: Call) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html"""
    return {"ShardLimit": streams.shard_limit(call), "OpenShardCount": shards.count_open(call),
            "OnDemandStreamCount": streams.count_on_demand(call), "OnDemandStreamCountLimit": streams.MOST_ON_DEMAND}


@operation
def describe_account_settings(call: Call) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeAccountSettings.html"""
    return {"MinimumThroughputBillingCommitment": modes.commitment_shown(call)}


@operation
def update_account_settings(call: Call, MinimumThroughputBillingCommitment: Mapping[str, str]) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html"""
    modes.commit(call, MinimumThroughputBillingCommitment["Status"] == "ENABLED")
    return {"MinimumThroughputBillingCommitment": modes.commitment_shown(call)}
