"""Faults as a person makes them, in Chromium."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person


@pytest.fixture
def unfailing(console: Cloud) -> Any:
    """Whatever happens, no fault stays with the server that tests share, and none is there from others."""
    def clear() -> None:
        httpx.post(f"{console.endpoint}/_cumulet/faults/clear", json={}).raise_for_status()

    clear()
    yield console.client("sqs")
    clear()


def test_a_fault_is_added_strikes_and_is_removed(person: Person, console: Cloud, unfailing: Any) -> None:
    person.go("state")
    person.press("Add fault")
    person.choose("Service", "SQS")
    person.field("Operations").fill("ListQueues")
    person.field("Account").fill(console.account)
    person.confirm("Add")
    expect(person.row("ListQueues")).to_contain_text("error unavailable")
    with pytest.raises(ClientError) as problem:
        unfailing.list_queues()
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    person.press("Refresh faults")
    expect(person.row("ListQueues")).not_to_contain_text("0 of 0")
    person.pick("ListQueues")
    person.press("Remove fault")
    person.sees("Nothing fails on purpose.")
    assert "QueueUrls" not in unfailing.list_queues()


def express(console: Cloud, zone: str) -> str:
    """A bucket that stands in this zone."""
    name = f"b-{console.account}--{zone}--x-s3"
    console.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={
        "Location": {"Type": "AvailabilityZone", "Name": zone}, "Bucket": {"Type": "Directory"}})
    return name


def test_a_zone_is_away_and_comes_back(person: Person, console: Cloud, unfailing: Any) -> None:
    here, there = express(console, "use1-az1"), express(console, "use1-az2")
    person.go("state")
    person.press("Add fault")
    person.choose("What happens", "A region or a zone is away")
    person.field("Region or zone").fill("us-east-1z")
    person.press("Add")
    person.sees("us-east-1z is no availability zone")
    person.complaints.clear()                  # the browser tells of the answer 400
    person.field("Region or zone").fill("us-east-1a")
    person.field("Account").fill(console.account)
    person.confirm("Add")
    expect(person.row("use1-az1")).to_contain_text("connection closed")
    s3 = console.client("s3")
    with pytest.raises(ConnectionClosedError):
        s3.list_objects_v2(Bucket=here)
    assert s3.list_objects_v2(Bucket=there)["KeyCount"] == 0
    person.pick("use1-az1")
    person.press("Remove fault")
    person.sees("Nothing fails on purpose.")
    assert s3.list_objects_v2(Bucket=here)["KeyCount"] == 0


def test_a_region_is_away_and_errors_strike_one_zone(person: Person, console: Cloud, unfailing: Any) -> None:
    here = express(console, "use1-az1")
    person.go("state")
    person.press("Add fault")
    person.choose("What happens", "A region or a zone is away")
    person.field("Region or zone").fill("eu-west-1")
    person.field("Account").fill(console.account)
    person.confirm("Add")
    expect(person.row("eu-west-1")).to_contain_text("connection closed")
    with pytest.raises(ConnectionClosedError):
        console.client("sqs", region="eu-west-1").list_queues()
    person.press("Add fault")
    person.field("Only through these zones").fill("us-east-1a")
    person.field("Account").fill(console.account)
    person.confirm("Add")
    expect(person.row("use1-az1")).to_contain_text("error unavailable")
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        console.client("s3").list_objects_v2(Bucket=here)
    assert "QueueUrls" not in unfailing.list_queues()


def test_copies_to_other_regions_wait(person: Person, console: Cloud, unfailing: Any) -> None:
    tables = [console.client("dynamodb", region=region) for region in ("us-east-1", "eu-west-1")]
    tables[0].create_table(TableName="world", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "k", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    tables[0].update_table(TableName="world", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    console.clock.idle()
    person.go("state")
    person.press("Add fault")
    person.choose("What happens", "Nothing is copied to other regions")
    person.field("Account").fill(console.account)
    person.confirm("Add")
    expect(person.row("no copies to other regions")).to_contain_text(console.account)
    tables[0].put_item(TableName="world", Item={"k": {"S": "waits"}})
    console.clock.advance(61)
    assert tables[1].scan(TableName="world")["Count"] == 0
    person.press("Refresh faults")
    person.pick("no copies to other regions")
    person.press("Remove fault")
    person.sees("Nothing fails on purpose.")
    console.clock.advance(61)
    assert tables[1].scan(TableName="world")["Count"] == 1
