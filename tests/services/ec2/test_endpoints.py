"""VPC endpoints over the wire: made, told, changed, deleted, and what stands in their way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

S3, SQS, DYNAMODB = (f"com.amazonaws.us-east-1.{name}" for name in ("s3", "sqs", "dynamodb"))
READ = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def subnets(ec2: Any, vpc: str) -> list[str]:
    return [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for i, zone in enumerate(("us-east-1a", "us-east-1b", "us-east-1b"))]


def main_table(ec2: Any, vpc: str) -> dict[str, Any]:
    return ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]


def refused(ask: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        ask(**members)
    return str(problem.value.response["Error"]["Code"])


def told(ec2: Any, id: str) -> dict[str, Any]:
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[id])["VpcEndpoints"][0]


def test_a_gateway_is_there_at_once_and_routes(ec2: Any, cloud: Cloud, vpc: str) -> None:
    table = main_table(ec2, vpc)["RouteTableId"]
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=[table])["VpcEndpoint"]
    assert (made["VpcEndpointType"], made["State"], made["OwnerId"]) == ("Gateway", "available", cloud.account)
    assert json.loads(made["PolicyDocument"])["Statement"] == [
        {"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]
    assert (made["DnsEntries"], made["RouteTableIds"]) == ([], [table])
    lists = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [S3]}])["PrefixLists"]
    routes = [r for r in main_table(ec2, vpc)["Routes"] if r["GatewayId"] == made["VpcEndpointId"]]
    assert [r["DestinationPrefixListId"] for r in routes] == [lists[0]["PrefixListId"]]
    assert refused(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=S3, RouteTableIds=[table]) == "RouteAlreadyExists"
    other = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=DYNAMODB, RouteTableIds=[table])["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=other, RemoveRouteTableIds=[table])
    assert told(ec2, other)["RouteTableIds"] == []
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"], "vpce-00000000000000000", other])["Unsuccessful"]
    assert [(one["ResourceId"], one["Error"]["Code"]) for one in gone] == [
        ("vpce-00000000000000000", "InvalidVpcEndpointId.NotFound")]
    assert [r["GatewayId"] for r in main_table(ec2, vpc)["Routes"]] == ["local"]
    assert refused(ec2.describe_vpc_endpoints, VpcEndpointIds=[other]) == "InvalidVpcEndpointId.NotFound"
    ec2.delete_vpc(VpcId=vpc)


def test_an_interface_takes_its_time(ec2: Any, cloud: Cloud, vpc: str, subnets: list[str]) -> None:
    default = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=SQS, VpcEndpointType="Interface", SubnetIds=subnets[:2],
                                   PrivateDnsEnabled=False)["VpcEndpoint"]
    id = made["VpcEndpointId"]
    assert (made["State"], made["Groups"]) == ("pending", [{"GroupId": default["GroupId"], "GroupName": "default"}])
    names = [entry["DnsName"] for entry in made["DnsEntries"]]
    assert len(names) == 3
    assert all(name.startswith(id + "-") and name.endswith(".sqs.us-east-1.vpce.localhost") for name in names)
    assert [name.partition(".")[0][-11:] for name in names[1:]] == ["-us-east-1a", "-us-east-1b"]
    cloud.clock.advance(6)
    assert told(ec2, id)["State"] == "available"
    assert refused(ec2.delete_subnet, SubnetId=subnets[0]) == "DependencyViolation"
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=id, RemoveSubnetIds=[subnets[0]], AddSecurityGroupIds=[group],
                            RemoveSecurityGroupIds=[default["GroupId"]])
    assert (told(ec2, id)["SubnetIds"], told(ec2, id)["Groups"][0]["GroupId"]) == ([subnets[1]], group)
    assert refused(ec2.modify_vpc_endpoint, VpcEndpointId=id, RemoveSecurityGroupIds=[group]) == "InvalidParameter"
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[id])["Unsuccessful"] == []
    assert told(ec2, id)["State"] == "deleting"
    assert refused(ec2.modify_vpc_endpoint, VpcEndpointId=id, ResetPolicy=True) == "InvalidVpcEndpointState"
    cloud.clock.advance(6)
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    ec2.delete_subnet(SubnetId=subnets[1])


def test_private_names_need_names_in_the_vpc(ec2: Any, vpc: str, subnets: list[str]) -> None:
    wanted = {"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface", "PrivateDnsEnabled": True}
    assert refused(ec2.create_vpc_endpoint, **wanted) == "InvalidParameter"
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    made = ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]
    assert "sqs.us-east-1.amazonaws.com" in [entry["DnsName"] for entry in made["DnsEntries"]]
    assert refused(ec2.create_vpc_endpoint, **wanted) == "InvalidParameter"          # the same names again
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], PrivateDnsEnabled=False)
    assert told(ec2, made["VpcEndpointId"])["PrivateDnsEnabled"] is False
    ec2.create_vpc_endpoint(**wanted)


def test_policies_are_put_and_reset(ec2: Any, vpc: str) -> None:
    id = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, PolicyDocument=READ)["VpcEndpoint"]["VpcEndpointId"]
    assert json.loads(told(ec2, id)["PolicyDocument"]) == json.loads(READ)
    ec2.modify_vpc_endpoint(VpcEndpointId=id, ResetPolicy=True)
    assert json.loads(told(ec2, id)["PolicyDocument"])["Statement"][0]["Action"] == "*"
    ec2.modify_vpc_endpoint(VpcEndpointId=id, PolicyDocument=READ)
    assert json.loads(told(ec2, id)["PolicyDocument"]) == json.loads(READ)
    nobody = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for text in ("{", json.dumps(nobody), READ[:-1] + " " * 20_480 + "}"):
        assert refused(ec2.modify_vpc_endpoint, VpcEndpointId=id, PolicyDocument=text) == "InvalidPolicyDocument"
    assert refused(ec2.modify_vpc_endpoint, VpcEndpointId=id, PolicyDocument=READ,
                   ResetPolicy=True) == "InvalidParameterCombination"
    assert json.loads(told(ec2, id)["PolicyDocument"]) == json.loads(READ)


@pytest.mark.parametrize(("members", "code"), [
    ({"ServiceName": "com.amazonaws.us-east-1.nothing"}, "InvalidServiceName"),
    ({"ServiceName": "com.amazonaws.eu-west-1.s3"}, "InvalidServiceName"),
    ({"ServiceName": SQS}, "InvalidParameter"), ({}, "MissingParameter"),
    ({"ServiceName": S3, "SubnetIds": ["subnet-0"]}, "InvalidParameter"),
    ({"ServiceName": S3, "SecurityGroupIds": ["sg-0"]}, "InvalidParameter"),
    ({"ServiceName": S3, "PrivateDnsEnabled": True}, "InvalidParameter"),
    ({"ServiceName": S3, "RouteTableIds": ["rtb-0"]}, "InvalidRouteTableID.NotFound"),
    ({"ServiceName": S3, "VpcId": "vpc-0"}, "InvalidVpcID.NotFound"),
    ({"ServiceName": S3, "VpcEndpointType": "GatewayLoadBalancer"}, "NotImplemented"),
    ({"ServiceName": SQS, "VpcEndpointType": "Interface", "RouteTableIds": ["rtb-0"]}, "InvalidParameter"),
    ({"ServiceName": SQS, "VpcEndpointType": "Interface", "SubnetIds": ["subnet-0"]}, "InvalidSubnetID.NotFound"),
    ({"ServiceName": SQS, "VpcEndpointType": "Interface", "SecurityGroupIds": ["sg-0"]}, "InvalidGroup.NotFound")])
def test_what_does_not_fit_is_refused(ec2: Any, vpc: str, members: dict[str, Any], code: str) -> None:
    assert refused(ec2.create_vpc_endpoint, **{"VpcId": vpc} | members) == code
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_only_what_lies_in_the_vpc_fits(ec2: Any, vpc: str, subnets: list[str]) -> None:
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    foreign = ec2.create_security_group(GroupName="g", Description="d", VpcId=other)["GroupId"]
    interface = {"ServiceName": SQS, "VpcEndpointType": "Interface"}
    assert refused(ec2.create_vpc_endpoint, VpcId=other, SubnetIds=subnets[:1], **interface) == "InvalidParameter"
    assert refused(ec2.create_vpc_endpoint, VpcId=vpc, SecurityGroupIds=[foreign], **interface) == "InvalidParameter"
    assert refused(ec2.create_vpc_endpoint, VpcId=vpc, SubnetIds=subnets[1:], **interface) == "DuplicateSubnetsInSameZone"
    table = main_table(ec2, other)["RouteTableId"]
    assert refused(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=S3, RouteTableIds=[table]) == "InvalidParameter"


def test_a_token_makes_one(ec2: Any, cloud: Cloud, vpc: str) -> None:
    wanted = {"VpcId": vpc, "ServiceName": S3, "ClientToken": "once"}
    made = [ec2.create_vpc_endpoint(**wanted) for _ in range(2)]
    assert made[0]["VpcEndpoint"]["VpcEndpointId"] == made[1]["VpcEndpoint"]["VpcEndpointId"]
    assert made[1]["ClientToken"] == "once"
    assert refused(ec2.create_vpc_endpoint, **wanted | {"PolicyDocument": READ}) == "IdempotentParameterMismatch"
    cloud.clock.advance(90_000)
    again = [ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"] for _ in range(2)]
    assert again[0] == again[1] != made[0]["VpcEndpoint"]["VpcEndpointId"]


def test_filters_pages_and_tags(ec2: Any, cloud: Cloud, vpc: str) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "team", "Value": "a"}]}]
    made = [ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, TagSpecifications=tags)["VpcEndpoint"],
            ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=DYNAMODB)["VpcEndpoint"],
            ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=SQS, VpcEndpointType="Interface",
                                    PrivateDnsEnabled=False)["VpcEndpoint"]]
    ids = [one["VpcEndpointId"] for one in made]

    def found(name: str, *values: str) -> list[str]:
        told = ec2.describe_vpc_endpoints(Filters=[{"Name": name, "Values": list(values)}])["VpcEndpoints"]
        return sorted(one["VpcEndpointId"] for one in told)

    assert found("service-name", S3, SQS) == sorted([ids[0], ids[2]])
    assert found("vpc-endpoint-type", "Interface") == [ids[2]]
    assert found("vpc-endpoint-state", "available") == sorted(ids[:2])
    assert found("tag:team", "a") == [ids[0]]
    assert found("vpc-id", "vpc-other") == []
    ec2.create_tags(Resources=[ids[1]], Tags=[{"Key": "team", "Value": "b"}])
    assert found("tag-key", "team") == sorted(ids[:2])
    pages = list(ec2.get_paginator("describe_vpc_endpoints").paginate(PaginationConfig={"PageSize": 2}))
    assert [one["VpcEndpointId"] for page in pages for one in page["VpcEndpoints"]] == sorted(ids)
    assert len(pages) == 2
    assert refused(ec2.describe_vpc_endpoints, Filters=[{"Name": "colour", "Values": ["red"]}]) == "InvalidParameterValue"
    assert cloud.other().client("ec2").describe_vpc_endpoints()["VpcEndpoints"] == []


def test_services_that_endpoints_lead_to(ec2: Any, cloud: Cloud) -> None:
    listed = ec2.describe_vpc_endpoint_services(ServiceNames=[S3, SQS])
    assert listed["ServiceNames"] == [S3, SQS]
    assert [(s["ServiceName"], s["ServiceType"][0]["ServiceType"]) for s in listed["ServiceDetails"]] == [
        (S3, "Gateway"), (S3, "Interface"), (SQS, "Interface")]
    gateways = ec2.describe_vpc_endpoint_services(Filters=[{"Name": "service-type", "Values": ["Gateway"]}])
    assert gateways["ServiceNames"] == [DYNAMODB, S3]
    pages = list(ec2.get_paginator("describe_vpc_endpoint_services").paginate(PaginationConfig={"PageSize": 7}))
    names = [s["ServiceName"] for page in pages for s in page["ServiceDetails"]]
    assert len(pages) > 2
    assert names == sorted(names)
    assert {S3, SQS, "com.amazonaws.us-east-1.kms"} <= set(names)
    assert refused(ec2.describe_vpc_endpoint_services, ServiceNames=["com.amazonaws.us-east-1.none"]) == "InvalidServiceName"
    there = cloud.client("ec2", region="eu-west-1").describe_vpc_endpoint_services()["ServiceNames"]
    assert "com.amazonaws.eu-west-1.sqs" in there


def test_quotas(ec2: Any, vpc: str) -> None:
    for _ in range(20):
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)
    assert refused(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=S3) == "VpcEndpointLimitExceeded"
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=SQS, VpcEndpointType="Interface", PrivateDnsEnabled=False)
