"""Scaling policies: what they are told as, and which are refused."""

from typing import Any

from conftest import Cloud

from .conftest import READS, WRITES, refused, tracking


def test_a_policy_is_told_as_it_was_put(cloud: Cloud, scaling: Any, things: str) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    wanted = tracking(70, ScaleInCooldown=60, ScaleOutCooldown=30)
    arn = scaling.put_scaling_policy(PolicyName="p", **WRITES, **wanted)["PolicyARN"]
    assert arn.startswith(f"arn:aws:autoscaling:us-east-1:{cloud.account}:scalingPolicy:")
    assert arn.endswith(":resource/dynamodb/table/things:policyName/p")
    [told] = scaling.describe_scaling_policies(**WRITES)["ScalingPolicies"]
    assert {name: told[name] for name in WRITES} == WRITES
    assert {name: told[name] for name in wanted} == wanted
    assert (told["PolicyARN"], told["PolicyName"]) == (arn, "p")
    assert scaling.put_scaling_policy(PolicyName="p", **WRITES, TargetTrackingScalingPolicyConfiguration=tracking(80)[
        "TargetTrackingScalingPolicyConfiguration"])["PolicyARN"] == arn
    [told] = scaling.describe_scaling_policies(**WRITES)["ScalingPolicies"]
    assert told["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 80
    scaling.delete_scaling_policy(PolicyName="p", **WRITES)
    assert scaling.describe_scaling_policies(**WRITES)["ScalingPolicies"] == []
    assert refused(scaling.delete_scaling_policy, "ObjectNotFoundException", PolicyName="p", **WRITES) == (
        "No scaling policy p found for service namespace: dynamodb, resource ID: table/things, "
        "scalable dimension: dynamodb:table:WriteCapacityUnits")


def test_policies_are_found_by_names_and_in_pages(scaling: Any, things: str) -> None:
    for target, kind in ((WRITES, "DynamoDBWriteCapacityUtilization"), (READS, "DynamoDBReadCapacityUtilization")):
        scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=10)
        scaling.put_scaling_policy(PolicyName=kind, **target, **tracking(50, kind))
    pages = list(scaling.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="dynamodb", PaginationConfig={"PageSize": 1}))
    assert [policy["PolicyName"] for page in pages for policy in page["ScalingPolicies"]] == [
        "DynamoDBReadCapacityUtilization", "DynamoDBWriteCapacityUtilization"]
    found = scaling.describe_scaling_policies(ServiceNamespace="dynamodb", PolicyNames=["DynamoDBReadCapacityUtilization"])
    assert [policy["ScalableDimension"] for policy in found["ScalingPolicies"]] == [READS["ScalableDimension"]]
    assert len(scaling.describe_scaling_policies(
        ServiceNamespace="dynamodb", ResourceId="table/things")["ScalingPolicies"]) == 2
    assert scaling.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId="table/other")["ScalingPolicies"] == []


def test_what_no_policy_may_be(scaling: Any, things: str) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)

    def why(**members: Any) -> str:
        return refused(scaling.put_scaling_policy, PolicyName="p", **WRITES, **members)

    custom = {"CustomizedMetricSpecification": {"Namespace": "n", "MetricName": "m", "Statistic": "Sum"}}
    assert "PolicyType" in why()
    assert "StepScaling is not supported" in why(PolicyType="StepScaling", StepScalingPolicyConfiguration={
        "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]})
    assert "PredictiveScaling is not supported" in why(PolicyType="PredictiveScaling")
    assert "another policy type" in why(**tracking(), StepScalingPolicyConfiguration={"AdjustmentType": "ExactCapacity"})
    assert "required" in why(PolicyType="TargetTrackingScaling")
    assert "Exactly one" in why(**tracking(50, **custom))
    assert "between 20 and 90" in why(**tracking(91))
    assert "between 20 and 90" in why(**tracking(19))
    assert "positive" in why(**tracking(-1))
    assert "Cooldowns" in why(**tracking(50, ScaleInCooldown=-1))
    assert "DynamoDBReadCapacityUtilization is not supported" in why(**tracking(50, "DynamoDBReadCapacityUtilization"))
    labelled = tracking()
    labelled["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["ResourceLabel"] = "l"
    assert "ResourceLabel" in why(**labelled)
    nameless: dict[str, Any] = {"CustomizedMetricSpecification": {"Namespace": "n", "Statistic": "Sum"}, "TargetValue": 1}
    assert "MetricName is required" in why(PolicyType="TargetTrackingScaling",
                                           TargetTrackingScalingPolicyConfiguration=nameless)
    scaling.put_scaling_policy(PolicyName="first", **WRITES, **tracking())
    assert why(**tracking(60)) == "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    scaling.put_scaling_policy(PolicyName="p", **WRITES, PolicyType="TargetTrackingScaling",
                               TargetTrackingScalingPolicyConfiguration={**custom, "TargetValue": 5})
    assert len(scaling.describe_scaling_policies(**WRITES)["ScalingPolicies"]) == 2
