"""Where IAM is enforced: who may register and scale, and by which rights capacity is changed."""

from typing import Any

from conftest import Cloud
from enforced import document, own, refused, user

from .conftest import READS, WRITES, tracking

SCALING = "application-autoscaling"


def table(cloud: Cloud) -> None:
    cloud.client("dynamodb").create_table(
        TableName="things", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})


def test_capacity_is_changed_by_the_rights_of_the_service_linked_role(strict: Cloud) -> None:
    table(strict)
    scaling: Any = strict.client(SCALING, **user(strict, "ann", own("application-autoscaling:*")))
    scaling.register_scalable_target(**WRITES, MinCapacity=8, MaxCapacity=10)
    units = strict.client("dynamodb").describe_table(TableName="things")["Table"]["ProvisionedThroughput"]
    assert units["WriteCapacityUnits"] == 8
    [told] = scaling.describe_scaling_activities(**WRITES)["ScalingActivities"]
    assert told["StatusCode"] == "Successful"


def test_policies_name_targets_by_arn_and_dimension(strict: Cloud) -> None:
    table(strict)
    root = strict.client(SCALING)
    arn = root.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)["ScalableTargetARN"]
    root.register_scalable_target(**READS, MinCapacity=1, MaxCapacity=10)
    one = strict.client(SCALING, **user(strict, "bob", document(
        {"Action": "application-autoscaling:PutScalingPolicy", "Resource": arn})))
    one.put_scaling_policy(PolicyName="p", **WRITES, **tracking())
    assert "application-autoscaling:PutScalingPolicy" in refused(
        one.put_scaling_policy, PolicyName="p", **READS, **tracking(50, "DynamoDBReadCapacityUtilization"))
    reads = strict.client(SCALING, **user(strict, "eve", own("application-autoscaling:RegisterScalableTarget", Condition={
        "StringEquals": {"application-autoscaling:scalable-dimension": READS["ScalableDimension"],
                         "application-autoscaling:service-namespace": "dynamodb"}})))
    reads.register_scalable_target(**READS, MaxCapacity=9)
    refused(reads.register_scalable_target, **WRITES, MaxCapacity=9)
    for target in (WRITES, READS):
        root.deregister_scalable_target(**target)
