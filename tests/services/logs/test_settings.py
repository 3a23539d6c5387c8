"""Index policies, account policies, lookup tables, anomaly detectors, the storage tier; their tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

CSV = 'id,name,org\n1,Ann,"Red, Inc"\n2,Bob,Blue\n'


# --- indexes ---


def test_an_index_policy_names_fields_that_are_then_found(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    document = json.dumps({"Fields": ["requestId"], "FieldsV2": {"api": {"type": "FACET"}}})
    told = logs.put_index_policy(logGroupIdentifier=group, policyDocument=document)["indexPolicy"]
    assert (told["policyDocument"], told["source"]) == (document, "LOG_GROUP")
    put(['{"requestId": "a"}', '{"other": 1}', '{"requestId": "b", "api": "x"}'])
    policies = logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"]
    assert [policy["policyDocument"] for policy in policies] == [document]
    found = {each["fieldIndexName"]: each for each in logs.describe_field_indexes(
        logGroupIdentifiers=[group], indexCategories=["CUSTOM"])["fieldIndexes"]}
    assert {name: (each["type"], each["indexCategory"]) for name, each in found.items()} == {
        "requestId": ("FIELD_INDEX", "CUSTOM"), "api": ("FACET", "CUSTOM")}
    assert found["requestId"]["lastEventTime"] - found["requestId"]["firstEventTime"] == 2
    assert found["api"]["firstEventTime"] == found["api"]["lastEventTime"] == found["requestId"]["lastEventTime"]
    names = [each["fieldIndexName"] for each in logs.describe_field_indexes(logGroupIdentifiers=[group])["fieldIndexes"]]
    assert names == ["@logStream", "@aws.region", "@aws.account", "@source.log", "traceId", "requestId", "api"]
    logs.delete_index_policy(logGroupIdentifier=group)
    assert logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"] == []
    with refused("ResourceNotFoundException"):
        logs.delete_index_policy(logGroupIdentifier=group)


def test_field_indexes_come_in_pages(logs: Any, group: str) -> None:
    names = [f"f{i}" for i in range(20)]
    groups = [group, "b", "c"]
    for name in groups[1:]:
        logs.create_log_group(logGroupName=name)
    for name in groups:
        logs.put_index_policy(logGroupIdentifier=name, policyDocument=json.dumps({"Fields": names}))
    first = logs.describe_field_indexes(logGroupIdentifiers=groups)
    second = logs.describe_field_indexes(logGroupIdentifiers=groups, nextToken=first["nextToken"])
    assert (len(first["fieldIndexes"]), len(second["fieldIndexes"])) == (50, 25)
    assert "nextToken" not in second


@pytest.mark.parametrize("document", [
    "x", "{}", '{"Fields": []}', '{"Fields": ["a"], "FieldsV2": {"a": {"type": "FACET"}}}',
    '{"FieldsV2": {"a": {"type": "OTHER"}}}', json.dumps({"Fields": [f"f{i}" for i in range(21)]})])
def test_what_is_no_index_policy_is_refused(logs: Any, group: str, document: str) -> None:
    with refused("InvalidParameterException", "index policy is not valid"):
        logs.put_index_policy(logGroupIdentifier=group, policyDocument=document)


# --- the account ---


def test_account_policies_are_told_by_type_and_count_where_a_group_has_none(cloud: Cloud, logs: Any, group: str) -> None:
    said = {"policyName": "idx", "policyType": "FIELD_INDEX_POLICY"}
    told = logs.put_account_policy(**said, policyDocument='{"Fields": ["a"]}', scope="ALL",
                                   selectionCriteria='LogGroupNamePrefix IN ["ap", "z"]')["accountPolicy"]
    assert (told["policyType"], told["scope"], told["accountId"]) == ("FIELD_INDEX_POLICY", "ALL", cloud.account)
    logs.create_log_group(logGroupName="other")
    told = logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"][0]
    assert (told["policyName"], told["source"]) == ("idx", "ACCOUNT")
    assert logs.describe_index_policies(logGroupIdentifiers=["other"])["indexPolicies"] == []
    logs.put_index_policy(logGroupIdentifier=group, policyDocument='{"Fields": ["own"]}')
    assert logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"][0]["source"] == "LOG_GROUP"
    found = logs.describe_account_policies(policyType="FIELD_INDEX_POLICY", policyName="idx")["accountPolicies"]
    assert [policy["selectionCriteria"] for policy in found] == ['LogGroupNamePrefix IN ["ap", "z"]']
    assert logs.describe_account_policies(policyType="TRANSFORMER_POLICY")["accountPolicies"] == []
    with refused("InvalidParameterException", "same selection criteria"):
        logs.put_account_policy(**{**said, "policyName": "two"}, policyDocument='{"Fields": ["b"]}',
                                selectionCriteria='LogGroupNamePrefix IN ["ap", "z"]')
    with refused("InvalidParameterException", "selection criteria"):
        logs.put_account_policy(**said, policyDocument='{"Fields": ["a"]}', selectionCriteria="anything")
    logs.delete_account_policy(**said)
    with refused("ResourceNotFoundException", "does not exist"):
        logs.delete_account_policy(**said)
    with refused("ResourceNotFoundException", "does not exist"):
        logs.describe_account_policies(policyType="FIELD_INDEX_POLICY", policyName="idx")


def test_the_storage_tier_is_kept(cloud: Cloud, logs: Any) -> None:
    assert logs.get_storage_tier_policy()["storageTier"] == "STANDARD"
    put = logs.put_storage_tier_policy(storageTier="INTELLIGENT_TIERING")
    told = logs.get_storage_tier_policy()
    assert (told["storageTier"], told["lastUpdatedTime"]) == ("INTELLIGENT_TIERING", put["lastUpdatedTime"])


# --- lookup tables ---


def test_a_query_looks_up_what_a_table_knows(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    arn = logs.create_lookup_table(lookupTableName="users", description="who", tableBody=CSV, tags={"a": "b"})["lookupTableArn"]
    assert arn == f"arn:aws:logs:us-east-1:{cloud.account}:lookup-table:users"
    put(['{"user": 1, "ms": 3}', '{"user": "2", "ms": 4}', '{"user": 3, "ms": 5}'])

    def ask(query: str) -> list[dict[str, str]]:
        now = int(cloud.clock.now())
        id = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now, queryString=query)["queryId"]
        cloud.clock.idle()
        return [{f["field"]: f["value"] for f in row if f["field"] != "@ptr"}
                for row in logs.get_query_results(queryId=id)["results"]]

    assert ask("lookup users id as user OUTPUT name, org | display name, org, ms | sort ms asc") == [
        {"name": "Ann", "org": "Red, Inc", "ms": "3"}, {"name": "Bob", "org": "Blue", "ms": "4"}, {"ms": "5"}]
    assert ask("lookup users id as user output name | filter name = 'Bob' | stats count(*) as n, sum(ms) as s by name") == [
        {"name": "Bob", "n": "1", "s": "4"}]
    logs.update_lookup_table(lookupTableArn=arn, tableBody="id,name\n3,Cid\n", description="new")
    assert ask("lookup users id as user output name | filter ispresent(name) | fields name") == [{"name": "Cid"}]
    with refused("MalformedQueryException", "'none' does not exist"):
        ask("lookup none id as user output name")


def test_lookup_tables_are_told_and_made_of_results(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    arn = logs.create_lookup_table(lookupTableName="a1", tableBody=CSV, tags={"a": "b"})["lookupTableArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    put(['{"k": "x", "v": 1}', '{"k": "y", "v": 2}'])
    now = int(cloud.clock.now())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now, queryString=(
        "stats sum(v) as total by k | sort k asc"))["queryId"]
    cloud.clock.idle()
    made = logs.create_lookup_table(lookupTableName="a2", queryId=query)["lookupTableArn"]
    told = logs.get_lookup_table(lookupTableArn=made)
    assert (told["tableBody"], told["lookupTableName"], told["sizeBytes"]) == ("k,total\nx,1\ny,2\n", "a2", 16)
    logs.create_lookup_table(lookupTableName="b", tableBody="x\n1\n")
    found = logs.describe_lookup_tables(lookupTableNamePrefix="a")["lookupTables"]
    assert [table["lookupTableName"] for table in found] == ["a1", "a2"]
    first = logs.describe_lookup_tables(maxResults=2)
    second = logs.describe_lookup_tables(maxResults=2, nextToken=first["nextToken"])
    assert [t["lookupTableName"] for page in (first, second) for t in page["lookupTables"]] == ["a1", "a2", "b"]
    assert (first["lookupTables"][0]["tableFields"], first["lookupTables"][0]["recordsCount"]) == (["id", "name", "org"], 2)
    logs.update_lookup_table(lookupTableArn=arn, queryId=query)
    assert logs.get_lookup_table(lookupTableArn=arn)["tableBody"] == told["tableBody"]
    logs.delete_lookup_table(lookupTableArn=arn)
    for refusal in (logs.get_lookup_table, logs.delete_lookup_table):
        with refused("ResourceNotFoundException"):
            refusal(lookupTableArn=arn)
    with refused("ResourceAlreadyExistsException"):
        logs.create_lookup_table(lookupTableName="b", tableBody="x\n1\n")
    for body in ("a,a\n1,2\n", "a,b\n1\n", "\n"):
        with refused("InvalidParameterException"):
            logs.create_lookup_table(lookupTableName="c", tableBody=body)
    with refused("InvalidParameterException", "Exactly one"):
        logs.create_lookup_table(lookupTableName="c")


# --- anomaly detectors ---


def test_detectors_are_kept_told_and_paused(cloud: Cloud, logs: Any, group: str) -> None:
    of = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
    arn = logs.create_log_anomaly_detector(
        logGroupArnList=[of], detectorName="d", evaluationFrequency="ONE_HOUR", filterPattern="error", anomalyVisibilityTime=30,
        tags={"a": "b"})["anomalyDetectorArn"]
    told = logs.get_log_anomaly_detector(anomalyDetectorArn=arn)
    assert (told["detectorName"], told["logGroupArnList"]) == ("d", [of])
    assert (told["evaluationFrequency"], told["filterPattern"], told["anomalyVisibilityTime"]) == ("ONE_HOUR", "error", 30)
    with refused("LimitExceededException"):
        logs.create_log_anomaly_detector(logGroupArnList=[of])
    logs.update_log_anomaly_detector(anomalyDetectorArn=arn, enabled=False, evaluationFrequency="ONE_MIN", filterPattern="x",
                                     anomalyVisibilityTime=8)
    told = logs.list_log_anomaly_detectors(filterLogGroupArn=of)["anomalyDetectors"][0]
    assert (told["anomalyDetectorArn"], told["anomalyDetectorStatus"], told["evaluationFrequency"], told["filterPattern"],
            told["anomalyVisibilityTime"]) == (arn, "PAUSED", "ONE_MIN", "x", 8)
    logs.create_log_group(logGroupName="two")
    logs.create_log_anomaly_detector(logGroupArnList=[of.replace(":app", ":two")])
    pages = logs.get_paginator("list_log_anomaly_detectors").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["anomalyDetectors"]) for page in pages] == [1, 1]
    logs.tag_resource(resourceArn=arn, tags={"c": "d"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "d"}
    logs.delete_log_anomaly_detector(anomalyDetectorArn=arn)
    with refused("ResourceNotFoundException"):
        logs.get_log_anomaly_detector(anomalyDetectorArn=arn)
    with refused("InvalidParameterException", "Exactly one"):
        logs.create_log_anomaly_detector(logGroupArnList=[of, of])
