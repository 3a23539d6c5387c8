"""Policies of resources that name somebody: users and roles of the account must be there, and others may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def _policy(who: str, action: str, resource: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [who]}, "Action": action, "Resource": resource}]})


def _s3(cloud: Any) -> Callable[[str], Any]:
    client, name = cloud.client("s3"), f"named-{cloud.account}"
    client.create_bucket(Bucket=name)
    return lambda who: client.put_bucket_policy(Bucket=name, Policy=_policy(who, "s3:GetObject", f"arn:aws:s3:::{name}/*"))


def _sqs(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("sqs")
    url = client.create_queue(QueueName="named")["QueueUrl"]
    return lambda who: client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(who, "sqs:SendMessage", "*")})


def _sqs_new(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("sqs")
    return lambda who: client.create_queue(QueueName="named", Attributes={"Policy": _policy(who, "sqs:SendMessage", "*")})


def _sns(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("sns")
    arn = client.create_topic(Name="named")["TopicArn"]
    return lambda who: client.set_topic_attributes(TopicArn=arn, AttributeName="Policy",
                                                   AttributeValue=_policy(who, "sns:Publish", arn))


def _sns_new(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("sns")
    return lambda who: client.create_topic(Name="named", Attributes={"Policy": _policy(who, "sns:Publish", "*")})


def _secret(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("secretsmanager")
    client.create_secret(Name="named", SecretString="x")
    return lambda who: client.put_resource_policy(SecretId="named",
                                                  ResourcePolicy=_policy(who, "secretsmanager:GetSecretValue", "*"))


def _table(cloud: Any) -> Callable[[str], Any]:
    client = cloud.client("dynamodb")
    arn = client.create_table(TableName="named", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "p", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])[
        "TableDescription"]["TableArn"]
    client.get_waiter("table_exists").wait(TableName="named", WaiterConfig={"Delay": 1})
    return lambda who: client.put_resource_policy(ResourceArn=arn, Policy=_policy(who, "dynamodb:GetItem", arn))


@pytest.mark.parametrize(("kind", "code", "message"), [
    (_s3, "MalformedPolicy", "Invalid principal in policy"),
    (_sqs, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
    (_sqs_new, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
    (_sns, "InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound"),
    (_sns_new, "InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound"),
    (_secret, "MalformedPolicyDocumentException", "This resource policy contains an unsupported principal."),
    (_table, "ValidationException", 'Resource-based policy document is invalid: Invalid principal in policy: "AWS":"{who}"'),
])
def test_whom_a_policy_names(cloud: Any, kind: Callable[[Any], Callable[[str], Any]], code: str, message: str) -> None:
    put = kind(cloud)
    iam = cloud.client("iam")
    for who in (f"arn:aws:iam::{cloud.account}:role/team/reader", f"arn:aws:iam::{cloud.account}:user/nobody"):
        with pytest.raises(ClientError) as caught:
            put(who)
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["Error"]["Message"] == message.format(who=who)
    role = iam.create_role(RoleName="reader", Path="/team/", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    with pytest.raises(ClientError):
        put(role.replace("/team/", "/"))                 # its path is a part of its ARN
    put(role)


@pytest.mark.parametrize("who", ["arn:aws:iam::{account}:root", "{account}", "*", "arn:aws:iam::999999999999:user/elsewhere"])
def test_of_accounts_and_of_others_nothing_is_asked(cloud: Any, who: str) -> None:
    _sqs(cloud)(who.format(account=cloud.account))
