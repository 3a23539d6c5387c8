"""Global endpoints: one region takes the events; the other one a copy, and all when the first is out of order."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from conftest import Cloud, new_account
from services.sqs.queues import refused

from .conftest import Inbox, connect

HOME, AWAY = "eu-west-1", "eu-central-1"
CHECK = "arn:aws:route53:::healthcheck/8ad2b1f5-0000-4000-8000-000000000000"
ROUTING = {"FailoverConfig": {"Primary": {"HealthCheck": CHECK}, "Secondary": {"Route": AWAY}}}


class Two:
    """A bus called `orders` in two regions, each of which tells a queue."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.home, self.away = (cloud.client("events", region=region) for region in (HOME, AWAY))
        self.inboxes = {}
        for client, region in ((self.home, HOME), (self.away, AWAY)):
            client.create_event_bus(Name="orders")
            self.inboxes[region] = Inbox(cloud, f"of-{region}")
            connect(client, self.inboxes[region], {"source": ["shop"]}, bus="orders")
        self.buses = [{"EventBusArn": f"arn:aws:events:{region}:{cloud.account}:event-bus/orders"} for region in (HOME, AWAY)]

    def make(self, name: str = "e", **members: Any) -> dict[str, Any]:
        return dict(self.home.create_endpoint(**{"Name": name, "RoutingConfig": ROUTING, "EventBuses": self.buses,
                                                 "ReplicationConfig": {"State": "DISABLED"}, **members}))

    def put(self, number: int) -> dict[str, list[int]]:
        """What both regions had of an event that is put to the endpoint."""
        id = self.home.describe_endpoint(Name="e")["EndpointId"]
        entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"n": number}), "EventBusName": "orders"}
        told = self.cloud.client("events").put_events(EndpointId=id, Entries=[entry])
        assert told["FailedEntryCount"] == 0
        return {region: [event["detail"]["n"] for event in inbox.events()] for region, inbox in self.inboxes.items()}


@pytest.fixture
def two(cloud: Cloud) -> Two:
    return Two(cloud)


def test_an_endpoint_is_told_as_it_was_made(cloud: Cloud, two: Two) -> None:
    made = two.make(Description="d")
    assert (made["State"], made["Arn"]) == ("ACTIVE", f"arn:aws:events:{HOME}:{cloud.account}:endpoint/e")
    told = two.home.describe_endpoint(Name="e")
    assert (told["Description"], told["RoutingConfig"], told["EventBuses"]) == ("d", ROUTING, two.buses)
    assert told["EndpointUrl"] == f"https://{told['EndpointId']}.endpoint.events.amazonaws.com"
    assert two.away.describe_endpoint(Name="e", HomeRegion=HOME)["Arn"] == made["Arn"]
    with refused("ResourceNotFoundException", "does not exist"):
        two.away.describe_endpoint(Name="e")
    with refused("ResourceAlreadyExistsException"):
        two.make()
    two.make("f")
    first = two.home.list_endpoints(MaxResults=1)
    rest = two.home.list_endpoints(NextToken=first["NextToken"])
    assert [each["Name"] for each in first["Endpoints"] + rest["Endpoints"]] == ["e", "f"]
    assert [each["Name"] for each in two.away.list_endpoints(NamePrefix="f", HomeRegion=HOME)["Endpoints"]] == ["f"]
    two.home.delete_endpoint(Name="f")
    with refused("ResourceNotFoundException"):
        two.home.delete_endpoint(Name="f")


def test_an_endpoint_needs_two_buses_of_one_name(cloud: Cloud, two: Two) -> None:
    with refused("ValidationException", "RoleArn is required"):
        two.make(ReplicationConfig={"State": "ENABLED"})
    with refused("ValidationException", "one of eu-west-1 and one of eu-central-1"):
        two.make(EventBuses=[two.buses[0], two.buses[0]])
    other = {"EventBusArn": two.buses[1]["EventBusArn"].replace("orders", "other")}
    with refused("ValidationException", "identical in each Region"):
        two.make(EventBuses=[two.buses[0], other])
    with refused("ResourceNotFoundException", "Event bus other does not exist in eu-west-1"):
        two.make(EventBuses=[{"EventBusArn": two.buses[0]["EventBusArn"].replace("orders", "other")}, other])
    with refused("ValidationException", "another one"):
        two.make(RoutingConfig={"FailoverConfig": {"Primary": {"HealthCheck": CHECK}, "Secondary": {"Route": HOME}}})


def test_events_go_home_and_away_while_home_is_out_of_order(cloud: Cloud, two: Two) -> None:
    two.make()
    assert two.put(1) == {HOME: [1], AWAY: []}
    faults = f"{cloud.endpoint}/_cumulet/faults"
    number = httpx.post(faults, json={"service": "events", "operations": ["PutEvents"], "region": HOME,
                                      "account": cloud.account, "error": "unavailable"}).json()["id"]
    assert two.put(2) == {HOME: [], AWAY: [2]}
    httpx.post(f"{faults}/clear", json={"id": number})
    assert two.put(3) == {HOME: [3], AWAY: []}
    with refused("ResourceNotFoundException", "does not exist"):
        cloud.client("events").put_events(EndpointId="none.veo", Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}])


def test_a_copy_goes_to_the_other_region_with_the_rights_of_the_role(cloud: Cloud, two: Two) -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = cloud.client("iam").create_role(RoleName="copies", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    two.make()
    changed = two.home.update_endpoint(Name="e", ReplicationConfig={"State": "ENABLED"}, RoleArn=role)
    assert (changed["ReplicationConfig"], changed["RoleArn"]) == ({"State": "ENABLED"}, role)
    assert two.put(1) == {HOME: [1], AWAY: [1]}


def test_who_puts_to_an_endpoint_needs_the_bus_that_it_leads_to(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    two, iam = Two(cloud), cloud.client("iam")
    two.make()
    iam.create_user(UserName="shop")
    keys = iam.create_access_key(UserName="shop")["AccessKey"]
    shop = cloud.client("events", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])
    id = two.home.describe_endpoint(Name="e")["EndpointId"]
    entries = [{"Source": "shop", "DetailType": "Order", "Detail": "{}", "EventBusName": "orders"}]
    with refused("AccessDeniedException", two.buses[0]["EventBusArn"]):
        shop.put_events(EndpointId=id, Entries=entries)
    iam.put_user_policy(UserName="shop", PolicyName="put", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": two.buses[0]["EventBusArn"]}]}))
    assert shop.put_events(EndpointId=id, Entries=entries)["FailedEntryCount"] == 0
    assert len(two.inboxes[HOME].events()) == 1
