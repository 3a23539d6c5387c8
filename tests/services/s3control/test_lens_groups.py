"""Storage Lens groups: made, told, listed, changed, deleted, tagged, refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.s3.refusals import refused

FILTER = {"Or": {"MatchAnyPrefix": ["a/", "b/"], "MatchAnySuffix": [".png"], "MatchAnyTag": [{"Key": "k", "Value": "v"}],
                 "MatchObjectAge": {"DaysGreaterThan": 1, "DaysLessThan": 30}, "MatchObjectSize": {"BytesGreaterThan": 10}}}


@pytest.fixture
def groups(control: Any, cloud: Any) -> Any:
    """A client that makes and gets groups of this account."""
    control.account = cloud.account
    control.make = lambda name, condition=FILTER, **more: control.create_storage_lens_group(
        AccountId=cloud.account, StorageLensGroup={"Name": name, "Filter": condition}, **more)
    control.get = lambda name: control.get_storage_lens_group(AccountId=cloud.account, Name=name)["StorageLensGroup"]
    control.arn = lambda name: f"arn:aws:s3:us-east-1:{cloud.account}:storage-lens-group/{name}"
    return control


def test_a_group_is_told_and_changed(groups: Any) -> None:
    groups.make("pictures")
    assert groups.get("pictures") == {"Name": "pictures", "Filter": FILTER, "StorageLensGroupArn": groups.arn("pictures")}
    assert refused(lambda: groups.make("pictures")) == ("ConfigurationAlreadyExists", 409)
    change = {"AccountId": groups.account, "Name": "pictures"}
    groups.update_storage_lens_group(**change, StorageLensGroup={"Name": "pictures", "Filter": {"MatchAnySuffix": [".jpg"]}})
    assert groups.get("pictures")["Filter"] == {"MatchAnySuffix": [".jpg"]}
    assert refused(lambda: groups.update_storage_lens_group(**change, StorageLensGroup={"Name": "x", "Filter": FILTER}))[0] == \
        "MismatchedName"


def test_a_group_that_was_deleted_is_gone(groups: Any) -> None:
    groups.make("pictures")
    groups.delete_storage_lens_group(AccountId=groups.account, Name="pictures")
    gone = ("NoSuchConfiguration", 404)
    assert refused(lambda: groups.get("pictures")) == gone
    assert refused(lambda: groups.delete_storage_lens_group(AccountId=groups.account, Name="pictures")) == gone
    assert refused(lambda: groups.update_storage_lens_group(
        AccountId=groups.account, Name="pictures", StorageLensGroup={"Name": "pictures", "Filter": FILTER})) == gone


def test_there_are_fifty_at_most_listed_by_pages(groups: Any) -> None:
    names = [f"g-{number:02}" for number in range(50)]
    for name in names:
        groups.make(name, {"MatchAnyPrefix": ["a"]})
    assert refused(lambda: groups.make("more"))[0] == "TooManyConfigurations"
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    for _ in range(3):
        page = groups.list_storage_lens_groups(AccountId=groups.account, **more)
        found += page["StorageLensGroupList"]
        more = {"NextToken": page.get("NextToken")}
    assert [one["Name"] for one in found] == names
    assert more == {"NextToken": None}
    assert found[7] == {"Name": "g-07", "StorageLensGroupArn": groups.arn("g-07"), "HomeRegion": "us-east-1"}


def test_its_tags_are_those_of_any_resource(groups: Any) -> None:
    groups.make("pictures", Tags=[{"Key": "a", "Value": "1"}])
    who = {"AccountId": groups.account, "ResourceArn": groups.arn("pictures")}
    groups.tag_resource(**who, Tags=[{"Key": "b", "Value": "2"}])
    assert groups.list_tags_for_resource(**who)["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    groups.untag_resource(**who, TagKeys=["a"])
    assert groups.list_tags_for_resource(**who)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(("condition", "code"), [
    ({}, "InvalidFilter"),
    ({"MatchAnyPrefix": ["a"], "MatchAnySuffix": ["b"]}, "InvalidFilter"),
    ({"And": {"MatchAnyPrefix": ["a"]}}, "InvalidLogicalOperator"),
    ({"MatchAnyPrefix": []}, "InvalidMatchAnyPrefix"),
    ({"MatchAnyPrefix": [str(number) for number in range(11)]}, "TooManyElements"),
    ({"MatchAnySuffix": ["a", "a"]}, "DuplicateElement"),
    ({"MatchAnySuffix": ["x" * 1025]}, "InvalidSuffix"),
    ({"MatchObjectAge": {}}, "InvalidMatchObjectAge"),
    ({"MatchObjectAge": {"DaysLessThan": 0}}, "InvalidAge"),
    ({"MatchObjectSize": {"BytesLessThan": (50 << 40) + 1}}, "InvalidSize"),
    ({"MatchObjectSize": {"BytesGreaterThan": 10, "BytesLessThan": 10}}, "InvalidNumericCombination")])
def test_filters_that_cannot_be_are_refused_by_name(groups: Any, condition: dict[str, Any], code: str) -> None:
    assert refused(lambda: groups.make("bad", condition))[0] == code
    assert refused(lambda: groups.get("bad"))[0] == "NoSuchConfiguration"
