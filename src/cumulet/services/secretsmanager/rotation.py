"""Rotation: a version is made, set, tested and finished by a function, step by step; what failed is tried again."""

from __future__ import annotations

import contextlib
import inspect
import json
from typing import Any

from cumulet.kernel import AwsError, Call, error, task, timer

from . import schedules, stages
from .replication import keep
from .resources import Rotation, Secret, Version
from .secrets import refused

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_EVENT = "AWS Service Event via CloudTrail"
_NO_ACCESS = ("Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to "
              "the principal secretsmanager.amazonaws.com.")


def check_function(call: Call, arn: str) -> None:
    """Is there such a function to invoke?"""
    try:
        _functions(call, arn).get_function(FunctionName=arn)
    except AwsError as problem:
        if problem.status >= 500:
            raise
        raise error.AccessDeniedException(_NO_ACCESS) from None


def _functions(call: Call, source: str) -> Any:
    return getattr(call.as_service(source), "lambda")


def begin(call: Call, secret: Secret, version: str) -> None:
    """Start a rotation that makes this version. The secret is changed, not kept."""
    state = call.table(Rotation).get(secret.Id)
    if state is not None and state.version == version:
        return                                         # asked for twice with one token
    pending = secret.stages.get(stages.PENDING)
    if pending is not None and pending != secret.stages.get(stages.CURRENT):
        raise refused("A previous rotation isn't complete. That rotation will be reattempted.")
    table = call.table(Version)
    if table.get(secret.Id, version) is None:
        table.put(Version(secret=secret.Id, id=version, created=call.now))
    secret.stages = stages.move(secret.stages, stages.PENDING, version)
    call.put(Rotation(secret=secret.Id, version=version))
    call.task(step, arn=secret.Id, version=version, number=0)
    _tell(call, secret, "RotationStarted")


def probe(call: Call, secret: Secret, version: str) -> None:
    """Try the function out without rotating: its test step, on a version that is there for that only. The secret is
    changed, not kept."""
    old = call.table(Version).get(secret.Id, version)
    if old is not None and old.kind:                   # its value would be lost
        raise error.ResourceExistsException(f"A version with the ID {version} already exists.")
    if call.table(Rotation).get(secret.Id) is None and stages.PENDING not in secret.stages:
        call.put(Version(secret=secret.Id, id=version, created=call.now))
        secret.stages = stages.move(secret.stages, stages.PENDING, version)
        call.task(test, arn=secret.Id, version=version)


@task(retries=0)
async def test(call: Call, arn: str, version: str) -> None:
    """The test step alone. Whether it went well is for the function's own log: nothing comes of it here."""
    with contextlib.suppress(AwsError):
        answer = await call.run(_tested, arn, version)
        if inspect.isawaitable(answer):
            await answer
    await call.run(_forget_test, arn, version)


def _tested(call: Call, arn: str, version: str) -> Any:
    secret = call.table(Secret).get(arn)
    if secret is None or secret.rotation_lambda is None:
        return None
    return _ask(call, secret, version, "testSecret")


def _forget_test(call: Call, arn: str, version: str) -> None:
    secret = call.table(Secret).get(arn)
    if secret is not None and secret.stages.get(stages.PENDING) == version:
        secret.stages = stages.take(secret.stages, stages.PENDING)
        if not stages.of(secret.stages, version):      # the function may have put the version to use
            call.table(Version).delete(arn, version)
        keep(call, secret)


def schedule(call: Call, secret: Secret) -> None:
    """Set the timer of the next window. The secret is changed, not kept."""
    if not secret.rotation_on and secret.next_window is None:
        return
    found = schedules.read(secret.rotation_rules or {}) if secret.rotation_on else None
    window = schedules.next_window(found, secret.rotated or call.now, call.now) if found is not None else None
    secret.next_window, secret.next_end = (window.start, window.end) if window is not None else (None, None)
    if window is not None:
        call.at(window.start, open_window, name=secret.Id, arn=secret.Id)
    else:
        call.cancel(open_window, secret.Id)


@timer
def open_window(call: Call, arn: str) -> None:
    """A rotation is due: a new one, or the one that failed before."""
    secret = call.table(Secret).get(arn)
    if secret is None or not secret.rotation_on or secret.deleted is not None or secret.primary is not None:
        return
    state = call.table(Rotation).get(arn)
    pending = secret.stages.get(stages.PENDING)
    if state is not None:
        call.task(step, arn=arn, version=state.version, number=state.step)
    elif pending is None or pending == secret.stages.get(stages.CURRENT):
        begin(call, secret, call.uuid())
    schedule(call, secret)
    keep(call, secret)


@task(retries=0)
async def step(call: Call, arn: str, version: str, number: int) -> None:
    """Invoke the function for one step; the next step follows when it went well."""
    try:
        answer = await call.run(_invoke, arn, version, STEPS[number])
        if inspect.isawaitable(answer):
            answer = await answer
    except AwsError as problem:
        await call.run(_failed, arn, version, problem.message or problem.code)
        return
    if answer is None:
        return                                         # called off meanwhile
    if answer.get("FunctionError"):
        await call.run(_failed, arn, version, f"{STEPS[number]} failed: {answer['FunctionError']}")
    else:
        await call.run(_went_well, arn, version, number)


def _invoke(call: Call, arn: str, version: str, name: str) -> Any:
    secret, state = call.table(Secret).get(arn), call.table(Rotation).get(arn)
    if secret is None or secret.rotation_lambda is None or state is None or state.version != version:
        return None
    return _ask(call, secret, version, name)


def _ask(call: Call, secret: Secret, version: str, name: str) -> Any:
    event = {"Step": name, "SecretId": secret.Id, "ClientRequestToken": version}
    return _functions(call, secret.Id).invoke(FunctionName=secret.rotation_lambda, Payload=json.dumps(event).encode())


def _went_well(call: Call, arn: str, version: str, number: int) -> None:
    secret, state = call.table(Secret).get(arn), call.table(Rotation).get(arn)
    if secret is None or state is None or state.version != version or state.step > number:
        return
    if number + 1 < len(STEPS):
        state.step, state.reason = number + 1, ""
        call.put(state)
        call.task(step, arn=arn, version=version, number=number + 1)
        return
    if secret.stages.get(stages.CURRENT) != version:
        _fail(call, secret, state, "finishSecret did not make the new version the current one.")
        return
    if secret.stages.get(stages.PENDING) == version:
        secret.stages = stages.take(secret.stages, stages.PENDING)
    call.table(Rotation).delete(arn)
    secret.rotated = secret.changed = call.now
    schedule(call, secret)
    keep(call, secret)
    _tell(call, secret, "RotationSucceeded")


def _failed(call: Call, arn: str, version: str, why: str) -> None:
    secret, state = call.table(Secret).get(arn), call.table(Rotation).get(arn)
    if secret is not None and state is not None and state.version == version:
        _fail(call, secret, state, why)


def _fail(call: Call, secret: Secret, state: Rotation, why: str) -> None:
    """AWSPENDING stays where it is; the whole rotation is tried again in the next window."""
    state.step, state.tried, state.reason = 0, state.tried + 1, why
    call.put(state)
    _tell(call, secret, "RotationFailed", why)


def _tell(call: Call, secret: Secret, name: str, why: str = "") -> None:
    detail: dict[str, Any] = {"eventSource": "secretsmanager.amazonaws.com", "eventName": name,
                              "additionalEventData": {"SecretId": secret.Id}}
    if why:
        detail["errorMessage"] = why
    call.emit(_EVENT, detail, [secret.Id])
