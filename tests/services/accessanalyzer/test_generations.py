"""Policies generated from what a user was seen to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def aa(cloud: Cloud) -> Any:
    return cloud.client("accessanalyzer")


def test_the_policy_allows_what_was_done_and_no_more(cloud: Cloud, aa: Any) -> None:
    iam = cloud.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    who = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    sqs = cloud.client("sqs", **who)
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    cloud.client("dynamodb", **who).list_tables()
    with pytest.raises(ClientError):
        cloud.client("dynamodb", **who).describe_table(TableName="none")
    job = ""
    for _ in range(50):                # uses are noted beside the calls
        job = aa.start_policy_generation(policyGenerationDetails={"principalArn": arn})["jobId"]
        cloud.clock.idle()
        found = actions_of(aa, job)
        if len(found) == 4:
            break
    assert found == {"sqs:CreateQueue", "sqs:SendMessage", "dynamodb:ListTables", "dynamodb:DescribeTable"}
    told = aa.get_generated_policy(jobId=job, includeResourcePlaceholders=True)
    assert told["jobDetails"]["status"] == "SUCCEEDED"
    assert told["generatedPolicyResult"]["properties"] == {"principalArn": arn, "isComplete": True}
    document = json.loads(told["generatedPolicyResult"]["generatedPolicies"][0]["policy"])
    assert {"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:SendMessage"],
            "Resource": ["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"]} in document["Statement"]
    assert {"Effect": "Allow", "Action": ["dynamodb:ListTables"], "Resource": "*"} in document["Statement"]
    assert job in {one["jobId"] for one in aa.list_policy_generations(principalArn=arn)["policyGenerations"]}
    check = aa.validate_policy(policyDocument=json.dumps(document), policyType="IDENTITY_POLICY")["findings"]
    assert [one for one in check if one["findingType"] == "ERROR"] == []


def actions_of(aa: Any, job: str) -> set[str]:
    made = aa.get_generated_policy(jobId=job)["generatedPolicyResult"]["generatedPolicies"]
    return {action for one in made for statement in json.loads(one["policy"])["Statement"] for action in statement["Action"]}


def test_jobs(cloud: Cloud, aa: Any) -> None:
    arn = f"arn:aws:iam::{cloud.account}:role/none"
    job = aa.start_policy_generation(policyGenerationDetails={"principalArn": arn}, clientToken="one")["jobId"]
    assert aa.start_policy_generation(policyGenerationDetails={"principalArn": arn}, clientToken="one")["jobId"] == job
    cloud.clock.idle()
    told = aa.get_generated_policy(jobId=job)
    assert (told["jobDetails"]["status"], told["jobDetails"]["jobError"]["code"]) == ("FAILED", "RESOURCE_NOT_FOUND_ERROR")
    aa.cancel_policy_generation(jobId=job)
    assert aa.get_generated_policy(jobId=job)["jobDetails"]["status"] == "FAILED"
    for _ in range(2):
        aa.start_policy_generation(policyGenerationDetails={"principalArn": arn})
    pages = list(aa.get_paginator("list_policy_generations").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["policyGenerations"]) for page in pages] == [2, 1]
    with refused("NotImplemented", "cloudTrailDetails"):
        aa.start_policy_generation(policyGenerationDetails={"principalArn": arn}, cloudTrailDetails={
            "trails": [], "accessRole": arn, "startTime": 0})
    with refused("ValidationException", "was not found"):
        aa.get_generated_policy(jobId="none")
