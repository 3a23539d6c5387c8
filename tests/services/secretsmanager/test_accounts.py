"""Replicas in other accounts: joined, kept in step, let go."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.secretsmanager.test_secrets import make, secrets, value_of  # noqa: F401  (a fixture)
from services.sqs.queues import refused


@pytest.fixture
def other(cloud: Cloud) -> Cloud:
    return cloud.other()


@pytest.fixture
def theirs(other: Cloud) -> Any:
    return other.client("secretsmanager")


def receiving(cloud: Cloud, primary: str, name: str = "copy") -> str:
    """A secret of this account that will receive another one's; under a key that lets the other account use it."""
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    made = cloud.client("secretsmanager").create_secret(Name=name, CrossAccountPrimaryARN=primary, KmsKeyId=key)
    return str(made["ARN"])


def joined(cloud: Cloud, other: Cloud) -> tuple[str, str]:
    """The ARNs of a primary and of its replica."""
    mine = cloud.client("secretsmanager")
    primary = make(mine)
    replica = receiving(other, primary)
    mine.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica, ReplicaRestriction="NoRestriction")
    return primary, replica


def test_a_replica_follows_its_primary(cloud: Cloud, other: Cloud, secrets: Any, theirs: Any) -> None:  # noqa: F811
    primary = make(secrets, Tags=[{"Key": "a", "Value": "1"}])
    replica = receiving(other, primary)
    assert theirs.describe_secret(SecretId="copy")["CrossAccountPrimary"] \
        == {"PrimarySecretARN": primary, "ReplicationStatus": "Pending"}
    told = secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica,
                                                   ReplicaRestriction="NoRestriction")
    assert (told["ARN"], told["CrossAccountReplicaARN"], told["ReplicationStatus"]) == (primary, replica, "InSync")
    assert value_of(theirs, "copy") == "one"
    assert theirs.describe_secret(SecretId="copy")["Tags"] == [{"Key": "a", "Value": "1"}]
    secrets.put_secret_value(SecretId="db", SecretString="two")
    cloud.clock.idle()
    assert (value_of(theirs, "copy"), value_of(theirs, "copy", VersionStage="AWSPREVIOUS")) == ("two", "one")
    assert secrets.describe_secret(SecretId="db")["CrossAccountReplicas"] \
        == [{"ReplicaSecretARN": replica, "ReplicationStatus": "InSync"}]
    with refused("InvalidRequestException", "cross-account replica"):
        theirs.put_secret_value(SecretId="copy", SecretString="x")
    for client, name in ((secrets, "db"), (theirs, "copy")):
        with refused("InvalidRequestException", "You can't delete secret"):
            client.delete_secret(SecretId=name)


def test_the_primary_lets_it_go(cloud: Cloud, other: Cloud, secrets: Any, theirs: Any) -> None:  # noqa: F811
    primary, replica = joined(cloud, other)
    told = secrets.disassociate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica)
    assert told["CrossAccountReplicaARN"] == replica
    assert theirs.describe_secret(SecretId="copy")["CrossAccountPrimary"]["ReplicationStatus"] == "Detached"
    secrets.put_secret_value(SecretId=primary, SecretString="two")
    cloud.clock.idle()
    assert value_of(theirs, "copy") == "one"
    with refused("InvalidRequestException"):
        theirs.put_secret_value(SecretId="copy", SecretString="x")
    theirs.stop_replication_to_replica(SecretId="copy")
    theirs.put_secret_value(SecretId="copy", SecretString="own")
    assert value_of(theirs, "copy") == "own"
    with refused("ResourceNotFoundException"):
        secrets.disassociate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica)
    secrets.delete_secret(SecretId="db")


def test_the_replica_leaves(cloud: Cloud, other: Cloud, secrets: Any, theirs: Any) -> None:  # noqa: F811
    _, replica = joined(cloud, other)
    assert theirs.stop_replication_to_replica(SecretId="copy")["ARN"] == replica
    assert secrets.describe_secret(SecretId="db")["CrossAccountReplicas"] \
        == [{"ReplicaSecretARN": replica, "ReplicationStatus": "Detached"}]
    assert "CrossAccountPrimary" not in theirs.describe_secret(SecretId="copy")
    theirs.delete_secret(SecretId="copy")
    secrets.delete_secret(SecretId="db")


def test_what_cannot_be_joined(cloud: Cloud, other: Cloud, secrets: Any, theirs: Any) -> None:  # noqa: F811
    primary = make(secrets)
    replica = receiving(other, primary)
    with refused("InvalidRequestException", "same organization"):
        secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica)
    make(secrets, "second")
    with refused("InvalidRequestException", "not created as a cross-account replica of this primary"):
        secrets.associate_cross_account_replica(SecretId="second", CrossAccountReplicaARN=replica,
                                                ReplicaRestriction="NoRestriction")
    plain = make(theirs, "plain")
    with refused("ResourceNotFoundException"):
        secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=plain,
                                                ReplicaRestriction="NoRestriction")
    for changes, words in (({"KmsKeyId": None}, "customer managed"), ({"SecretString": "x"}, "can't include"),
                           ({"CrossAccountPrimaryARN": plain}, "another account")):
        with refused("InvalidParameterException", words):
            given = {"Name": "n", "CrossAccountPrimaryARN": primary, "KmsKeyId": "alias/k"} | changes
            theirs.create_secret(**{name: value for name, value in given.items() if value is not None})
    assert "CrossAccountReplicas" not in secrets.describe_secret(SecretId="db")


def test_one_replica_only_and_again_is_no_harm(cloud: Cloud, other: Cloud, secrets: Any) -> None:  # noqa: F811
    primary, replica = joined(cloud, other)
    told = secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=replica,
                                                   ReplicaRestriction="NoRestriction")
    assert told["ReplicationStatus"] == "InSync"
    with refused("LimitExceededException", "at most one"):
        secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=receiving(other, primary, "more"),
                                                ReplicaRestriction="NoRestriction")


def test_accounts_of_one_organization(cloud: Cloud, other: Cloud, secrets: Any, theirs: Any) -> None:  # noqa: F811
    organizations = cloud.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    handshake = organizations.invite_account_to_organization(Target={"Id": other.account, "Type": "ACCOUNT"})["Handshake"]["Id"]
    other.client("organizations").accept_handshake(HandshakeId=handshake)
    primary = make(secrets)
    told = secrets.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=receiving(other, primary))
    assert told["ReplicationStatus"] == "InSync"
    assert value_of(theirs, "copy") == "one"
