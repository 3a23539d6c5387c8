"""Users, groups, access keys: over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def refused(problem: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    return problem.value.response["Error"]["Code"], problem.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def test_a_user_is_made_told_listed_renamed_and_deleted(cloud: Cloud, iam: Any) -> None:
    made = iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "a", "Value": "1"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{cloud.account}:user/team/ann"
    assert made["UserId"].startswith("AIDA")
    assert iam.get_user(UserName="ann")["User"] == made
    assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"]] == ["ann"]
    assert iam.list_users(PathPrefix="/other/")["Users"] == []
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/")
    renamed = iam.get_user(UserName="anna")["User"]
    assert (renamed["UserId"], renamed["Arn"]) == (made["UserId"], f"arn:aws:iam::{cloud.account}:user/anna")
    iam.delete_user(UserName="anna")
    with pytest.raises(ClientError) as problem:
        iam.get_user(UserName="anna")
    assert refused(problem) == ("NoSuchEntity", 404)
    assert "The user with name anna cannot be found." in str(problem.value)


def test_names_are_unique_in_any_case_of_letters(iam: Any) -> None:
    iam.create_user(UserName="ann")
    with pytest.raises(ClientError) as problem:
        iam.create_user(UserName="ANN")
    assert refused(problem) == ("EntityAlreadyExists", 409)


def test_the_root_is_told_by_its_account(cloud: Cloud, iam: Any) -> None:
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{cloud.account}:root"


def test_listings_come_in_pages(iam: Any) -> None:
    for i in range(5):
        iam.create_user(UserName=f"u{i}", Path="/odd/" if i % 2 else "/even/")
    first = iam.list_users(MaxItems=2)
    assert first["IsTruncated"]
    assert [u["UserName"] for u in first["Users"]] == ["u0", "u1"]
    pages = iam.get_paginator("list_users").paginate(PathPrefix="/even/", PaginationConfig={"PageSize": 1})
    assert [u["UserName"] for page in pages for u in page["Users"]] == ["u0", "u2", "u4"]


def test_tags_are_told_apart_without_regard_to_case(iam: Any) -> None:
    iam.create_user(UserName="ann", Tags=[{"Key": "Team", "Value": "a"}])
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "b"}, {"Key": "x", "Value": ""}])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "team", "Value": "b"}, {"Key": "x", "Value": ""}]
    iam.untag_user(UserName="ann", TagKeys=["TEAM"])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "x", "Value": ""}]
    with pytest.raises(ClientError) as problem:
        iam.tag_user(UserName="ann", Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    assert refused(problem) == ("InvalidInput", 400)


def test_groups_have_members(iam: Any) -> None:
    group = iam.create_group(GroupName="devs", Path="/g/")["Group"]
    assert iam.list_groups(PathPrefix="/g/")["Groups"] == [group]
    for name in ("ann", "ben"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="devs", UserName=name)
    assert {u["UserName"] for u in iam.get_group(GroupName="devs")["Users"]} == {"ann", "ben"}
    iam.update_group(GroupName="devs", NewGroupName="builders")
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["builders"]
    for what, members in (("delete_user", {"UserName": "ann"}), ("delete_group", {"GroupName": "builders"})):
        with pytest.raises(ClientError) as problem:
            getattr(iam, what)(**members)
        assert refused(problem) == ("DeleteConflict", 409)
    for name in ("ann", "ben"):
        iam.remove_user_from_group(GroupName="builders", UserName=name)
    iam.delete_group(GroupName="builders")
    assert iam.list_groups()["Groups"] == []


def test_a_user_is_in_ten_groups_at_most(iam: Any) -> None:
    iam.create_user(UserName="ann")
    for i in range(11):
        iam.create_group(GroupName=f"g{i}")
    for i in range(10):
        iam.add_user_to_group(GroupName=f"g{i}", UserName="ann")
    with pytest.raises(ClientError) as problem:
        iam.add_user_to_group(GroupName="g10", UserName="ann")
    assert refused(problem) == ("LimitExceeded", 409)


def test_an_access_key_stands_for_its_user(cloud: Cloud, iam: Any) -> None:
    user = iam.create_user(UserName="ann")["User"]
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert len(key["AccessKeyId"]) == 20
    assert len(key["SecretAccessKey"]) == 40
    as_ann = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    sts = cloud.client("sts", **as_ann)
    told = sts.get_caller_identity()
    assert (told["UserId"], told["Account"], told["Arn"]) == (user["UserId"], cloud.account, user["Arn"])
    assert cloud.client("iam", **as_ann).get_user()["User"]["UserName"] == "ann"
    iam.update_user(UserName="ann", NewUserName="anna")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{cloud.account}:user/anna"
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "anna"
    assert used["AccessKeyLastUsed"]["ServiceName"] == "sts"


def test_keys_are_switched_off_and_deleted(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    keys = [iam.create_access_key(UserName="ann")["AccessKey"] for _ in range(2)]
    with pytest.raises(ClientError) as problem:
        iam.create_access_key(UserName="ann")
    assert refused(problem) == ("LimitExceeded", 409)
    listed = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]
    assert {k["AccessKeyId"] for k in listed} == {k["AccessKeyId"] for k in keys}
    first = keys[0]["AccessKeyId"]
    sts = cloud.client("sts", key=first, secret=keys[0]["SecretAccessKey"])
    iam.update_access_key(UserName="ann", AccessKeyId=first, Status="Inactive")
    with pytest.raises(ClientError) as problem:
        sts.get_caller_identity()
    assert refused(problem) == ("InvalidClientTokenId", 403)
    iam.update_access_key(UserName="ann", AccessKeyId=first, Status="Active")
    assert sts.get_caller_identity()["Account"] == cloud.account
    with pytest.raises(ClientError) as problem:
        iam.delete_user(UserName="ann")
    assert refused(problem) == ("DeleteConflict", 409)
    for key in keys:
        iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError) as problem:
        sts.get_caller_identity()
    assert refused(problem) == ("InvalidClientTokenId", 403)
    iam.delete_user(UserName="ann")


def test_the_root_may_have_keys(cloud: Cloud, iam: Any) -> None:
    key = iam.create_access_key()["AccessKey"]
    sts = cloud.client("sts", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{cloud.account}:root"
    assert iam.list_access_keys()["AccessKeyMetadata"][0]["AccessKeyId"] == key["AccessKeyId"]


def test_an_alias_belongs_to_one_account(cloud: Cloud, iam: Any) -> None:
    name = f"alias-{cloud.account}"
    iam.create_account_alias(AccountAlias=name)
    assert iam.list_account_aliases()["AccountAliases"] == [name]
    with pytest.raises(ClientError) as problem:
        cloud.other().client("iam").create_account_alias(AccountAlias=name)
    assert refused(problem) == ("EntityAlreadyExists", 409)
    iam.delete_account_alias(AccountAlias=name)
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_the_summary_counts(iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="devs")
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Groups"], summary["Roles"], summary["UsersQuota"]) == (1, 1, 0, 5000)


def test_boundaries_are_policies(cloud: Cloud, iam: Any) -> None:
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    arn = iam.create_policy(PolicyName="edge", PolicyDocument=text)["Policy"]["Arn"]
    iam.create_user(UserName="ann")
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    assert iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    iam.delete_user_permissions_boundary(UserName="ann")
    assert "PermissionsBoundary" not in iam.get_user(UserName="ann")["User"]
    with pytest.raises(ClientError) as problem:
        iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn + "x")
    assert refused(problem) == ("NoSuchEntity", 404)
