"""Experiments on what is not a role: subnets, VPC endpoints, tables and buckets; and targets that are found by tags."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from access import doors
from access.doors import Door
from conftest import Cloud

_tokens = itertools.count()


@pytest.fixture(autouse=True)
def names_below_localhost() -> Iterator[None]:
    with doors.resolved():
        yield


def start(cloud: Cloud, fis: Any, action: str, calls: str, sort: str, parameters: dict[str, str] | None = None,
          mode: str = "fail", **target: Any) -> str:
    """An experiment of five minutes with one action on one target; it has begun."""
    made = fis.create_experiment_template(
        clientToken=str(next(_tokens)), description="d", stopConditions=[{"source": "none"}],
        roleArn=f"arn:aws:iam::{cloud.account}:role/fis", experimentOptions={"emptyTargetResolutionMode": mode},
        targets={"t": {"resourceType": sort, "selectionMode": "ALL", **target}},
        actions={"a": {"actionId": action, "targets": {calls: "t"}, "parameters": {"duration": "PT5M", **(parameters or {})}}})
    id = fis.start_experiment(clientToken=str(next(_tokens)), experimentTemplateId=made["experimentTemplate"]["id"])
    cloud.clock.idle()
    return str(id["experiment"]["id"])


def status(fis: Any, id: str) -> tuple[str, str]:
    told = fis.get_experiment(id=id)["experiment"]
    return told["state"]["status"], told["actions"]["a"]["state"]["status"]


class Gate:
    """A VPC endpoint of SQS in two zones."""

    def __init__(self, cloud: Cloud) -> None:
        ec2 = cloud.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
                        for n, zone in enumerate(("us-east-1a", "us-east-1b"))]
        made = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface", PrivateDnsEnabled=False,
            SubnetIds=self.subnets, TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "t", "Value": "a"}]}])
        self.id = made["VpcEndpoint"]["VpcEndpointId"]
        self._clients = [Door(cloud, self.id, vpc, entry["DnsName"]).client("sqs")
                         for entry in made["VpcEndpoint"]["DnsEntries"]]

    def open(self) -> list[bool]:
        """Does it answer: by the name of the region, and by those of its zones?"""
        return [self._answers(client) for client in self._clients]

    def _answers(self, client: Any) -> bool:
        try:
            client.list_queues()
        except ConnectionClosedError:
            return False
        return True


def test_traffic_of_subnets_is_denied(cloud: Cloud, fis: Any) -> None:
    gate = Gate(cloud)
    arns = [f"arn:aws:ec2:us-east-1:{cloud.account}:subnet/{subnet}" for subnet in gate.subnets]
    one = start(cloud, fis, "aws:network:disrupt-connectivity", "Subnets", "aws:ec2:subnet", {"scope": "all"},
                resourceArns=arns[:1])
    assert status(fis, one) == ("running", "running")
    assert gate.open() == [True, False, True]
    start(cloud, fis, "aws:network:disrupt-connectivity", "Subnets", "aws:ec2:subnet", {"scope": "all"}, resourceArns=arns)
    assert gate.open() == [False, False, False]
    cloud.clock.advance(301)
    assert gate.open() == [True, True, True]
    assert status(fis, one) == ("completed", "completed")


def test_an_endpoint_that_is_found_by_its_tags_is_blocked(cloud: Cloud, fis: Any) -> None:
    gate = Gate(cloud)
    id = start(cloud, fis, "aws:network:disrupt-vpc-endpoint", "VPCEndpoints", "aws:ec2:vpc-endpoint", resourceTags={"t": "a"})
    assert gate.open() == [False, False, False]
    [found] = fis.list_experiment_resolved_targets(experimentId=id)["resolvedTargets"]
    assert found["targetInformation"] == {"ARN": f"arn:aws:ec2:us-east-1:{cloud.account}:vpc-endpoint/{gate.id}"}
    fis.stop_experiment(id=id)
    assert gate.open() == [True, True, True]


@pytest.mark.parametrize(("mode", "ends"), [("fail", ("failed", "cancelled")), ("skip", ("completed", "skipped"))])
def test_a_target_that_is_empty_fails_or_skips(cloud: Cloud, fis: Any, mode: str, ends: tuple[str, str]) -> None:
    id = start(cloud, fis, "aws:network:disrupt-vpc-endpoint", "VPCEndpoints", "aws:ec2:vpc-endpoint", mode=mode,
               resourceTags={"t": "none"})
    assert status(fis, id) == ends
    gone = f"arn:aws:ec2:us-east-1:{cloud.account}:subnet/subnet-0123456789abcdef0"
    id = start(cloud, fis, "aws:network:disrupt-connectivity", "Subnets", "aws:ec2:subnet", {"scope": "all"}, mode,
               resourceArns=[gone])
    assert status(fis, id) == ends
    if mode == "fail":
        assert fis.get_experiment(id=id)["experiment"]["state"]["reason"] == "Target resolution returned empty set."


def test_other_scopes_and_other_types_are_refused(cloud: Cloud, fis: Any) -> None:
    arn = f"arn:aws:ec2:us-east-1:{cloud.account}:subnet/subnet-1"
    with pytest.raises(ClientError, match="the scope s3 of aws:network:disrupt-connectivity"):
        start(cloud, fis, "aws:network:disrupt-connectivity", "Subnets", "aws:ec2:subnet", {"scope": "s3"}, resourceArns=[arn])
    with pytest.raises(fis.exceptions.ValidationException, match="targets of the type aws:ec2:vpc-endpoint"):
        start(cloud, fis, "aws:network:disrupt-vpc-endpoint", "VPCEndpoints", "aws:ec2:subnet", resourceArns=[arn])


def test_replication_of_a_global_table_pauses(cloud: Cloud, fis: Any) -> None:
    here, there = cloud.client("dynamodb"), cloud.client("dynamodb", region="eu-west-1")
    arn = here.create_table(TableName="world", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "k", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])[
            "TableDescription"]["TableArn"]
    here.update_table(TableName="world", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    cloud.clock.idle()
    start(cloud, fis, "aws:dynamodb:global-table-pause-replication", "Tables", "aws:dynamodb:global-table", resourceArns=[arn])
    here.put_item(TableName="world", Item={"k": {"S": "a"}})
    cloud.clock.advance(200)
    assert there.scan(TableName="world")["Count"] == 0
    cloud.clock.advance(200)
    assert there.scan(TableName="world")["Count"] == 1


def test_replication_of_a_bucket_to_a_region_pauses(cloud: Cloud, fis: Any, role: Any) -> None:
    s3, source = cloud.client("s3"), f"from-{cloud.account}"
    places = {"eu-west-1": f"to-{cloud.account}", "eu-west-2": f"also-{cloud.account}"}
    cloud.client("iam").put_role_policy(RoleName="struck", PolicyName="p", PolicyDocument=(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'))
    s3.create_bucket(Bucket=source)
    for region, name in places.items():
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    for name in (source, *places.values()):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=source, Tagging={"TagSet": [{"Key": "t", "Value": "a"}]})
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": role.arn, "Rules": [
        {"Status": "Enabled", "Priority": n, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": f"arn:aws:s3:::{name}"}} for n, name in enumerate(places.values())]})
    start(cloud, fis, "aws:s3:bucket-pause-replication", "Buckets", "aws:s3:bucket", {"region": "eu-west-1"},
          resourceTags={"t": "a"})
    s3.put_object(Bucket=source, Key="k", Body=b"v")
    cloud.clock.advance(200)

    def arrived() -> list[int]:
        return [s3.list_objects_v2(Bucket=name)["KeyCount"] for name in places.values()]

    assert arrived() == [0, 1]
    cloud.clock.advance(200)
    assert arrived() == [1, 1]
