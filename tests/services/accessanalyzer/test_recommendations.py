"""What is recommended about unused permissions."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from services.accessanalyzer.test_external import DAY
from services.sqs.queues import refused


def test_policies_lose_the_services_that_are_not_used(cloud: Cloud) -> None:
    aa, iam = cloud.client("accessanalyzer"), cloud.client("iam")
    iam.create_user(UserName="ann")
    both, none = (iam.create_policy(PolicyName=name, PolicyDocument=document(actions))["Policy"]["Arn"] for name, actions in (
        ("both", ["sqs:ListQueues", "sns:Publish"]), ("none", ["sns:*", "kms:Decrypt"])))
    for arn in (both, none):
        iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    iam.put_user_policy(UserName="ann", PolicyName="used", PolicyDocument=document(["sqs:*"]))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    analyzer = aa.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")["arn"]
    cloud.clock.advance(91 * DAY)
    cloud.client("sqs", key=key["AccessKeyId"], secret=key["SecretAccessKey"]).list_queues()
    found = finding(aa, analyzer)
    with refused("ResourceNotFoundException", "was not found"):
        aa.get_finding_recommendation(analyzerArn=analyzer, id=found)
    aa.generate_finding_recommendation(analyzerArn=analyzer, id=found)
    cloud.clock.idle()
    pages = list(aa.get_paginator("get_finding_recommendation").paginate(
        analyzerArn=analyzer, id=found, PaginationConfig={"PageSize": 2}))
    assert (pages[0]["status"], pages[0]["resourceArn"]) == ("SUCCEEDED", f"arn:aws:iam::{cloud.account}:user/ann")
    steps = [step["unusedPermissionsRecommendedStep"] for page in pages for step in page["recommendedSteps"]]
    assert [(step["recommendedAction"], step["existingPolicyId"]) for step in steps] == [
        ("CREATE_POLICY", both), ("DETACH_POLICY", both), ("DETACH_POLICY", none)]
    assert json.loads(steps[0]["recommendedPolicy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["sqs:ListQueues"], "Resource": "*"}]
    assert "policyUpdatedAt" in steps[1]


def test_other_findings_have_none(cloud: Cloud) -> None:
    aa, iam = cloud.client("accessanalyzer"), cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    analyzer = aa.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")["arn"]
    cloud.clock.advance(91 * DAY)
    one, = aa.list_findings_v2(analyzerArn=analyzer)["findings"]
    with refused("ValidationException", "unused permissions"):
        aa.generate_finding_recommendation(analyzerArn=analyzer, id=one["id"])


def document(actions: list[str]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


def finding(aa: Any, analyzer: str) -> str:
    """The one of unused permissions, once the use of SQS was noted beside the call."""
    for _ in range(50):
        one, = aa.list_findings_v2(analyzerArn=analyzer, filter={"findingType": {"eq": ["UnusedPermission"]}})["findings"]
        details = aa.get_finding_v2(analyzerArn=analyzer, id=one["id"])["findingDetails"]
        if [entry["unusedPermissionDetails"]["serviceNamespace"] for entry in details] == ["kms", "sns"]:
            return str(one["id"])
    raise AssertionError(details)
