"""Rules that are told of calls: "AWS API Call via CloudTrail"."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Inbox, connect

KIND = "AWS API Call via CloudTrail"


def told(cloud: Cloud, inbox: Inbox) -> list[dict[str, Any]]:
    cloud.clock.advance(1)                       # calls that were answered are told
    return inbox.events()


def test_nobody_pays_for_what_nobody_asks_for(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    trail = cloud.kernel.trail

    def wanted() -> bool | None:
        return trail.wanted.get((cloud.account, "us-east-1"))

    connect(events, inbox, {"source": [{"prefix": ""}]})
    connect(events, inbox, {"source": ["aws.s3"], "detail-type": ["Object Created"]}, "other")
    assert wanted() is None
    cloud.client("iam").create_user(UserName="a")
    assert told(cloud, inbox) == []
    connect(events, inbox, {"$or": [{"detail": {"eventName": ["CreateUser"]}}, {"source": ["my.app"]}]}, "calls")
    assert wanted() is False
    events.put_rule(Name="calls", EventPattern=json.dumps({"detail-type": [{"prefix": "AWS API"}]}),
                    State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    assert wanted() is True
    events.disable_rule(Name="calls")
    assert wanted() is None
    events.enable_rule(Name="calls")
    assert wanted() is False
    events.remove_targets(Rule="calls", Ids=["inbox"])
    events.delete_rule(Name="calls")
    assert wanted() is None


def test_a_call_is_told_as_cloudtrail_records_it(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"source": ["aws.iam"], "detail-type": [KIND], "detail": {"eventName": ["CreateUser"]}})
    iam = cloud.client("iam")
    answer = iam.create_user(UserName="anna", Path="/team/")
    iam.create_group(GroupName="others")
    with refused("EntityAlreadyExists"):
        iam.create_user(UserName="anna")
    made, failed = told(cloud, inbox)
    assert (made["source"], made["detail-type"], made["account"], made["region"], made["resources"]) == (
        "aws.iam", KIND, cloud.account, "us-east-1", [])
    record = made["detail"]
    assert record["userIdentity"] == {"type": "Root", "principalId": cloud.account, "accountId": cloud.account,
                                      "arn": f"arn:aws:iam::{cloud.account}:root", "accessKeyId": cloud.account}
    assert record["requestParameters"] == {"userName": "anna", "path": "/team/"}
    user = record["responseElements"]["user"]
    assert (user["userName"], user["userId"], user["arn"]) == ("anna", answer["User"]["UserId"], answer["User"]["Arn"])
    assert user["createDate"] == f"{answer['User']['CreateDate']:%b %-d, %Y, %-I:%M:%S %p}"
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert record["userAgent"].startswith("Boto3/")
    del record["userIdentity"], record["requestParameters"], record["responseElements"]
    assert {**record, "eventID": "", "requestID": "", "eventTime": "", "userAgent": ""} == {
        "eventVersion": "1.11", "eventTime": "", "eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
        "awsRegion": "us-east-1", "sourceIPAddress": "127.0.0.1", "userAgent": "", "requestID": "", "eventID": "",
        "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": cloud.account,
        "eventCategory": "Management"}
    assert (failed["detail"]["errorCode"], failed["detail"]["responseElements"]) == ("EntityAlreadyExistsException", None)
    assert "already exists" in failed["detail"]["errorMessage"]


def test_calls_that_only_look_are_told_to_those_who_ask_for_all(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    wide, sqs = Inbox(cloud, "wide"), cloud.client("sqs")
    connect(events, inbox, {"detail-type": [KIND], "source": ["aws.sqs"]}, "writes")
    connect(events, wide, {"detail-type": [KIND], "source": ["aws.sqs"]}, "all")
    told(cloud, inbox), wide.events()
    events.put_rule(Name="all", EventPattern=json.dumps({"detail-type": [KIND], "source": ["aws.sqs"]}),
                    State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.list_queues(QueueNamePrefix="none")
    sqs.send_message(QueueUrl=url, MessageBody="data")
    cloud.clock.advance(1)
    assert [event["detail"]["eventName"] for event in inbox.events()] == ["CreateQueue"]
    create, listed = wide.events()
    assert create["detail"]["requestParameters"] == {"queueName": "q"}
    assert (listed["detail"]["eventName"], listed["detail"]["readOnly"], listed["detail"]["responseElements"]) == (
        "ListQueues", True, None)


def test_a_record_tells_who_asked_and_keeps_secrets(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"detail-type": [KIND], "detail": {"eventName": ["CreateSecret", "CreateUser", "AssumeRole"]}})
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "sts:AssumeRole"}]}
    role = cloud.client("iam").create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    keys = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")["Credentials"]
    cloud.client("secretsmanager", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"],
                 token=keys["SessionToken"]).create_secret(Name="s", SecretString="do not tell")
    assumed, secret = told(cloud, inbox)
    assert keys["SecretAccessKey"] not in json.dumps(assumed)
    who = secret["detail"]["userIdentity"]
    assert (who["type"], who["arn"]) == ("AssumedRole", f"arn:aws:sts::{cloud.account}:assumed-role/deploy/me")
    assert who["sessionContext"]["sessionIssuer"] == {"type": "Role", "principalId": role["RoleId"], "arn": role["Arn"],
                                                      "accountId": cloud.account, "userName": "deploy"}
    assert secret["detail"]["requestParameters"]["secretString"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "do not tell" not in json.dumps(secret)


def test_buckets_have_the_names_that_trails_give_them(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"detail-type": [KIND], "source": ["aws.s3", "aws.lambda"]})
    s3, bucket = cloud.client("s3"), f"trail-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}]})
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with refused("ResourceNotFoundException"):
        cloud.client("lambda").delete_function(FunctionName="none")
    found = [event["detail"] for event in told(cloud, inbox)]
    assert [record["eventName"] for record in found] == [
        "CreateBucket", "DeleteBucketPublicAccessBlock", "PutBucketLifecycle", "DeleteFunction20150331"]
    assert [record["requestParameters"].get("bucketName") for record in found] == [bucket, bucket, bucket, None]


def test_calls_that_a_service_makes_with_the_rights_of_a_role_are_told(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"detail-type": [KIND], "detail": {"eventName": ["CreateLogGroup"]}})
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = cloud.client("iam").create_role(RoleName="nightly", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    scheduler = cloud.client("scheduler")
    scheduler.create_schedule(
        Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup", "RoleArn": role["Arn"],
                "Input": '{"logGroupName": "made"}'})
    cloud.clock.idle()
    scheduler.delete_schedule(Name="s")
    (event,) = told(cloud, inbox)
    record, by = event["detail"], "scheduler.amazonaws.com"
    assert (record["sourceIPAddress"], record["userAgent"], record["requestParameters"]) == (by, by, {"logGroupName": "made"})
    assert (record["userIdentity"]["invokedBy"], record["userIdentity"]["type"]) == (by, "AssumedRole")
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]
