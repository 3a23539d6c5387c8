"""What exists in EventBridge Scheduler: schedules and their groups."""

from typing import Annotated, Any

from cumulet.kernel import Resource, Tagging, Verbs, fixed, resource


@resource("AWS::Scheduler::ScheduleGroup", id="Name", arn="arn:{partition}:scheduler:{region}:{account}:schedule-group/{Name}",
          missing="ResourceNotFoundException", missing_message="Schedule group {id} does not exist.",
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"), columns=("Name", "created"),
          returns={"Arn": "arn"}, delete_after=("AWS::Scheduler::Schedule",))
class ScheduleGroup(Resource, kw_only=True):
    """A group of schedules. The one called default is there without a row, until it is tagged."""

    Name: Annotated[str, fixed]
    token: str = ""
    modified: float = 0.0


@resource("AWS::Scheduler::Schedule", id=("GroupName", "Name"),
          arn="arn:{partition}:scheduler:{region}:{account}:schedule/{GroupName}/{Name}",
          missing="ResourceNotFoundException", missing_message="Schedule {id} does not exist.",
          verbs=Verbs(whole=True), tags="EventBridge Scheduler has tags on groups only.",
          columns=("GroupName", "Name", "ScheduleExpression", "State"), returns={"Arn": "arn"})
class Schedule(Resource, kw_only=True):
    """A schedule. token: of the request that made it.  armed: when its rate began."""

    Name: Annotated[str, fixed]
    GroupName: Annotated[str, fixed] = "default"
    ScheduleExpression: str
    Target: dict[str, Any]
    FlexibleTimeWindow: dict[str, Any]
    ScheduleExpressionTimezone: str = "UTC"
    State: str = "ENABLED"
    Description: str | None = None
    StartDate: float | None = None
    EndDate: float | None = None
    ActionAfterCompletion: str = "NONE"
    token: str = ""
    armed: float = 0.0
    modified: float = 0.0
