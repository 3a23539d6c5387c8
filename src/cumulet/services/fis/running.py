"""The course of an experiment: actions begin when those that they wait for are done, and each ends by a timer."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .catalogue import ACTIONS
from .checking import seconds
from .resources import Experiment, Step
from .targets import resolve

_KEPT = 120 * 86_400.0                           # seconds for which an experiment that is over is told
OVER = frozenset({"completed", "stopped", "failed", "cancelled", "skipped"})


def source(experiment: str, action: str) -> str:
    """How faults name the action that made them."""
    return f"fis {experiment} {action}"


@timer
def begin(call: Call, id: str) -> None:
    """What was started runs."""
    row = call.table(Experiment).get(id)
    if row is None or row.status != "initiating":
        return
    row.began = call.now
    _turn(call, row, "running")
    if row.mode == "skip-all":
        for step in row.steps.values():
            step.status, step.reason = "skipped", "Action skipped because actions mode is skip-all."
        _end(call, row, "completed")
    elif _resolve(call, row):
        _go_on(call, row)
    call.put(row)


def _resolve(call: Call, row: Experiment) -> bool:
    """Find the targets; where one is empty, the experiment fails, or goes without its actions, as its options say."""
    row.resolved = {name: resolve(call, target) for name, target in row.said["targets"].items()}
    empty = {name for name, arns in row.resolved.items() if not arns}
    if empty and row.said["experimentOptions"]["emptyTargetResolutionMode"] == "fail":
        stop(call, row, "failed", "Target resolution returned empty set.")
        return False
    for name, said in row.said["actions"].items():
        if not empty.isdisjoint((said.get("targets") or {}).values()):
            row.steps[name].status, row.steps[name].reason = "skipped", "Target resolution returned empty set."
    return True


@timer
def action_ends(call: Call, id: str, action: str) -> None:
    """The duration of an action is over."""
    row = call.table(Experiment).get(id)
    if row is None or row.status != "running" or row.steps[action].status != "running":
        return
    _finish(call, row, action, "completed", "Action was completed.")
    _go_on(call, row)
    call.put(row)


def _go_on(call: Call, row: Experiment) -> None:
    """Begin what may begin; when nothing is left, it is over."""
    for name, said in row.said["actions"].items():
        ready = all(row.steps[other].status in ("completed", "skipped") for other in said.get("startAfter") or ())
        if row.steps[name].status == "pending" and ready and row.status == "running":
            _start(call, row, name)
    if row.status == "running" and all(step.status in OVER for step in row.steps.values()):
        _end(call, row, "completed")


def _start(call: Call, row: Experiment, name: str) -> None:
    said, step = row.said["actions"][name], row.steps[name]
    given, known = said["parameters"], ACTIONS[said["actionId"]]
    lasts = seconds(given["duration"])
    step.status, step.began = "running", call.now
    if known.targets:
        try:
            for arn in row.resolved[said["targets"][known.targets]]:
                call.cloud.faults.inject(call.tx, **known.fault(given, arn, call.region), until=call.now + lasts,
                                         source=source(row.id, name))
        except ValueError as problem:                      # an operation that the service does not have
            _finish(call, row, name, "failed", str(problem))
            stop(call, row, "failed", f"The action {name} failed.")
            return
    call.at(call.now + lasts, action_ends, name=f"{row.id} {name}", id=row.id, action=name)


def _finish(call: Call, row: Experiment, name: str, status: str, reason: str) -> None:
    step = row.steps[name]
    step.status, step.reason, step.ended = status, reason, call.now
    if ACTIONS[row.said["actions"][name]["actionId"]].targets:
        call.cloud.faults.clear(call.tx, source=source(row.id, name))


def stop(call: Call, row: Experiment, status: str, reason: str) -> None:
    """End it before its time: what runs is stopped, what has not begun never will."""
    for name, step in row.steps.items():
        if step.status == "running":
            call.cancel(action_ends, f"{row.id} {name}")
            _finish(call, row, name, "stopped", "Action was stopped.")
        elif step.status == "pending":
            step.status, step.reason = "cancelled", "Action was cancelled."
    _end(call, row, status, reason)


def _end(call: Call, row: Experiment, status: str, reason: str = "Experiment completed.") -> None:
    row.ended = call.now
    call.at(call.now + _KEPT, forget, name=row.id, id=row.id)
    _turn(call, row, status, reason)


@timer
def forget(call: Call, id: str) -> None:
    """https://docs.aws.amazon.com/fis/latest/userguide/fis-quotas.html"""
    call.table(Experiment).delete(id)


def _turn(call: Call, row: Experiment, status: str, reason: str = "Experiment is running.") -> None:
    """Another state, which EventBridge hears of."""
    before, row.status, row.reason = row.status, status, reason
    call.emit("FIS Experiment State Change", {
        "experiment-id": row.id, "experiment-template-id": row.template,
        "new-state": {"status": status, "reason": reason}, "old-state": {"status": before}})


def steps_of(row: Experiment) -> dict[str, Step]:
    """All actions, none of them begun."""
    return {name: Step() for name in row.said["actions"]}

