"""Tags of EC2: one way for all of its resources, by the prefix of their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Resource, error

from .resources import NetworkAcl, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint

# prefix of the id → (ResourceType of AWS's tag specifications, class)
KINDS: dict[str, tuple[str, type[Resource]]] = {
    "vpc": ("vpc", Vpc), "subnet": ("subnet", Subnet), "sg": ("security-group", SecurityGroup),
    "sgr": ("security-group-rule", SecurityGroupRule), "acl": ("network-acl", NetworkAcl),
    "rtb": ("route-table", RouteTable), "vpce": ("vpc-endpoint", VpcEndpoint),
}
MOST = 50


def find(call: Call, identifier: str) -> Resource:
    """The resource with this id; raises the error of its kind."""
    kind = KINDS.get(identifier.rpartition("-")[0])
    if kind is None:
        raise error.InvalidID(f"The ID '{identifier}' is not valid")
    return call.get(kind[1], identifier)


def specified(specifications: Sequence[Mapping[str, Any]] | None, resource_type: str) -> dict[str, str]:
    """The tags that a `TagSpecifications` member gives to a new resource of this type."""
    tags: dict[str, str] = {}
    for spec in specifications or ():
        if spec.get("ResourceType") != resource_type:
            raise error.InvalidParameterValue(f"'{spec.get('ResourceType')}' is not a valid taggable resource type"
                                              " for this operation.")
        tags |= checked(spec.get("Tags", []))
    return tags


def checked(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    out: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not key or len(key) > 127:
            raise error.InvalidParameterValue("Tag keys must be between 1 and 127 characters long.")
        if len(value) > 255:
            raise error.InvalidParameterValue("Tag values cannot be longer than 255 characters.")
        if key.lower().startswith("aws:"):
            raise error.InvalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use")
        if key in out:
            raise error.InvalidParameterValue(f"Duplicate tag key '{key}' specified.")
        out[key] = value
    return out


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": k, "Value": v} for k, v in tags.items()]
