"""Versions of values and their staging labels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cloud
from cumulet.services.secretsmanager import stages
from services.secretsmanager.test_secrets import make, secrets, value_of  # noqa: F401  (a fixture)
from services.sqs.queues import refused


def token(number: int) -> str:
    return f"{number:032}"


def put(secrets: Any, number: int, value: str = "", **more: Any) -> dict[str, Any]:  # noqa: F811
    return dict(secrets.put_secret_value(SecretId="db", SecretString=value or str(number), ClientRequestToken=token(number),
                                         **more))


def stages_of(secrets: Any) -> dict[str, list[str]]:  # noqa: F811
    told = secrets.describe_secret(SecretId="db").get("VersionIdsToStages", {})
    return {str(int(version)): labels for version, labels in told.items()}


def test_the_current_one_becomes_the_previous_one(secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    assert put(secrets, 1)["VersionStages"] == ["AWSCURRENT"]
    assert stages_of(secrets) == {"0": ["AWSPREVIOUS"], "1": ["AWSCURRENT"]}
    put(secrets, 2)
    assert stages_of(secrets) == {"1": ["AWSPREVIOUS"], "2": ["AWSCURRENT"]}
    assert (value_of(secrets), value_of(secrets, VersionId=token(0))) == ("2", "one")
    with refused("ResourceNotFoundException", f"specified secret value for VersionId: {token(9)}"):
        value_of(secrets, VersionId=token(9))
    with refused("ResourceNotFoundException", "VersionStage that is not associated"):
        value_of(secrets, VersionId=token(1), VersionStage="AWSCURRENT")


def test_putting_again_is_right_with_the_same_value(secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    put(secrets, 1)
    put(secrets, 2)
    assert put(secrets, 1)["VersionStages"] == ["AWSPREVIOUS"]
    assert value_of(secrets) == "2"
    with refused("ResourceExistsException", "already in use"):
        put(secrets, 1, "other")
    with refused("InvalidParameterException", "You must provide either SecretString or SecretBinary."):
        secrets.put_secret_value(SecretId="db")


def test_a_pending_version_waits_until_it_is_made_current(secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    put(secrets, 1, VersionStages=["AWSPENDING", "mine"])
    assert value_of(secrets) == "one"
    with refused("InvalidParameterException", f"Staging label AWSCURRENT is currently attached to version {token(0)}"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=token(1))
    with refused("InvalidParameterException", "isn't attached"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=token(1),
                                            RemoveFromVersionId=token(1))
    secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=token(1),
                                        RemoveFromVersionId=token(0))
    assert stages_of(secrets) == {"0": ["AWSPREVIOUS"], "1": ["AWSCURRENT", "AWSPENDING", "mine"]}
    secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", RemoveFromVersionId=token(1))
    assert stages_of(secrets)["1"] == ["AWSCURRENT", "mine"]
    with refused("InvalidParameterException", "It can't be completely removed"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", RemoveFromVersionId=token(1))
    with refused("ResourceNotFoundException"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="new", MoveToVersionId=token(7))
    with refused("InvalidParameterException", "either"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="new")


def test_versions_are_listed_and_the_deprecated_on_request(secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    for number in range(1, 5):
        put(secrets, number)

    def listed(**more: Any) -> list[int]:
        return [int(one["VersionId"]) for one in secrets.list_secret_version_ids(SecretId="db", **more)["Versions"]]

    assert listed() == [3, 4]
    assert listed(IncludeDeprecated=True) == [0, 1, 2, 3, 4]
    first = secrets.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, MaxResults=3)
    assert listed(IncludeDeprecated=True, MaxResults=3, NextToken=first["NextToken"]) == [3, 4]
    assert "NextToken" not in secrets.list_secret_version_ids(SecretId="db", MaxResults=2)
    with refused("InvalidNextTokenException"):
        listed(NextToken="none")


def test_of_many_versions_the_oldest_unlabelled_go_after_a_day(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    secrets.update_secret_version_stage(SecretId="db", VersionStage="kept", MoveToVersionId=token(0))
    for number in range(1, 120):
        put(secrets, number)
    assert len(secrets.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, MaxResults=100)["Versions"]) == 100
    assert value_of(secrets, VersionId=token(1)) == "1"
    cloud.clock.advance(86_401)
    put(secrets, 120)
    told = secrets.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]
    assert len(told) == 100
    assert value_of(secrets, VersionStage="kept") == "one"
    with refused("ResourceNotFoundException"):
        value_of(secrets, VersionId=token(1))


def test_a_version_has_twenty_labels_at_most(secrets: Any) -> None:  # noqa: F811
    make(secrets, ClientRequestToken=token(0))
    for number in range(19):
        secrets.update_secret_version_stage(SecretId="db", VersionStage=f"l{number}", MoveToVersionId=token(0))
    with refused("LimitExceededException", "20 staging labels"):
        secrets.update_secret_version_stage(SecretId="db", VersionStage="more", MoveToVersionId=token(0))


@given(st.lists(st.tuples(st.sampled_from([stages.CURRENT, stages.PENDING, "mine"]), st.sampled_from("abcd")), max_size=12))
def test_previous_is_always_where_current_was(moves: list[tuple[str, str]]) -> None:
    now: stages.Stages = {}
    for label, to in moves:
        before = now.get(stages.CURRENT)
        now = stages.move(now, label, to)
        assert now[label] == to
        if label == stages.CURRENT and before not in (None, to):
            assert now[stages.PREVIOUS] == before
    told = stages.by_version(now)
    assert sorted(label for labels in told.values() for label in labels) == sorted(now)
    assert all(stages.of(now, version) == labels for version, labels in told.items())


@pytest.mark.parametrize("label", ["AWSPENDING", "mine"])
def test_a_label_taken_away_is_nowhere(label: str) -> None:
    assert stages.take({label: "a", "other": "a"}, label) == {"other": "a"}
