"""Discovery: what events look like, learned from those on a bus."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.schemas.inference import seen, widened
from services.sqs.queues import refused

SOURCE = "com.example.shop"


class Bus:
    """A bus with a discoverer."""

    def __init__(self, cloud: Cloud, schemas: Any) -> None:
        self.cloud, self.schemas, self.events = cloud, schemas, cloud.client("events")
        self.arn = self.events.create_event_bus(Name="shop")["EventBusArn"]
        self.id = schemas.create_discoverer(SourceArn=self.arn)["DiscovererId"]

    def put(self, detail: Any, kind: str = "Order Created", **entry: Any) -> None:
        told = self.events.put_events(Entries=[
            {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": "shop", **entry}])
        assert told["FailedEntryCount"] == 0
        self.cloud.clock.idle()

    def found(self, name: str = f"{SOURCE}@OrderCreated") -> dict[str, Any]:
        """The newest version of what was discovered."""
        return dict(self.schemas.describe_schema(RegistryName="discovered-schemas", SchemaName=name))


@pytest.fixture
def bus(cloud: Cloud, schemas: Any) -> Bus:
    return Bus(cloud, schemas)


def test_a_schema_is_discovered_and_widened(bus: Bus) -> None:
    bus.put({"id": 7, "at": "2026-01-02T03:04:05Z", "lines": [{"sku": "a", "gift": True}, {"sku": "b"}], "to": {"city": "Ulm"}},
            Resources=["arn:x"])
    told = bus.found()
    said = json.loads(told["Content"])
    assert (told["SchemaVersion"], told["Type"]) == ("1", "OpenApi3")
    assert said["info"] == {"version": "1.0.0", "title": "OrderCreated"}
    kinds = said["components"]["schemas"]
    assert kinds["OrderCreated"] == {"type": "object", "required": ["at", "id", "lines", "to"], "properties": {
        "id": {"type": "number"}, "at": {"type": "string", "format": "date-time"}, "to": {"$ref": "#/components/schemas/To"},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/LinesItem"}}}}
    assert kinds["LinesItem"] == {"type": "object", "required": ["sku"], "properties": {
        "sku": {"type": "string"}, "gift": {"type": "boolean"}}}
    envelope = kinds["AWSEvent"]
    assert (envelope["x-amazon-events-source"], envelope["x-amazon-events-detail-type"]) == (SOURCE, "Order Created")
    assert envelope["properties"]["resources"] == {"type": "array", "items": {"type": "string"}}
    assert envelope["properties"]["detail"] == {"$ref": "#/components/schemas/OrderCreated"}
    bus.put({"id": 8, "at": "2026-01-02T03:04:05Z", "lines": [{"sku": "c", "gift": False}], "to": {"city": "Bonn"}})
    assert bus.found()["SchemaVersion"] == "1"               # nothing new
    bus.put({"id": 9, "at": "soon", "lines": [], "to": {"city": "Bonn", "zip": "1"}, "note": None})
    told = bus.found()
    kinds = json.loads(told["Content"])["components"]["schemas"]
    assert told["SchemaVersion"] == "2"
    assert kinds["OrderCreated"]["required"] == ["at", "id", "lines", "to"]
    assert (kinds["OrderCreated"]["properties"]["at"], kinds["OrderCreated"]["properties"]["note"]) == ({"type": "string"}, {})
    assert kinds["To"]["required"] == ["city"]
    bus.put({}, "Order Paid")
    assert json.loads(bus.found(f"{SOURCE}@OrderPaid")["Content"])["components"]["schemas"]["OrderPaid"] == {
        "type": "object", "properties": {}}


def test_a_discoverer_is_stopped_started_and_ended(cloud: Cloud, schemas: Any, bus: Bus) -> None:
    told = schemas.describe_discoverer(DiscovererId=bus.id)
    assert (bus.id, told["SourceArn"]) == ("events-event-bus-shop", bus.arn)
    assert (told["State"], told["CrossAccount"]) == ("STARTED", True)
    assert told["DiscovererArn"] == f"arn:aws:schemas:us-east-1:{cloud.account}:discoverer/{bus.id}"
    with refused("ConflictException", "already exists"):
        schemas.create_discoverer(SourceArn=bus.arn)
    with refused("BadRequestException", "Event bus shop-absent does not exist."):
        schemas.create_discoverer(SourceArn=bus.arn + "-absent")
    with refused("BadRequestException", "SourceArn"):
        schemas.create_discoverer(SourceArn=f"arn:aws:sqs:us-east-1:{cloud.account}:q")
    assert schemas.stop_discoverer(DiscovererId=bus.id)["State"] == "STOPPED"
    bus.put({"a": 1})
    with refused("NotFoundException"):
        bus.found()
    assert schemas.start_discoverer(DiscovererId=bus.id)["State"] == "STARTED"
    bus.put({"a": 1})
    assert bus.found()["SchemaVersion"] == "1"
    schemas.delete_discoverer(DiscovererId=bus.id)
    bus.put({"a": "b"})
    assert bus.found()["SchemaVersion"] == "1"
    bus.events.delete_event_bus(Name="shop")
    with refused("NotFoundException"):
        schemas.delete_discoverer(DiscovererId=bus.id)


def test_discoverers_are_listed_changed_and_tagged(cloud: Cloud, schemas: Any, bus: Bus) -> None:
    default = f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default"
    arn = schemas.create_discoverer(SourceArn=default, Description="d", CrossAccount=False, Tags={"a": "1"})["DiscovererArn"]
    pages = schemas.get_paginator("list_discoverers").paginate(PaginationConfig={"PageSize": 1})
    assert [each["DiscovererId"] for page in pages for each in page["Discoverers"]] == [
        "events-event-bus-default", "events-event-bus-shop"]
    (found,) = schemas.list_discoverers(SourceArnPrefix=default)["Discoverers"]
    assert (found["DiscovererArn"], found["Tags"]) == (arn, {"a": "1"})
    (found,) = schemas.list_discoverers(DiscovererIdPrefix="events-event-bus-s")["Discoverers"]
    assert found["SourceArn"] == bus.arn
    rule = cloud.client("events").describe_rule(Name="Schemas-events-event-bus-default")
    assert json.loads(rule["EventPattern"]) == {"account": [cloud.account]}
    told = schemas.update_discoverer(DiscovererId="events-event-bus-default", Description="e", CrossAccount=True)
    assert (told["Description"], told["CrossAccount"]) == ("e", True)
    schemas.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    schemas.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert schemas.describe_discoverer(DiscovererId="events-event-bus-default")["Tags"] == {"b": "2"}
    schemas.delete_discoverer(DiscovererId="events-event-bus-default")


def test_the_rule_of_a_discoverer_is_the_services(cloud: Cloud, bus: Bus) -> None:
    rule = {"Name": f"Schemas-{bus.id}", "EventBusName": "shop"}
    assert bus.events.describe_rule(**rule)["ManagedBy"] == "schemas.amazonaws.com"
    for change in (bus.events.disable_rule, bus.events.enable_rule, bus.events.delete_rule):
        with refused("ManagedRuleException", "managed by that service"):
            change(**rule)
    with refused("ManagedRuleException"):
        bus.events.put_rule(**rule, EventPattern='{"source": ["x"]}')
    target = bus.events.list_targets_by_rule(Rule=rule["Name"], EventBusName="shop")["Targets"][0]
    with refused("ManagedRuleException"):
        bus.events.put_targets(Rule=rule["Name"], EventBusName="shop", Targets=[target])
    with refused("ManagedRuleException"):
        bus.events.remove_targets(Rule=rule["Name"], EventBusName="shop", Ids=["discoverer"])
    bus.events.put_rule(Name="own", EventBusName="shop", EventPattern='{"source": ["x"]}')
    with refused("NotImplemented", "targets of schemas"):
        bus.events.put_targets(Rule="own", EventBusName="shop", Targets=[target])
    bus.events.remove_targets(Rule=rule["Name"], EventBusName="shop", Ids=["discoverer"], Force=True)
    bus.events.delete_rule(**rule, Force=True)
    bus.put({"a": 1})
    with refused("NotFoundException"):
        bus.found()
    bus.schemas.delete_discoverer(DiscovererId=bus.id)
    assert bus.schemas.list_discoverers()["Discoverers"] == []


def test_events_that_are_shown_are_described(schemas: Any) -> None:
    def event(detail: Any, kind: str = "Order") -> str:
        return json.dumps({"version": "0", "id": "1", "detail-type": kind, "source": SOURCE, "account": "1", "region": "r",
                           "time": "2026-01-01T00:00:00Z", "resources": [], "detail": detail})

    def said(form: str, *events: str) -> dict[str, Any]:
        return dict(json.loads(schemas.get_discovered_schema(Type=form, Events=list(events))["Content"]))

    found = said("JSONSchemaDraft4", event({"a": 1}), event({"a": "x", "b": {"a": {}}}))
    assert (found["$schema"], found["title"], found["type"]) == ("http://json-schema.org/draft-04/schema#", "Order", "object")
    assert found["properties"]["detail"] == {"$ref": "#/definitions/Order"}
    assert found["definitions"] == {
        "Order": {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {"$ref": "#/definitions/B"}}},
        "B": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/definitions/A"}}},
        "A": {"type": "object", "properties": {}}}
    assert "AWSEvent" in said("OpenApi3", event({}))["components"]["schemas"]
    for odd in ([event({}), event({}, "Other")], ["x"], ['{"a": 1}'], ["[1]"]):
        with refused("BadRequestException"):
            schemas.get_discovered_schema(Type="OpenApi3", Events=odd)


@pytest.mark.parametrize(("one", "other"), [
    ({"a": 1}, {"b": [1, None]}), ([1], ["x"]), ([], [{"a": 1}]), ("x", "2026-01-01T00:00:00Z"), (None, 1), (True, 1)])
def test_what_is_widened_does_not_depend_on_the_order(one: Any, other: Any) -> None:
    wide = widened(seen(one), seen(other))
    again = widened(seen(other), seen(one))
    assert wide == again
    assert widened(wide, seen(one)) == widened(wide, seen(other)) == wide
