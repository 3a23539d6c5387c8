"""An attempt at a lab: started, checked, solved, ended. It is kept in a file beside the server's state."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from ..cli.remote import Remote
from .contents import Lab, Task
from .room import Room, Wrong


class Attempt(msgspec.Struct):
    """exam: goals only, no hints.  done: task → when it was first found done (epoch seconds).  hints: how many were shown."""

    lab: str
    accounts: tuple[str, ...]
    started: float
    exam: bool = False
    done: dict[str, float] = {}
    hints: dict[str, int] = {}


class Finding(NamedTuple):
    """One task as a check found it. why: what is wrong, "" when it holds."""

    task: Task
    why: str

    @property
    def holds(self) -> bool:
        return not self.why


def begin(lab: Lab, endpoint: str, exam: bool = False) -> Attempt:
    """In fresh accounts, where IAM is enforced as on AWS."""
    accounts = tuple(str(secrets.randbelow(9 * 10**11) + 10**11) for _ in range(lab.accounts))
    remote = Remote(endpoint)
    for account in accounts:
        remote.post("/_cumulet/iam", {"subject": account, "mode": "enforce"})
    # The wall clock, here and in `note`: a learner's minutes, while labs move the cloud's clock by days.
    return Attempt(lab.id, accounts, time.time(), exam)


def room_of(attempt: Attempt, endpoint: str) -> Room:
    return Room(endpoint, attempt.accounts)


def check(lab: Lab, room: Room, only: Iterable[str] = ()) -> list[Finding]:
    """Look at all tasks (or some). A task that needs the one before it says so by not holding."""
    from botocore.exceptions import BotoCoreError, ClientError

    checks, wanted = lab.checks(), set(only)
    found = []
    for task in lab.tasks:
        if wanted and task.id not in wanted:
            continue
        try:
            checks[task.id](room)
            why = ""
        except Wrong as problem:
            why = str(problem) or "not yet"
        except (ClientError, BotoCoreError) as problem:
            why = str(problem)
        except (KeyError, IndexError, StopIteration) as problem:
            why = f"not there yet ({problem!r})"
        found.append(Finding(task, why))
    return found


def note(attempt: Attempt, findings: Iterable[Finding]) -> None:
    """Remember when tasks were first done; a task that was undone is open again."""
    for finding in findings:
        if finding.holds:
            attempt.done.setdefault(finding.task.id, time.time())
        else:
            attempt.done.pop(finding.task.id, None)


def solve(lab: Lab, room: Room) -> None:
    """Do what the solution does. Raises Wrong."""
    solution = lab.solution()
    if isinstance(solution, Path):
        room.shell(solution)
    else:
        solution(room)


def end(attempt: Attempt, endpoint: str) -> None:
    """Forget the accounts and all that is in them."""
    remote = Remote(endpoint)
    for account in attempt.accounts:
        remote.post("/_cumulet/reset", {"account": account})
        remote.post("/_cumulet/iam", {"subject": account, "mode": None})


def prove(lab: Lab, endpoint: str) -> list[str]:
    """Is the lab itself right? In fresh accounts no check holds before the solution, and all do after it. What is wrong."""
    from botocore.exceptions import ClientError

    attempt = begin(lab, endpoint)
    room = room_of(attempt, endpoint)
    try:
        early = [f"{f.task.id} holds before anything is done" for f in check(lab, room) if f.holds]
        try:
            solve(lab, room)
        except (Wrong, ClientError, AssertionError) as problem:
            return [*early, f"the solution failed: {problem!r}"]
        return early + [f"{f.task.id} after the solution: {f.why}" for f in check(lab, room) if not f.holds]
    finally:
        end(attempt, endpoint)


# --- the file ---------------------------------------------------------------------------------------------------------------


def load(file: Path) -> Attempt | None:
    """The attempt that is under way."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Attempt)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def save(file: Path, attempt: Attempt | None) -> None:
    """Write it whole, or remove the file."""
    if attempt is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(msgspec.to_builtins(attempt), indent=1))
    new.replace(file)
