"""Parameters: put, got, versioned, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def ssm(cloud: Cloud) -> Any:
    return cloud.client("ssm")


def put(ssm: Any, name: str, value: str = "v", **more: Any) -> dict[str, Any]:
    return dict(ssm.put_parameter(**{"Name": name, "Value": value, "Type": "String"} | more))


def get(ssm: Any, name: str) -> dict[str, Any]:
    return dict(ssm.get_parameter(Name=name)["Parameter"])


def test_a_parameter_is_told_as_it_was_put(cloud: Cloud, ssm: Any) -> None:
    made = put(ssm, "/app/db/host", "db.example", Description="where it is")
    assert (made["Version"], made["Tier"]) == (1, "Standard")
    told = get(ssm, "/app/db/host")
    assert abs(told.pop("LastModifiedDate").timestamp() - cloud.clock.now()) < 5
    assert told == {"Name": "/app/db/host", "Type": "String", "Value": "db.example", "Version": 1, "DataType": "text",
                    "ARN": f"arn:aws:ssm:us-east-1:{cloud.account}:parameter/app/db/host"}
    assert get(ssm, told["ARN"])["Value"] == "db.example"
    put(ssm, "flat")
    assert get(ssm, f"arn:aws:ssm:us-east-1:{cloud.account}:parameter/flat")["Name"] == "flat"


def test_a_parameter_is_overwritten_only_on_request(ssm: Any) -> None:
    put(ssm, "p", "one", Description="first", AllowedPattern="[a-z]+")
    with refused("ParameterAlreadyExists", "To overwrite this value, set the overwrite option in the request to true."):
        put(ssm, "p", "two")
    assert ssm.put_parameter(Name="p", Value="two", Overwrite=True)["Version"] == 2
    assert get(ssm, "p")["Value"] == "two"
    with refused("ParameterPatternMismatchException", "cannot be validated against allowedPattern: [a-z]+"):
        ssm.put_parameter(Name="p", Value="2", Overwrite=True)
    assert [one["Value"] for one in ssm.get_parameter_history(Name="p")["Parameters"]] == ["one", "two"]
    with refused("ValidationException", "tags and overwrite can't be used together"):
        put(ssm, "p", "three", Overwrite=True, Tags=[{"Key": "a", "Value": "1"}])
    with refused("ValidationException", "A parameter type is required"):
        ssm.put_parameter(Name="q", Value="1")
    assert ssm.put_parameter(Name="p", Value="x,y", Type="StringList", AllowedPattern="", Overwrite=True)["Version"] == 3
    assert get(ssm, "p")["Type"] == "StringList"


@pytest.mark.parametrize(("name", "code", "words"), [
    ("ssm-x", "ValidationException", "can't be prefixed with \"ssm\""), ("/ssm/x", "ValidationException", "prefixed with"),
    ("AWS-x", "AccessDeniedException", "No access to reserved parameter name: AWS-x."),
    ("/aws/x", "AccessDeniedException", "No access to reserved parameter name: /aws/x."),
    ("a b", "ValidationException", "mix of letters"), ("a/b", "ValidationException", "mix of letters"),
    ("/a/", "ValidationException", "mix of letters"), ("/" + "a" * 1020, "ValidationException", "1011"),
    ("/a" * 16, "HierarchyLevelLimitExceededException", "maximum of 15 levels")])
def test_names_that_there_may_not_be(ssm: Any, name: str, code: str, words: str) -> None:
    with refused(code, words):
        put(ssm, name)


def test_fifteen_levels_are_allowed(ssm: Any) -> None:
    put(ssm, "/a" * 15)
    assert get(ssm, "/a" * 15)["Value"] == "v"


@pytest.mark.parametrize(("value", "words"), [("", "length"), ("x" * 4097, "Standard tier parameters support a maximum"),
                                              ("{{ssm:other}}", "can't nest another parameter")])
def test_values_that_there_may_not_be(ssm: Any, value: str, words: str) -> None:
    with refused("ValidationException", words):
        put(ssm, "p", value)


def test_an_image_has_to_look_like_one(ssm: Any) -> None:
    with refused("ValidationException", "ami-"):
        put(ssm, "image", "ubuntu", DataType="aws:ec2:image")
    put(ssm, "image", "ami-0123456789abcdef0", DataType="aws:ec2:image")
    assert get(ssm, "image")["DataType"] == "aws:ec2:image"
    with refused("ValidationException", "The following data type is not supported: Text"):
        put(ssm, "other", DataType="Text")


def test_tiers(ssm: Any) -> None:
    assert put(ssm, "large", "x" * 8192, Tier="Advanced")["Tier"] == "Advanced"
    with refused("ValidationException", "8192"):
        put(ssm, "larger", "x" * 8193, Tier="Advanced")
    with refused("ValidationException", "You can't downgrade"):
        put(ssm, "large", "x", Tier="Standard", Overwrite=True)
    assert put(ssm, "large", "x", Overwrite=True)["Tier"] == "Advanced"
    assert put(ssm, "clever", "x", Tier="Intelligent-Tiering")["Tier"] == "Standard"
    assert put(ssm, "clever", "x" * 4097, Tier="Intelligent-Tiering", Overwrite=True)["Tier"] == "Advanced"


def test_selectors_choose_a_version(ssm: Any) -> None:
    for value in ("one", "two", "three"):
        put(ssm, "/p", value, Overwrite=True)
    told = get(ssm, "/p:2")
    assert (told["Value"], told["Version"], told["Selector"]) == ("two", 2, ":2")
    assert ssm.label_parameter_version(Name="/p", ParameterVersion=1, Labels=["live"])["ParameterVersion"] == 1
    assert get(ssm, "/p:live")["Value"] == "one"
    with refused("ParameterVersionNotFound", "could not find version 9 of /p. Verify the version and try again."):
        get(ssm, "/p:9")
    with refused("ParameterVersionNotFound", "label none"):
        get(ssm, "/p:none")
    with refused("ParameterNotFound"):
        get(ssm, "/none")


def test_several_are_told_by_name_and_the_unknown_named(ssm: Any) -> None:
    put(ssm, "b", "2")
    put(ssm, "a", "1")
    told = ssm.get_parameters(Names=["b", "none", "a", "a:7"])
    assert [(one["Name"], one["Value"]) for one in told["Parameters"]] == [("a", "1"), ("b", "2")]
    assert told["InvalidParameters"] == ["none", "a:7"]


def test_deleted_ones_are_gone_with_their_history(ssm: Any) -> None:
    put(ssm, "p", "one")
    put(ssm, "q", "one")
    ssm.delete_parameter(Name="p")
    for name in ("p", "p:1"):
        with refused("ParameterNotFound"):
            get(ssm, name)
    with refused("ParameterNotFound"):
        ssm.delete_parameter(Name="p")
    assert put(ssm, "p", "again")["Version"] == 1
    told = ssm.delete_parameters(Names=["p", "none", "q"])
    assert (told["DeletedParameters"], told["InvalidParameters"]) == (["p", "q"], ["none"])
    assert ssm.describe_parameters()["Parameters"] == []
    with refused("AccessDeniedException", "No access to reserved parameter name"):
        ssm.delete_parameter(Name="/aws/service/x")


def test_a_hundred_versions_are_kept_and_a_labelled_one_is_not_dropped(ssm: Any) -> None:
    for number in range(101):
        put(ssm, "p", str(number), Overwrite=True)
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="p", PaginationConfig={"PageSize": 30})
    told = [one["Version"] for page in pages for one in page["Parameters"]]
    assert told == list(range(2, 102))
    ssm.label_parameter_version(Name="p", ParameterVersion=2, Labels=["kept"])
    with refused("ParameterMaxVersionLimitExceeded", "Version 2, the oldest version, can't be deleted"):
        put(ssm, "p", "more", Overwrite=True)
    assert get(ssm, "p")["Version"] == 101


def test_another_account_and_region_have_their_own(cloud: Cloud, ssm: Any) -> None:
    put(ssm, "p")
    for other in (cloud.other().client("ssm"), cloud.client("ssm", region="eu-west-1")):
        with refused("ParameterNotFound"):
            get(other, "p")


def test_an_allowed_pattern_never_takes_long(cloud: Cloud) -> None:
    ssm = cloud.client("ssm")
    assert ssm.put_parameter(Name="evil", Value="a" * 300, Type="String", AllowedPattern="(a+)+")["Version"] == 1
    for value, pattern in (("a" * 300 + "!", "(a+)+"), ("a" * 300 + "!", r"(a+)+\1")):
        with pytest.raises(ssm.exceptions.ClientError) as problem:
            ssm.put_parameter(Name="evil", Value=value, Type="String", AllowedPattern=pattern, Overwrite=True)
        assert problem.value.response["Error"]["Code"] == (
            "ParameterPatternMismatchException" if pattern == "(a+)+" else "InvalidAllowedPatternException")
