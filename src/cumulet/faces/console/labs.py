"""Labs in the page. The attempt under way is kept by the browser, as the CLI keeps its own in a file; here it is worked on."""

from __future__ import annotations

from typing import Any

import msgspec

from ..labs import attempt as attempts
from ..labs import contents
from ..labs.attempt import Attempt
from ..labs.room import Wrong


def listed() -> list[dict[str, Any]]:
    """All labs, with their text and tasks."""
    return [{"id": lab.id, "title": lab.title, "level": lab.level, "minutes": lab.minutes, "services": lab.services,
             "text": lab.text, "tasks": [{"id": t.id, "goal": t.goal, "hints": t.hints} for t in lab.tasks]}
            for lab in contents.all_labs()]


def done(verb: str, asked: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """begin {"lab", "exam"}, check {"attempt"}, solve {"attempt"} or end {"attempt"}; it takes a while, so not on the loop."""
    if verb == "begin":
        return {"attempt": msgspec.to_builtins(attempts.begin(_lab(str(asked["lab"])), endpoint, asked.get("exam") is True))}
    attempt = msgspec.convert(asked["attempt"], Attempt)
    lab = _lab(attempt.lab)
    if verb == "end":
        attempts.end(attempt, endpoint)
        return {}
    room = attempts.room_of(attempt, endpoint)
    if verb == "solve":
        try:
            attempts.solve(lab, room)
        except Wrong as problem:
            raise ValueError(str(problem)) from None
    findings = attempts.check(lab, room)
    attempts.note(attempt, findings)
    return {"attempt": msgspec.to_builtins(attempt), "findings": [{"task": f.task.id, "why": f.why} for f in findings]}


def _lab(name: str) -> contents.Lab:
    lab = contents.find(name)
    if lab is None:
        raise ValueError(f"there is no lab {name}")
    return lab
