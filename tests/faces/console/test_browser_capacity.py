"""The capacity of a table, and what scales it, as a person sets them; in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person


def test_a_table_is_provisioned_and_scaled(person: Person, console: Cloud) -> None:
    dynamodb, scaling = console.client("dynamodb"), console.client("application-autoscaling")
    schema = [{"AttributeName": "k", "KeyType": "HASH"}]
    dynamodb.create_table(TableName="music", BillingMode="PAY_PER_REQUEST", KeySchema=schema,
                          AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                          GlobalSecondaryIndexes=[{"IndexName": "again", "KeySchema": schema,
                                                   "Projection": {"ProjectionType": "ALL"}}])
    dynamodb.get_waiter("table_exists").wait(TableName="music", WaiterConfig={"Delay": 1})
    person.go("dynamodb/tables/music")
    person.tab_named("Capacity")
    person.sees("As many as are asked for")
    person.press("Edit capacity")
    person.choose("Capacity mode", "Provisioned")
    person.field("Read units").fill("7")
    person.confirm("Save")
    expect(person.row("Read units")).to_contain_text("Off")
    expect(person.tab.get_by_role("row").filter(has_text="again")).to_have_count(2)
    person.pick("Read units")
    person.press("Set")
    person.field("Units at most").fill("20")
    person.field("Used of them in percent").fill("50")
    person.confirm("Save")
    expect(person.row("Read units")).to_contain_text("1 to 20")
    expect(person.row("Read units")).to_contain_text("50 % used")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert (target["ResourceId"], target["ScalableDimension"]) == ("table/music", "dynamodb:table:ReadCapacityUnits")
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50
    person.pick("Read units")
    person.press("Turn off")
    person.confirm("Turn off")
    expect(person.row("Read units")).to_contain_text("Off")
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []
    assert dynamodb.describe_table(TableName="music")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
