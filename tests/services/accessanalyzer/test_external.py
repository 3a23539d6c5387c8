"""External access: analyzers, findings about each kind of resource, archive rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

OTHER = "210987654321"
DAY = 86400


@pytest.fixture
def aa(cloud: Cloud) -> Any:
    return cloud.client("accessanalyzer")


@pytest.fixture
def analyzer(aa: Any) -> str:
    return str(aa.create_analyzer(analyzerName="one", type="ACCOUNT")["arn"])


def policy(resource: str, principal: Any, action: Any = "sqs:SendMessage", *more: dict[str, Any], **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement, *more]})


class Queue:
    """A queue whose policy changes."""

    def __init__(self, cloud: Cloud, name: str = "jobs") -> None:
        self.sqs = cloud.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"

    def open(self, principal: Any, action: Any = "sqs:SendMessage", *more: dict[str, Any], **condition: Any) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={
            "Policy": policy(self.arn, principal, action, *more, **condition)})

    def close(self) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": ""})


@pytest.fixture
def queue(cloud: Cloud) -> Queue:
    return Queue(cloud)


def active(aa: Any, analyzer: str) -> list[dict[str, Any]]:
    return list(aa.list_findings(analyzerArn=analyzer, filter={"status": {"eq": ["ACTIVE"]}})["findings"])


def test_another_account_is_found(cloud: Cloud, aa: Any, analyzer: str, queue: Queue) -> None:
    assert active(aa, analyzer) == []
    queue.open({"AWS": OTHER}, ["sqs:SendMessage", "sqs:ReceiveMessage"])
    one, = active(aa, analyzer)
    assert one["principal"] == {"AWS": OTHER}
    assert one["action"] == ["sqs:ReceiveMessage", "sqs:SendMessage"]
    assert (one["resource"], one["resourceType"], one["isPublic"]) == (queue.arn, "AWS::SQS::Queue", False)
    assert (one["resourceOwnerAccount"], one["status"], one["condition"]) == (cloud.account, "ACTIVE", {})
    found = aa.get_finding(analyzerArn=analyzer, id=one["id"])["finding"]
    assert found["sources"] == [{"type": "POLICY"}]
    second = aa.get_finding_v2(analyzerArn=analyzer, id=one["id"])
    assert second["findingType"] == "ExternalAccess"
    assert second["findingDetails"][0]["externalAccessDetails"]["principal"] == {"AWS": OTHER}
    assert aa.list_findings_v2(analyzerArn=analyzer)["findings"][0]["findingType"] == "ExternalAccess"
    queue.close()
    assert active(aa, analyzer) == []
    assert aa.get_finding(analyzerArn=analyzer, id=one["id"])["finding"]["status"] == "RESOLVED"
    queue.open({"AWS": OTHER}, ["sqs:SendMessage", "sqs:ReceiveMessage"])
    assert active(aa, analyzer)[0]["id"] == one["id"]


@pytest.mark.parametrize(("principal", "condition", "public"), [
    ("*", {}, True), ({"AWS": "*"}, {}, True),
    ("*", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False), ("*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True),
    ("*", {"StringEquals": {"aws:PrincipalAccount": OTHER}}, False), ("*", {"Bool": {"aws:SecureTransport": "true"}}, True),
    ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, False),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/deploy"}, {}, False), ({"AWS": f"arn:aws:iam::{OTHER}:root"}, {}, False)])
def test_who_is_outside(aa: Any, analyzer: str, queue: Queue, principal: Any, condition: dict[str, Any], public: bool) -> None:
    queue.open(principal, **condition)
    one, = active(aa, analyzer)
    assert one["isPublic"] is public
    assert one["condition"] == {key.lower(): value for said in condition.values() for key, value in said.items()}


@pytest.mark.parametrize("kind", ["own", "role", "service", "account", "owner", "source", "denied", "denied-org"])
def test_who_is_not(cloud: Cloud, aa: Any, analyzer: str, queue: Queue, kind: str) -> None:
    mine = cloud.account
    deny = {"Effect": "Deny", "Principal": "*", "Resource": queue.arn, "Action": "sqs:*"}
    if kind == "own":
        queue.open({"AWS": mine})
    elif kind == "role":
        cloud.client("iam").create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": mine}, "Action": "sts:AssumeRole"}]}))
        queue.open({"AWS": f"arn:aws:iam::{mine}:role/deploy"})
    elif kind == "service":
        queue.open({"Service": "sns.amazonaws.com"})
    elif kind == "account":
        queue.open("*", StringEquals={"aws:PrincipalAccount": mine})
    elif kind == "owner":
        queue.open("*", StringEquals={"AWS:SourceOwner": mine})
    elif kind == "source":
        queue.open("*", ArnLike={"aws:SourceArn": f"arn:aws:sns:us-east-1:{mine}:*"})
    elif kind == "denied":
        queue.open({"AWS": OTHER}, "sqs:SendMessage", deny)
    else:
        queue.open("*", "sqs:SendMessage", deny | {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": mine}}})
    assert active(aa, analyzer) == []


def test_each_kind_of_resource(cloud: Cloud, aa: Any, analyzer: str) -> None:
    s3, iam, bucket = cloud.client("s3"), cloud.client("iam"), f"b-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(f"arn:aws:s3:::{bucket}", {"AWS": OTHER}, "s3:ListBucket"))
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {"accounts.google.com:aud": "app"}}},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
    topic = cloud.client("sns").create_topic(Name="t")["TopicArn"]
    cloud.client("sns").add_permission(TopicArn=topic, Label="x", AWSAccountId=[OTHER], ActionName=["Publish"])
    found = {(one["resourceType"], next(iter(one["principal"]))): one for one in active(aa, analyzer)}
    assert set(found) == {("AWS::S3::Bucket", "AWS"), ("AWS::IAM::Role", "AWS"), ("AWS::IAM::Role", "Federated"),
                          ("AWS::SNS::Topic", "AWS")}
    assert found["AWS::IAM::Role", "Federated"]["condition"] == {"accounts.google.com:aud": "app"}
    assert found["AWS::S3::Bucket", "AWS"]["action"] == ["s3:ListBucket"]
    kinds = {one["resourceType"] for page in aa.get_paginator("list_analyzed_resources").paginate(
        analyzerArn=analyzer, PaginationConfig={"PageSize": 1}) for one in page["analyzedResources"]}
    assert kinds == {"AWS::S3::Bucket", "AWS::IAM::Role", "AWS::SNS::Topic"}
    only = aa.list_analyzed_resources(analyzerArn=analyzer, resourceType="AWS::SNS::Topic")["analyzedResources"]
    assert only == [{"resourceArn": topic, "resourceType": "AWS::SNS::Topic", "resourceOwnerAccount": cloud.account}]
    told = aa.get_analyzed_resource(analyzerArn=analyzer, resourceArn=topic)["resource"]
    assert (told["isPublic"], told["status"], told["actions"]) == (False, "ACTIVE", ["SNS:Publish"])
    statistics = aa.get_findings_statistics(analyzerArn=analyzer)["findingsStatistics"][0]["externalAccessFindingsStatistics"]
    assert statistics["totalActiveFindings"] == 4
    assert statistics["resourceTypeStatistics"]["AWS::IAM::Role"] == {"totalActivePublic": 0, "totalActiveCrossAccount": 2}


def test_archiving(aa: Any, analyzer: str, queue: Queue) -> None:
    queue.open({"AWS": OTHER})
    one, = active(aa, analyzer)
    aa.update_findings(analyzerArn=analyzer, ids=[one["id"]], status="ARCHIVED")
    assert active(aa, analyzer) == []
    aa.update_findings(analyzerArn=analyzer, resourceArn=queue.arn, status="ACTIVE")
    assert active(aa, analyzer)[0]["id"] == one["id"]
    with refused("ValidationException", "Either"):
        aa.update_findings(analyzerArn=analyzer, status="ACTIVE")
    rule = {"principal.AWS": {"eq": [OTHER]}, "isPublic": {"eq": ["false"]}}
    aa.create_archive_rule(analyzerName="one", ruleName="partner", filter=rule)
    assert len(active(aa, analyzer)) == 1
    aa.apply_archive_rule(analyzerArn=analyzer, ruleName="partner")
    assert active(aa, analyzer) == []
    queue.open({"AWS": OTHER}, "sqs:SendMessage", StringEquals={"aws:SourceVpc": "vpc-1"})
    assert active(aa, analyzer) == []
    queue.open("*")
    assert [finding["isPublic"] for finding in active(aa, analyzer)] == [True]


def test_archive_rules(aa: Any, analyzer: str) -> None:
    for name in ("b", "a", "c"):
        aa.create_archive_rule(analyzerName="one", ruleName=name, filter={"resource": {"contains": [name]}})
    pages = aa.get_paginator("list_archive_rules").paginate(analyzerName="one", PaginationConfig={"PageSize": 2})
    assert [rule["ruleName"] for page in pages for rule in page["archiveRules"]] == ["a", "b", "c"]
    aa.update_archive_rule(analyzerName="one", ruleName="a", filter={"error": {"exists": True}})
    assert aa.get_archive_rule(analyzerName="one", ruleName="a")["archiveRule"]["filter"] == {"error": {"exists": True}}
    with refused("ConflictException", "already exists"):
        aa.create_archive_rule(analyzerName="one", ruleName="a", filter={"error": {"exists": True}})
    with refused("ValidationException", "nonsense"):
        aa.create_archive_rule(analyzerName="one", ruleName="d", filter={"nonsense": {"exists": True}})
    aa.delete_archive_rule(analyzerName="one", ruleName="a")
    with refused("ResourceNotFoundException", "a was not found"):
        aa.get_archive_rule(analyzerName="one", ruleName="a")


def test_findings_are_filtered_ordered_and_paged(cloud: Cloud, aa: Any, analyzer: str) -> None:
    for name in ("c", "a", "b"):
        Queue(cloud, name).open({"AWS": OTHER})
    for order, names in (("ASC", "abc"), ("DESC", "cba")):
        pages = aa.get_paginator("list_findings").paginate(
            analyzerArn=analyzer, sort={"attributeName": "resource", "orderBy": order}, PaginationConfig={"PageSize": 2})
        assert [one["resource"][-1] for page in pages for one in page["findings"]] == list(names)
    mine = {"resource": {"contains": [f"{cloud.account}:a"]}}
    for said, count in ((mine, 1), ({"resourceType": {"neq": ["AWS::SQS::Queue"]}}, 0),
                        ({"condition.aws:SourceIp": {"exists": False}}, 3), ({"principal.AWS": {"eq": [OTHER]}}, 3),
                        ({"isPublic": {"eq": ["true"]}}, 0)):
        assert len(aa.list_findings(analyzerArn=analyzer, filter=said)["findings"]) == count, said


def test_one_resource_is_looked_at_again(aa: Any, analyzer: str, queue: Queue) -> None:
    queue.open({"AWS": OTHER})
    aa.start_resource_scan(analyzerArn=analyzer, resourceArn=queue.arn)
    assert aa.get_analyzed_resource(analyzerArn=analyzer, resourceArn=queue.arn)["resource"]["status"] == "ACTIVE"
    assert aa.get_analyzer(analyzerName="one")["analyzer"]["lastResourceAnalyzed"] == queue.arn
    queue.close()
    aa.start_resource_scan(analyzerArn=analyzer, resourceArn=queue.arn)
    assert aa.get_analyzed_resource(analyzerArn=analyzer, resourceArn=queue.arn)["resource"]["status"] == "RESOLVED"
    with refused("ResourceNotFoundException", "was not found"):
        aa.start_resource_scan(analyzerArn=analyzer, resourceArn=queue.arn + "x")


def test_analyzers(cloud: Cloud, aa: Any, analyzer: str) -> None:
    told = aa.get_analyzer(analyzerName="one")["analyzer"]
    assert (told["arn"], told["type"], told["status"]) == (analyzer, "ACCOUNT", "ACTIVE")
    with refused("ConflictException", "already exists"):
        aa.create_analyzer(analyzerName="one", type="ACCOUNT")
    with refused("ServiceQuotaExceededException", "ACCOUNT"):
        aa.create_analyzer(analyzerName="two", type="ACCOUNT")
    aa.create_analyzer(analyzerName="two", type="ACCOUNT_UNUSED_ACCESS", tags={"a": "1"}, archiveRules=[
        {"ruleName": "r", "filter": {"resource": {"contains": ["x"]}}}])
    assert [rule["ruleName"] for rule in aa.list_archive_rules(analyzerName="two")["archiveRules"]] == ["r"]
    pages = aa.get_paginator("list_analyzers").paginate(PaginationConfig={"PageSize": 1})
    assert [one["name"] for page in pages for one in page["analyzers"]] == ["one", "two"]
    assert [one["name"] for one in aa.list_analyzers(type="ACCOUNT_UNUSED_ACCESS")["analyzers"]] == ["two"]
    aa.tag_resource(resourceArn=analyzer, tags={"b": "2", "c": "3"})
    aa.untag_resource(resourceArn=analyzer, tagKeys=["b"])
    assert aa.list_tags_for_resource(resourceArn=analyzer)["tags"] == {"c": "3"}
    with refused("NotImplemented", "ACCOUNT_INTERNAL_ACCESS"):
        aa.create_analyzer(analyzerName="three", type="ACCOUNT_INTERNAL_ACCESS")
    aa.delete_analyzer(analyzerName="one")
    with refused("ResourceNotFoundException", "one was not found"):
        aa.get_analyzer(analyzerName="one")
    with refused("ResourceNotFoundException", "was not found"):
        aa.list_findings(analyzerArn=analyzer)


def test_unused_access(cloud: Cloud, aa: Any) -> None:
    iam = cloud.client("iam")
    iam.create_role(RoleName="old", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}))
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    arn = aa.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS",
                             configuration={"unusedAccess": {"unusedAccessAge": 30}})["arn"]
    assert aa.list_findings_v2(analyzerArn=arn)["findings"] == []
    cloud.clock.advance(31 * DAY)
    found = {one["findingType"]: one for one in aa.list_findings_v2(analyzerArn=arn)["findings"]}
    assert set(found) == {"UnusedIAMRole", "UnusedIAMUserAccessKey"}
    details = aa.get_finding_v2(analyzerArn=arn, id=found["UnusedIAMUserAccessKey"]["id"])["findingDetails"][0]
    assert details["unusedIamUserAccessKeyDetails"] == {"accessKeyId": key}
    with refused("ValidationException", "ListFindingsV2"):
        aa.list_findings(analyzerArn=arn)
    iam.delete_role(RoleName="old")
    left = aa.list_findings_v2(analyzerArn=arn, filter={"status": {"eq": ["ACTIVE"]}})["findings"]
    assert [one["findingType"] for one in left] == ["UnusedIAMUserAccessKey"]
    aa.update_analyzer(analyzerName="unused", configuration={"unusedAccess": {"unusedAccessAge": 60}})
    assert aa.list_findings_v2(analyzerArn=arn, filter={"status": {"eq": ["ACTIVE"]}})["findings"] == []
    statistics = aa.get_findings_statistics(analyzerArn=arn)["findingsStatistics"][0]["unusedAccessFindingsStatistics"]
    assert statistics["totalResolvedFindings"] == 2


def test_events_of_findings(cloud: Cloud, aa: Any, analyzer: str, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(cloud.kernel.bus, "emit", lambda call, source, kind, detail, resources: heard.append((kind, detail))
                        if call.account == cloud.account else None)
    cloud.clock.idle()                       # the first look, when the analyzer is made, sees nothing
    queue.open({"AWS": OTHER})
    cloud.clock.advance(DAY + 60)
    assert [(kind, detail["status"]) for kind, detail in heard] == [("Access Analyzer Finding", "ACTIVE")]
    queue.close()
    cloud.clock.advance(DAY + 60)
    assert [detail["status"] for _, detail in heard] == ["ACTIVE", "RESOLVED"]
