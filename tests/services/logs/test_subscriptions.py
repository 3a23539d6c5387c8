"""What subscribes to groups: filters of one group, and the account's policy."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from conftest import Cloud
from services.lambda_.conftest import deploy  # noqa: F401
from services.lambda_.test_callers import teller
from services.sqs.queues import refused


def messages(event: Any) -> list[str]:
    said = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    return [each["message"] for each in said["logEvents"]]


def test_functions_get_events_of_groups_and_of_the_account(cloud: Cloud, logs: Any, group: str, put: Any,
                                                         deploy: Any) -> None:  # noqa: F811
    function, told = teller(deploy, cloud)
    logs.put_transformer(logGroupIdentifier=group, transformerConfig=[{"csv": {"columns": ["level"]}}])
    for name in ("a1", "a2"):
        logs.put_subscription_filter(logGroupName=group, filterName=name, filterPattern="{ $.level = ERROR }",
                                     destinationArn=function.arn, roleArn=function.arn, distribution="Random",
                                     applyOnTransformedLogs=True)
    found = logs.describe_subscription_filters(logGroupName=group, filterNamePrefix="a")["subscriptionFilters"]
    assert [(each["filterName"], each["distribution"], each["applyOnTransformedLogs"]) for each in found] == [
        ("a1", "Random", True), ("a2", "Random", True)]
    first = logs.describe_subscription_filters(logGroupName=group, limit=1)
    assert [each["filterName"] for each in logs.describe_subscription_filters(
        logGroupName=group, nextToken=first["nextToken"])["subscriptionFilters"]] == ["a2"]
    logs.delete_subscription_filter(logGroupName=group, filterName="a2")
    elsewhere = '@aws.region != "us-east-1"'
    logs.put_subscription_filter(logGroupName=group, filterName="b", filterPattern="", destinationArn=function.arn,
                                 fieldSelectionCriteria=elsewhere)
    found = logs.describe_subscription_filters(logGroupName=group, filterNamePrefix="b")["subscriptionFilters"]
    assert found[0]["fieldSelectionCriteria"] == elsewhere
    put(["ERROR,here", "fine"])
    assert messages(told()) == ['{"level":"ERROR","column_2":"here"}']
    logs.delete_subscription_filter(logGroupName=group, filterName="a1")
    said = {"policyName": "all", "policyType": "SUBSCRIPTION_FILTER_POLICY"}
    document = json.dumps({"DestinationArn": function.arn, "FilterPattern": "second"})
    logs.put_account_policy(**said, policyDocument=document, selectionCriteria='LogGroupName NOT IN ["other"]')
    put(["first", "the second"], at=-30)
    assert messages(told()) == ["the second"]
    with refused("InvalidParameterException", "DestinationArn"):
        logs.put_account_policy(**said, policyDocument="{}")
    with refused("InvalidParameterException", "selection criteria"):
        logs.put_account_policy(**said, policyDocument=document, selectionCriteria='LogGroupNamePrefix = "a"')
