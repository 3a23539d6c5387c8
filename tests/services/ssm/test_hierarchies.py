"""Hierarchies and listings: by path, by filter, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from services.sqs.queues import refused
from services.ssm.test_parameters import put, ssm  # noqa: F401  (a fixture)


def names(pages: Any) -> list[str]:
    return [one["Name"] for page in pages for one in page["Parameters"]]


def by_path(ssm: Any, path: str, **more: Any) -> list[str]:  # noqa: F811
    return names(ssm.get_paginator("get_parameters_by_path").paginate(Path=path, **more))


@pytest.fixture
def tree(ssm: Any) -> Any:  # noqa: F811
    for name in ("/app/a", "/app/b", "/app/b/deep", "/app/b/deep/er", "/application", "/zoo", "flat"):
        put(ssm, name, name)
    return ssm


def test_one_level_or_all_below(tree: Any) -> None:
    assert by_path(tree, "/app") == by_path(tree, "/app/") == ["/app/a", "/app/b"]
    assert by_path(tree, "/app", Recursive=True) == ["/app/a", "/app/b", "/app/b/deep", "/app/b/deep/er"]
    assert by_path(tree, "/app/b", Recursive=True) == ["/app/b/deep", "/app/b/deep/er"]
    assert by_path(tree, "/none", Recursive=True) == []
    assert by_path(tree, "/") == ["/application", "/zoo", "flat"]
    assert len(by_path(tree, "/", Recursive=True)) == 7
    for page_size in (1, 2, 3):
        assert by_path(tree, "/app", Recursive=True, PaginationConfig={"PageSize": page_size}) \
            == by_path(tree, "/app", Recursive=True)


@pytest.mark.parametrize("path", ["app", "/a b", "//a", "/app:1"])
def test_paths_that_make_no_sense(tree: Any, path: str) -> None:
    with refused("ValidationException", "must begin with a forward slash"):
        tree.get_parameters_by_path(Path=path)


def test_by_path_filters(tree: Any) -> None:
    put(tree, "/app/list", "a,b", Type="StringList")
    put(tree, "/app/a", "second", Overwrite=True)
    tree.label_parameter_version(Name="/app/a", ParameterVersion=1, Labels=["old"])
    assert by_path(tree, "/app", ParameterFilters=[{"Key": "Type", "Values": ["StringList"]}]) == ["/app/list"]
    told = tree.get_parameters_by_path(Path="/app", ParameterFilters=[{"Key": "Label", "Values": ["old"]}])["Parameters"]
    assert [(one["Name"], one["Value"], one["Version"]) for one in told] == [("/app/a", "/app/a", 1)]
    with refused("InvalidFilterKey", "Valid filter keys include: [KeyId, Label, Type]"):
        tree.get_parameters_by_path(Path="/app", ParameterFilters=[{"Key": "Name", "Values": ["x"]}])
    with refused("InvalidFilterValue", "The following filter value is not valid: Number"):
        tree.get_parameters_by_path(Path="/app", ParameterFilters=[{"Key": "Type", "Values": ["Number"]}])


def describe(ssm: Any, *filters: dict[str, Any], **more: Any) -> list[str]:  # noqa: F811
    return names(ssm.get_paginator("describe_parameters").paginate(ParameterFilters=list(filters), **more))


def test_descriptions_are_filtered(tree: Any) -> None:
    put(tree, "/app/large", "x" * 5000, Tier="Advanced", Description="large", Tags=[{"Key": "env", "Value": "prod"}])
    assert describe(tree, {"Key": "Name", "Values": ["/app/a", "flat"]}) == ["/app/a", "flat"]
    assert describe(tree, {"Key": "Name", "Option": "BeginsWith", "Values": ["/app/b"]}) \
        == ["/app/b", "/app/b/deep", "/app/b/deep/er"]
    assert describe(tree, {"Key": "Name", "Option": "Contains", "Values": ["o"]}) == ["/application", "/zoo"]
    assert describe(tree, {"Key": "Path", "Option": "Recursive", "Values": ["/app/b"]}) == ["/app/b/deep", "/app/b/deep/er"]
    assert describe(tree, {"Key": "Path", "Values": ["/app/b"]}) == ["/app/b/deep"]
    assert describe(tree, {"Key": "Tier", "Values": ["Advanced"]}) == ["/app/large"]
    assert describe(tree, {"Key": "tag:env", "Values": ["prod"]}) == describe(tree, {"Key": "tag:env"}) == ["/app/large"]
    assert describe(tree, {"Key": "tag:env", "Values": ["test"]}) == []
    assert describe(tree, {"Key": "DataType", "Values": ["aws:ec2:image"]}) == []
    assert describe(tree, {"Key": "Tier", "Values": ["Standard"]}, {"Key": "Path", "Values": ["/app"]}) \
        == ["/app/a", "/app/b"]
    assert names([tree.describe_parameters(Filters=[{"Key": "Name", "Values": ["/app/b/"]}])]) \
        == ["/app/b/deep", "/app/b/deep/er"]
    told = tree.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["/app/large"]}])["Parameters"][0]
    assert (told["Description"], told["Tier"], told["Version"]) == ("large", "Advanced", 1)
    assert "Value" not in told


@pytest.mark.parametrize(("given", "code", "words"), [
    ({"Key": "Label", "Values": ["x"]}, "InvalidFilterKey", "The following filter key is not valid: Label"),
    ({"Key": "Type", "Option": "BeginsWith", "Values": ["String"]}, "InvalidFilterOption", "Valid options include: [Equals]"),
    ({"Key": "Type", "Values": ["Number"]}, "InvalidFilterValue", "The following filter value is not valid: Number"),
    ({"Key": "Path", "Values": ["app"]}, "ValidationException", "must begin with a forward slash")])
def test_filters_that_make_no_sense(tree: Any, given: dict[str, Any], code: str, words: str) -> None:
    with refused(code, words):
        tree.describe_parameters(ParameterFilters=[given])


def test_a_filter_stands_once_and_in_one_list(tree: Any) -> None:
    twice = [{"Key": "Type", "Values": ["String"]}] * 2
    with refused("InvalidFilterKey", "The following filter is duplicated in the request: Type"):
        tree.describe_parameters(ParameterFilters=twice)
    with refused("ValidationException", "You can use either Filters or ParameterFilters"):
        tree.describe_parameters(ParameterFilters=twice[:1], Filters=[{"Key": "Type", "Values": ["String"]}])


def test_a_token_is_for_the_listing_that_gave_it(tree: Any) -> None:
    put(tree, "/app/a", "second", Overwrite=True)
    paths = tree.get_parameters_by_path(Path="/app", MaxResults=1)["NextToken"]
    versions = tree.get_parameter_history(Name="/app/a", MaxResults=1)["NextToken"]
    with refused("InvalidNextToken"):
        tree.get_parameters_by_path(Path="/app", NextToken=versions)
    with refused("InvalidNextToken"):
        tree.get_parameter_history(Name="/app/a", NextToken=paths)
    with refused("InvalidNextToken"):
        tree.describe_parameters(NextToken=versions)


def test_pages_of_a_filtered_listing_miss_nothing(tree: Any) -> None:
    for number in range(30):
        put(tree, f"/many/{number:02}", str(number), Type="StringList" if number % 3 == 0 else "String")
    lists = [f"/many/{number:02}" for number in range(0, 30, 3)]
    assert describe(tree, {"Key": "Type", "Values": ["StringList"]}, PaginationConfig={"PageSize": 3}) == lists
    assert by_path(tree, "/many", ParameterFilters=[{"Key": "Type", "Values": ["StringList"]}],
                   PaginationConfig={"PageSize": 4}) == lists
