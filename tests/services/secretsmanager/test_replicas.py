"""Replicas in other regions: made, kept in step, promoted, removed."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.secretsmanager.test_secrets import make, secrets, value_of  # noqa: F401  (a fixture)
from services.sqs.queues import refused

EUROPE = [{"Region": "eu-west-1"}]


@pytest.fixture
def europe(cloud: Cloud) -> Any:
    return cloud.client("secretsmanager", region="eu-west-1")


def status_of(secrets: Any) -> dict[str, str]:  # noqa: F811
    told = secrets.describe_secret(SecretId="db").get("ReplicationStatus", [])
    return {one["Region"]: one["Status"] for one in told}


def test_a_replica_is_kept_in_step(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    made = secrets.create_secret(Name="db", SecretString="one", AddReplicaRegions=EUROPE, Tags=[{"Key": "a", "Value": "1"}])
    assert [(one["Region"], one["Status"]) for one in made["ReplicationStatus"]] == [("eu-west-1", "InProgress")]
    cloud.clock.idle()
    assert status_of(secrets) == {"eu-west-1": "InSync"}
    told = europe.describe_secret(SecretId="db")
    assert told["ARN"] == made["ARN"].replace("us-east-1", "eu-west-1")
    assert (told["PrimaryRegion"], told["Tags"]) == ("us-east-1", [{"Key": "a", "Value": "1"}])
    assert value_of(europe) == "one"
    secrets.put_secret_value(SecretId="db", SecretString="two")
    secrets.tag_resource(SecretId="db", Tags=[{"Key": "b", "Value": "2"}])
    cloud.clock.idle()
    assert (value_of(europe), value_of(europe, VersionStage="AWSPREVIOUS")) == ("two", "one")
    assert len(europe.describe_secret(SecretId="db")["Tags"]) == 2
    assert secrets.describe_secret(SecretId="db")["PrimaryRegion"] == "us-east-1"
    assert "LastAccessedDate" in secrets.describe_secret(SecretId="db")["ReplicationStatus"][0]


def test_a_replica_is_not_written_to(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    make(secrets, AddReplicaRegions=EUROPE)
    cloud.clock.idle()
    with refused("InvalidRequestException", "Operation not permitted on a replica secret."):
        europe.put_secret_value(SecretId="db", SecretString="x")
    with refused("InvalidRequestException", "still has replica regions [eu-west-1]"):
        secrets.delete_secret(SecretId="db")
    assert value_of(europe) == "one"


def test_a_name_that_is_taken_over_there(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    make(europe, value="its own")
    make(secrets)
    told = secrets.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=EUROPE)
    assert told["ReplicationStatus"][0]["Status"] == "InProgress"
    cloud.clock.idle()
    told = secrets.describe_secret(SecretId="db")["ReplicationStatus"][0]
    assert told["Status"] == "Failed"
    assert "already exists in region eu-west-1, please use ForceOverwriteReplicaSecret" in told["StatusMessage"]
    assert value_of(europe) == "its own"
    secrets.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=EUROPE, ForceOverwriteReplicaSecret=True)
    cloud.clock.idle()
    assert status_of(secrets) == {"eu-west-1": "InSync"}
    assert value_of(europe) == "one"


def test_a_replica_becomes_a_secret_of_its_own(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    arn = make(secrets, AddReplicaRegions=EUROPE)
    cloud.clock.idle()
    with refused("InvalidRequestException", "replica"):
        secrets.stop_replication_to_replica(SecretId="db")
    assert europe.stop_replication_to_replica(SecretId="db")["ARN"] == arn.replace("us-east-1", "eu-west-1")
    assert status_of(secrets) == {}
    europe.put_secret_value(SecretId="db", SecretString="two")
    secrets.put_secret_value(SecretId="db", SecretString="three")
    cloud.clock.idle()
    assert (value_of(europe), value_of(secrets)) == ("two", "three")


def test_regions_are_removed(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    make(secrets, AddReplicaRegions=[*EUROPE, {"Region": "us-west-2"}])
    cloud.clock.idle()
    told = secrets.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    assert [one["Region"] for one in told["ReplicationStatus"]] == ["us-west-2"]
    with refused("ResourceNotFoundException"):
        value_of(europe)
    assert value_of(cloud.client("secretsmanager", region="us-west-2")) == "one"
    with refused("InvalidParameterException", "not replicated"):
        secrets.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    with refused("InvalidParameterException", "Invalid replica region."):
        secrets.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "us-east-1"}])
    with refused("InvalidParameterException", "already"):
        secrets.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "us-west-2"}])


def test_a_replica_that_is_deleted_is_forgotten(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    make(secrets, AddReplicaRegions=EUROPE)
    cloud.clock.idle()
    europe.delete_secret(SecretId="db")
    with refused("ResourceNotFoundException"):
        value_of(europe)
    assert status_of(secrets) == {}
    secrets.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)


def test_each_replica_has_a_key_of_its_region(cloud: Cloud, secrets: Any, europe: Any) -> None:  # noqa: F811
    kms = cloud.client("kms", region="eu-west-1")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    make(secrets, AddReplicaRegions=[{"Region": "eu-west-1", "KmsKeyId": key}])
    cloud.clock.idle()
    assert value_of(europe) == "one"
    kms.disable_key(KeyId=key)
    with refused("DecryptionFailure"):
        value_of(europe)
    assert value_of(secrets) == "one"
