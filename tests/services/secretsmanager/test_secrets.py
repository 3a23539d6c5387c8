"""Secrets: made, told, changed, found by name and by ARN."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

TOKEN = "a" * 32
OTHER = "b" * 32


@pytest.fixture
def secrets(cloud: Cloud) -> Any:
    return cloud.client("secretsmanager")


def make(secrets: Any, name: str = "db", value: str | None = "one", **more: Any) -> str:
    """A secret's ARN."""
    given = {} if value is None else {"SecretString": value}
    return str(secrets.create_secret(Name=name, **given | more)["ARN"])


def value_of(secrets: Any, name: str = "db", **more: Any) -> str:
    return str(secrets.get_secret_value(SecretId=name, **more)["SecretString"])


def test_a_secret_is_told_as_it_was_made(cloud: Cloud, secrets: Any) -> None:
    made = secrets.create_secret(Name="app/db", SecretString="one", Description="the database", ClientRequestToken=TOKEN,
                                 Tags=[{"Key": "env", "Value": "test"}])
    assert re.fullmatch(rf"arn:aws:secretsmanager:us-east-1:{cloud.account}:secret:app/db-[A-Za-z0-9]{{6}}", made["ARN"])
    assert (made["Name"], made["VersionId"]) == ("app/db", TOKEN)
    told = secrets.describe_secret(SecretId="app/db")
    assert (told["ARN"], told["Description"], told["Tags"]) == (made["ARN"], "the database", [{"Key": "env", "Value": "test"}])
    assert told["VersionIdsToStages"] == {TOKEN: ["AWSCURRENT"]}
    assert not {"RotationEnabled", "DeletedDate", "LastAccessedDate", "PrimaryRegion", "KmsKeyId"} & told.keys()
    got = secrets.get_secret_value(SecretId="app/db")
    assert (got["SecretString"], got["VersionStages"], got["VersionId"]) == ("one", ["AWSCURRENT"], TOKEN)
    day = secrets.describe_secret(SecretId="app/db")["LastAccessedDate"]
    assert day.timestamp() == cloud.clock.now() // 86_400 * 86_400


def test_a_secret_is_found_by_name_and_by_whole_and_partial_arn(cloud: Cloud, secrets: Any) -> None:
    arn = make(secrets)
    for text in ("db", arn, arn[:-7]):
        assert value_of(secrets, text) == "one"
    for text in ("none", arn[:-1], arn.replace("us-east-1", "eu-west-1"), arn.replace(":secret:", ":other:")):
        with refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret."):
            value_of(secrets, text)
    with refused("ResourceNotFoundException"):
        value_of(cloud.other().client("secretsmanager"))


def test_bytes_come_back_as_bytes(secrets: Any) -> None:
    secrets.create_secret(Name="bytes", SecretBinary=b"\x00\xff")
    told = secrets.get_secret_value(SecretId="bytes")
    assert told["SecretBinary"] == b"\x00\xff"
    assert "SecretString" not in told


def test_making_it_again_is_right_with_the_same_token_and_value(secrets: Any) -> None:
    arn = make(secrets, ClientRequestToken=TOKEN)
    assert make(secrets, ClientRequestToken=TOKEN) == arn
    with refused("ResourceExistsException", "already in use for a version of secret"):
        make(secrets, value="two", ClientRequestToken=TOKEN)
    with refused("ResourceExistsException", "The operation failed because the secret db already exists."):
        make(secrets, ClientRequestToken=OTHER)


def test_what_cannot_be_made(secrets: Any) -> None:
    with refused("InvalidParameterException", "You can't specify both"):
        make(secrets, SecretBinary=b"x")
    for name in ("with space", "a:b", "ä"):
        with refused("InvalidParameterException", "Invalid name"):
            make(secrets, name)
    with refused("InvalidParameterException", "aws:"):
        make(secrets, Tags=[{"Key": "aws:x", "Value": ""}])
    with refused("NotImplemented", "Type"):
        make(secrets, Type="SomePartner")
    assert secrets.list_secrets()["SecretList"] == []


def test_a_secret_without_a_value(secrets: Any) -> None:
    arn = make(secrets, value=None)
    assert "VersionIdsToStages" not in secrets.describe_secret(SecretId=arn)
    with refused("ResourceNotFoundException", "specified secret value for staging label: AWSCURRENT"):
        value_of(secrets)
    secrets.put_secret_value(SecretId=arn, SecretString="first", VersionStages=["mine"], ClientRequestToken=TOKEN)
    assert secrets.describe_secret(SecretId=arn)["VersionIdsToStages"] == {TOKEN: ["AWSCURRENT", "mine"]}


def test_updates(secrets: Any) -> None:
    arn = make(secrets, ClientRequestToken=TOKEN)
    told = secrets.update_secret(SecretId="db", Description="new")
    assert (told["ARN"], told.get("VersionId")) == (arn, None)
    assert secrets.describe_secret(SecretId="db")["Description"] == "new"
    told = secrets.update_secret(SecretId="db", SecretString="two", ClientRequestToken=OTHER)
    assert told["VersionId"] == OTHER
    assert secrets.describe_secret(SecretId="db")["VersionIdsToStages"] == {OTHER: ["AWSCURRENT"], TOKEN: ["AWSPREVIOUS"]}
    with refused("ResourceExistsException", f"You can't use ClientRequestToken {TOKEN} because that value is already in use"):
        secrets.update_secret(SecretId="db", SecretString="three", ClientRequestToken=TOKEN)
    assert (value_of(secrets), value_of(secrets, VersionStage="AWSPREVIOUS")) == ("two", "one")


def test_tags(secrets: Any) -> None:
    make(secrets, Tags=[{"Key": "a", "Value": "1"}])
    secrets.tag_resource(SecretId="db", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    secrets.untag_resource(SecretId="db", TagKeys=["b", "none"])
    assert secrets.describe_secret(SecretId="db")["Tags"] == [{"Key": "a", "Value": "3"}]
    with refused("InvalidParameterException", "more than 50"):
        secrets.tag_resource(SecretId="db", Tags=[{"Key": str(number), "Value": ""} for number in range(50)])


def test_deletion_waits_and_can_be_called_off(cloud: Cloud, secrets: Any) -> None:
    arn = make(secrets)
    told = secrets.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    assert told["ARN"] == arn
    assert told["DeletionDate"].timestamp() == pytest.approx(cloud.clock.now() + 7 * 86_400, abs=5)
    with refused("InvalidRequestException", "on the secret because it was marked for deletion."):
        value_of(secrets)
    with refused("InvalidRequestException", "already scheduled for deletion"):
        make(secrets)
    assert "DeletedDate" in secrets.describe_secret(SecretId="db")
    cloud.clock.advance(6 * 86_400)
    assert secrets.restore_secret(SecretId="db")["ARN"] == arn
    cloud.clock.advance(30 * 86_400)
    assert value_of(secrets) == "one"
    assert "DeletedDate" not in secrets.describe_secret(SecretId="db")
    secrets.delete_secret(SecretId="db")
    cloud.clock.advance(30 * 86_400 + 1)
    with refused("ResourceNotFoundException"):
        secrets.describe_secret(SecretId="db")
    assert make(secrets) != arn


def test_deletion_by_force(secrets: Any) -> None:
    arn = make(secrets)
    with refused("InvalidParameterException", "in conjunction with RecoveryWindowInDays"):
        secrets.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True, RecoveryWindowInDays=7)
    for days in (6, 31):
        with refused("InvalidParameterException", "between 7 and 30 days (inclusive)"):
            secrets.delete_secret(SecretId="db", RecoveryWindowInDays=days)
    secrets.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    with refused("ResourceNotFoundException"):
        value_of(secrets)
    assert secrets.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)["Name"] == "db"
    with refused("ResourceNotFoundException"):
        secrets.delete_secret(SecretId="db")
    assert make(secrets, value="new") != arn
    assert value_of(secrets) == "new"
    with refused("ResourceNotFoundException"):
        value_of(secrets, arn)
