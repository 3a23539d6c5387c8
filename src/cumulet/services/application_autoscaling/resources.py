"""What exists in Application Auto Scaling: scalable targets, their policies and scheduled actions, and what was done."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, resource, stored

Doc = dict[str, Any]


@resource("AWS::ApplicationAutoScaling::ScalableTarget", id=("ResourceId", "ScalableDimension", "ServiceNamespace"),
          arn="arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{identity}",
          missing="ObjectNotFoundException", missing_message="No scalable target found for resource ID: {id}",
          verbs=Verbs(create="RegisterScalableTarget", read="DescribeScalableTargets", update="RegisterScalableTarget",
                      delete="DeregisterScalableTarget"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"),
          columns=("ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity"),
          indexes={"namespace": ("ServiceNamespace", "ResourceId", "ScalableDimension"), "identity": ("identity",)},
          delete_after=("AWS::ApplicationAutoScaling::ScalingPolicy",))
class ScalableTarget(Resource, kw_only=True):
    """A capacity that is scaled. out_at, in_at: when policies last changed it; out_by: how much they then added."""

    ServiceNamespace: Annotated[str, fixed]
    ResourceId: Annotated[str, fixed]
    ScalableDimension: Annotated[str, fixed]
    MinCapacity: int
    MaxCapacity: int
    RoleARN: str = ""
    SuspendedState: dict[str, bool] = {}
    identity: str
    out_at: float = 0.0
    out_by: int = 0
    in_at: float = 0.0


@resource("AWS::ApplicationAutoScaling::ScalingPolicy",
          id=("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension"),
          arn="arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:{identity}:"
              "resource/{ServiceNamespace}/{ResourceId}:policyName/{PolicyName}",
          missing="ObjectNotFoundException", missing_message="No scaling policy {id} found",
          verbs=Verbs(create="PutScalingPolicy", read="DescribeScalingPolicies", update="PutScalingPolicy",
                      delete="DeleteScalingPolicy"),
          tags="Application Auto Scaling has tags on scalable targets only.",
          columns=("PolicyName", "ResourceId", "PolicyType"),
          indexes={"target": ("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")}, returns={"Arn": "arn"})
class ScalingPolicy(Resource, kw_only=True):
    """A target that a metric is kept at. held: why it last could not scale, told once."""

    PolicyName: Annotated[str, fixed]
    ServiceNamespace: Annotated[str, fixed]
    ResourceId: Annotated[str, fixed]
    ScalableDimension: Annotated[str, fixed]
    PolicyType: str
    TargetTrackingScalingPolicyConfiguration: Doc
    identity: str
    held: str = ""


@stored(key=("namespace", "resource", "dimension", "name"))
class ScheduledAction(msgspec.Struct, kw_only=True):
    """New bounds of a target at a time. begun: when a rate began; least, most: None stays as it is."""

    namespace: str
    resource: str
    dimension: str
    name: str
    identity: str
    schedule: str
    timezone: str | None = None
    start: float | None = None
    end: float | None = None
    least: int | None = None
    most: int | None = None
    created: float = 0.0
    begun: float = 0.0


@stored(auto="number", indexes={"all": ("namespace", "number"), "of": ("namespace", "resource", "number"),
                                "age": ("started",)})
class Activity(msgspec.Struct, kw_only=True):
    """Something that was done, or why it was not. before, capacity: what the resource had, and was given."""

    namespace: str
    resource: str
    dimension: str
    identity: str
    description: str
    cause: str
    status: str
    message: str = ""
    started: float = 0.0
    ended: float | None = None
    reasons: list[Doc] = []
    before: int = 0
    capacity: int | None = None
    number: int = 0
