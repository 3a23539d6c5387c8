"""Application Auto Scaling's client, a table that is scaled, and what an error says."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

WRITES = {"ServiceNamespace": "dynamodb", "ResourceId": "table/things",
          "ScalableDimension": "dynamodb:table:WriteCapacityUnits"}
READS = WRITES | {"ScalableDimension": "dynamodb:table:ReadCapacityUnits"}


def tracking(value: float = 50, kind: str = "DynamoDBWriteCapacityUtilization", **members: Any) -> dict[str, Any]:
    """A target tracking policy."""
    return {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": value, "PredefinedMetricSpecification": {"PredefinedMetricType": kind}, **members}}


@pytest.fixture
def scaling(cloud: Cloud) -> Iterator[Any]:
    """What a test leaves would look at its metrics whenever another test moves the clock."""
    found = cloud.client("application-autoscaling")
    yield found
    for namespace in ("dynamodb", "lambda"):
        for each in found.describe_scalable_targets(ServiceNamespace=namespace)["ScalableTargets"]:
            found.deregister_scalable_target(**{name: each[name] for name in WRITES})


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def things(dynamodb: Any) -> str:
    """A table of five reads and writes a second, with an index of as many."""
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    dynamodb.create_table(
        TableName="things", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], ProvisionedThroughput=units,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "city")],
        GlobalSecondaryIndexes=[{"IndexName": "by-city", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                                 "Projection": {"ProjectionType": "KEYS_ONLY"}, "ProvisionedThroughput": units}])
    return "things"


@pytest.fixture
def units(dynamodb: Any) -> Callable[[], tuple[int, int]]:
    """How many reads and writes a second the table has."""

    def told() -> tuple[int, int]:
        now = dynamodb.describe_table(TableName="things")["Table"]["ProvisionedThroughput"]
        return now["ReadCapacityUnits"], now["WriteCapacityUnits"]

    return told


def refused(call: Callable[..., Any], code: str = "ValidationException", **members: Any) -> str:
    """The message with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == code, caught.value.response
    return str(caught.value.response["Error"]["Message"])
