"""VPCs, subnets and security groups over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def code_of(problem: pytest.ExceptionInfo[ClientError]) -> str:
    return problem.value.response["Error"]["Code"]


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def test_a_vpc_is_born_with_its_defaults(ec2: Any) -> None:
    made = ec2.create_vpc(CidrBlock="10.1.2.3/16", TagSpecifications=[
        {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "main"}]}])["Vpc"]
    assert (made["CidrBlock"], made["State"]) == ("10.1.0.0/16", "pending")
    ec2.get_waiter("vpc_available").wait(VpcIds=[made["VpcId"]])
    told = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["m*n"]}])["Vpcs"]
    assert [v["VpcId"] for v in told] == [made["VpcId"]]
    by_vpc = [{"Name": "vpc-id", "Values": [made["VpcId"]]}]
    assert [g["GroupName"] for g in ec2.describe_security_groups(Filters=by_vpc)["SecurityGroups"]] == ["default"]
    acl = ec2.describe_network_acls(Filters=[*by_vpc, {"Name": "default", "Values": ["true"]}])["NetworkAcls"][0]
    assert sorted((e["RuleNumber"], e["Egress"]) for e in acl["Entries"]) == [
        (100, False), (100, True), (32767, False), (32767, True)]
    routes = ec2.describe_route_tables(Filters=[*by_vpc, {"Name": "association.main", "Values": ["true"]}])["RouteTables"][0]
    assert routes["Routes"][0]["GatewayId"] == "local"


@pytest.mark.parametrize(("attribute", "member", "default"), [("enableDnsSupport", "EnableDnsSupport", True),
                                                              ("enableDnsHostnames", "EnableDnsHostnames", False)])
def test_attributes_change_one_by_one(ec2: Any, vpc: str, attribute: str, member: str, default: bool) -> None:
    assert ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[member] == {"Value": default}
    ec2.modify_vpc_attribute(VpcId=vpc, **{member: {"Value": not default}})
    assert ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[member] == {"Value": not default}


def test_subnets_lie_inside_and_do_not_overlap(ec2: Any, vpc: str) -> None:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    assert (made["AvailableIpAddressCount"], made["AvailabilityZoneId"]) == (251, "use1-az2")
    for cidr, code in (("10.0.1.128/25", "InvalidSubnet.Conflict"), ("10.1.0.0/24", "InvalidSubnet.Range"),
                       ("10.0.0.0/30", "InvalidSubnet.Range"), ("nonsense", "InvalidParameterValue")):
        with pytest.raises(ClientError) as problem:
            ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)
        assert code_of(problem) == code
    ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    told = ec2.describe_subnets(Filters=[{"Name": "map-public-ip-on-launch", "Values": ["true"]}])["Subnets"]
    assert [s["SubnetId"] for s in told] == [made["SubnetId"]]
    with pytest.raises(ClientError) as problem:
        ec2.delete_vpc(VpcId=vpc)
    assert code_of(problem) == "DependencyViolation"
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    with pytest.raises(ClientError) as problem:
        ec2.describe_vpcs(VpcIds=[vpc])
    assert code_of(problem) == "InvalidVpcID.NotFound"


def test_rules_are_granted_and_revoked(ec2: Any, vpc: str) -> None:
    group = ec2.create_security_group(GroupName="web", Description="web servers", VpcId=vpc)["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
             "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}], "UserIdGroupPairs": [{"GroupId": group}]}
    granted = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[https])["SecurityGroupRules"]
    assert len(granted) == 2
    with pytest.raises(ClientError) as problem:
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0")
    assert code_of(problem) == "InvalidPermission.Duplicate"
    told = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert told["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0", "Description": "all"}]
    assert told["IpPermissionsEgress"] == [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [],
                                            "PrefixListIds": [], "UserIdGroupPairs": []}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[
        {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])
    ids = [r["SecurityGroupRuleId"] for r in granted]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ids)
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [(r["IsEgress"], r["CidrIpv6"]) for r in rules] == [(True, "::/0")]
    ec2.delete_security_group(GroupId=group)


@pytest.mark.parametrize(("permission", "code"), [
    ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, "InvalidParameterValue"),
    ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.1/8"}]}, "InvalidParameterValue"),
    ({"IpProtocol": "warp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, "InvalidParameterValue"),
    ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}, "MissingParameter"),
    ({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0"}]}, "InvalidGroup.NotFound")])
def test_bad_rules_change_nothing(ec2: Any, vpc: str, permission: dict[str, Any], code: str) -> None:
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    with pytest.raises(ClientError) as problem:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    assert code_of(problem) == code
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []


def test_dry_run_tells_and_does_nothing(ec2: Any) -> None:
    with pytest.raises(ClientError) as problem:
        ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert code_of(problem) == "DryRunOperation"
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert ec2.describe_vpcs()["Vpcs"] == []


def test_tags_of_all_kinds(ec2: Any, vpc: str) -> None:
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[vpc, subnet], Tags=[{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "dev"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "other"}, {"Key": "stage"}])
    told = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc, subnet]}])["Tags"]
    assert sorted((t["ResourceType"], t["Key"]) for t in told) == [("subnet", "stage"), ("subnet", "team"), ("vpc", "team")]
    with pytest.raises(ClientError) as problem:
        ec2.create_tags(Resources=["vpc-00000000000000000"], Tags=[{"Key": "a", "Value": "b"}])
    assert code_of(problem) == "InvalidVpcID.NotFound"


def test_zones_and_interfaces(cloud: Cloud) -> None:
    client = cloud.client("ec2", region="ap-southeast-2")
    zones = client.describe_availability_zones(Filters=[{"Name": "state", "Values": ["available"]}])["AvailabilityZones"]
    assert (zones[0]["ZoneName"], zones[0]["ZoneId"]) == ("ap-southeast-2a", "apse2-az1")
    assert client.describe_network_interfaces()["NetworkInterfaces"] == []


def test_pages_and_unknown_filters(ec2: Any) -> None:
    made = sorted(ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16")["Vpc"]["VpcId"] for i in range(7))
    pages = list(ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
    assert [v["VpcId"] for p in pages for v in p["Vpcs"]] == made
    with pytest.raises(ClientError) as problem:
        ec2.describe_vpcs(Filters=[{"Name": "colour", "Values": ["red"]}])
    assert code_of(problem) == "InvalidParameterValue"


def test_another_account_and_region_see_nothing(cloud: Cloud, vpc: str) -> None:
    assert cloud.other().client("ec2").describe_vpcs()["Vpcs"] == []
    assert cloud.client("ec2", region="eu-west-1").describe_vpcs()["Vpcs"] == []


def test_many_stars_in_a_filter_cost_no_more_than_one(ec2: Any) -> None:
    tags = [{"Key": "Name", "Value": "a" * 250}]
    ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])

    def found(pattern: str) -> int:
        return len(ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [pattern]}])["Vpcs"])

    assert [found(pattern) for pattern in ("*a" * 100 + "*b", "*a" * 100 + "*", "*a?a**", "*", "a*", "*a", "?*b*", "")] == [
        0, 1, 1, 1, 1, 1, 0, 0]
