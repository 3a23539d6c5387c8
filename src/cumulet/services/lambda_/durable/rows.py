"""What is kept of a durable execution: itself, its operations, and its history."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored

NEVER = 1e18                          # a moment that does not come
RUNNING, PAUSING, PAUSED = "RUNNING", "PAUSING", "PAUSED"
SUCCEEDED, FAILED, TIMED_OUT, STOPPED = "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED"


@stored(key=("id",), indexes={"function": ("function", "started", "id"), "name": ("function", "name"), "open": ("open", "id")})
class Execution(msgspec.Struct, kw_only=True):
    """One execution. base: the function's ARN; invoked: its ARN as it was invoked; open: it has not ended.

    awake: it is given to its function, or will be in a moment.  request: the invocation that goes on.  token: how many
    checkpoint tokens were given out.  changes: how often an operation changed; seen: of how many the function was told.
    deadline: when it times out; left: the seconds that remain for it, while it is paused together with its time.
    """

    id: str
    function: str
    name: str
    version: str
    base: str
    invoked: str
    input: str
    started: float
    timeout: int
    retention: int
    deadline: float
    trace: str = ""
    status: str = RUNNING
    open: bool = True
    ended: float | None = None
    result: str | None = None
    error: dict[str, Any] | None = None
    awake: bool = True
    request: str = ""
    token: int = 0
    changes: int = 0
    seen: int = 0
    operations: int = 0
    events: int = 0
    failures: int = 0
    failing_since: float = 0.0
    retry: float = NEVER
    pause: dict[str, Any] | None = None
    left: float | None = None
    interrupted: bool = False
    tokens: dict[str, float] = {}                 # clients' tokens of pauses and resumptions → when they came
    answered: tuple[str, str, float] | None = None    # the last checkpoint's client token, its answer's token, when
    synchronous: bool = True

    @property
    def arn(self) -> str:
        return f"{self.base}:{self.version}/durable-execution/{self.name}/{self.id}"


@stored(key=("execution", "id"), indexes={"order": ("execution", "number"), "due": ("execution", "due"),
                                          "changed": ("execution", "changed")})
class Step(msgspec.Struct, kw_only=True):
    """One operation of an execution. number: in the order in which they began; changed: which change of the execution was
    its last; due: when time changes it; payload: of a started invocation its input, otherwise the result."""

    execution: str
    id: str
    number: int
    kind: str
    status: str
    started: float
    changed: int
    parent: str = ""
    name: str = ""
    subtype: str = ""
    ended: float | None = None
    due: float = NEVER
    attempt: int = 0
    payload: str | None = None
    error: dict[str, Any] | None = None
    replay_children: bool = False
    callback: str = ""
    expires: float = NEVER
    heartbeat: int = 0
    target: str = ""


@stored(key=("execution", "number"))
class Happening(msgspec.Struct, kw_only=True):
    """One event of an execution's history. details: its member's name and content; data in it are `{"Payload": …}`."""

    execution: str
    number: int
    kind: str
    at: float
    details: dict[str, Any]
    operation: str = ""
    name: str = ""
    parent: str = ""
    subtype: str = ""
