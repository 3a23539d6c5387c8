"""Ways in that must stay closed: each of these is an attempt that fails, beside the rightful way that works."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from enforced import document, own, refused, session, user


def fetched(url: str, method: str = "GET") -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request(method, f"{parts.path}?{parts.query}", b"" if method == "PUT" else None)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_boundary_is_not_escaped_through_iam(strict: Cloud) -> None:
    """The delegated administrator may make users, but only with the boundary, and may not touch their own."""
    iam = strict.client("iam")
    edge = f"arn:aws:iam::{strict.account}:policy/edge"
    iam.create_policy(PolicyName="edge", PolicyDocument=document(
        {"Action": ["sqs:*", "iam:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:DeleteUserPermissionsBoundary", "iam:CreatePolicyVersion", "iam:DeletePolicy"],
         "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:CreateUser", "iam:PutUserPermissionsBoundary"], "Resource": "*", "Condition": {
            "StringNotEquals": {"iam:PermissionsBoundary": edge}}}))
    keys = user(strict, "adele", own("*"))
    iam.put_user_permissions_boundary(UserName="adele", PermissionsBoundary=edge)
    adele = strict.client("iam", **keys)
    adele.create_user(UserName="new", PermissionsBoundary=edge)
    refused(adele.create_user, UserName="free")
    refused(adele.delete_user_permissions_boundary, UserName="adele")
    refused(adele.create_policy_version, PolicyArn=edge, PolicyDocument=own("*"), SetAsDefault=True)
    wide = adele.create_policy(PolicyName="wide", PolicyDocument=own("*"))["Policy"]["Arn"]
    refused(adele.put_user_permissions_boundary, UserName="adele", PermissionsBoundary=wide)
    adele.put_user_policy(UserName="new", PolicyName="all", PolicyDocument=own("*"))
    made = adele.create_access_key(UserName="new")["AccessKey"]
    new = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"]}
    strict.client("sqs", **new).list_queues()
    refused(strict.client("dynamodb", **new).list_tables)


def test_a_session_policy_widens_nothing(strict: Cloud) -> None:
    keys = session(strict, "r", own("sqs:ListQueues"), Policy=own("*"))
    strict.client("sqs", **keys).list_queues()
    refused(strict.client("sqs", **keys).create_queue, QueueName="q")
    bob = user(strict, "bob", own("sqs:ListQueues", "sts:GetFederationToken"))
    made = strict.client("sts", **bob).get_federation_token(Name="xavier", Policy=own("*"))["Credentials"]
    token = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    strict.client("sqs", **token).list_queues()
    refused(strict.client("sqs", **token).create_queue, QueueName="q")


def test_a_narrow_session_does_not_shed_its_limits(strict: Cloud) -> None:
    """The role trusts itself; a session that may not assume roles does not become an unlimited one."""
    strict.client("iam")
    keys = session(strict, "r", own("*"), Policy=own("sqs:*"))
    role = f"arn:aws:iam::{strict.account}:role/r"
    sts = strict.client("sts", **keys)
    refused(sts.assume_role, RoleArn=role, RoleSessionName="again")
    strict.client("iam").update_assume_role_policy(RoleName="r", PolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"AWS": [role, strict.account]}}))
    refused(sts.assume_role, RoleArn=role, RoleSessionName="again")


def test_a_url_of_a_denied_user_opens_nothing(strict: Cloud) -> None:
    bucket = f"closed-{strict.account}"
    strict.client("s3").create_bucket(Bucket=bucket)
    strict.client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")
    keys = user(strict, "ann", document({"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}))
    s3 = strict.client("s3", **keys)
    read = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    write = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    assert fetched(read) == 200
    assert fetched(write, "PUT") == 403
    strict.client("iam").put_user_policy(UserName="ann", PolicyName="no", PolicyDocument=own("s3:*", Effect="Deny"))
    assert fetched(read) == 403


def test_a_user_without_rights_gives_themselves_none(strict: Cloud) -> None:
    keys = user(strict, "ann", own("iam:Get*", "iam:List*"))
    iam = strict.client("iam", **keys)
    refused(iam.put_user_policy, UserName="ann", PolicyName="all", PolicyDocument=own("*"))
    refused(iam.attach_user_policy, UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    refused(iam.create_access_key, UserName="ann")
    refused(iam.add_user_to_group, GroupName="admins", UserName="ann")
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["p0"]


def test_only_some_policies_may_be_attached(strict: Cloud) -> None:
    read = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    keys = user(strict, "ann", own("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": read}}))
    iam = strict.client("iam", **keys)
    iam.attach_user_policy(UserName="ann", PolicyArn=read)
    refused(iam.attach_user_policy, UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_cloud_control_does_no_more_than_its_caller_may(strict: Cloud) -> None:
    keys = user(strict, "ann", own("cloudformation:*"))
    control = strict.client("cloudcontrol", **keys)
    with_role = json.dumps({"RoleName": "r", "AssumeRolePolicyDocument": json.loads(
        document({"Action": "sts:AssumeRole", "Principal": {"AWS": strict.account}}))})
    for type_name, state in (("AWS::SQS::Queue", '{"QueueName": "q"}'), ("AWS::IAM::Role", with_role)):
        event = control.create_resource(TypeName=type_name, DesiredState=state)["ProgressEvent"]
        assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "AccessDenied"), event
    with pytest.raises(ClientError):
        strict.client("iam").get_role(RoleName="r")


def test_a_deleted_users_session_can_do_nothing(strict: Cloud) -> None:
    keys = user(strict, "ann", own("*"))
    made = strict.client("sts", **keys).get_session_token()["Credentials"]
    token = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}
    strict.client("sqs", **token).list_queues()
    iam = strict.client("iam")
    iam.delete_user_policy(UserName="ann", PolicyName="p0")
    refused(strict.client("sqs", **token).list_queues)


def test_patterns_of_one_service_mean_no_other(strict: Cloud) -> None:
    """A `*` in the place of a region does not reach into other services."""
    strict.client("sqs").create_queue(QueueName="team-q")
    keys = user(strict, "ann", document({"Action": "*", "Resource": f"arn:aws:sns:*:{strict.account}:team-*"}))
    refused(strict.client("sqs", **keys).get_queue_url, QueueName="team-q")
    topic = strict.client("sns", **keys).create_topic(Name="team-t")["TopicArn"]
    assert topic.endswith(":team-t")
