"""Auto scaling of replicas: scalable targets and policies of Application Auto Scaling in each replica's region.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cumulet.kernel import Call, error

from .resources import Table

Doc = dict[str, Any]
KINDS = ("Read", "Write")


class Capacity(NamedTuple):
    """Reads or writes of a table, or of the index that is named ("" for none)."""

    table: str
    named: str
    kind: str

    @property
    def target(self) -> dict[str, str]:
        """As Application Auto Scaling names it."""
        where = f"table/{self.table}" + (f"/index/{self.named}" if self.named else "")
        return {"ServiceNamespace": "dynamodb", "ResourceId": where,
                "ScalableDimension": f"dynamodb:{'index' if self.named else 'table'}:{self.kind}CapacityUnits"}

    @property
    def metric(self) -> str:
        return f"DynamoDB{self.kind}CapacityUtilization"


def _targets(call: Call, what: Capacity) -> list[Doc]:
    """Its scalable target, if there is one."""
    named = what.target
    found: list[Doc] = call.as_service().application_autoscaling.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=[named["ResourceId"]],
        ScalableDimension=named["ScalableDimension"])["ScalableTargets"]
    return found


def _policies(call: Call, what: Capacity) -> list[Doc]:
    found: list[Doc] = call.as_service().application_autoscaling.describe_scaling_policies(**what.target)["ScalingPolicies"]
    return found


def is_scaled(call: Call, table: Table) -> bool:
    """Do the writes of the table and of its global indexes follow their load? Those of a provisioned global table must."""
    return all(_targets(call, what) and _policies(call, what) for what in _all(table, ("Write",)))


def _all(table: Table, kinds: tuple[str, ...] = KINDS) -> Iterator[Capacity]:
    for index in ("", *(index["IndexName"] for index in table.GlobalSecondaryIndexes)):
        for kind in kinds:
            yield Capacity(table.TableName, index, kind)


def copy(call: Call, there: Call, table: Table) -> None:
    """A new replica is scaled as the table that it is made of."""
    scaling = there.as_service().application_autoscaling
    for what in _all(table):
        for target in _targets(call, what):
            scaling.register_scalable_target(**what.target, **{name: target[name] for name in (
                "MinCapacity", "MaxCapacity", "SuspendedState")})
            for policy in _policies(call, what):
                scaling.put_scaling_policy(**what.target, **{name: policy[name] for name in (
                    "PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration")})


class Change(NamedTuple):
    """AutoScalingSettingsUpdate of reads or writes. region: "" for all of them; named: the index, "" for the table itself."""

    region: str
    named: str
    kind: str
    wanted: Mapping[str, Any]


def apply(members: Mapping[str, Call], table: str, changes: Iterable[Change]) -> None:
    """Change the settings of a global table, whose regions these are."""
    for one in changes:
        for there in members.values() if not one.region else (members[one.region],):
            change(there, Capacity(table, one.named, one.kind), one.wanted)


def change(call: Call, what: Capacity, wanted: Mapping[str, Any]) -> None:
    """AutoScalingSettingsUpdate of one capacity, with the caller's rights."""
    scaling, policy = call.aws.application_autoscaling, wanted.get("ScalingPolicyUpdate")
    if wanted.get("AutoScalingDisabled"):
        if wanted.keys() - {"AutoScalingDisabled"}:
            raise error.ValidationException("AutoScalingDisabled cannot be combined with other auto scaling settings")
        if _targets(call, what):
            scaling.deregister_scalable_target(**what.target)
        return
    scaling.register_scalable_target(**what.target, MinCapacity=wanted.get("MinimumUnits"),
                                     MaxCapacity=wanted.get("MaximumUnits"), RoleARN=wanted.get("AutoScalingRoleArn"))
    if policy is not None:
        before = [one["PolicyName"] for one in _policies(call, what)]
        default = before[0] if before else f"{what.metric}:{what.target['ResourceId']}"
        scaling.put_scaling_policy(
            PolicyName=policy.get("PolicyName") or default, PolicyType="TargetTrackingScaling", **what.target,
            TargetTrackingScalingPolicyConfiguration={**policy["TargetTrackingScalingPolicyConfiguration"],
                                                      "PredefinedMetricSpecification": {"PredefinedMetricType": what.metric}})


def settings(call: Call, what: Capacity) -> Doc:
    """AutoScalingSettingsDescription."""
    for target in _targets(call, what):
        return {"MinimumUnits": target["MinCapacity"], "MaximumUnits": target["MaxCapacity"],
                "AutoScalingRoleArn": target["RoleARN"], "ScalingPolicies": [
                    {"PolicyName": policy["PolicyName"], "TargetTrackingScalingPolicyConfiguration": {
                        name: value for name, value in policy["TargetTrackingScalingPolicyConfiguration"].items()
                        if "MetricSpecification" not in name}} for policy in _policies(call, what)]}
    return {"AutoScalingDisabled": True}
