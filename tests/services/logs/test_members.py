"""Members that say the same in another way, or that few give: identifiers, pages, languages, times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

ROLE = "arn:aws:iam::000000000000:role/r"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:*", "Resource": "*"}]})


@pytest.fixture
def arn(cloud: Cloud, group: str) -> str:
    return f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"


def test_groups_are_known_by_their_arn(cloud: Cloud, logs: Any, arn: str, put: Any) -> None:
    put(['{"a": 1}'])
    assert [s["logStreamName"] for s in logs.describe_log_streams(logGroupIdentifier=arn)["logStreams"]] == ["one"]
    told = logs.get_log_events(logGroupIdentifier=arn, logStreamName="one")["events"]
    assert [event["message"] for event in told] == ['{"a": 1}']
    now = int(cloud.clock.now())
    found = logs.get_log_group_fields(logGroupIdentifier=arn, time=now)["logGroupFields"]
    assert {"name": "a", "percent": 100} in found
    assert logs.get_log_group_fields(logGroupIdentifier=arn, time=now - 86_400)["logGroupFields"] == []
    query = logs.start_query(logGroupIdentifiers=[arn], startTime=now - 600, endTime=now, queryString="stats count(*) as n",
                             queryLanguage="CWLI")["queryId"]
    cloud.clock.idle()
    assert logs.get_query_results(queryId=query)["results"][0][0]["value"] == "1"


def test_a_groups_key_by_its_arn(cloud: Cloud, logs: Any, group: str, arn: str, put: Any) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    logs.associate_kms_key(resourceIdentifier=arn, kmsKeyId=key)
    put(["sealed"])
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    logs.disassociate_kms_key(resourceIdentifier=arn)
    put(["plain"], at=-30)
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    assert [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]] == ["sealed", "plain"]
    logs.create_log_group(logGroupName="two", kmsKeyId=key, deletionProtectionEnabled=True)
    told = logs.describe_log_groups(logGroupNamePrefix="two")["logGroups"][0]
    assert (told["kmsKeyId"], told["deletionProtectionEnabled"]) == (key, True)
    with refused("ValidationException", "deletion protection"):
        logs.delete_log_group(logGroupName="two")
    logs.put_log_group_deletion_protection(logGroupIdentifier="two", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="two")


def test_queries_and_definitions_come_in_pages_and_by_language(cloud: Cloud, logs: Any, group: str) -> None:
    now = int(cloud.clock.now())
    said = {"logGroupName": group, "startTime": now - 600, "endTime": now}
    ids = [logs.start_query(**said, queryString=f"limit {n}")["queryId"] for n in (1, 2)]
    cloud.clock.idle()
    first = logs.describe_queries(maxResults=1, queryLanguage="CWLI")
    second = logs.describe_queries(maxResults=1, nextToken=first["nextToken"])
    assert {query["queryId"] for page in (first, second) for query in page["queries"]} == set(ids)
    assert logs.describe_queries(queryLanguage="SQL")["queries"] == []
    logs.put_query_definition(name="d", queryString="limit 1", queryLanguage="CWLI")
    assert [d["name"] for d in logs.describe_query_definitions(queryLanguage="CWLI")["queryDefinitions"]] == ["d"]
    assert logs.describe_query_definitions(queryLanguage="PPL")["queryDefinitions"] == []


def test_resource_policies_come_in_pages_by_scope(logs: Any, arn: str) -> None:
    for name in ("a", "b"):
        logs.put_resource_policy(policyName=name, policyDocument=POLICY)
    revision = logs.put_resource_policy(resourceArn=arn, policyDocument=POLICY)["revisionId"]
    pages = logs.get_paginator("describe_resource_policies").paginate(policyScope="ACCOUNT", PaginationConfig={"PageSize": 1})
    assert [p["policyName"] for page in pages for p in page["resourcePolicies"]] == ["a", "b"]
    assert [p["resourceArn"] for p in logs.describe_resource_policies(policyScope="RESOURCE")["resourcePolicies"]] == [arn]
    with refused("OperationAbortedException", "revision"):
        logs.delete_resource_policy(resourceArn=arn, expectedRevisionId="other")
    logs.delete_resource_policy(resourceArn=arn, expectedRevisionId=revision)
    assert logs.describe_resource_policies(policyScope="RESOURCE")["resourcePolicies"] == []


def test_exports_take_some_streams_to_a_folder(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    s3, bucket = cloud.client("s3"), f"b{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    logs.create_log_stream(logGroupName=group, logStreamName="two")
    put(["a"])
    put(["b"], stream="two")
    said = {"logGroupName": group, "from": 0, "to": int(cloud.clock.now() * 1000), "destination": bucket}
    made = []
    for prefix in ("tw", "none"):
        made.append(logs.create_export_task(**said, logStreamNamePrefix=prefix, destinationPrefix="out")["taskId"])
        cloud.clock.idle()
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert sorted(keys) == sorted(["out/aws-logs-write-test", f"out/{made[0]}/two/000000.gz"])
    pages = logs.get_paginator("describe_export_tasks").paginate(PaginationConfig={"PageSize": 1})
    assert sorted(task["taskId"] for page in pages for task in page["exportTasks"]) == sorted(made)


def test_a_scheduled_query_has_a_zone_a_span_and_pages(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    begin = int(cloud.clock.now())
    said = {"queryLanguage": "CWLI", "queryString": "stats count(*) as n", "executionRoleArn": ROLE, "startTimeOffset": 7200,
            "scheduleExpression": "cron(0 * * * ? *)", "logGroupIdentifiers": [group]}
    more = {"description": "what", "endTimeOffset": 60, "timezone": "Europe/Berlin", "scheduleStartTime": begin + 3600,
            "scheduleEndTime": begin + 4 * 3600, "state": "ENABLED"}
    arn = logs.create_scheduled_query(name="q", **said, **more, tags={"a": "b"})["scheduledQueryArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    cloud.clock.advance(6 * 3600)
    cloud.clock.idle()
    asked = {"identifier": "q", "startTime": begin, "endTime": int(cloud.clock.now())}
    runs = logs.get_scheduled_query_history(**asked, executionStatuses=["Complete"])["triggerHistory"]
    assert len(runs) == 3
    assert all(begin + 3600 <= run["triggeredTimestamp"] / 1000 <= begin + 4 * 3600 for run in runs)
    assert logs.get_scheduled_query_history(**asked, executionStatuses=["Failed"])["triggerHistory"] == []
    pages = logs.get_paginator("get_scheduled_query_history").paginate(**asked, PaginationConfig={"PageSize": 2})
    assert [len(page["triggerHistory"]) for page in pages] == [2, 1]
    told = logs.update_scheduled_query(identifier="q", **said, **{**more, "description": "else", "timezone": "UTC"})
    assert (told["description"], told["timezone"], told["scheduleStartTime"]) == ("else", "UTC", (begin + 3600) * 1000)
    logs.create_scheduled_query(name="r", **said, state="DISABLED")
    pages = logs.get_paginator("list_scheduled_queries").paginate(scheduleType="CUSTOMER_MANAGED",
                                                                  PaginationConfig={"PageSize": 1})
    assert [each["name"] for page in pages for each in page["scheduledQueries"]] == ["q", "r"]
    assert logs.list_scheduled_queries(scheduleType="AWS_MANAGED")["scheduledQueries"] == []
    for name in ("q", "r"):
        logs.delete_scheduled_query(identifier=name)


def test_groups_are_listed_by_class(logs: Any, group: str) -> None:
    logs.create_log_group(logGroupName="ia", logGroupClass="INFREQUENT_ACCESS")
    assert [g["logGroupName"] for g in logs.list_log_groups(logGroupClass="INFREQUENT_ACCESS")["logGroups"]] == ["ia"]
