"""Capacity providers: kept as they are described."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

NETWORK = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}


def make(client: Any, name: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = client.create_capacity_provider(
        CapacityProviderName=name, VpcConfig=NETWORK,
        PermissionsConfig={"CapacityProviderOperatorRoleArn": "arn:aws:iam::000000000000:role/operator"}, **more)
    return made["CapacityProvider"]


def refused(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


def test_one_is_made_told_changed_and_deleted(cloud: Cloud) -> None:
    client = cloud.client("lambda")
    made = make(client, "mine", KmsKeyArn="arn:aws:kms:us-east-1:000000000000:key/k", Tags={"team": "a"},
                InstanceRequirements={"AllowedInstanceTypes": ["m7g.*"], "Architectures": ["arm64"]},
                PropagateTags={"Mode": "Explicit", "ExplicitTags": {"cost": "1"}},
                TelemetryConfig={"LoggingConfig": {"SystemLogLevel": "WARN"}})
    arn = f"arn:aws:lambda:us-east-1:{cloud.account}:capacity-provider:mine"
    assert (made["CapacityProviderArn"], made["State"], made["VpcConfig"]) == (arn, "Active", NETWORK)
    assert made["CapacityProviderScalingConfig"] == {"MaxVCpuCount": 400, "ScalingMode": "Auto"}
    assert client.get_capacity_provider(CapacityProviderName=arn)["CapacityProvider"] == made
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "a"}
    client.tag_resource(Resource=arn, Tags={"more": "b"})
    client.untag_resource(Resource=arn, TagKeys=["team"])
    assert client.list_tags(Resource=arn)["Tags"] == {"more": "b"}
    manual = {"ScalingMode": "Manual", "ScalingPolicies": [
        {"PredefinedMetricType": "LambdaCapacityProviderAverageCPUUtilization", "TargetValue": 50.0}]}
    client.update_capacity_provider(CapacityProviderName="mine", CapacityProviderScalingConfig=manual,
                                    PropagateTags={"Mode": "None"},
                                    TelemetryConfig={"LoggingConfig": {"SystemLogLevel": "DEBUG"}})
    now = client.get_capacity_provider(CapacityProviderName="mine")["CapacityProvider"]
    assert now["CapacityProviderScalingConfig"] == {"MaxVCpuCount": 400, **manual}
    assert (now["PropagateTags"], now["TelemetryConfig"]["LoggingConfig"]) == ({"Mode": "None"}, {"SystemLogLevel": "DEBUG"})
    assert client.delete_capacity_provider(CapacityProviderName="mine")["CapacityProvider"]["State"] == "Deleting"
    assert refused(client.get_capacity_provider, CapacityProviderName="mine") == "ResourceNotFoundException"
    assert refused(client.delete_capacity_provider, CapacityProviderName="mine") == "ResourceNotFoundException"


def test_they_are_listed_page_by_page(cloud: Cloud) -> None:
    client = cloud.client("lambda")
    for name in ("b", "a", "c"):
        make(client, name)
    first = client.list_capacity_providers(MaxItems=2, State="Active")
    rest = client.list_capacity_providers(MaxItems=2, Marker=first["NextMarker"])
    names = [p["CapacityProviderArn"][-1] for p in first["CapacityProviders"] + rest["CapacityProviders"]]
    assert names == ["a", "b", "c"]
    assert "NextMarker" not in rest
    assert client.list_capacity_providers(State="Failed")["CapacityProviders"] == []


def test_what_does_not_go_together_is_refused(cloud: Cloud, deploy: Any) -> None:
    client = cloud.client("lambda")
    arn = make(client, "mine")["CapacityProviderArn"]
    with pytest.raises(ClientError, match="already exists") as problem:
        make(client, "mine")
    assert problem.value.response["Error"]["Code"] == "ResourceConflictException"
    for wrong in ({"CapacityProviderScalingConfig": {"ScalingMode": "Manual"}},
                  {"InstanceRequirements": {"AllowedInstanceTypes": ["a"], "ExcludedInstanceTypes": ["b"]}},
                  {"PropagateTags": {"Mode": "None", "ExplicitTags": {"a": "b"}}}):
        with pytest.raises(ClientError) as problem:
            make(client, "other", **wrong)
        assert problem.value.response["Error"]["Code"] == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="CapacityProviderConfig") as problem:
        deploy(CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn}})
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
