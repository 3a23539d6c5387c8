"""Contributor insights over the wire: which keys were asked for most, and which were refused, as CloudWatch tells it."""

from datetime import timedelta
from typing import Any

import pytest

from .conftest import Make, N, S, index, refused

INDEX = index("by-city", "city", "age")


@pytest.fixture
def cloudwatch(cloud: Any) -> Any:
    return cloud.client("cloudwatch")


def rules(dynamodb: Any, table: str = "people", **members: Any) -> dict[str, str]:
    """The names of a table's rules, by their kinds."""
    told = dynamodb.describe_contributor_insights(TableName=table, **members)["ContributorInsightsRuleList"]
    return {rule.split("-")[1]: rule for rule in told}


def report(cloud: Any, cloudwatch: Any, rule: str, period: int = 60, **members: Any) -> Any:
    """The report of the last hour."""
    cloud.clock.advance(1)                                         # what was noted is told
    now = cloud.clock.now()
    return cloudwatch.get_insight_rule_report(
        RuleName=rule, StartTime=now - 3600, EndTime=now + 60, Period=period, **members)


def counted(cloud: Any, cloudwatch: Any, rule: str) -> dict[tuple[str, ...], float]:
    return {tuple(one["Keys"]): one["ApproximateAggregateValue"]
            for one in report(cloud, cloudwatch, rule, MaxContributorCount=100)["Contributors"]}


@pytest.fixture
def people(make: Make, dynamodb: Any) -> Any:
    make("people", "id", "age:N", "city", GlobalSecondaryIndexes=[INDEX])
    return dynamodb


def person(id: str, age: int, city: str = "york") -> dict[str, Any]:
    return {"id": S(id), "age": N(age), "city": S(city)}


def test_accesses_are_counted_by_their_keys(cloud: Any, people: Any, cloudwatch: Any) -> None:
    people.put_item(TableName="people", Item=person("before", 1))
    told = people.update_contributor_insights(TableName="people", ContributorInsightsAction="ENABLE")
    assert (told["ContributorInsightsStatus"], told["ContributorInsightsMode"]) == ("ENABLING", "ACCESSED_AND_THROTTLED_KEYS")
    told = people.describe_contributor_insights(TableName="people")
    assert told["ContributorInsightsStatus"] == "ENABLED"
    names = rules(people)
    assert list(names) == ["PKC", "SKC", "PKT", "SKT"]
    assert names["PKC"].startswith("DynamoDBContributorInsights-PKC-people-")
    people.put_item(TableName="people", Item=person("ann", 7))
    people.put_item(TableName="people", Item=person("ann", -30))
    people.batch_write_item(RequestItems={"people": [{"PutRequest": {"Item": person("bob", 5)}}]})
    people.transact_write_items(TransactItems=[{"Delete": {"TableName": "people", "Key": {"id": S("bob"), "age": N(5)}}}])
    for _ in range(3):
        people.get_item(TableName="people", Key={"id": S("ann"), "age": N(7)})
    people.get_item(TableName="people", Key={"id": S("nobody"), "age": N("0.5")})
    people.query(TableName="people", KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": S("ann")})
    people.execute_statement(Statement="SELECT * FROM people WHERE id = 'ann' AND age = 7")
    refused(people.put_item, "ConditionalCheckFailedException", TableName="people", Item=person("ann", 7),
            ConditionExpression="attribute_not_exists(id)")
    assert counted(cloud, cloudwatch, names["PKC"]) == {("ann",): 9, ("bob",): 2, ("nobody",): 1}
    assert counted(cloud, cloudwatch, names["SKC"]) == {
        ("ann", "7"): 7, ("ann", "-30"): 2, ("bob", "5"): 2, ("nobody", "0.5"): 1}
    assert counted(cloud, cloudwatch, names["PKT"]) == {}


def test_what_is_refused_is_counted_apart(cloud: Any, people: Any, client: Any, cloudwatch: Any) -> None:
    people.update_table(TableName="people", BillingMode="PROVISIONED",
                        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, GlobalSecondaryIndexUpdates=[
                            {"Update": {"IndexName": "by-city",
                                        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}])
    people.update_contributor_insights(TableName="people", ContributorInsightsAction="ENABLE")
    names = rules(people)
    large = person("big", 1) | {"fill": S("x" * 390_000)}
    client.put_item(TableName="people", Item=large)                # takes more than there is; the next ones wait for the debt
    for _ in range(2):
        refused(client.put_item, "ProvisionedThroughputExceededException", TableName="people", Item=person("ann", 1))
    refused(client.update_item, "ProvisionedThroughputExceededException", TableName="people", ReturnValues="ALL_NEW",
            Key={"id": S("big"), "age": N(1)}, UpdateExpression="REMOVE fill")
    assert counted(cloud, cloudwatch, names["PKT"]) == {("ann",): 2, ("big",): 1}
    assert counted(cloud, cloudwatch, names["SKT"]) == {("ann", "1"): 2, ("big", "1"): 1}
    assert counted(cloud, cloudwatch, names["PKC"]) == {("big",): 1}


def test_an_index_has_rules_of_its_own(cloud: Any, people: Any, cloudwatch: Any) -> None:
    people.update_contributor_insights(TableName="people", IndexName="by-city", ContributorInsightsAction="ENABLE",
                                       ContributorInsightsMode="ACCESSED_AND_THROTTLED_KEYS")
    people.put_item(TableName="people", Item=person("ann", 7, "york"))
    people.put_item(TableName="people", Item=person("bob", 8, "bath"))
    for _ in range(2):
        people.query(TableName="people", IndexName="by-city", KeyConditionExpression="city = :c",
                     ExpressionAttributeValues={":c": S("york")})
    names = rules(people, IndexName="by-city")
    assert counted(cloud, cloudwatch, names["PKC"]) == {("york",): 3, ("bath",): 1}
    assert counted(cloud, cloudwatch, names["SKC"]) == {("york", "7"): 3, ("bath", "8"): 1}
    assert rules(people) == {}
    told = people.list_contributor_insights(TableName="people")["ContributorInsightsSummaries"]
    assert [(one.get("IndexName"), one["ContributorInsightsStatus"]) for one in told] == \
        [(None, "DISABLED"), ("by-city", "ENABLED")]
    people.update_table(TableName="people", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-city"}}])
    assert cloudwatch.describe_insight_rules()["InsightRules"] == []


def test_a_report_has_periods_metrics_and_an_order(cloud: Any, people: Any, cloudwatch: Any) -> None:
    people.update_contributor_insights(TableName="people", ContributorInsightsAction="ENABLE")
    rule = rules(people)["PKC"]

    def read(**times: int) -> None:
        for id, count in times.items():
            for _ in range(count):
                people.get_item(TableName="people", Key={"id": S(id), "age": N(1)})
        cloud.clock.advance(60)

    read(ann=3, bob=2)
    read(bob=2, cid=1)
    told = report(cloud, cloudwatch, rule, MaxContributorCount=2, Metrics=[
        "UniqueContributors", "MaxContributorValue", "SampleCount", "Sum", "Minimum", "Maximum", "Average"])
    assert (told["KeyLabels"], told["AggregationStatistic"]) == (["PartitionKey"], "COUNT")
    assert (told["AggregateValue"], told["ApproximateUniqueCount"]) == (8, 3)
    assert [one["Keys"] for one in told["Contributors"]] == [["bob"], ["ann"]]
    assert [point["ApproximateValue"] for point in told["Contributors"][0]["Datapoints"]] == [2, 2]
    first, second = told["MetricDatapoints"]
    assert second.pop("Timestamp") - first.pop("Timestamp") == timedelta(minutes=1)
    assert first == {"UniqueContributors": 2, "MaxContributorValue": 3, "SampleCount": 5, "Sum": 5, "Minimum": 2, "Maximum": 3,
                     "Average": 2.5}
    assert second == {"UniqueContributors": 2, "MaxContributorValue": 2, "SampleCount": 3, "Sum": 3, "Minimum": 1, "Maximum": 2,
                      "Average": 1.5}
    ordered = report(cloud, cloudwatch, rule, OrderBy="Maximum")
    assert [one["Keys"][0] for one in ordered["Contributors"]] == ["ann", "bob", "cid"]
    assert ordered["MetricDatapoints"] == []
    whole = report(cloud, cloudwatch, rule, period=7200, Metrics=["Sum"])
    assert sum(point["Sum"] for point in whole["MetricDatapoints"]) == 8
    cloud.clock.advance(16 * 86_400)
    now = cloud.clock.now()
    old = cloudwatch.get_insight_rule_report(RuleName=rule, StartTime=now - 17 * 86_400, EndTime=now, Period=86_400)
    assert old["Contributors"] == []


def test_rules_are_told_and_go_with_what_they_count(cloud: Any, people: Any, cloudwatch: Any) -> None:
    for name in ("people", "others"):
        if name == "others":
            people.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "B"}])
        people.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE")
    page = cloudwatch.describe_insight_rules(MaxResults=5)
    rest = cloudwatch.describe_insight_rules(NextToken=page["NextToken"])
    every = [*page["InsightRules"], *rest["InsightRules"]]
    assert sorted(rule["Name"] for rule in every) == sorted([*rules(people).values(), *rules(people, "others").values()])
    assert {rule["State"] for rule in every} == {"ENABLED"}
    assert every[0]["ManagedRule"]
    assert list(rules(people, "others")) == ["PKC", "PKT"]
    people.put_item(TableName="others", Item={"id": {"B": b"\x00\xff"}})
    assert counted(cloud, cloudwatch, rules(people, "others")["PKC"]) == {("AP8=",): 1}
    people.update_contributor_insights(TableName="people", ContributorInsightsAction="ENABLE",
                                       ContributorInsightsMode="THROTTLED_KEYS")
    assert list(rules(people)) == ["PKT", "SKT"]
    told = people.update_contributor_insights(TableName="people", ContributorInsightsAction="DISABLE")
    assert (told["ContributorInsightsStatus"], "ContributorInsightsMode" in told) == ("DISABLING", False)
    assert people.describe_contributor_insights(TableName="people")["ContributorInsightsStatus"] == "DISABLED"
    gone = rules(people, "others")["PKC"]
    people.delete_table(TableName="others")
    assert cloudwatch.describe_insight_rules()["InsightRules"] == []
    said = refused(cloudwatch.get_insight_rule_report, "ResourceNotFoundException", RuleName=gone, StartTime=0, EndTime=60,
                   Period=60)
    assert gone in said


def test_tables_are_listed_with_their_indexes(make: Make, people: Any) -> None:
    make("zoo", "id")
    people.update_contributor_insights(TableName="zoo", ContributorInsightsAction="ENABLE")
    found, token = [], None
    while True:
        page = people.list_contributor_insights(MaxResults=1, **({"NextToken": token} if token else {}))
        found += page["ContributorInsightsSummaries"]
        token = page.get("NextToken")
        if token is None:
            break
    assert [(one["TableName"], one.get("IndexName"), one["ContributorInsightsStatus"]) for one in found] == [
        ("people", None, "DISABLED"), ("people", "by-city", "DISABLED"), ("zoo", None, "ENABLED")]


def test_what_cannot_be_counted(people: Any, cloudwatch: Any) -> None:
    on = {"ContributorInsightsAction": "ENABLE"}
    refused(people.update_contributor_insights, "ResourceNotFoundException", TableName="absent", **on)
    refused(people.update_contributor_insights, "ResourceNotFoundException", TableName="people", IndexName="absent", **on)
    refused(people.describe_contributor_insights, "ResourceNotFoundException", TableName="absent")
    refused(people.list_contributor_insights, "ResourceNotFoundException", TableName="absent")
    people.update_contributor_insights(TableName="people", **on)
    asked = {"RuleName": rules(people)["PKC"], "StartTime": 0, "EndTime": 3600, "Period": 60}
    for wrong in ({"Period": 30}, {"EndTime": 0}, {"MaxContributorCount": 101}, {"OrderBy": "Name"}, {"Metrics": ["Median"]}):
        refused(cloudwatch.get_insight_rule_report, "InvalidParameterValue", **asked | wrong)
