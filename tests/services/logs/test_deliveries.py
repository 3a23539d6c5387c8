"""Deliveries with their sources and destinations; destinations of subscriptions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.kinesis.streams import Stream
from services.sqs.queues import refused

BUS = "arn:aws:events:us-east-1:{account}:event-bus/orders"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "logs:CreateDelivery", "Resource": "*"}]})


@pytest.fixture
def bus(cloud: Cloud) -> str:
    return BUS.format(account=cloud.account)


@pytest.fixture
def bucket(logs: Any) -> dict[str, Any]:
    """A delivery destination of a bucket."""
    return dict(logs.put_delivery_destination(
        name="bucket", outputFormat="plain", deliveryDestinationConfiguration={"destinationResourceArn": "arn:aws:s3:::b"},
        deliveryDestinationType="S3", tags={"a": "b"})["deliveryDestination"])


def test_sources_are_put_told_and_deleted(cloud: Cloud, logs: Any, bus: str) -> None:
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:delivery-source:one"
    said = {"name": "one", "logType": "ERROR_LOGS", "tags": {"a": "b"}}
    wanted = {**said, "arn": arn, "resourceArns": [bus], "service": "events"}
    assert logs.put_delivery_source(**said, resourceArn=bus)["deliverySource"] == wanted
    assert logs.get_delivery_source(name="one")["deliverySource"] == wanted
    logs.put_delivery_source(name="one", resourceArn=bus, logType="INFO_LOGS")
    logs.put_delivery_source(name="two", resourceArn=bus + "2", logType="INFO_LOGS")
    pages = logs.get_paginator("describe_delivery_sources").paginate(PaginationConfig={"PageSize": 1})
    assert [[s["name"], s["logType"]] for page in pages for s in page["deliverySources"]] == [
        ["one", "INFO_LOGS"], ["two", "INFO_LOGS"]]
    assert [s["name"] for s in logs.describe_delivery_sources(resourceArns=[bus])["deliverySources"]] == ["one"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    logs.delete_delivery_source(name="one")
    with refused("ResourceNotFoundException", "delivery source"):
        logs.get_delivery_source(name="one")
    with refused("ValidationException", "log type OTHER"):
        logs.put_delivery_source(name="one", resourceArn=bus, logType="OTHER")


def test_destinations_of_deliveries_have_a_type_a_format_and_a_policy(cloud: Cloud, logs: Any, group: str,
                                                                    bucket: dict[str, Any]) -> None:
    assert (bucket["deliveryDestinationType"], bucket["outputFormat"], bucket["tags"]) == ("S3", "plain", {"a": "b"})
    of = {"destinationResourceArn": f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}:*"}
    told = logs.put_delivery_destination(name="group", deliveryDestinationConfiguration=of)["deliveryDestination"]
    assert (told["deliveryDestinationType"], told["outputFormat"]) == ("CWL", "json")
    assert told["deliveryDestinationConfiguration"] == of
    assert logs.get_delivery_destination(name="group")["deliveryDestination"] == told
    pages = logs.get_paginator("describe_delivery_destinations").paginate(PaginationConfig={"PageSize": 1})
    assert [d["name"] for page in pages for d in page["deliveryDestinations"]] == ["bucket", "group"]
    described = logs.describe_delivery_destinations(names=["group", "none"], limit=1)
    assert ([d["name"] for d in described["deliveryDestinations"]], described.get("nextToken")) == (["group"], None)
    with refused("ValidationException", "parquet"):
        logs.put_delivery_destination(name="group", outputFormat="parquet", deliveryDestinationConfiguration=of)
    with refused("ResourceNotFoundException", "log group"):
        logs.put_delivery_destination(name="x", deliveryDestinationConfiguration={
            "destinationResourceArn": of["destinationResourceArn"].replace(group, "none")})
    assert "policy" not in logs.get_delivery_destination_policy(deliveryDestinationName="bucket")
    put = logs.put_delivery_destination_policy(deliveryDestinationName="bucket", deliveryDestinationPolicy=POLICY)["policy"]
    assert logs.get_delivery_destination_policy(deliveryDestinationName="bucket")["policy"] == put == {
        "deliveryDestinationPolicy": POLICY}
    logs.delete_delivery_destination_policy(deliveryDestinationName="bucket")
    with refused("ResourceNotFoundException", "no policy"):
        logs.delete_delivery_destination_policy(deliveryDestinationName="bucket")
    with refused("ValidationException", "not a valid policy"):
        logs.put_delivery_destination_policy(deliveryDestinationName="bucket", deliveryDestinationPolicy="{}")
    logs.delete_delivery_destination(name="group")
    with refused("ResourceNotFoundException", "delivery destination"):
        logs.get_delivery_destination(name="group")


def test_a_delivery_joins_a_source_and_a_destination(cloud: Cloud, logs: Any, bus: str, bucket: dict[str, Any]) -> None:
    logs.put_delivery_source(name="one", resourceArn=bus, logType="ERROR_LOGS")
    said = {"deliverySourceName": "one", "deliveryDestinationArn": bucket["arn"]}
    made = logs.create_delivery(**said, recordFields=["a", "b"], fieldDelimiter=",", tags={"a": "b"}, s3DeliveryConfiguration={
        "suffixPath": "{yyyy}", "enableHiveCompatiblePath": True})["delivery"]
    assert logs.get_delivery(id=made["id"])["delivery"] == made
    assert (made["deliveryDestinationType"], made["recordFields"], made["fieldDelimiter"]) == ("S3", ["a", "b"], ",")
    assert made["s3DeliveryConfiguration"] == {"suffixPath": "{yyyy}", "enableHiveCompatiblePath": True}
    with refused("ConflictException", "already"):
        logs.create_delivery(**said)
    logs.update_delivery_configuration(id=made["id"], recordFields=["c"], fieldDelimiter=";",
                                       s3DeliveryConfiguration={"suffixPath": "x"})
    changed = logs.get_delivery(id=made["id"])["delivery"]
    assert (changed["recordFields"], changed["fieldDelimiter"]) == (["c"], ";")
    assert changed["s3DeliveryConfiguration"] == {"suffixPath": "x", "enableHiveCompatiblePath": True}
    logs.put_delivery_source(name="two", resourceArn=bus, logType="INFO_LOGS")
    other = logs.create_delivery(deliverySourceName="two", deliveryDestinationArn=bucket["arn"])["delivery"]["id"]
    pages = logs.get_paginator("describe_deliveries").paginate(PaginationConfig={"PageSize": 1})
    assert {d["id"] for page in pages for d in page["deliveries"]} == {made["id"], other}
    assert [d["id"] for d in logs.describe_deliveries(deliverySourceNames=["two"])["deliveries"]] == [other]
    with refused("ConflictException", "used by deliveries"):
        logs.delete_delivery_source(name="one")
    with refused("ConflictException", "used by deliveries"):
        logs.delete_delivery_destination(name="bucket")
    with refused("ConflictException", "cannot be changed"):
        logs.put_delivery_source(name="one", resourceArn=bus + "2", logType="ERROR_LOGS")
    logs.delete_delivery(id=made["id"])
    logs.delete_delivery(id=other)
    with refused("ResourceNotFoundException", "delivery"):
        logs.get_delivery(id=other)
    logs.delete_delivery_source(name="one")


def test_destinations_of_subscriptions_are_kept_with_their_policies(cloud: Cloud, logs: Any, group: str) -> None:
    said = {"targetArn": Stream(cloud).arn,
            "roleArn": f"arn:aws:iam::{cloud.account}:role/r"}
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:destination:d1"
    told = logs.put_destination(destinationName="d1", **said, tags={"a": "b"})["destination"]
    assert (told["arn"], told["targetArn"], told["roleArn"]) == (arn, said["targetArn"], said["roleArn"])
    logs.put_destination_policy(destinationName="d1", accessPolicy=POLICY)
    logs.put_destination(destinationName="d2", **said)
    logs.put_destination(destinationName="e", **said)
    found = logs.describe_destinations(DestinationNamePrefix="d")["destinations"]
    assert [(d["destinationName"], d.get("accessPolicy")) for d in found] == [("d1", POLICY), ("d2", None)]
    pages = logs.get_paginator("describe_destinations").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["destinations"]) for page in pages] == [2, 1]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    logs.delete_destination(destinationName="d1")
    with refused("ResourceNotFoundException"):
        logs.delete_destination(destinationName="d1")
    with refused("InvalidParameterException", "not a valid policy"):
        logs.put_destination_policy(destinationName="e", accessPolicy="x")
    with refused("InvalidParameterException", "Kinesis"):
        logs.put_destination(destinationName="e", targetArn="arn:aws:s3:::b", roleArn=said["roleArn"])


def test_templates_tell_what_sources_and_destinations_take(cloud: Cloud, logs: Any, bus: str) -> None:
    (told,) = logs.describe_configuration_templates(service="events", logTypes=["INFO_LOGS"],
                                                    deliveryDestinationTypes=["S3"])["configurationTemplates"]
    assert (told["service"], told["logType"], told["deliveryDestinationType"]) == ("events", "INFO_LOGS", "S3")
    pages = logs.get_paginator("describe_configuration_templates").paginate(service="events", PaginationConfig={"PageSize": 3})
    kinds = [(t["logType"], t["deliveryDestinationType"]) for page in pages for t in page["configurationTemplates"]]
    assert kinds == [("ERROR_LOGS", "CWL"), ("ERROR_LOGS", "S3"), ("INFO_LOGS", "CWL"), ("INFO_LOGS", "S3")]
    for shape in told["allowedOutputFormats"]:
        logs.put_delivery_destination(name="d", outputFormat=shape, deliveryDestinationConfiguration={
            "destinationResourceArn": "arn:aws:s3:::b"})
    assert logs.get_delivery_destination(name="d")["deliveryDestination"]["outputFormat"] == shape
