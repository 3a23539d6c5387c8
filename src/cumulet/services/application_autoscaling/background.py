"""What happens unasked: policies look at their metrics each minute, scheduled actions come due, functions get ready."""

from __future__ import annotations

from contextlib import suppress

from cumulet.kernel import AwsError, Call, cron, task, timer

from . import scaling, subjects
from .records import fulfilled, record
from .resources import Activity, ScalableTarget, ScheduledAction
from .scaling import Ending
from .subjects import DIMENSIONS, Standing, registered
from .tracking import MINUTE, SPAN

_LAG = 5                               # seconds after a minute until its metrics are looked at
_IDLE = 5                              # minutes until they are looked at again where there were none
_AGAIN, _LONGEST = 5, 600              # seconds: until a change that is under way is looked at; until it is given up


def place(target: ScalableTarget) -> str:
    """The name of a target's timers."""
    return f"{target.ResourceId}|{target.ScalableDimension}"


def watch(call: Call, target: ScalableTarget, minutes: int = 1) -> None:
    """Its policies look when this minute is over, or so many; never where the bounds leave them nothing to decide."""
    if target.MinCapacity < target.MaxCapacity and scaling.policies(call, target):
        call.at((call.now // MINUTE + minutes) * MINUTE + _LAG, evaluate, name=place(target), resource=target.ResourceId,
                dimension=target.ScalableDimension)


@timer
def evaluate(call: Call, resource: str, dimension: str) -> None:
    """A minute is over. Where nobody used the resource for long, there is nothing to do, and time to wait."""
    target = registered(call, resource, dimension)
    if target is None:
        return
    watch(call, target)
    with suppress(AwsError), call.tx.savepoint():                # what cannot be asked now is asked the next time
        found = scaling.series(call, target)
        if any(read for _, read in found):
            begin(call, target, tracking=True)
        elif all(policy.created <= call.now - SPAN for policy, _ in found):
            watch(call, target, _IDLE)


def begin(call: Call, target: ScalableTarget, tracking: bool = False) -> None:
    """Bring it into its bounds, or (tracking) to where its policies want it: at once, where it tells at once what it has."""
    if DIMENSIONS[target.ScalableDimension].waits:
        call.task(look, resource=target.ResourceId, dimension=target.ScalableDimension, tracking=tracking)
        return
    with suppress(AwsError), call.tx.savepoint():                # a table that cannot be asked now is left as it is
        _act(call, target, tracking, subjects.table_standing(call, target))


@task()
async def look(call: Call, resource: str, dimension: str, tracking: bool) -> None:
    """Of a function: what it has, and then as `begin` says."""
    standing = await subjects.function_standing(call, resource, dimension)
    ending = await call.run(_looked, resource, dimension, tracking, standing)
    if ending is not None:
        await ending


def _looked(call: Call, resource: str, dimension: str, tracking: bool, standing: Standing) -> Ending:
    target = registered(call, resource, dimension)
    return _act(call, target, tracking, standing) if target is not None else None


def _act(call: Call, target: ScalableTarget, tracking: bool, standing: Standing) -> Ending:
    activity, ending = (scaling.track if tracking else scaling.into_bounds)(call, target, standing)
    if activity is not None and activity.status == "InProgress":
        call.at(call.now + _AGAIN, ask, number=activity.number)
    return ending


# --- changes that take a while ---


@timer
def ask(call: Call, number: int) -> None:
    """Is it done?"""
    row = call.table(Activity).get(number)
    if row is not None and row.status == "InProgress":
        call.task(find_out, number=number, resource=row.resource, dimension=row.dimension)


@task()
async def find_out(call: Call, number: int, resource: str, dimension: str) -> None:
    """See whether the resource has what it was given."""
    await call.run(_found, number, await subjects.function_standing(call, resource, dimension))


def _found(call: Call, number: int, standing: Standing) -> None:
    row = call.table(Activity).get(number)
    target = registered(call, row.resource, row.dimension) if row is not None else None
    if row is None or target is None or row.status != "InProgress" or row.capacity is None:
        return
    if standing.capacity != row.capacity:
        status = "Overridden"
    elif standing.settled:
        status = "Successful"
        fulfilled(call, target, row)
    elif call.now < row.started + _LONGEST:
        call.at(call.now + _AGAIN, ask, number=number)
        return
    else:
        status = "Unfulfilled"
    call.table(Activity).change(number, status=status, message=scaling.message(target, row.capacity, status), ended=call.now)


# --- scheduled actions ---


def key(row: ScheduledAction) -> tuple[str, str, str, str]:
    return row.namespace, row.resource, row.dimension, row.name


def arm(call: Call, row: ScheduledAction, since: float) -> None:
    """Set the timer of the first time that is later."""
    call.cancel(act, "|".join(key(row)))
    said = cron.schedule(row.schedule)
    begin = row.start if row.start is not None else row.begun
    due = said.after(max(since, begin - 0.001) if row.start is not None else since, begin, cron.zone(row.timezone or "UTC"))
    if due is not None and (row.end is None or due <= row.end):
        call.at(due, act, name="|".join(key(row)), action=key(row), due=due)


@timer
def act(call: Call, action: list[str], due: float) -> None:
    """A scheduled action is due: the target has new bounds."""
    row = call.table(ScheduledAction).get(*action)
    target = registered(call, action[1], action[2])
    if row is None or target is None:
        return
    arm(call, row, due)
    if target.SuspendedState.get("ScheduledScalingSuspended"):
        return
    bounds = [f"{word} capacity to {value}" for word, value in (("min", row.least), ("max", row.most)) if value is not None]
    said, cause = " and ".join(bounds), f"scheduled action name {row.name} was triggered"
    least = row.least if row.least is not None else target.MinCapacity
    most = row.most if row.most is not None else target.MaxCapacity
    if least > most:
        record(call, target, f"Setting {said}", cause, "Failed", ended=True,
               message=f"Failed to set {said}. Reason: Minimum capacity cannot be greater than maximum capacity")
        return
    target.MinCapacity, target.MaxCapacity = least, most
    call.put(target)
    record(call, target, f"Setting {said}", cause, "Successful", f"Successfully set {said}")
    watch(call, target)
    begin(call, target)
