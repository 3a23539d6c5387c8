"""What calls need: several actions and resources at once, tags, roles that are handed over."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from enforced import document, own, refused, session, user


def table(cloud: Cloud, name: str) -> str:
    made = cloud.client("dynamodb").create_table(
        TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    return str(made["TableDescription"]["TableArn"])


def test_each_table_of_a_batch_and_each_step_of_a_transaction(strict: Cloud) -> None:
    one, two = table(strict, "one"), table(strict, "two")
    keys = user(strict, "ann", document({"Action": "dynamodb:*", "Resource": one},
                                        {"Action": "dynamodb:GetItem", "Resource": two}))
    dynamodb = strict.client("dynamodb", **keys)
    put = {"PutRequest": {"Item": {"id": {"S": "a"}}}}
    dynamodb.batch_write_item(RequestItems={"one": [put]})
    assert two in refused(dynamodb.batch_write_item, RequestItems={"one": [put], "two": [put]})
    step = {"Put": {"TableName": "one", "Item": {"id": {"S": "b"}}}}
    dynamodb.transact_write_items(TransactItems=[step])
    check = {"ConditionCheck": {"TableName": "two", "Key": {"id": {"S": "b"}}, "ConditionExpression": "attribute_exists(id)"}}
    assert "dynamodb:ConditionCheckItem" in refused(dynamodb.transact_write_items, TransactItems=[step, check])
    dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "two", "Key": {"id": {"S": "b"}}}}])


def test_leading_keys(strict: Cloud) -> None:
    arn = table(strict, "tab")
    keys = user(strict, "ann", document({"Action": "dynamodb:*", "Resource": arn, "Condition": {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}}))
    dynamodb = strict.client("dynamodb", **keys)
    dynamodb.put_item(TableName="tab", Item={"id": {"S": "ann"}})
    dynamodb.query(TableName="tab", KeyConditionExpression="#i = :v", ExpressionAttributeNames={"#i": "id"},
                   ExpressionAttributeValues={":v": {"S": "ann"}})
    refused(dynamodb.put_item, TableName="tab", Item={"id": {"S": "ben"}})
    refused(dynamodb.query, TableName="tab", KeyConditionExpression="id = :v", ExpressionAttributeValues={":v": {"S": "ben"}})
    put = {"PutRequest": {"Item": {"id": {"S": "ben"}}}}
    refused(dynamodb.batch_write_item, RequestItems={"tab": [put]})


def test_a_copy_reads_its_source_and_a_deletion_names_each_object(strict: Cloud) -> None:
    source, target = f"a-{strict.account}", f"b-{strict.account}"
    s3 = strict.client("s3")
    for bucket in (source, target):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    keys = user(strict, "ann", document({"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{target}/*"},
                                        {"Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{target}/own/*"}))
    mine = strict.client("s3", **keys)
    assert "s3:GetObject" in refused(mine.copy_object, Bucket=target, Key="x", CopySource=f"{source}/k")
    strict.client("iam").put_user_policy(UserName="ann", PolicyName="more", PolicyDocument=document(
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{source}/*"}))
    mine.copy_object(Bucket=target, Key="x", CopySource=f"{source}/k")
    assert "s3:PutObjectTagging" in refused(mine.put_object, Bucket=target, Key="y", Body=b"", Tagging="a=b")
    mine.delete_objects(Bucket=target, Delete={"Objects": [{"Key": "own/1"}, {"Key": "own/2"}]})
    assert f'"arn:aws:s3:::{target}/k"' in refused(mine.delete_objects, Bucket=target, Delete={
        "Objects": [{"Key": "own/1"}, {"Key": "k"}]})


def test_tags_of_the_request_and_of_the_resource(strict: Cloud) -> None:
    keys = user(strict, "ann", document(
        {"Action": ["sqs:CreateQueue", "sqs:TagQueue"], "Resource": "*", "Condition": {
            "StringEquals": {"aws:RequestTag/team": "a"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}},
        {"Action": "sqs:DeleteQueue", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}))
    sqs = strict.client("sqs", **keys)
    refused(sqs.create_queue, QueueName="q")
    refused(sqs.create_queue, QueueName="q", tags={"team": "b"})
    refused(sqs.create_queue, QueueName="q", tags={"team": "a", "other": "1"})
    url = sqs.create_queue(QueueName="q", tags={"team": "a", "cost": "1"})["QueueUrl"]
    theirs = strict.client("sqs").create_queue(QueueName="p", tags={"team": "b"})["QueueUrl"]
    refused(sqs.delete_queue, QueueUrl=theirs)
    sqs.delete_queue(QueueUrl=url)


def test_tags_of_a_declared_resource_without_a_guard(strict: Cloud) -> None:
    iam = strict.client("iam")
    for name, team in (("mine", "a"), ("theirs", "b")):
        iam.create_role(RoleName=name, Path="/x/", Tags=[{"Key": "team", "Value": team}],
                        AssumeRolePolicyDocument=document({"Action": "sts:AssumeRole", "Principal": {"AWS": strict.account}}))
    keys = user(strict, "ann", document({"Action": "iam:GetRole", "Resource": f"arn:aws:iam::{strict.account}:role/x/*",
                                         "Condition": {"StringEquals": {"iam:ResourceTag/team": "a"}}}))
    mine = strict.client("iam", **keys)
    assert mine.get_role(RoleName="mine")["Role"]["Path"] == "/x/"
    assert f"arn:aws:iam::{strict.account}:role/x/theirs" in refused(mine.get_role, RoleName="theirs")


def test_a_role_is_handed_over_only_with_pass_role(strict: Cloud) -> None:
    """Escalation: who may make functions must not hand them a stronger role."""
    account = strict.account
    weak, strong = f"arn:aws:iam::{account}:role/weak", f"arn:aws:iam::{account}:role/strong"
    keys = user(strict, "ann", document({"Action": "lambda:*", "Resource": "*"}, {
        "Action": "iam:PassRole", "Resource": weak, "Condition": {
            "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"},
            "ArnLike": {"iam:AssociatedResourceArn": f"arn:aws:lambda:us-east-1:{account}:function:f*"}}}))
    functions = strict.client("lambda", **keys)
    asked = {"Runtime": "python3.12", "Handler": "m.h", "Code": {"ZipFile": b"no archive"}}
    message = refused(functions.create_function, FunctionName="f", Role=strong, **asked)
    assert message.startswith(f"User: arn:aws:iam::{account}:user/ann is not authorized to perform: iam:PassRole on resource: "
                              f"{strong}")
    refused(functions.create_function, FunctionName="g", Role=weak, **asked)
    with pytest.raises(ClientError) as passed:
        functions.create_function(FunctionName="f", Role=weak, **asked)
    assert passed.value.response["Error"]["Code"] == "InvalidParameterValueException"       # the archive is none


def test_names_that_do_not_exist_yet(strict: Cloud) -> None:
    iam = strict.client("iam", **user(strict, "ann", document(
        {"Action": ["iam:CreateUser", "iam:CreatePolicy"], "Resource": [f"arn:aws:iam::{strict.account}:user/team/*",
                                                                        f"arn:aws:iam::{strict.account}:policy/team/*"]})))
    iam.create_user(UserName="x", Path="/team/")
    iam.create_policy(PolicyName="x", Path="/team/", PolicyDocument=own("s3:*"))
    refused(iam.create_user, UserName="y")
    refused(iam.create_policy, PolicyName="y", PolicyDocument=own("s3:*"))


def test_calls_that_services_make_for_the_caller(strict: Cloud) -> None:
    keys = user(strict, "ann", own("cloudformation:*"), document(
        {"Action": "sqs:*", "Resource": "*", "Condition": {
            "ForAnyValue:StringEquals": {"aws:CalledVia": "cloudcontrolapi.amazonaws.com"}}}))
    made = strict.client("cloudcontrol", **keys).create_resource(TypeName="AWS::SQS::Queue", DesiredState='{"QueueName": "q"}')
    assert made["ProgressEvent"]["OperationStatus"] == "SUCCESS", made["ProgressEvent"]
    refused(strict.client("sqs", **keys).create_queue, QueueName="q2")


def test_tagged_sessions_need_a_permission(strict: Cloud) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    keys = session(strict, "r", document({"Action": "sqs:ListQueues", "Resource": "*", "Condition": {
        "StringEquals": {"aws:PrincipalTag/team": "a"}}}), Tags=tags)
    strict.client("sqs", **keys).list_queues()
    strict.client("iam").update_assume_role_policy(RoleName="r", PolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"AWS": strict.account}}))
    role = f"arn:aws:iam::{strict.account}:role/r"
    strict.client("sts").assume_role(RoleArn=role, RoleSessionName="one")
    assert "sts:TagSession" in refused(strict.client("sts").assume_role, RoleArn=role, RoleSessionName="one", Tags=tags)


def test_sessions_that_are_too_old(strict: Cloud) -> None:
    now = strict.clock.now()
    before = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds)) for seconds in (-3600, 3600)]
    for name, moment, passes in (("old", before[0], True), ("new", before[1], False)):
        keys = session(strict, name, own("sqs:*"), own("*", Effect="Deny", Condition={
            "DateLessThan": {"aws:TokenIssueTime": moment}}))
        sqs = strict.client("sqs", **keys)
        if passes:
            sqs.list_queues()
        else:
            refused(sqs.list_queues)


def test_tags_of_what_ec2_makes(strict: Cloud) -> None:
    keys = user(strict, "ann", own("ec2:CreateVpc"), document({"Action": "ec2:CreateTags", "Resource": "*", "Condition": {
        "StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/team": "a"}}}))
    ec2 = strict.client("ec2", **keys)
    tagged = [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "a"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged)["Vpc"]["VpcId"]
    tagged[0]["Tags"][0]["Value"] = "b"  # type: ignore[index]
    assert "ec2:CreateTags on resource: arn:aws:ec2:us-east-1:" in refused(
        ec2.create_vpc, CidrBlock="10.1.0.0/16", TagSpecifications=tagged)
    assert f":vpc/{vpc}" in refused(ec2.create_tags, Resources=[vpc], Tags=[{"Key": "team", "Value": "a"}])


def test_one_arn_of_several_kinds(strict: Cloud) -> None:
    arn = f"arn:aws:iam::{strict.account}:user/ann"
    keys = user(strict, "ann", document({"Action": "iam:GenerateServiceLastAccessedDetails", "Resource": arn}))
    iam = strict.client("iam", **keys)
    assert iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    refused(iam.generate_service_last_accessed_details, Arn=f"arn:aws:iam::{strict.account}:user/ben")
