"""The screens of Kinesis Data Streams as a person uses them, in Chromium."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import Cloud

from .browser import Person
from .test_packages import ROLE, package

FIRST = "shardId-000000000000"


@pytest.fixture
def kinesis(console: Cloud) -> Any:
    """A client, and a stream "clicks" of two shards."""
    client = console.client("kinesis")
    client.create_stream(StreamName="clicks", ShardCount=2)
    return client


def shards(kinesis: Any) -> dict[str, bool]:
    """Each shard, and whether it is open."""
    found = kinesis.list_shards(StreamName="clicks")["Shards"]
    return {shard["ShardId"][-2:]: "EndingSequenceNumber" not in shard["SequenceNumberRange"] for shard in found}


def summary(kinesis: Any) -> Any:
    return kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]


def test_a_stream_is_made_listed_and_deleted(person: Person, console: Cloud) -> None:
    client = console.client("kinesis")
    person.go("kinesis")
    person.press("Create data stream")
    person.field("Data stream name").fill("orders")
    person.choose("Capacity mode", "Provisioned")
    person.field("Shards").fill("3")
    person.press("Add tag")
    person.field("Tag 1: name").fill("team")
    person.field("Tag 1: value").fill("red")
    person.press("Create data stream")
    expect(person.row("orders")).to_contain_text("Provisioned")
    expect(person.row("orders")).to_contain_text("1 day")
    assert client.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["OpenShardCount"] == 3
    assert client.list_tags_for_stream(StreamName="orders")["Tags"] == [{"Key": "team", "Value": "red"}]
    person.pick("orders")
    person.press("Delete")
    person.confirm(word="orders")
    person.sees("orders is deleted.")
    assert client.list_streams()["StreamNames"] == []


def test_records_are_put_and_read_page_by_page(person: Person, kinesis: Any) -> None:
    person.go("kinesis/streams/clicks?tab=put")
    person.field("Partition key").fill("ann")
    person.field("Data").fill('{"page": "home"}')
    person.press("Put record")
    expect(person.row("ann")).to_contain_text("shardId-")
    kinesis.put_record(StreamName="clicks", PartitionKey="packed", Data=gzip.compress(b"a line of a log"))
    kinesis.put_record(StreamName="clicks", PartitionKey="bytes", Data=b"\xff\xfe")
    person.tab_named("Data viewer")
    person.press("Get records")
    expect(person.row("a line of a log")).to_contain_text("packed")
    expect(person.row("bytes")).to_contain_text("//4=")
    person.pick("ann")
    expect(person.tab.locator("pre[aria-label=Data]")).to_have_text('{\n  "page": "home"\n}')
    person.press("Base64")
    expect(person.tab.locator("pre[aria-label=Data]")).to_have_text("eyJwYWdlIjogImhvbWUifQ==")
    person.press("Start after it")
    kinesis.put_records(StreamName="clicks", Records=[{"PartitionKey": "ann", "Data": f"more {n:03}"} for n in range(120)])
    person.press("Get records")
    expect(person.row("more 000")).to_be_visible()
    expect(person.tab.get_by_role("heading", name="Records (100+)")).to_be_visible()
    person.press("Next records")
    expect(person.tab.get_by_role("heading", name="Records (121)")).to_be_visible()


def test_new_records_are_followed_over_a_split(person: Person, kinesis: Any) -> None:
    person.go("kinesis/streams/clicks?tab=data")
    person.choose("Starting with", "What comes from now on")
    kinesis.put_record(StreamName="clicks", PartitionKey="ann", Data=b"before")
    person.press("Get records")
    person.sees("All that is there so far, of all shards.")
    person.tab.get_by_label("Follow").check()
    kinesis.put_record(StreamName="clicks", PartitionKey="ann", Data=b"second")
    expect(person.row("second")).to_be_visible()
    for shard in (FIRST, "shardId-000000000001"):
        half = {FIRST: 2 ** 126, "shardId-000000000001": 2 ** 127 + 2 ** 126}[shard]
        kinesis.split_shard(StreamName="clicks", ShardToSplit=shard, NewStartingHashKey=str(half))
    kinesis.put_record(StreamName="clicks", PartitionKey="ann", Data=b"third")
    expect(person.row("third")).to_be_visible()
    expect(person.tab.get_by_text("before", exact=True)).to_have_count(0)


def test_lines_become_records_and_a_time_leaves_out_the_earlier(person: Person, kinesis: Any) -> None:
    person.go("kinesis/streams/clicks?tab=put")
    person.field("Data").fill("one\n\ntwo\nthree")
    person.tab.get_by_label("A record for each line").check()
    person.press("Put records")
    person.sees("3 records are in the stream.")
    expect(person.tab.get_by_role("heading", name="Sent (3)")).to_be_visible()
    person.tab_named("Data viewer")
    person.choose("Starting with", "A time")
    person.field("Time").fill("yesterday")
    person.sees("Such as 2026-01-31 12:00:00")
    person.field("Time").fill("2001-01-01 00:00:00")
    person.press("Get records")
    expect(person.tab.get_by_role("heading", name="Records (3)")).to_be_visible()


def test_shards_are_split_merged_and_counted(person: Person, kinesis: Any) -> None:
    person.go("kinesis/streams/clicks?tab=shards")
    person.pick(FIRST)
    person.press("Split")
    person.confirm("Split")
    expect(person.row("shardId-000000000003")).to_contain_text("25 %")
    assert shards(kinesis) == {"00": False, "01": True, "02": True, "03": True}
    person.pick("shardId-000000000003")
    person.press("Merge")
    person.choose("With", "shardId-000000000002")
    person.confirm("Merge")
    expect(person.row("shardId-000000000004")).to_contain_text("50 %")
    expect(person.row("shardId-000000000004")).to_contain_text("3, 2")
    person.press("Change count")
    person.field("Open shards").fill("4")
    person.confirm("Change")
    person.sees("clicks has 4 open shards.")
    assert sum(shards(kinesis).values()) == 4
    person.tab.get_by_role("link", name=f"Records of {FIRST}").click()
    person.press("Get records")
    person.sees(f"{FIRST} is over. Its keys went to shardId-000000000002, shardId-000000000003.")


def test_a_stream_is_set_up_anew(person: Person, console: Cloud, kinesis: Any) -> None:
    key = console.client("kms").create_key()["KeyMetadata"]["Arn"]
    person.go("kinesis/streams/clicks")
    person.press("Edit retention")
    person.field("Retention in hours").fill("48")
    person.confirm("Save")
    person.sees("2 days: what is older")
    person.press("Edit encryption")
    person.tab.get_by_label("Server-side encryption").check()
    person.field("KMS key").fill(key)
    person.confirm("Save")
    person.sees("By the KMS key")
    person.press("Edit capacity")
    person.choose("Capacity mode", "On demand")
    person.field("Largest record in KiB").fill("2048")
    person.confirm("Save")
    person.sees("2.0 MB")
    told = summary(kinesis)
    assert (told["RetentionPeriodHours"], told["KeyId"], told["MaxRecordSizeInKiB"]) == (48, key, 2048)
    assert told["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    person.press("Edit retention")
    person.field("Retention in hours").fill("24")
    person.confirm("Save")
    person.press("Edit encryption")
    person.tab.get_by_label("Server-side encryption").uncheck()
    person.confirm("Save")
    person.sees("Off.")
    person.press("Edit enhanced monitoring")
    person.tab.get_by_label("IncomingRecords").check()
    person.confirm("Save")
    person.sees("Metrics of each shard: IncomingRecords.")
    told = summary(kinesis)
    assert (told["RetentionPeriodHours"], told["EncryptionType"]) == (24, "NONE")
    person.press("Edit tags")
    person.press("Add tag")
    person.field("Tag 1: name").fill("team")
    person.field("Tag 1: value").fill("blue")
    person.confirm("Save")
    person.sees("blue")
    assert kinesis.list_tags_for_stream(StreamName="clicks")["Tags"] == [{"Key": "team", "Value": "blue"}]


def test_who_reads_it(person: Person, console: Cloud, kinesis: Any) -> None:
    arn = summary(kinesis)["StreamARN"]
    person.go("kinesis/streams/clicks?tab=consumers")
    person.press("Register consumer")
    person.field("Consumer name").fill("reader")
    person.confirm("Register")
    expect(person.row("reader")).to_contain_text("ACTIVE")
    person.pick("reader")
    person.press("Edit the policy")
    person.confirm("Save")
    consumer = kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName="reader")["ConsumerDescription"]["ConsumerARN"]
    assert "SubscribeToShard" in kinesis.get_resource_policy(ResourceARN=consumer)["Policy"]
    person.press("Deregister")
    person.confirm("Deregister")
    person.sees("reader is deregistered.")
    assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []
    person.tab_named("Policy")
    person.press("Edit the policy")
    person.confirm("Save")
    expect(person.tab.locator("pre[aria-label='Resource policy']")).to_contain_text("kinesis:GetRecords")
    person.press("Delete the policy")
    person.confirm()
    person.sees("No policy: nobody of another account.")


def test_a_function_reads_it(person: Person, console: Cloud, kinesis: Any) -> None:
    functions = console.client("lambda")
    functions.create_function(FunctionName="work", Role=ROLE, Runtime="python3.11", Handler="app.handler",
                              Code={"ZipFile": package()})
    person.go("kinesis/streams/clicks?tab=triggers")
    person.press("Add trigger")
    person.field("Function").fill("work")
    person.confirm("Add")
    expect(person.row("work")).to_contain_text("LATEST")
    person.pick("work")
    person.press("Disable")
    expect(person.row("work")).to_contain_text("Disabl")
    person.pick("work")
    person.press("Remove")
    person.sees("No function reads it.")
    assert functions.list_event_source_mappings(FunctionName="work")["EventSourceMappings"] == []
    person.go("lambda/functions/work?tab=triggers")
    person.press("Add source")
    person.choose("Source", "Kinesis: clicks")
    person.confirm("Add")
    expect(person.row("stream/clicks")).to_be_visible()
    assert [each["StartingPosition"] for each in functions.list_event_source_mappings()["EventSourceMappings"]] == ["LATEST"]
