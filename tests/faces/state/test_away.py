"""A zone, a subnet, an endpoint or a region is away: what stands there does not answer, and all else does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from click.testing import CliRunner

from access import doors
from access.doors import Door
from conftest import Cloud
from cumulet.faces.cli.main import cli


@pytest.fixture(autouse=True)
def names_below_localhost() -> Iterator[None]:
    with doors.resolved():
        yield


@pytest.fixture
def away(cloud: Cloud) -> Iterator[Callable[..., int]]:
    """A fault of this account that is cleared at the end."""
    with httpx.Client(base_url=cloud.endpoint) as http:
        made: list[int] = []

        def add(*places: str, **said: Any) -> int:
            asked = {"account": cloud.account, "places": places, "cut": "before"} | said
            answer = http.post("/_cumulet/faults", json=asked).json()
            assert "id" in answer, answer
            made.append(answer["id"])
            return made[-1]

        yield add
        for id in made:
            http.post("/_cumulet/faults/clear", json={"id": id})


def answers(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except ConnectionClosedError:
        return False
    return True


def express(cloud: Cloud, zone: str) -> str:
    name = f"b-{cloud.account}--{zone}--x-s3"
    cloud.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={
        "Location": {"Type": "AvailabilityZone", "Name": zone}, "Bucket": {"Type": "Directory"}})
    return name


def gate(cloud: Cloud, *zones: str) -> tuple[dict[str, Door], str, dict[str, str]]:
    """An endpoint of SQS in these zones: its names by zone ("": that of the region), its id, and its subnets by zone."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = {zone: ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
               for n, zone in enumerate(zones)}
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface",
                                   PrivateDnsEnabled=False, SubnetIds=list(subnets.values()))["VpcEndpoint"]
    named = [(next((z for z in zones if f"-{z}." in entry["DnsName"]), ""), entry["DnsName"]) for entry in made["DnsEntries"]]
    return {zone: Door(cloud, made["VpcEndpointId"], vpc, host) for zone, host in named}, made["VpcEndpointId"], subnets


def test_a_zone_away_takes_its_directory_buckets_and_leaves_the_region(cloud: Cloud, away: Any) -> None:
    s3 = cloud.client("s3")
    here, there = express(cloud, "use1-az1"), express(cloud, "use1-az2")
    for name in (here, there):
        s3.put_object(Bucket=name, Key="k", Body=b"v")
    away("us-east-1a")
    assert not answers(lambda: s3.get_object(Bucket=here, Key="k"))
    assert not answers(lambda: s3.copy_object(Bucket=there, Key="copy", CopySource=f"{here}/k"))
    assert s3.get_object(Bucket=there, Key="k")["Body"].read() == b"v"
    assert {b["Name"] for b in s3.list_directory_buckets()["Buckets"]} >= {here, there}
    s3.create_bucket(Bucket=f"general-{cloud.account}")
    s3.put_object(Bucket=f"general-{cloud.account}", Key="k", Body=b"v")


def test_an_error_in_the_place_of_silence(cloud: Cloud, away: Any) -> None:
    s3, name = cloud.client("s3"), express(cloud, "use1-az3")
    s3.put_object(Bucket=name, Key="k", Body=b"v")
    away("use1-az3", error="unavailable", cut="")
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        s3.get_object(Bucket=name, Key="k")


def test_an_endpoint_is_reached_through_the_zones_that_are_left(cloud: Cloud, away: Any) -> None:
    doors, _, _ = gate(cloud, "us-east-1a", "us-east-1b")
    sqs = {zone: door.client("sqs") for zone, door in doors.items()}
    assert {zone for zone, client in sqs.items() if answers(client.list_queues)} == {"", "us-east-1a", "us-east-1b"}
    away("us-east-1a")
    assert {zone for zone, client in sqs.items() if answers(client.list_queues)} == {"", "us-east-1b"}
    away("use1-az2", account="999999999999")                              # somebody else's faults are no matter of ours
    assert {zone for zone, client in sqs.items() if answers(client.list_queues)} == {"", "us-east-1b"}
    away("use1-az2")
    assert not any(answers(client.list_queues) for client in sqs.values())
    assert answers(cloud.client("sqs").list_queues)                       # not by the endpoint


@pytest.mark.parametrize("what", ["subnet", "endpoint"])
def test_a_subnet_or_an_endpoint_away(cloud: Cloud, away: Any, what: str) -> None:
    doors, id, subnets = gate(cloud, "us-east-1a", "us-east-1b")
    away(subnets["us-east-1b"] if what == "subnet" else id)
    left = {zone for zone, door in doors.items() if answers(door.client("sqs").list_queues)}
    assert left == ({"", "us-east-1a"} if what == "subnet" else set())


def world(cloud: Cloud) -> dict[str, Any]:
    """A global table of three regions."""
    clients = {region: cloud.client("dynamodb", region=region) for region in ("us-east-1", "eu-west-1", "ap-southeast-2")}
    clients["us-east-1"].create_table(TableName="world", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "k", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    for region in ("eu-west-1", "ap-southeast-2"):
        clients["us-east-1"].update_table(TableName="world", ReplicaUpdates=[{"Create": {"RegionName": region}}])
        cloud.clock.idle()
    return clients


def keys(client: Any) -> set[str]:
    return {item["k"]["S"] for item in client.scan(TableName="world")["Items"]}


def put(client: Any, *names: str) -> None:
    for name in names:
        client.put_item(TableName="world", Item={"k": {"S": name}})


def test_a_region_away_is_told_of_writes_when_it_is_back(cloud: Cloud, away: Any) -> None:
    clients = world(cloud)
    id = away(region="eu-west-1")
    assert not answers(lambda: keys(clients["eu-west-1"]))
    put(clients["us-east-1"], *(str(n) for n in range(120)))
    cloud.clock.advance(61)
    assert len(keys(clients["ap-southeast-2"])) == 120
    httpx.post(f"{cloud.endpoint}/_cumulet/faults/clear", json={"id": id})
    assert keys(clients["eu-west-1"]) == set()
    put(clients["eu-west-1"], "late")
    cloud.clock.advance(61)
    assert len(keys(clients["eu-west-1"])) == len(keys(clients["us-east-1"])) == 121


def test_replication_of_one_table_is_halted(cloud: Cloud, away: Any) -> None:
    clients = world(cloud)
    id = away(service="dynamodb", resource=f"arn:aws:dynamodb:eu-west-1:{cloud.account}:table/world", cut="",
              halts="replication")
    put(clients["us-east-1"], "from here")
    put(clients["eu-west-1"], "from there")
    cloud.clock.advance(61)
    assert [keys(client) for client in clients.values()] == [{"from here"}, {"from there"}, {"from here"}]
    httpx.post(f"{cloud.endpoint}/_cumulet/faults/clear", json={"id": id})
    cloud.clock.advance(61)
    assert [keys(client) for client in clients.values()] == [{"from here", "from there"}] * 3


def test_objects_follow_when_replication_goes_on(cloud: Cloud, away: Any) -> None:
    s3, account = cloud.client("s3"), cloud.account
    role = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    cloud.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    for name, place in (("from", {}), ("to", {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}})):
        s3.create_bucket(Bucket=f"{name}-{account}", **place)
        s3.put_bucket_versioning(Bucket=f"{name}-{account}", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(Bucket=f"from-{account}", ReplicationConfiguration={"Role": role, "Rules": [
        {"Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": f"arn:aws:s3:::to-{account}"}}]})
    away(region="eu-west-1", seconds=600)
    s3.put_object(Bucket=f"from-{account}", Key="k", Body=b"v")
    cloud.clock.advance(300)
    assert s3.head_object(Bucket=f"from-{account}", Key="k")["ReplicationStatus"] == "PENDING"
    cloud.clock.advance(400)
    assert s3.head_object(Bucket=f"from-{account}", Key="k")["ReplicationStatus"] == "COMPLETED"
    assert s3.get_object(Bucket=f"to-{account}", Key="k")["Body"].read() == b"v"


@pytest.mark.parametrize("more", [{"error": "throttle"}, {"rate": 0.5}, {"latency": 1.0}, {"principal": "*"}])
def test_halted_replication_goes_with_nothing_else(cloud: Cloud, more: dict[str, Any]) -> None:
    answer = httpx.post(f"{cloud.endpoint}/_cumulet/faults", json={"halts": "replication", **more})
    assert (answer.status_code, "does nothing else" in answer.text) == (400, True)


def test_what_is_no_place_is_refused(cloud: Cloud) -> None:
    for place in ("us-east-1z", "nowhere", "us-east-1"):
        answer = httpx.post(f"{cloud.endpoint}/_cumulet/faults", json={"places": [place], "cut": "before"})
        assert answer.status_code == 400
        assert f"{place} is no availability zone" in answer.text


def test_away_as_somebody_types_it(cloud: Cloud) -> None:
    def typed(*words: str, code: int = 0) -> str:
        ran = CliRunner().invoke(cli, ["fault", "--endpoint", cloud.endpoint, *words])
        assert ran.exit_code == code, ran.output
        return ran.output

    made = json.loads(typed("away", "eu-west-1", "--account", cloud.account, "-o", "json"))
    assert (made["region"], made["cut"]) == ("eu-west-1", "before")
    assert not answers(cloud.client("sqs", region="eu-west-1").list_queues)
    assert answers(cloud.client("sqs").list_queues)
    typed("clear", str(made["id"]))
    assert answers(cloud.client("sqs", region="eu-west-1").list_queues)
    assert "for all services" in typed("away", "us-east-1c", "--account", cloud.account, "--error", "unavailable")
    found = json.loads(typed("list", "-o", "json"))["faults"]
    mine = next(f for f in found if f.get("account") == cloud.account)
    assert (mine["places"], mine["error"]) == (["use1-az3"], "unavailable")
    typed("clear", str(mine["id"]))
    told = typed("add", "s3", "--halt-replication", "--account", cloud.account)
    assert f"replication halted for s3 account {cloud.account}" in told
    typed("clear", told.partition(":")[0].removeprefix("Fault "))
    typed("away", code=2)
    assert "no availability zone" in typed("away", "elsewhere", code=1)
