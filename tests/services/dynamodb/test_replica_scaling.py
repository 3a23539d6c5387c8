"""Auto scaling of global tables: the same writes everywhere, reads by region, targets and policies in each of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from enforced import own, user
from enforced import refused as denied

from .conftest import N, S, answered, index, refused

HERE, THERE = "us-east-1", "eu-west-1"
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
TARGET = {"ServiceNamespace": "dynamodb", "ResourceId": "table/world"}
WRITES = {**TARGET, "ScalableDimension": "dynamodb:table:WriteCapacityUnits"}
INDEX = {**TARGET, "ResourceId": "table/world/index/by-g", "ScalableDimension": "dynamodb:index:WriteCapacityUnits"}


def settings(least: int, most: int, target: float, **more: Any) -> dict[str, Any]:
    return {"MinimumUnits": least, "MaximumUnits": most, "ScalingPolicyUpdate": {
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target, **more}}}


@pytest.fixture
def scaling(cloud: Any) -> Iterator[dict[str, Any]]:
    """Clients of both regions. What a test leaves would look at its metrics whenever another test moves the clock."""
    found = {region: cloud.client("application-autoscaling", region=region) for region in (HERE, THERE)}
    yield found
    for client in found.values():
        for each in client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]:
            client.deregister_scalable_target(**{name: each[name] for name in WRITES})


@pytest.fixture
def there(cloud: Any) -> Any:
    return cloud.client("dynamodb", region=THERE)


def create(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="world", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], ProvisionedThroughput=UNITS,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "g")],
        GlobalSecondaryIndexes=[index("by-g", "g") | {"ProvisionedThroughput": UNITS}])


def follow(client: Any, target: dict[str, str]) -> None:
    """Scale the writes."""
    client.register_scalable_target(**target, MinCapacity=2, MaxCapacity=20)
    client.put_scaling_policy(PolicyName="w", **target, PolicyType="TargetTrackingScaling",
                              TargetTrackingScalingPolicyConfiguration={"TargetValue": 50, "PredefinedMetricSpecification": {
                                  "PredefinedMetricType": "DynamoDBWriteCapacityUtilization"}})


@pytest.fixture
def world(cloud: Any, dynamodb: Any, scaling: dict[str, Any]) -> Any:
    """A provisioned global table of two regions, whose writes are scaled."""
    create(dynamodb)
    for target in (WRITES, INDEX):
        follow(scaling[HERE], target)
    dynamodb.update_table(TableName="world", ReplicaUpdates=[{"Create": {
        "RegionName": THERE, "ProvisionedThroughputOverride": {"ReadCapacityUnits": 9}}}])
    cloud.clock.idle()
    return dynamodb


def units(client: Any) -> tuple[int, int]:
    told = client.describe_table(TableName="world")["Table"]["ProvisionedThroughput"]
    return told["ReadCapacityUnits"], told["WriteCapacityUnits"]


def told(client: Any) -> dict[str, Any]:
    """By region."""
    found = client.describe_table_replica_auto_scaling(TableName="world")["TableAutoScalingDescription"]
    assert (found["TableName"], found["TableStatus"]) == ("world", "ACTIVE")
    return {replica["RegionName"]: replica for replica in found["Replicas"]}


def test_a_provisioned_table_must_be_scaled_to_be_global(dynamodb: Any, scaling: dict[str, Any]) -> None:
    create(dynamodb)
    grow = {"TableName": "world", "ReplicaUpdates": [{"Create": {"RegionName": THERE}}]}
    why = "Table write capacity should either be Pay-Per-Request or AutoScaled."
    assert refused(dynamodb.update_table, **grow) == why
    follow(scaling[HERE], WRITES)
    assert refused(dynamodb.update_table, **grow) == why, "its index is not"


def test_a_replica_is_scaled_as_its_origin(world: Any, there: Any, scaling: dict[str, Any]) -> None:
    assert (units(world), units(there)) == ((5, 5), (9, 5))
    for target in (WRITES, INDEX):
        [policy] = scaling[THERE].describe_scaling_policies(**target)["ScalingPolicies"]
        assert (policy["PolicyName"], policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]) == ("w", 50)
    replicas = told(world)
    assert told(there) == replicas
    assert list(replicas) == [THERE, HERE]
    for replica in replicas.values():
        writes = replica["ReplicaProvisionedWriteCapacityAutoScalingSettings"]
        assert writes["AutoScalingRoleArn"].endswith("/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
        assert (writes["MinimumUnits"], writes["MaximumUnits"]) == (2, 20)
        assert writes["ScalingPolicies"] == [
            {"PolicyName": "w", "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50}}]
        assert replica["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {"AutoScalingDisabled": True}
        assert replica["ReplicaStatus"] == "ACTIVE"
        [index_] = replica["GlobalSecondaryIndexes"]
        assert (index_["IndexName"], index_["IndexStatus"]) == ("by-g", "ACTIVE")
        assert index_["ProvisionedWriteCapacityAutoScalingSettings"]["MaximumUnits"] == 20


def test_settings_reach_all_replicas(world: Any, there: Any) -> None:
    reads = {"IndexName": "by-g", "ProvisionedReadCapacityAutoScalingUpdate": settings(6, 8, 80)}
    found = world.update_table_replica_auto_scaling(
        TableName="world", ProvisionedWriteCapacityAutoScalingUpdate=settings(7, 30, 60, ScaleInCooldown=30),
        GlobalSecondaryIndexUpdates=[{"IndexName": "by-g", "ProvisionedWriteCapacityAutoScalingUpdate": {"MaximumUnits": 40}}],
        ReplicaUpdates=[{"RegionName": THERE, "ReplicaProvisionedReadCapacityAutoScalingUpdate": settings(11, 12, 70),
                         "ReplicaGlobalSecondaryIndexUpdates": [reads]}])
    assert found["TableAutoScalingDescription"]["TableStatus"] == "UPDATING"
    assert (units(world), units(there)) == ((5, 7), (11, 7))
    replicas = told(world)
    for replica in replicas.values():
        writes = replica["ReplicaProvisionedWriteCapacityAutoScalingSettings"]
        assert (writes["MinimumUnits"], writes["MaximumUnits"]) == (7, 30)
        assert writes["ScalingPolicies"] == [{"PolicyName": "w", "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60, "ScaleInCooldown": 30}}]
        assert replica["GlobalSecondaryIndexes"][0]["ProvisionedWriteCapacityAutoScalingSettings"]["MaximumUnits"] == 40
    assert replicas[HERE]["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {"AutoScalingDisabled": True}
    [policy] = replicas[THERE]["ReplicaProvisionedReadCapacityAutoScalingSettings"]["ScalingPolicies"]
    assert policy["PolicyName"] == "DynamoDBReadCapacityUtilization:table/world"
    indexes = [client.describe_table(TableName="world")["Table"]["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]
               for client in (world, there)]
    assert [one["ReadCapacityUnits"] for one in indexes] == [5, 6], "reads are each region's own"


def test_scaling_ends_where_it_is_disabled(world: Any, scaling: dict[str, Any]) -> None:
    world.update_table_replica_auto_scaling(TableName="world", ReplicaUpdates=[
        {"RegionName": HERE, "ReplicaProvisionedReadCapacityAutoScalingUpdate": settings(1, 8, 50)}])
    world.update_table_replica_auto_scaling(TableName="world", ReplicaUpdates=[
        {"RegionName": HERE, "ReplicaProvisionedReadCapacityAutoScalingUpdate": {"AutoScalingDisabled": True}}])
    assert told(world)[HERE]["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {"AutoScalingDisabled": True}
    assert [one["ScalableDimension"] for one in scaling[HERE].describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=["table/world"])["ScalableTargets"]] == [WRITES["ScalableDimension"]]


def test_load_of_one_region_is_had_by_all(cloud: Any, world: Any, there: Any) -> None:
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)
    for _ in range(3):
        world.batch_write_item(RequestItems={"world": [
            {"PutRequest": {"Item": {"id": S(str(n)), "text": S("x" * 10_000)}}} for n in range(20)]})
        cloud.clock.advance(60)
    assert units(world)[1] == units(there)[1] >= 7
    cloud.clock.advance(1)                                             # what was noted is told
    now = cloud.clock.now()
    consumed = cloud.client("cloudwatch", region=THERE).get_metric_statistics(
        Namespace="AWS/DynamoDB", MetricName="ConsumedWriteCapacityUnits", StartTime=now - 600, EndTime=now, Period=6000,
        Dimensions=[{"Name": "TableName", "Value": "world"}], Statistics=["Sum"])["Datapoints"]
    assert consumed[0]["Sum"] == 600, "what arrives is consumed there as well"


def test_billing_is_that_of_all_replicas(world: Any, there: Any) -> None:
    world.update_table(TableName="world", BillingMode="PAY_PER_REQUEST")
    assert there.describe_table(TableName="world")["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    there.update_table(TableName="world", BillingMode="PROVISIONED", ProvisionedThroughput=UNITS, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "by-g", "ProvisionedThroughput": UNITS}}])
    assert (units(world), units(there)) == ((5, 5), (5, 5))
    world.update_table(TableName="world", ReplicaUpdates=[{"Update": {
        "RegionName": THERE, "ProvisionedThroughputOverride": {"ReadCapacityUnits": 3}}}])
    assert (units(world), units(there)) == ((5, 5), (3, 5))


def test_settings_of_2017_are_scaled_as_well(cloud: Any, dynamodb: Any, there: Any, scaling: dict[str, Any]) -> None:
    for client in (dynamodb, there):
        create(client)
        client.update_table(TableName="world", StreamSpecification={
            "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    dynamodb.create_global_table(GlobalTableName="world", ReplicationGroup=[{"RegionName": HERE}, {"RegionName": THERE}])
    reads = {"IndexName": "by-g", "ProvisionedReadCapacityAutoScalingSettingsUpdate": settings(8, 9, 60)}
    dynamodb.update_global_table_settings(
        GlobalTableName="world", GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate=settings(6, 20, 70),
        GlobalTableGlobalSecondaryIndexSettingsUpdate=[
            {"IndexName": "by-g", "ProvisionedWriteCapacityAutoScalingSettingsUpdate": settings(7, 20, 70)}],
        ReplicaSettingsUpdate=[{"RegionName": THERE, "ReplicaGlobalSecondaryIndexSettingsUpdate": [reads],
                                "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate": settings(9, 10, 60)}])
    assert (units(dynamodb), units(there)) == ((5, 6), (9, 6))
    found = {one["RegionName"]: one for one in dynamodb.describe_global_table_settings(GlobalTableName="world")[
        "ReplicaSettings"]}
    assert found[THERE]["ReplicaProvisionedReadCapacityAutoScalingSettings"]["MaximumUnits"] == 10
    assert found[HERE]["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {"AutoScalingDisabled": True}
    for region, least in ((HERE, 5), (THERE, 8)):
        assert found[region]["ReplicaProvisionedWriteCapacityAutoScalingSettings"]["MinimumUnits"] == 6
        [index_] = found[region]["ReplicaGlobalSecondaryIndexSettings"]
        assert index_["ProvisionedWriteCapacityAutoScalingSettings"]["MinimumUnits"] == 7
        assert (index_["ProvisionedReadCapacityUnits"], index_["ProvisionedWriteCapacityUnits"]) == (least, 7)


def test_settings_are_changed_with_the_rights_of_the_caller(strict: Any) -> None:
    dynamodb, scaling = strict.client("dynamodb"), strict.client("application-autoscaling")
    create(dynamodb)
    for target in (WRITES, INDEX):
        follow(scaling, target)
    dynamodb.update_table(TableName="world", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    strict.clock.idle()
    members = {"TableName": "world", "ProvisionedWriteCapacityAutoScalingUpdate": {"MaximumUnits": 30}}
    ann = strict.client("dynamodb", **user(strict, "ann", own("dynamodb:*")))
    assert "application-autoscaling:RegisterScalableTarget" in denied(ann.update_table_replica_auto_scaling, **members)
    bob = strict.client("dynamodb", **user(strict, "bob", own("dynamodb:*", "application-autoscaling:*")))
    bob.update_table_replica_auto_scaling(**members)
    assert told(ann)[THERE]["ReplicaProvisionedWriteCapacityAutoScalingSettings"]["MaximumUnits"] == 30


def test_what_is_refused(world: Any, dynamodb: Any, make: Any) -> None:
    update = world.update_table_replica_auto_scaling
    make("alone", "id")
    for call in (update, world.describe_table_replica_auto_scaling):
        for name in ("alone", "nothing"):
            answered(call, "ResourceNotFoundException", TableName=name)
    assert "At least one" in refused(update, TableName="world")
    wanted = {"ReplicaProvisionedReadCapacityAutoScalingUpdate": settings(1, 2, 50)}
    answered(update, "ResourceNotFoundException", TableName="world", ReplicaUpdates=[{"RegionName": "eu-north-1", **wanted}])
    answered(update, "ResourceNotFoundException", TableName="world", GlobalSecondaryIndexUpdates=[
        {"IndexName": "nothing", "ProvisionedWriteCapacityAutoScalingUpdate": settings(1, 2, 50)}])
    assert "combined" in refused(update, TableName="world", ProvisionedWriteCapacityAutoScalingUpdate={
        "AutoScalingDisabled": True, "MinimumUnits": 1})
    assert refused(update, TableName="world", ProvisionedWriteCapacityAutoScalingUpdate=settings(9, 3, 50)) == (
        "Maximum capacity cannot be less than minimum capacity")
    dynamodb.put_item(TableName="world", Item={"id": S("a"), "n": N(1)})
    assert told(world)[HERE]["ReplicaProvisionedWriteCapacityAutoScalingSettings"]["MaximumUnits"] == 20
