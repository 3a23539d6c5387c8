"""Secrets listed and searched, several values at once, and random passwords."""

from __future__ import annotations

import string
from typing import Any

import pytest

from conftest import Cloud
from services.secretsmanager.test_secrets import make, secrets  # noqa: F401  (a fixture)
from services.sqs.queues import refused


@pytest.fixture
def some(cloud: Cloud, secrets: Any) -> Any:  # noqa: F811
    make(secrets, "prod/db", Description="The Database", Tags=[{"Key": "team", "Value": "data"}])
    cloud.clock.advance(10)
    make(secrets, "prod/api", Description="api key", Tags=[{"Key": "team", "Value": "web"}])
    cloud.clock.advance(10)
    make(secrets, "test/db", Description="database for tests")
    return secrets


def names(secrets: Any, *filters: tuple[str, list[str]], **more: Any) -> list[str]:  # noqa: F811
    given = [{"Key": key, "Values": values} for key, values in filters]
    pages = secrets.get_paginator("list_secrets").paginate(Filters=given, **more)
    return [one["Name"] for page in pages for one in page["SecretList"]]


def test_secrets_are_sorted(cloud: Cloud, some: Any) -> None:
    assert names(some) == ["test/db", "prod/api", "prod/db"]
    assert names(some, SortOrder="asc") == ["prod/db", "prod/api", "test/db"]
    assert names(some, SortBy="name", SortOrder="asc") == ["prod/api", "prod/db", "test/db"]
    assert names(some, SortBy="name", SortOrder="desc") == ["test/db", "prod/db", "prod/api"]
    cloud.clock.advance(10)
    some.update_secret(SecretId="prod/api", Description="changed")
    assert names(some, SortBy="last-changed-date")[0] == "prod/api"
    cloud.clock.advance(86_400)
    some.get_secret_value(SecretId="prod/db")
    assert names(some, SortBy="last-accessed-date")[0] == "prod/db"
    for order in ("asc", "desc"):
        for by in ("created-date", "name", "last-accessed-date"):
            assert names(some, SortBy=by, SortOrder=order, PaginationConfig={"PageSize": 1}) \
                == names(some, SortBy=by, SortOrder=order)


@pytest.mark.parametrize(("key", "values", "found"), [
    ("name", ["prod"], ["prod/api", "prod/db"]), ("name", ["Prod"], []), ("name", ["prod/a", "test"], ["prod/api", "test/db"]),
    ("name", ["!prod"], ["test/db"]), ("description", ["the data"], ["prod/db"]), ("description", ["database"], ["test/db"]),
    ("tag-key", ["te"], ["prod/api", "prod/db"]), ("tag-value", ["web"], ["prod/api"]), ("tag-value", ["Web"], []),
    ("all", ["DATABASE"], ["prod/db", "test/db"]), ("all", ["prod web"], ["prod/api"]), ("all", ["nothing"], []),
    ("primary-region", ["us"], []), ("owning-service", ["rds"], [])])
def test_secrets_are_searched(some: Any, key: str, values: list[str], found: list[str]) -> None:
    assert names(some, (key, values), SortBy="name", SortOrder="asc") == found


def test_a_token_is_for_the_order_that_gave_it(some: Any) -> None:
    by_name = some.list_secrets(SortBy="name", MaxResults=1)["NextToken"]
    with refused("InvalidNextTokenException"):
        some.list_secrets(NextToken=by_name)
    by_date = some.list_secrets(MaxResults=1)["NextToken"]
    with refused("InvalidNextTokenException"):
        some.list_secrets(SortBy="name", NextToken=by_date)


def test_all_filters_must_match_and_the_deleted_are_told_on_request(some: Any) -> None:
    assert names(some, ("name", ["prod"]), ("tag-value", ["data"])) == ["prod/db"]
    some.delete_secret(SecretId="prod/db")
    assert names(some, ("name", ["prod"])) == ["prod/api"]
    assert names(some, ("name", ["prod"]), IncludePlannedDeletion=True, SortBy="name") == ["prod/db", "prod/api"]


def test_a_listing_tells_stages_but_no_values(some: Any) -> None:
    told = some.list_secrets(Filters=[{"Key": "name", "Values": ["prod/db"]}])["SecretList"][0]
    assert list(told["SecretVersionsToStages"].values()) == [["AWSCURRENT"]]
    assert told["Tags"] == [{"Key": "team", "Value": "data"}]
    assert "SecretString" not in told


def test_several_values_at_once_with_the_failures_named(some: Any) -> None:
    make(some, "empty", value=None)
    some.delete_secret(SecretId="prod/db")
    told = some.batch_get_secret_value(SecretIdList=["test/db", "none", "prod/db", "empty"])
    assert [(one["Name"], one["SecretString"], one["VersionStages"]) for one in told["SecretValues"]] \
        == [("test/db", "one", ["AWSCURRENT"])]
    assert [(one["SecretId"], one["ErrorCode"]) for one in told["Errors"]] == [
        ("none", "ResourceNotFoundException"), ("prod/db", "InvalidRequestException"), ("empty", "ResourceNotFoundException")]


def test_several_values_by_filter_page_by_page(some: Any) -> None:
    told = some.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["prod", "test"]}], MaxResults=2)
    assert [one["Name"] for one in told["SecretValues"]] == ["prod/api", "prod/db"]
    told = some.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["prod", "test"]}], NextToken=told["NextToken"])
    assert [one["Name"] for one in told["SecretValues"]] == ["test/db"]
    assert "NextToken" not in told
    with refused("InvalidParameterException", "not both"):
        some.batch_get_secret_value()
    with refused("InvalidParameterException", "not both"):
        some.batch_get_secret_value(SecretIdList=["a"], Filters=[{"Key": "name", "Values": ["a"]}])
    with refused("InvalidParameterException", "'Filters' must also be specified"):
        some.batch_get_secret_value(SecretIdList=["a"], MaxResults=2)
    with refused("InvalidNextTokenException"):
        some.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["a"]}], NextToken="none")


def password(secrets: Any, **options: Any) -> str:  # noqa: F811
    return str(secrets.get_random_password(**options)["RandomPassword"])


def test_passwords_have_each_kind(secrets: Any) -> None:  # noqa: F811
    made = {password(secrets) for _ in range(20)}
    assert len(made) == 20
    for one in made:
        assert len(one) == 32
        for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
            assert set(kind) & set(one)
        assert " " not in one


def test_passwords_of_some_kinds_only(secrets: Any) -> None:  # noqa: F811
    one = password(secrets, PasswordLength=200, ExcludePunctuation=True, ExcludeUppercase=True, ExcludeCharacters="abc012")
    assert len(one) == 200
    assert set(one) <= set(string.ascii_lowercase + string.digits) - set("abc012")
    assert set(password(secrets, PasswordLength=50, ExcludeNumbers=True, ExcludePunctuation=True, ExcludeLowercase=True,
                        IncludeSpace=True)) <= set(string.ascii_uppercase + " ")
    assert len(password(secrets, PasswordLength=4)) == 4
    assert len(password(secrets, PasswordLength=1, RequireEachIncludedType=False)) == 1
    assert " " in password(secrets, PasswordLength=5, IncludeSpace=True)


def test_passwords_that_cannot_be(secrets: Any) -> None:  # noqa: F811
    with refused("InvalidParameterException", "length"):
        password(secrets, PasswordLength=3)
    with refused("InvalidParameterException", "exclude all"):
        password(secrets, ExcludeCharacters=string.digits)
    with refused("InvalidParameterException", "exclude all characters"):
        password(secrets, ExcludeNumbers=True, ExcludePunctuation=True, ExcludeLowercase=True, ExcludeUppercase=True)
