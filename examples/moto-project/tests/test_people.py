import boto3
import pytest
from moto import mock_aws

from shop import people


@mock_aws
def test_who_is_hired_is_in_a_team():
    key = people.hire("ann", "packers")
    people.hire("bob", "packers")
    assert people.teams("ann") == ["packers"]
    assert key["UserName"] == "ann"
    members = boto3.client("iam").get_group(GroupName="packers")["Users"]
    assert sorted(user["UserName"] for user in members) == ["ann", "bob"]


@mock_aws
def test_who_is_fired_is_gone():
    people.hire("ann", "packers")
    people.fire("ann")
    iam = boto3.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="ann")
    assert iam.list_users()["Users"] == []


@mock_aws
def test_nobody_is_hired_twice():
    people.hire("ann", "packers")
    with pytest.raises(boto3.client("iam").exceptions.EntityAlreadyExistsException):
        people.hire("ann", "drivers")


@mock_aws
def test_what_a_role_may():
    arn = people.role("packer", "ec2.amazonaws.com", "s3:GetObject", "sqs:*")
    assert arn == "arn:aws:iam::123456789012:role/packer"
    assert people.may("packer") == ["s3:GetObject", "sqs:*"]
    trust = boto3.client("iam").get_role(RoleName="packer")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_start_and_stop_by_hand():
    mock = mock_aws()
    mock.start()
    try:
        people.hire("ann", "packers")
        assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
    finally:
        mock.stop()
