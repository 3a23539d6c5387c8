"""Scalable targets: registered, kept within their bounds, told, tagged, deregistered."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

from .conftest import READS, WRITES, refused, tracking

Units = Callable[[], tuple[int, int]]


def test_a_target_is_told_as_it_was_registered(cloud: Cloud, scaling: Any, things: str) -> None:
    arn = scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)["ScalableTargetARN"]
    assert arn.startswith(f"arn:aws:application-autoscaling:us-east-1:{cloud.account}:scalable-target/")
    [told] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert {name: told[name] for name in WRITES} == WRITES
    assert (told["MinCapacity"], told["MaxCapacity"], told["ScalableTargetARN"]) == (1, 10, arn)
    assert told["RoleARN"] == (
        f"arn:aws:iam::{cloud.account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
    assert told["SuspendedState"] == {
        "DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
    assert abs(told["CreationTime"].timestamp() - cloud.clock.now()) < 60
    role = cloud.client("iam").get_role(RoleName="AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")["Role"]
    assert role["Arn"] == told["RoleARN"]


def test_registering_again_changes_what_is_named(scaling: Any, things: str) -> None:
    arn = scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)["ScalableTargetARN"]
    again = scaling.register_scalable_target(**WRITES, MaxCapacity=20, SuspendedState={"ScheduledScalingSuspended": True})
    assert again["ScalableTargetARN"] == arn
    scaling.register_scalable_target(**WRITES, MinCapacity=2, SuspendedState={"DynamicScalingInSuspended": True})
    [told] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert (told["MinCapacity"], told["MaxCapacity"]) == (2, 20)
    assert told["SuspendedState"] == {
        "DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": True}


def test_capacity_is_brought_into_its_bounds(scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=8, MaxCapacity=10)
    scaling.register_scalable_target(**READS, MinCapacity=1, MaxCapacity=3)
    assert units() == (3, 8)
    index = {"ResourceId": "table/things/index/by-city", "ScalableDimension": "dynamodb:index:ReadCapacityUnits"}
    scaling.register_scalable_target(ServiceNamespace="dynamodb", **index, MinCapacity=7, MaxCapacity=9)
    [activity] = scaling.describe_scaling_activities(ServiceNamespace="dynamodb", **index)["ScalingActivities"]
    assert activity["Cause"] == "minimum capacity was set to 7"
    [low, high] = scaling.describe_scaling_activities(
        ServiceNamespace="dynamodb", ResourceId="table/things")["ScalingActivities"]
    assert (high["Description"], high["Cause"]) == ("Setting write capacity units to 8.", "minimum capacity was set to 8")
    assert (low["Description"], low["Cause"]) == ("Setting read capacity units to 3.", "maximum capacity was set to 3")
    assert low["StatusCode"] == "Successful"
    assert low["StatusMessage"] == ("Successfully set read capacity units to 3. Change successfully fulfilled by dynamodb.")
    assert low["EndTime"] >= low["StartTime"]


def test_the_index_of_a_table_has_its_own_capacity(dynamodb: Any, scaling: Any, things: str) -> None:
    scaling.register_scalable_target(ServiceNamespace="dynamodb", ResourceId="table/things/index/by-city",
                                     ScalableDimension="dynamodb:index:WriteCapacityUnits", MinCapacity=6, MaxCapacity=9)
    table = dynamodb.describe_table(TableName="things")["Table"]
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 5


def test_a_table_on_demand_keeps_its_mode(dynamodb: Any, scaling: Any, things: str) -> None:
    dynamodb.update_table(TableName="things", BillingMode="PAY_PER_REQUEST")
    scaling.register_scalable_target(**WRITES, MinCapacity=8, MaxCapacity=10)
    told = dynamodb.describe_table(TableName="things")["Table"]
    assert told["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert scaling.describe_scaling_activities(ServiceNamespace="dynamodb")["ScalingActivities"] == []


def test_bounds_and_resources_are_checked(scaling: Any, things: str) -> None:
    def why(**members: Any) -> str:
        return refused(scaling.register_scalable_target, **{**WRITES, "MinCapacity": 1, "MaxCapacity": 5, **members})

    assert why(MinCapacity=6) == "Maximum capacity cannot be less than minimum capacity"
    assert why(MinCapacity=0) == "Minimum capacity must be greater than or equal to 1"
    assert why(ResourceId="table/nothing") == "DynamoDB table does not exist: table/nothing"
    unsupported = "Unsupported service namespace, resource type or scalable dimension"
    assert why(ResourceId="dynamo/things") == unsupported
    assert why(ResourceId="table/things/index/by-city") == unsupported
    assert why(ServiceNamespace="lambda") == unsupported
    assert why(ResourceId="table/things/index/nothing", ScalableDimension="dynamodb:index:ReadCapacityUnits") == (
        "DynamoDB index does not exist: table/things/index/nothing")
    assert why(ServiceNamespace="lambda", ResourceId="function:nothing:live",
               ScalableDimension="lambda:function:ProvisionedConcurrency") == (
        "Lambda function does not exist: function:nothing:live")
    assert "required" in refused(scaling.register_scalable_target, **WRITES, MinCapacity=1)
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []


def test_what_is_not_here_is_refused_by_name(scaling: Any) -> None:
    with pytest.raises(ClientError) as caught:
        scaling.register_scalable_target(ServiceNamespace="ecs", ResourceId="service/default/web",
                                         ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=2)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "ecs:service:DesiredCount" in caught.value.response["Error"]["Message"]


def test_targets_are_told_by_resource_and_in_pages(scaling: Any, things: str) -> None:
    for target in (WRITES, READS):
        scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=10)
    scaling.register_scalable_target(ServiceNamespace="dynamodb", ResourceId="table/things/index/by-city",
                                     ScalableDimension="dynamodb:index:ReadCapacityUnits", MinCapacity=1, MaxCapacity=9)
    pages = list(scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="dynamodb", PaginationConfig={"PageSize": 2}))
    assert [len(page["ScalableTargets"]) for page in pages] == [2, 1]
    found = scaling.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=["table/things"], ScalableDimension="dynamodb:table:ReadCapacityUnits")
    assert [told["ScalableDimension"] for told in found["ScalableTargets"]] == ["dynamodb:table:ReadCapacityUnits"]
    assert len(scaling.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=["table/things"])["ScalableTargets"]) == 2
    assert scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"] == []
    assert "resource ID" in refused(scaling.describe_scalable_targets, ServiceNamespace="dynamodb",
                                    ScalableDimension="dynamodb:table:ReadCapacityUnits")


def test_a_target_goes_with_what_is_for_it(scaling: Any, things: str) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    scaling.put_scaling_policy(PolicyName="p", **WRITES, **tracking())
    scaling.put_scheduled_action(ScheduledActionName="a", **WRITES, Schedule="rate(1 hour)",
                                 ScalableTargetAction={"MinCapacity": 2})
    scaling.deregister_scalable_target(**WRITES)
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"] == []
    assert scaling.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"] == []
    assert refused(scaling.deregister_scalable_target, "ObjectNotFoundException", **WRITES) == (
        "No scalable target found for service namespace: dynamodb, resource ID: table/things, "
        "scalable dimension: dynamodb:table:WriteCapacityUnits")
    assert refused(scaling.put_scaling_policy, "ObjectNotFoundException", PolicyName="p", **WRITES, **tracking()) == (
        "No scalable target registered for service namespace: dynamodb, resource ID: table/things, "
        "scalable dimension: dynamodb:table:WriteCapacityUnits")


def test_targets_have_tags(scaling: Any, things: str) -> None:
    arn = scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10, Tags={"a": "1"})["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"a": "2", "b": "3"})
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "2", "b": "3"}
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a", "none"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "3"}
    scaling.register_scalable_target(**WRITES, Tags={"b": "3"})
    assert "TagResource" in refused(scaling.register_scalable_target, **WRITES, Tags={"b": "4"})
    refused(scaling.tag_resource, "TooManyTagsException", ResourceARN=arn, Tags={str(n): "" for n in range(50)})
    refused(scaling.tag_resource, ResourceARN=arn, Tags={"aws:x": ""})
    for call, more in ((scaling.tag_resource, {"Tags": {}}), (scaling.untag_resource, {"TagKeys": []}),
                       (scaling.list_tags_for_resource, {})):
        refused(call, "ResourceNotFoundException", ResourceARN=arn[:-1] + "z", **more)


def test_activities_come_the_latest_first_in_pages_and_are_kept_for_six_weeks(
        cloud: Cloud, scaling: Any, things: str) -> None:
    for least in (6, 7, 8):
        scaling.register_scalable_target(**WRITES, MinCapacity=least, MaxCapacity=10)
    pages = list(scaling.get_paginator("describe_scaling_activities").paginate(
        ServiceNamespace="dynamodb", PaginationConfig={"PageSize": 2}))
    assert [[activity["Cause"][-1] for activity in page["ScalingActivities"]] for page in pages] == [["8", "7"], ["6"]]
    assert scaling.describe_scaling_activities(**READS)["ScalingActivities"] == []
    assert len(scaling.describe_scaling_activities(**WRITES)["ScalingActivities"]) == 3
    assert scaling.describe_scaling_activities(ServiceNamespace="lambda")["ScalingActivities"] == []
    assert "resource ID" in refused(scaling.describe_scaling_activities, ServiceNamespace="dynamodb",
                                    ScalableDimension="dynamodb:table:ReadCapacityUnits")
    refused(scaling.describe_scaling_activities, "InvalidNextTokenException", ServiceNamespace="dynamodb", NextToken="x")
    cloud.clock.advance(43 * 86_400)
    assert scaling.describe_scaling_activities(**WRITES)["ScalingActivities"] == []
    scaling.register_scalable_target(**WRITES, MinCapacity=9)
    assert len(scaling.describe_scaling_activities(**WRITES)["ScalingActivities"]) == 1


def test_regions_are_apart(cloud: Cloud, scaling: Any, things: str) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    there = boto3.client("application-autoscaling", endpoint_url=cloud.endpoint, region_name="eu-west-1",
                         aws_access_key_id=cloud.account, aws_secret_access_key="test")
    assert there.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []
    refused(there.register_scalable_target, **WRITES, MinCapacity=1, MaxCapacity=10)
