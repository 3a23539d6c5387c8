"""Scheduled actions: new bounds at a time, by the clock of a zone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Cloud

from .conftest import WRITES, refused

Units = Callable[[], tuple[int, int]]


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("at(%Y-%m-%dT%H:%M:%S)")


def test_bounds_change_at_their_time(cloud: Cloud, scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    scaling.put_scheduled_action(ScheduledActionName="up", **WRITES, Schedule=written(cloud.clock.now() + 3600),
                                 ScalableTargetAction={"MinCapacity": 15, "MaxCapacity": 20})
    cloud.clock.advance(3500)
    assert units() == (5, 5)
    cloud.clock.advance(200)
    assert units() == (5, 15)
    [told] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert (told["MinCapacity"], told["MaxCapacity"]) == (15, 20)
    [change, bounds] = scaling.describe_scaling_activities(**WRITES)["ScalingActivities"]
    assert (change["Description"], change["Cause"]) == ("Setting write capacity units to 15.", "minimum capacity was set to 15")
    assert bounds["Description"] == "Setting min capacity to 15 and max capacity to 20"
    assert bounds["Cause"] == "scheduled action name up was triggered"
    assert bounds["StatusMessage"] == "Successfully set min capacity to 15 and max capacity to 20"


def test_a_rate_goes_on_until_its_end(cloud: Cloud, scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    end = datetime.fromtimestamp(cloud.clock.now() + 3000, UTC)
    scaling.put_scheduled_action(ScheduledActionName="often", **WRITES, Schedule="rate(20 minutes)", EndTime=end,
                                 ScalableTargetAction={"MinCapacity": 7})
    for expected in (7, 7, 1):
        scaling.register_scalable_target(**WRITES, MinCapacity=1)
        cloud.clock.advance(1205)
        [told] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        assert told["MinCapacity"] == expected
    assert units() == (5, 7)


def test_a_cron_goes_by_the_clock_of_its_zone(cloud: Cloud, scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    due = datetime.fromtimestamp(cloud.clock.now(), UTC).replace(second=0) + timedelta(minutes=30)
    there = due + timedelta(hours=9)
    scaling.put_scheduled_action(
        ScheduledActionName="tokyo", **WRITES, Schedule=f"cron({there.minute} {there.hour} * * ? *)", Timezone="Asia/Tokyo",
        ScalableTargetAction={"MaxCapacity": 3})
    cloud.clock.advance(due.timestamp() - cloud.clock.now() - 5)
    assert units() == (5, 5)
    cloud.clock.advance(10)
    assert units() == (5, 3)


def test_an_action_is_told_changed_and_deleted(cloud: Cloud, scaling: Any, things: str) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    start = datetime.fromtimestamp(int(cloud.clock.now()) + 900, UTC)
    scaling.put_scheduled_action(ScheduledActionName="a", **WRITES, Schedule="rate(1 day)", Timezone="Europe/Berlin",
                                 StartTime=start, ScalableTargetAction={"MinCapacity": 2})
    [told] = scaling.describe_scheduled_actions(**WRITES)["ScheduledActions"]
    assert (told["Schedule"], told["Timezone"], told["StartTime"]) == ("rate(1 day)", "Europe/Berlin", start)
    assert told["ScalableTargetAction"] == {"MinCapacity": 2}
    assert told["ScheduledActionARN"].endswith(":resource/dynamodb/table/things:scheduledActionName/a")
    cloud.clock.advance(905)
    [target] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert target["MinCapacity"] == 2, "a rate begins at its start"
    scaling.put_scheduled_action(ScheduledActionName="a", **WRITES, ScalableTargetAction={"MaxCapacity": 9})
    [told] = scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ScheduledActionNames=["a"])["ScheduledActions"]
    assert (told["Schedule"], told.get("StartTime"), told["ScalableTargetAction"]) == ("rate(1 day)", None, {"MaxCapacity": 9})
    scaling.put_scheduled_action(ScheduledActionName="b", **WRITES, Schedule="rate(1 day)",
                                 ScalableTargetAction={"MaxCapacity": 9})
    pages = list(scaling.get_paginator("describe_scheduled_actions").paginate(
        ServiceNamespace="dynamodb", PaginationConfig={"PageSize": 1}))
    assert [action["ScheduledActionName"] for page in pages for action in page["ScheduledActions"]] == ["a", "b"]
    scaling.delete_scheduled_action(ScheduledActionName="a", **WRITES)
    assert refused(scaling.delete_scheduled_action, "ObjectNotFoundException", ScheduledActionName="a", **WRITES) == (
        "No scheduled action a found for service namespace: dynamodb, resource ID: table/things, "
        "scalable dimension: dynamodb:table:WriteCapacityUnits")


def test_a_suspended_schedule_does_nothing(cloud: Cloud, scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10,
                                     SuspendedState={"ScheduledScalingSuspended": True})
    scaling.put_scheduled_action(ScheduledActionName="a", **WRITES, Schedule="rate(5 minutes)",
                                 ScalableTargetAction={"MinCapacity": 7})
    cloud.clock.advance(301)
    assert units() == (5, 5)
    scaling.register_scalable_target(**WRITES, SuspendedState={"ScheduledScalingSuspended": False})
    cloud.clock.advance(300)
    assert units() == (5, 7)


def test_bounds_that_do_not_fit_are_told_as_failed(cloud: Cloud, scaling: Any, things: str, units: Units) -> None:
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)
    scaling.put_scheduled_action(ScheduledActionName="a", **WRITES, Schedule="rate(5 minutes)",
                                 ScalableTargetAction={"MinCapacity": 11})
    cloud.clock.advance(301)
    assert units() == (5, 5)
    [told] = scaling.describe_scaling_activities(**WRITES)["ScalingActivities"]
    assert (told["StatusCode"], told["Description"]) == ("Failed", "Setting min capacity to 11")


def test_what_no_action_may_be(scaling: Any, things: str) -> None:
    assert "No scalable target registered" in refused(
        scaling.put_scheduled_action, "ObjectNotFoundException", ScheduledActionName="a", **WRITES)
    scaling.register_scalable_target(**WRITES, MinCapacity=1, MaxCapacity=10)

    def why(**members: Any) -> str:
        said = {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 2}} | members
        return refused(scaling.put_scheduled_action, ScheduledActionName="a", **WRITES, **said)

    assert "required" in refused(scaling.put_scheduled_action, ScheduledActionName="a", **WRITES, Schedule="rate(1 day)")
    assert why(Schedule="rate(soon)") == "Invalid schedule expression: rate(soon)"
    assert why(Timezone="Moon/Tycho") == "Invalid timezone: Moon/Tycho"
    assert "specify" in why(ScalableTargetAction={})
    assert "less than" in why(ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 2})
    assert "before the end" in why(StartTime=datetime(2030, 1, 2, tzinfo=UTC), EndTime=datetime(2030, 1, 1, tzinfo=UTC))
    assert scaling.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"] == []
