"""What exists in EC2: VPCs with their defaults, subnets, security groups and their rules, endpoints."""

from __future__ import annotations

from typing import Annotated

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored

TAGS = Tagging("CreateTags", "DeleteTags", "DescribeTags")


@resource("AWS::EC2::VPC", id="VpcId", arn="arn:{partition}:ec2:{region}:{account}:vpc/{VpcId}",
          missing="InvalidVpcID.NotFound", missing_message="The vpc ID '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="CreateVpc", read="DescribeVpcs", delete="DeleteVpc", list="DescribeVpcs"),
          columns=("VpcId", "CidrBlock"), returns={"VpcId": "VpcId", "CidrBlock": "CidrBlock"},
          delete_after=("AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"))
class Vpc(Resource, kw_only=True):
    VpcId: str
    CidrBlock: Annotated[str, fixed] = ""
    InstanceTenancy: str = "default"
    EnableDnsSupport: Annotated[bool, by("ModifyVpcAttribute", "EnableDnsSupport.Value")] = True
    EnableDnsHostnames: Annotated[bool, by("ModifyVpcAttribute", "EnableDnsHostnames.Value")] = False
    address_metrics: bool = False
    cidr_association: str = ""
    dhcp_options: str = ""


@resource("AWS::EC2::Subnet", id="SubnetId", arn="arn:{partition}:ec2:{region}:{account}:subnet/{SubnetId}",
          missing="InvalidSubnetID.NotFound", missing_message="The subnet ID '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="CreateSubnet", read="DescribeSubnets", delete="DeleteSubnet", list="DescribeSubnets"),
          columns=("SubnetId", "VpcId", "CidrBlock", "AvailabilityZone"), indexes={"vpc": ("VpcId", "SubnetId")},
          delete_after=("AWS::EC2::VPCEndpoint",))
class Subnet(Resource, kw_only=True):
    SubnetId: str
    VpcId: Annotated[str, fixed] = ""
    CidrBlock: Annotated[str, fixed] = ""
    AvailabilityZone: Annotated[str, fixed] = ""
    MapPublicIpOnLaunch: Annotated[bool, by("ModifySubnetAttribute", "MapPublicIpOnLaunch.Value")] = False


@resource("AWS::EC2::SecurityGroup", id="GroupId", arn="arn:{partition}:ec2:{region}:{account}:security-group/{GroupId}",
          missing="InvalidGroup.NotFound", missing_message="The security group '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="CreateSecurityGroup", read="DescribeSecurityGroups", delete="DeleteSecurityGroup",
                      list="DescribeSecurityGroups"),
          columns=("GroupId", "GroupName", "VpcId"), indexes={"name": ("VpcId", "GroupName")}, unique=("name",),
          delete_after=("AWS::EC2::VPCEndpoint",))
class SecurityGroup(Resource, kw_only=True):
    GroupId: str
    GroupName: Annotated[str, fixed] = ""
    GroupDescription: Annotated[str, fixed, member("Description")] = ""
    VpcId: Annotated[str, fixed] = ""


@resource("AWS::EC2::SecurityGroupRule", id="SecurityGroupRuleId",
          arn="arn:{partition}:ec2:{region}:{account}:security-group-rule/{SecurityGroupRuleId}",
          missing="InvalidSecurityGroupRuleId.NotFound",
          missing_message="The security group rule ID '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="none", read="DescribeSecurityGroupRules", delete="none", list="DescribeSecurityGroupRules"),
          indexes={"group": ("GroupId", "SecurityGroupRuleId"), "referenced": ("ReferencedGroupId",)})
class SecurityGroupRule(Resource, kw_only=True):
    """One permission: a protocol and ports for one range, group or prefix list. Ports -1 where there are none."""

    SecurityGroupRuleId: str
    GroupId: str
    egress: bool
    IpProtocol: str
    FromPort: int = -1
    ToPort: int = -1
    CidrIpv4: str | None = None
    CidrIpv6: str | None = None
    PrefixListId: str | None = None
    ReferencedGroupId: str | None = None
    Description: str | None = None


@resource("AWS::EC2::NetworkAcl", id="NetworkAclId", arn="arn:{partition}:ec2:{region}:{account}:network-acl/{NetworkAclId}",
          missing="InvalidNetworkAclID.NotFound", missing_message="The network ACL ID '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="none", read="DescribeNetworkAcls", delete="none", list="DescribeNetworkAcls"),
          indexes={"vpc": ("VpcId", "NetworkAclId")})
class NetworkAcl(Resource, kw_only=True):
    """The default ACL of a VPC; others come with the networks that enforce them."""

    NetworkAclId: str
    VpcId: Annotated[str, fixed]


@resource("AWS::EC2::RouteTable", id="RouteTableId", arn="arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}",
          missing="InvalidRouteTableID.NotFound", missing_message="The routeTable ID '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="none", read="DescribeRouteTables", delete="none", list="DescribeRouteTables"),
          indexes={"vpc": ("VpcId", "RouteTableId")})
class RouteTable(Resource, kw_only=True):
    """The main route table of a VPC, with its local route."""

    RouteTableId: str
    VpcId: Annotated[str, fixed]
    association: str = ""


class Permission(msgspec.Struct, frozen=True):
    """The part of a rule that makes it the same rule."""

    egress: bool
    protocol: str
    low: int
    high: int
    source: str


@resource("AWS::EC2::VPCEndpoint", id="VpcEndpointId",
          arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{VpcEndpointId}", missing="InvalidVpcEndpointId.NotFound",
          missing_message="The Vpc Endpoint Id '{id}' does not exist", tags=TAGS,
          verbs=Verbs(create="CreateVpcEndpoint", read="DescribeVpcEndpoints", update="ModifyVpcEndpoint",
                      delete="DeleteVpcEndpoints", list="DescribeVpcEndpoints"),
          columns=("VpcEndpointId", "ServiceName", "VpcId", "VpcEndpointType"), returns={"Id": "VpcEndpointId"},
          indexes={"vpc": ("VpcId", "VpcEndpointId"), "token": ("token",)})
class VpcEndpoint(Resource, kw_only=True):
    """PolicyDocument: "" is full access. label: what follows the id in its names. deleted: when DeleteVpcEndpoints asked for
    it. asked: what the request with this token held, to tell another one that has the same token."""

    VpcEndpointId: str
    VpcId: Annotated[str, fixed] = ""
    ServiceName: Annotated[str, fixed] = ""
    VpcEndpointType: Annotated[str, fixed] = "Gateway"
    PolicyDocument: str = ""
    RouteTableIds: tuple[str, ...] = ()
    SubnetIds: tuple[str, ...] = ()
    SecurityGroupIds: tuple[str, ...] = ()
    PrivateDnsEnabled: bool = False
    label: str = ""
    deleted: float = 0.0
    token: str | None = None
    asked: str = ""


@stored(key=("id",), scope="global")
class EndpointPlace(msgspec.Struct):
    """Where an endpoint lies: a request names it by its id alone."""

    id: str
    account: str
    region: str
