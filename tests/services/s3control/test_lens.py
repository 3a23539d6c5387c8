"""Configurations of Storage Lens: put, told, listed, deleted, tagged, refused."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from enforced import own, user
from enforced import refused as denied
from services.s3.refusals import refused
from services.s3control.conftest import reached

DEFAULT = "default-account-dashboard"
PLAIN = {"AccountLevel": {"BucketLevel": {}}, "IsEnabled": True}


@pytest.fixture
def lens(control: Any, cloud: Any) -> Any:
    """A client that puts, gets and tags configurations of this account."""
    control.account = cloud.account
    control.put = lambda name, said=None, **more: control.put_storage_lens_configuration(
        ConfigId=name, AccountId=cloud.account, StorageLensConfiguration={"Id": name} | PLAIN | (said or {}), **more)
    control.get = lambda name: control.get_storage_lens_configuration(
        ConfigId=name, AccountId=cloud.account)["StorageLensConfiguration"]
    control.tags = lambda name: control.get_storage_lens_configuration_tagging(ConfigId=name, AccountId=cloud.account)["Tags"]
    return control


def destination(account: str, **more: Any) -> dict[str, Any]:
    return {"DataExport": {"S3BucketDestination": {
        "Format": "CSV", "OutputSchemaVersion": "V_1", "AccountId": account, "Arn": "arn:aws:s3:::there"} | more}}


def test_a_configuration_is_told_as_it_was_put(lens: Any) -> None:
    said = {"Exclude": {"Buckets": ["arn:aws:s3:::not-me"], "Regions": ["eu-west-1"]}, "IsEnabled": False,
            "AccountLevel": {"BucketLevel": {"PrefixLevel": {"StorageMetrics": {
                "IsEnabled": True, "SelectionCriteria": {"Delimiter": "/", "MaxDepth": 3, "MinStorageBytesPercentage": 2.5}}}},
                "AdvancedCostOptimizationMetrics": {"IsEnabled": True}}
            } | destination(lens.account, Prefix="p", Encryption={"SSES3": {}})
    lens.put("mine", said)
    assert lens.get("mine") == {"Id": "mine", "StorageLensArn": f"arn:aws:s3:us-east-1:{lens.account}:storage-lens/mine"} | said
    lens.put("mine")
    assert lens.get("mine")["IsEnabled"] is True
    assert "DataExport" not in lens.get("mine")


def test_every_account_has_a_default_one_that_stays(lens: Any) -> None:
    assert lens.get(DEFAULT) == {"Id": DEFAULT, "StorageLensArn": f"arn:aws:s3:us-east-1:{lens.account}:storage-lens/{DEFAULT}"
                                 } | PLAIN
    assert refused(lambda: lens.delete_storage_lens_configuration(ConfigId=DEFAULT, AccountId=lens.account)) == (
        "DefaultConfigurationDeleteForbidden", 403)
    assert refused(lambda: lens.put(DEFAULT, {"Include": {"Regions": ["eu-west-1"]}})) == (
        "InvalidFilterForDefaultConfiguration", 400)
    lens.put(DEFAULT, {"IsEnabled": False}, Tags=[{"Key": "a", "Value": "1"}])
    assert lens.get(DEFAULT)["IsEnabled"] is False
    assert lens.tags(DEFAULT) == [{"Key": "a", "Value": "1"}]


def test_listings_are_of_the_home_region_page_by_page(lens: Any, cloud: Any) -> None:
    names = [f"c-{number:02}" for number in range(25)]
    for name in names:
        lens.put(name)
    first = lens.list_storage_lens_configurations(AccountId=lens.account)
    rest = lens.list_storage_lens_configurations(AccountId=lens.account, NextToken=first["NextToken"])
    found = first["StorageLensConfigurationList"] + rest["StorageLensConfigurationList"]
    assert [one["Id"] for one in found] == [*names, DEFAULT]
    assert found[0] == {"Id": "c-00", "StorageLensArn": f"arn:aws:s3:us-east-1:{lens.account}:storage-lens/c-00",
                        "HomeRegion": "us-east-1", "IsEnabled": True}
    assert "NextToken" not in rest
    there = reached(cloud.client("s3control", region="eu-west-1"))
    assert there.list_storage_lens_configurations(AccountId=lens.account).get("StorageLensConfigurationList", []) == []
    assert refused(lambda: there.get_storage_lens_configuration(ConfigId=DEFAULT, AccountId=lens.account))[0] == \
        "NoSuchConfiguration"


def test_what_was_deleted_is_gone(lens: Any) -> None:
    lens.put("mine")
    lens.delete_storage_lens_configuration(ConfigId="mine", AccountId=lens.account)
    gone = ("NoSuchConfiguration", 404)
    assert refused(lambda: lens.get("mine")) == gone
    assert refused(lambda: lens.delete_storage_lens_configuration(ConfigId="mine", AccountId=lens.account)) == gone
    assert refused(lambda: lens.tags("mine")) == gone


def test_tags_are_replaced_kept_and_taken_away(lens: Any) -> None:
    lens.put("mine", Tags=[{"Key": "a", "Value": "1"}])
    lens.put("mine")
    assert lens.tags("mine") == [{"Key": "a", "Value": "1"}]
    lens.put_storage_lens_configuration_tagging(ConfigId="mine", AccountId=lens.account, Tags=[{"Key": "b", "Value": "2"}])
    assert lens.tags("mine") == [{"Key": "b", "Value": "2"}]
    lens.delete_storage_lens_configuration_tagging(ConfigId="mine", AccountId=lens.account)
    assert lens.tags("mine") == []


BUCKET: dict[str, Any] = {"BucketLevel": {}}
PREFIXES = {"PrefixLevel": {"StorageMetrics": {"IsEnabled": True, "SelectionCriteria": {"Delimiter": "-"}}}}


@pytest.mark.parametrize(("said", "code"), [
    ({"Id": "other"}, "InvalidConfigId"),
    ({"StorageLensArn": "arn:aws:s3:us-east-1:111122223333:storage-lens/mine"}, "InvalidStorageLensArn"),
    ({"Include": {"Regions": ["eu-west-1"]}, "Exclude": {"Regions": ["eu-west-2"]}}, "InvalidIncludeExcludeContainers"),
    ({"Include": {}}, "EmptyIncludeContainer"),
    ({"Exclude": {"Buckets": []}}, "EmptyExcludeContainer"),
    ({"Include": {"Regions": ["nowhere"]}}, "InvalidRegionName"),
    ({"Include": {"Buckets": [f"arn:aws:s3:::b-{number}" for number in range(51)]}}, "TooManyBuckets"),
    ({"AccountLevel": BUCKET | {"ActivityMetrics": {"IsEnabled": True}}}, "MissingBucketLevelActivityMetrics"),
    ({"AccountLevel": {"BucketLevel": {"ActivityMetrics": {"IsEnabled": True}}}}, "MissingAccountLevelActivityMetrics"),
    ({"AccountLevel": {"BucketLevel": {"PrefixLevel": {"StorageMetrics": {"IsEnabled": False}}}}}, "StorageMetricsMustEnabled"),
    ({"AccountLevel": {"BucketLevel": PREFIXES}, "PrefixDelimiter": "/"}, "InvalidRequest"),
    ({"AccountLevel": BUCKET | {"StorageLensGroupLevel": {"SelectionCriteria": {}}}}, "InvalidIncludeExcludeElements"),
    ({"AccountLevel": BUCKET | {"StorageLensGroupLevel": {"SelectionCriteria": {"Include": []}}}}, "EmptyIncludeElement"),
    ({"AccountLevel": BUCKET | {"StorageLensGroupLevel": {"SelectionCriteria": {
        "Exclude": ["arn:aws:s3:us-east-1:111122223333:storage-lens-group/x"]}}}}, "InvalidStorageLensGroupARN"),
    (destination("1" * 12, Arn="arn:aws:s3:::"), "InvalidDestination"),
    (destination("1" * 12, Encryption={}), "MissingEncryptionMethod"),
    (destination("1" * 12, Encryption={"SSES3": {}, "SSEKMS": {"KeyId": "k"}}), "InvalidEncryptionMethod"),
    (destination("1" * 12, Encryption={"SSEKMS": {"KeyId": "k"}}), "InvalidKMSEncryptionKeyId")])
def test_what_cannot_be_is_refused_by_name(lens: Any, said: dict[str, Any], code: str) -> None:
    assert refused(lambda: lens.put("mine", said))[0] == code
    assert refused(lambda: lens.get("mine"))[0] == "NoSuchConfiguration"


ON = {"IsEnabled": True}


@pytest.mark.parametrize(("said", "member"), [
    ({"AccountLevel": {"ActivityMetrics": ON, "BucketLevel": {"ActivityMetrics": ON}}}, "ActivityMetrics"),
    ({"AccountLevel": BUCKET | {"DetailedStatusCodesMetrics": ON}}, "DetailedStatusCodesMetrics"),
    ({"AwsOrg": {"Arn": "arn:aws:organizations::111122223333:organization/o-abcdefghij"}}, "AwsOrg"),
    ({"DataExport": {"StorageLensTableDestination": ON}}, "S3 Tables")])
def test_what_is_not_there_is_said(lens: Any, said: dict[str, Any], member: str) -> None:
    with pytest.raises(ClientError, match=f"NotImplemented.*{member}") as caught:
        lens.put("mine", said)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_another_account_is_refused(lens: Any) -> None:
    assert refused(lambda: lens.list_storage_lens_configurations(AccountId="1" * 12))[0] == "AccessDenied"


def test_tags_decide_on_access(strict: Any) -> None:
    owner = reached(strict.client("s3control"))
    for name, team in (("ours", "a"), ("theirs", "b")):
        tags = [{"Key": "team", "Value": team}]
        owner.put_storage_lens_configuration(ConfigId=name, AccountId=strict.account, Tags=tags, StorageLensConfiguration={
            "Id": name} | PLAIN)
        owner.create_storage_lens_group(AccountId=strict.account, Tags=tags, StorageLensGroup={
            "Name": name, "Filter": {"MatchAnyPrefix": ["a"]}})
    ann = reached(strict.client("s3control", **user(strict, "ann", own(
        "s3:GetStorageLens*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}}))))
    told = ann.get_storage_lens_configuration(ConfigId="ours", AccountId=strict.account)["StorageLensConfiguration"]
    assert told["Id"] == "ours"
    assert ann.get_storage_lens_group(Name="ours", AccountId=strict.account)["StorageLensGroup"]["Name"] == "ours"
    assert "GetStorageLensConfiguration" in denied(ann.get_storage_lens_configuration, ConfigId="theirs",
                                                   AccountId=strict.account)
    assert "GetStorageLensGroup" in denied(ann.get_storage_lens_group, Name="theirs", AccountId=strict.account)
