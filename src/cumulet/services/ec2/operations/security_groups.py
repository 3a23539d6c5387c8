"""Security groups and their rules."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..filters import flag, matches
from ..resources import Permission, SecurityGroup, SecurityGroupRule, Vpc, VpcEndpoint
from ..tagging import listed, specified

_NAME = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
MOST_RULES = 60          # inbound, and as many outbound, of one group
Sources = list[tuple[str, str, str | None]]     # (field, value, description)


def create_default_group(call: Call, vpc: str) -> None:
    """Each VPC has one: members reach each other, and everything outward."""
    group = SecurityGroup(GroupId=call.token(17, prefix="sg-"), GroupName="default", VpcId=vpc, created=call.now,
                          GroupDescription="default VPC security group")
    call.put(group)
    call.put(_rule(call, group, False, "-1", -1, -1, ("ReferencedGroupId", group.GroupId, None)))
    call.put(_rule(call, group, True, "-1", -1, -1, ("CidrIpv4", "0.0.0.0/0", None)))


@operation
def create_security_group(call: Call, GroupName: str, Description: str, VpcId: str | None = None,
                          TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    if VpcId is None:
        raise error.VPCIdNotSpecified("No default VPC for this user")
    call.get(Vpc, VpcId)
    if not _NAME.fullmatch(GroupName) or GroupName.startswith("sg-"):
        raise error.InvalidParameterValue(f"Value ({GroupName}) for parameter GroupName is invalid. Character sets beyond ASCII"
                                          " are not supported.")
    if not _NAME.fullmatch(Description):
        raise error.InvalidParameterValue(f"Value ({Description}) for parameter GroupDescription is invalid. Character sets"
                                          " beyond ASCII are not supported.")
    if call.table(SecurityGroup).find("name", VpcId, GroupName) is not None:
        raise error.named("InvalidGroup.Duplicate", f"The security group '{GroupName}' already exists for VPC '{VpcId}'")
    group = SecurityGroup(GroupId=call.token(17, prefix="sg-"), GroupName=GroupName, GroupDescription=Description, VpcId=VpcId,
                          created=call.now, tags=specified(TagSpecifications, "security-group"))
    call.put(group)
    call.put(_rule(call, group, True, "-1", -1, -1, ("CidrIpv4", "0.0.0.0/0", None)))
    return {"GroupId": group.GroupId, "Tags": listed(group.tags), "SecurityGroupArn": call.arn(group)}


@operation
def delete_security_group(call: Call, GroupId: str | None = None, GroupName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html"""
    group = _group(call, GroupId, GroupName)
    if group.GroupName == "default":
        raise error.CannotDelete("the specified group: \"" + group.GroupId + "\" name: \"default\" cannot be deleted by a user")
    used = call.table(SecurityGroupRule).scan(group.GroupId, index="referenced")
    endpoints = call.table(VpcEndpoint).scan(group.VpcId, index="vpc")
    if any(rule.GroupId != group.GroupId for rule in used) or any(group.GroupId in e.SecurityGroupIds for e in endpoints):
        raise error.DependencyViolation(f"resource {group.GroupId} has a dependent object")
    call.table(SecurityGroupRule).delete_all(group.GroupId, index="group")
    call.table(SecurityGroup).delete(group.GroupId)
    return {"Return": True, "GroupId": group.GroupId}


def _group(call: Call, identifier: str | None, name: str | None = None) -> SecurityGroup:
    if identifier is None and name is not None:
        raise error.named("InvalidGroup.NotFound", f"The security group '{name}' does not exist in default VPC")
    if identifier is None:
        raise error.MissingParameter("The request must contain the parameter groupName or groupId")
    if not identifier.startswith("sg-"):
        raise error.named("InvalidGroupId.Malformed", f"Invalid id: \"{identifier}\" (expecting \"sg-...\")")
    return call.get(SecurityGroup, identifier)


@operation
def describe_security_groups(call: Call, GroupIds: list[str] | None = None, GroupNames: list[str] | None = None,
                             Filters: list[dict[str, Any]] | None = None,
                             page: Page[SecurityGroup] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html"""
    for name in GroupNames or ():
        _group(call, None, name)
    table = call.table(SecurityGroup)
    rows = [_group(call, i) for i in GroupIds] if GroupIds else table.scan(after=page.after)
    found = [g for g in rows if matches(Filters, {
        "group-id": g.GroupId, "group-name": g.GroupName, "description": g.GroupDescription, "vpc-id": g.VpcId,
        "owner-id": call.account}, g.tags)]
    return {"SecurityGroups": [_shown(call, g) for g in page.cut(found, lambda g: g.GroupId)]}


def _shown(call: Call, group: SecurityGroup) -> dict[str, Any]:
    rules = call.table(SecurityGroupRule).scan(group.GroupId, index="group")
    return {"GroupId": group.GroupId, "GroupName": group.GroupName, "Description": group.GroupDescription, "VpcId": group.VpcId,
            "OwnerId": call.account, "SecurityGroupArn": call.arn(group), "Tags": listed(group.tags),
            "IpPermissions": _permissions(call, [r for r in rules if not r.egress]),
            "IpPermissionsEgress": _permissions(call, [r for r in rules if r.egress])}


def _permissions(call: Call, rules: list[SecurityGroupRule]) -> list[dict[str, Any]]:
    """Rules with the same protocol and ports are told together."""
    out: dict[tuple[str, int, int], dict[str, Any]] = {}
    for r in rules:
        one = out.setdefault((r.IpProtocol, r.FromPort, r.ToPort), {
            "IpProtocol": r.IpProtocol, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
            | ({} if r.IpProtocol == "-1" else {"FromPort": r.FromPort, "ToPort": r.ToPort}))
        said = {"Description": r.Description} if r.Description else {}
        if r.CidrIpv4:
            one["IpRanges"].append({"CidrIp": r.CidrIpv4} | said)
        elif r.CidrIpv6:
            one["Ipv6Ranges"].append({"CidrIpv6": r.CidrIpv6} | said)
        elif r.PrefixListId:
            one["PrefixListIds"].append({"PrefixListId": r.PrefixListId} | said)
        else:
            one["UserIdGroupPairs"].append({"GroupId": r.ReferencedGroupId, "UserId": call.account} | said)
    return list(out.values())


@operation
def describe_security_group_rules(call: Call, SecurityGroupRuleIds: list[str] | None = None,
                                  Filters: list[dict[str, Any]] | None = None,
                                  page: Page[SecurityGroupRule] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html"""
    table = call.table(SecurityGroupRule)
    ids = SecurityGroupRuleIds
    rows = [call.get(SecurityGroupRule, i) for i in ids] if ids else table.scan(after=page.after)
    found = [r for r in rows if matches(Filters, {
        "group-id": r.GroupId, "security-group-rule-id": r.SecurityGroupRuleId, "is-egress": flag(r.egress)}, r.tags)]
    return {"SecurityGroupRules": [_rule_shown(call, r) for r in page.cut(found, lambda r: r.SecurityGroupRuleId)]}


def _rule_shown(call: Call, rule: SecurityGroupRule) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SecurityGroupRuleId": rule.SecurityGroupRuleId, "GroupId": rule.GroupId, "GroupOwnerId": call.account,
        "IsEgress": rule.egress, "IpProtocol": rule.IpProtocol, "FromPort": rule.FromPort, "ToPort": rule.ToPort,
        "CidrIpv4": rule.CidrIpv4, "CidrIpv6": rule.CidrIpv6, "PrefixListId": rule.PrefixListId,
        "Description": rule.Description, "Tags": listed(rule.tags), "SecurityGroupRuleArn": call.arn(rule)}
    if rule.ReferencedGroupId:
        shown["ReferencedGroupInfo"] = {"GroupId": rule.ReferencedGroupId, "UserId": call.account}
    return shown


@operation
def authorize_security_group_ingress(call: Call, GroupId: str | None = None, GroupName: str | None = None,
                                     IpPermissions: list[dict[str, Any]] | None = None, IpProtocol: str | None = None,
                                     FromPort: int | None = None, ToPort: int | None = None, CidrIp: str | None = None,
                                     TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"""
    wanted = IpPermissions or _single(IpProtocol, FromPort, ToPort, CidrIp)
    return _authorize(call, _group(call, GroupId, GroupName), False, wanted, TagSpecifications)


@operation
def authorize_security_group_egress(call: Call, GroupId: str, IpPermissions: list[dict[str, Any]] | None = None,
                                    TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html"""
    return _authorize(call, _group(call, GroupId), True, IpPermissions or [], TagSpecifications)


def _authorize(call: Call, group: SecurityGroup, egress: bool, wanted: list[dict[str, Any]],
               specifications: list[dict[str, Any]] | None) -> dict[str, Any]:
    if not wanted:
        raise error.MissingParameter("The request must contain the parameter ipPermissions")
    tags = specified(specifications, "security-group-rule")
    table = call.table(SecurityGroupRule)
    have = {_same(r) for r in table.scan(group.GroupId, index="group")}
    made = []
    for rule in _rules(call, group, egress, wanted):
        if _same(rule) in have:
            raise error.named("InvalidPermission.Duplicate",
                              f"the specified rule \"peer: {_same(rule).source}, {_words(rule)}, ALLOW\" already exists")
        have.add(_same(rule))
        rule.tags = tags
        made.append(rule)
    if sum(1 for p in have if p.egress == egress) > MOST_RULES:
        raise error.RulesPerSecurityGroupLimitExceeded("The maximum number of rules per security group has been reached.")
    for rule in made:
        table.put(rule)
    return {"Return": True, "SecurityGroupRules": [_rule_shown(call, r) for r in made]}


def _words(rule: SecurityGroupRule) -> str:
    if rule.IpProtocol == "-1":
        return "ALL"
    return f"{rule.IpProtocol.upper()}, from port: {rule.FromPort}, to port: {rule.ToPort}"


@operation
def revoke_security_group_ingress(call: Call, GroupId: str | None = None, GroupName: str | None = None,
                                  IpPermissions: list[dict[str, Any]] | None = None, IpProtocol: str | None = None,
                                  FromPort: int | None = None, ToPort: int | None = None, CidrIp: str | None = None,
                                  SecurityGroupRuleIds: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html"""
    wanted = IpPermissions or _single(IpProtocol, FromPort, ToPort, CidrIp)
    return _revoke(call, _group(call, GroupId, GroupName), False, wanted, SecurityGroupRuleIds)


@operation
def revoke_security_group_egress(call: Call, GroupId: str, IpPermissions: list[dict[str, Any]] | None = None,
                                 SecurityGroupRuleIds: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html"""
    return _revoke(call, _group(call, GroupId), True, IpPermissions or [], SecurityGroupRuleIds)


def _revoke(call: Call, group: SecurityGroup, egress: bool, wanted: list[dict[str, Any]],
            ids: list[str] | None) -> dict[str, Any]:
    table = call.table(SecurityGroupRule)
    gone: list[SecurityGroupRule] = []
    if ids:
        for identifier in ids:
            rule = call.get(SecurityGroupRule, identifier)
            if rule.GroupId != group.GroupId or rule.egress != egress:
                raise error.named("InvalidSecurityGroupRuleId.NotFound",
                                  f"The security group rule ID '{identifier}' does not exist")
            gone.append(rule)
    else:
        have = {_same(r): r for r in table.scan(group.GroupId, index="group")}
        for rule in _rules(call, group, egress, wanted):
            if _same(rule) not in have:
                raise error.named("InvalidPermission.NotFound",
                                  "The specified rule does not exist in this security group.")
            gone.append(have[_same(rule)])
    for rule in gone:
        table.delete(rule.SecurityGroupRuleId)
    return {"Return": True, "UnknownIpPermissions": [], "RevokedSecurityGroupRules": [
        {"SecurityGroupRuleId": r.SecurityGroupRuleId, "GroupId": r.GroupId, "IsEgress": r.egress, "IpProtocol": r.IpProtocol,
         "FromPort": r.FromPort, "ToPort": r.ToPort, "CidrIpv4": r.CidrIpv4, "CidrIpv6": r.CidrIpv6,
         "PrefixListId": r.PrefixListId, "ReferencedGroupId": r.ReferencedGroupId, "Description": r.Description} for r in gone]}


def _same(rule: SecurityGroupRule) -> Permission:
    source = rule.CidrIpv4 or rule.CidrIpv6 or rule.PrefixListId or rule.ReferencedGroupId or ""
    return Permission(rule.egress, rule.IpProtocol, rule.FromPort, rule.ToPort, source)


def _single(protocol: str | None, low: int | None, high: int | None, cidr: str | None) -> list[dict[str, Any]]:
    """The members of old clients, which say one rule."""
    if protocol is None:
        return []
    one: dict[str, Any] = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": cidr}] if cidr else []}
    return [one | {k: v for k, v in (("FromPort", low), ("ToPort", high)) if v is not None}]


def _rules(call: Call, group: SecurityGroup, egress: bool, permissions: list[dict[str, Any]]) -> list[SecurityGroupRule]:
    rules = []
    for permission in permissions:
        protocol, low, high = _ports(permission)
        sources = _sources(call, group, permission)
        if not sources:
            raise error.MissingParameter("The request must contain a source or destination for each permission.")
        rules += [_rule(call, group, egress, protocol, low, high, source) for source in sources]
    return rules


def _rule(call: Call, group: SecurityGroup, egress: bool, protocol: str, low: int, high: int,
          source: tuple[str, str, str | None]) -> SecurityGroupRule:
    field, value, description = source
    rule = SecurityGroupRule(SecurityGroupRuleId=call.token(17, prefix="sgr-"), GroupId=group.GroupId, egress=egress,
                             IpProtocol=protocol, FromPort=low, ToPort=high, Description=description, created=call.now)
    setattr(rule, field, value)
    return rule


def _ports(permission: dict[str, Any]) -> tuple[str, int, int]:
    protocol = str(permission.get("IpProtocol", "")).lower()
    protocol = _NUMBERS.get(protocol, protocol)
    if protocol not in ("tcp", "udp", "icmp", "icmpv6", "-1") and not (protocol.isdigit() and int(protocol) < 256):
        raise error.InvalidParameterValue(f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if protocol not in ("tcp", "udp", "icmp", "icmpv6"):
        return protocol, -1, -1
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if low is None or high is None:
        raise error.InvalidParameterValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
    if protocol in ("tcp", "udp") and not (0 <= low <= 65535 and 0 <= high <= 65535 and low <= high):
        raise error.InvalidParameterValue(f"Invalid TCP/UDP port range ({low}:{high})")
    return protocol, low, high


def _sources(call: Call, group: SecurityGroup, permission: dict[str, Any]) -> Sources:
    out: Sources = []
    for entry in permission.get("IpRanges", []):
        out.append(("CidrIpv4", _cidr(entry.get("CidrIp", ""), 4), entry.get("Description")))
    for entry in permission.get("Ipv6Ranges", []):
        out.append(("CidrIpv6", _cidr(entry.get("CidrIpv6", ""), 6), entry.get("Description")))
    for entry in permission.get("PrefixListIds", []):
        raise error.named("InvalidPrefixListID.NotFound", f"The prefix list ID '{entry.get('PrefixListId')}' does not exist")
    for entry in permission.get("UserIdGroupPairs", []):
        other = _group(call, entry.get("GroupId"), entry.get("GroupName"))
        if other.VpcId != group.VpcId:
            raise error.named("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
        out.append(("ReferencedGroupId", other.GroupId, entry.get("Description")))
    return out


def _cidr(text: str, version: int) -> str:
    try:
        net = ipaddress.ip_network(text, strict=True) if "/" in text else None
    except ValueError:
        net = None
    if net is None or net.version != version:
        raise error.InvalidParameterValue(f"CIDR block {text} is malformed")
    return str(net)
