"""The API of EventBridge Scheduler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, cron, error, operation

from . import roles
from .background import EARLIER, arm, fire
from .resources import Schedule, ScheduleGroup
from .targets import check

DEFAULT = "default"
_MOST_TAGS = 50


def _absent(what: str) -> AwsError:
    return error.ResourceNotFoundException(f"{what} does not exist.")


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


# --- groups ---


def _group(call: Call, name: str) -> ScheduleGroup:
    """A group; the one called default always is there."""
    row = call.table(ScheduleGroup).get(name)
    if row is None and name != DEFAULT:
        raise _absent(f"Schedule group {name}")
    return row or ScheduleGroup(Name=DEFAULT)


@operation
def create_schedule_group(call: Call, Name: str, Tags: Sequence[Mapping[str, str]] = (),
                          ClientToken: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html"""
    before = call.table(ScheduleGroup).get(Name)
    if before is not None and ClientToken and before.token == ClientToken:
        return {"ScheduleGroupArn": call.arn(before)}
    if before is not None or Name == DEFAULT:
        raise error.ConflictException(f"Schedule group {Name} already exists.")
    row = ScheduleGroup(Name=Name, tags=_tags({}, Tags), token=ClientToken, created=call.now, modified=call.now)
    call.put(row)
    return {"ScheduleGroupArn": call.arn(row)}


@operation(accepts=("ClientToken",))
def delete_schedule_group(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteScheduleGroup.html"""
    if Name == DEFAULT:
        raise _invalid("The default schedule group cannot be deleted.")
    _group(call, Name)
    for row in call.table(Schedule).iterate(Name):
        call.cancel(fire, f"{Name}/{row.Name}")
    call.table(Schedule).delete_all(Name)
    call.table(ScheduleGroup).delete(Name)


def _group_told(call: Call, row: ScheduleGroup) -> dict[str, Any]:
    return {"Name": row.Name, "Arn": call.arn(row), "State": "ACTIVE", "CreationDate": row.created or None,
            "LastModificationDate": row.modified or None}


@operation
def get_schedule_group(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetScheduleGroup.html"""
    return _group_told(call, _group(call, Name))


@operation
def list_schedule_groups(call: Call, NamePrefix: str = "", page: Page[ScheduleGroup] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListScheduleGroups.html"""
    rows = {row.Name: row for row in call.table(ScheduleGroup).scan()}
    rows.setdefault(DEFAULT, _group(call, DEFAULT))
    found = [rows[name] for name in sorted(rows) if name.startswith(NamePrefix) and name > (page.after or "")]
    return {"ScheduleGroups": [_group_told(call, row) for row in page.cut(found[:page.limit + 1], lambda row: row.Name)]}


# --- tags of groups ---


def _tags(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    tags = {**old, **{tag["Key"]: tag["Value"] for tag in new}}
    if len(tags) > _MOST_TAGS:
        raise error.ServiceQuotaExceededException(f"A schedule group can have {_MOST_TAGS} tags at most.")
    return tags


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_TagResource.html"""
    row = _group(call, ResourceArn.rpartition("/")[2])
    row.tags = _tags(row.tags, Tags)
    call.put(row)


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UntagResource.html"""
    row = _group(call, ResourceArn.rpartition("/")[2])
    row.tags = {key: value for key, value in row.tags.items() if key not in TagKeys}
    call.put(row)


@operation
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListTagsForResource.html"""
    row = _group(call, ResourceArn.rpartition("/")[2])
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(row.tags.items())]}


# --- schedules ---


def _check(call: Call, row: Schedule) -> None:
    try:
        cron.schedule(row.ScheduleExpression)
    except cron.BadSchedule:
        raise _invalid(f"Invalid Schedule Expression {row.ScheduleExpression}.") from None
    try:
        cron.zone(row.ScheduleExpressionTimezone)
    except cron.BadSchedule:
        raise _invalid(f"Invalid Schedule Expression Timezone {row.ScheduleExpressionTimezone}.") from None
    flexible = row.FlexibleTimeWindow["Mode"] == "FLEXIBLE"
    if flexible != bool(row.FlexibleTimeWindow.get("MaximumWindowInMinutes")):
        raise _invalid("MaximumWindowInMinutes must be provided when the Mode of FlexibleTimeWindow is FLEXIBLE, only then.")
    if row.StartDate is not None and row.EndDate is not None and row.StartDate >= row.EndDate:
        raise _invalid("The StartDate you specify must come before the EndDate.")
    check(call, row.Target)
    if not roles.lets_in(call, row.Target["RoleArn"], call.arn(ScheduleGroup(Name=row.GroupName))):
        raise _invalid(roles.REFUSED)


@operation
def create_schedule(call: Call, Name: str, ScheduleExpression: str, Target: dict[str, Any], FlexibleTimeWindow: dict[str, Any],
                    GroupName: str = DEFAULT, ScheduleExpressionTimezone: str = "UTC", State: str = "ENABLED",
                    Description: str | None = None, StartDate: float | None = None, EndDate: float | None = None,
                    ActionAfterCompletion: str = "NONE", ClientToken: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html"""
    _group(call, GroupName)
    row = Schedule(Name=Name, GroupName=GroupName, ScheduleExpression=ScheduleExpression, Target=Target, State=State,
                   FlexibleTimeWindow=FlexibleTimeWindow, ScheduleExpressionTimezone=ScheduleExpressionTimezone,
                   Description=Description, StartDate=StartDate, EndDate=EndDate, ActionAfterCompletion=ActionAfterCompletion,
                   token=ClientToken, armed=call.now, created=call.now, modified=call.now)
    before = call.table(Schedule).get(GroupName, Name)
    if before is not None and not (ClientToken and before.token == ClientToken):
        raise error.ConflictException(f"Schedule {Name} already exists.")
    if before is None:
        _check(call, row)
        call.put(row)
        arm(call, row, call.now - EARLIER)
    # Name and group are what its lifecycle knows it by; AWS's answer has the ARN alone.
    return {"ScheduleArn": call.arn(row), "Name": Name, "GroupName": GroupName}


def _schedule(call: Call, group: str, name: str) -> Schedule:
    row = call.table(Schedule).get(group, name)
    if row is None:
        raise _absent(f"Schedule {name}")
    return row


@operation(accepts=("ClientToken",))
def update_schedule(call: Call, Name: str, ScheduleExpression: str, Target: dict[str, Any], FlexibleTimeWindow: dict[str, Any],
                    GroupName: str = DEFAULT, ScheduleExpressionTimezone: str = "UTC", State: str = "ENABLED",
                    Description: str | None = None, StartDate: float | None = None, EndDate: float | None = None,
                    ActionAfterCompletion: str = "NONE") -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html"""
    before = _schedule(call, GroupName, Name)
    row = Schedule(Name=Name, GroupName=GroupName, ScheduleExpression=ScheduleExpression, Target=Target, State=State,
                   FlexibleTimeWindow=FlexibleTimeWindow, ScheduleExpressionTimezone=ScheduleExpressionTimezone,
                   Description=Description, StartDate=StartDate, EndDate=EndDate, ActionAfterCompletion=ActionAfterCompletion,
                   token=before.token, armed=before.armed, created=before.created, modified=call.now)
    _check(call, row)
    if (before.ScheduleExpression, before.State) != (ScheduleExpression, State):
        row.armed = call.now
    call.put(row)
    arm(call, row, row.armed - EARLIER if row.armed == call.now else call.now)
    return {"ScheduleArn": call.arn(row)}


@operation(accepts=("ClientToken",))
def delete_schedule(call: Call, Name: str, GroupName: str = DEFAULT) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteSchedule.html"""
    _schedule(call, GroupName, Name)
    call.cancel(fire, f"{GroupName}/{Name}")
    call.table(Schedule).delete(GroupName, Name)


def _brief(call: Call, row: Schedule) -> dict[str, Any]:
    return {"Arn": call.arn(row), "Name": row.Name, "GroupName": row.GroupName, "State": row.State,
            "CreationDate": row.created, "LastModificationDate": row.modified}


@operation
def get_schedule(call: Call, Name: str, GroupName: str = DEFAULT) -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html"""
    row = _schedule(call, GroupName, Name)
    return {**_brief(call, row), "ScheduleExpression": row.ScheduleExpression, "Description": row.Description,
            "ScheduleExpressionTimezone": row.ScheduleExpressionTimezone, "StartDate": row.StartDate, "EndDate": row.EndDate,
            "FlexibleTimeWindow": row.FlexibleTimeWindow, "ActionAfterCompletion": row.ActionAfterCompletion,
            "Target": {"RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}, **row.Target}}


@operation
def list_schedules(call: Call, GroupName: str | None = None, NamePrefix: str = "", State: str | None = None,
                   page: Page[Schedule] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html"""
    if GroupName is not None:
        _group(call, GroupName)
    found: list[Schedule] = []
    after = tuple(page.after) if page.after else None
    while len(found) <= page.limit:
        rows = call.table(Schedule).scan(after=after, limit=500)
        found += [row for row in rows if GroupName in (None, row.GroupName) and row.Name.startswith(NamePrefix)
                  and State in (None, row.State)]
        if len(rows) < 500:
            break
        after = (rows[-1].GroupName, rows[-1].Name)
    shown = page.cut(found[:page.limit + 1], lambda row: [row.GroupName, row.Name])
    return {"Schedules": [{**_brief(call, row), "Target": {"Arn": row.Target["Arn"]}} for row in shown]}
