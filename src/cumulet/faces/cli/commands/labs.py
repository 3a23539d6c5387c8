"""`cumulet labs`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base import CheckFailed, Failure, Output, endpoint_option, fail_usage
from ..base import command as declare
from ..config import resolve
from ..launch import folder_of
from ..remote import Remote, remote

if TYPE_CHECKING:
    from ...labs.attempt import Attempt, Finding
    from ...labs.contents import Lab

_VERBS = ("list", "show", "start", "check", "hint", "solve", "reset", "report", "test")


@declare("labs", short_help="Walkthroughs that check themselves.")
@endpoint_option
@click.option("--cert", metavar="CODE", help="With list: labs for this certificate, such as SAA.")
@click.option("--exam", is_flag=True, help="With start: goals only, no hints.")
@click.option("--all", "every", is_flag=True, help="With test: all labs.")
@click.argument("verb", type=click.Choice(_VERBS), default="list")
@click.argument("name", required=False)
def command(out: Output, endpoint: str | None, cert: str | None, exam: bool, every: bool, verb: str, name: str | None) -> None:
    """Learn by doing: a lab has tasks, and checks that look at what you really made. Each attempt is in accounts of its own.

    \b
    cumulet labs list                 what there is
    cumulet labs start L02            begin; prints the text and the variables of its account
    cumulet labs check                look at all tasks      cumulet labs hint [TASK]   a nudge
    cumulet labs solve                have it done           cumulet labs report        how it went
    cumulet labs reset                forget the attempt     cumulet labs test L02      is the lab itself right?
    """
    from ...labs import contents

    if verb == "list":
        _list(out, [lab for lab in contents.all_labs() if not cert or cert.upper() in lab.level])
        return
    desk = _Desk(out, endpoint)
    if verb == "show":
        lab = desk.lab(name)
        out.show({"id": lab.id, "text": lab.text}, lambda: lab.text)
    elif verb == "test":
        if not (every or name):
            fail_usage("Say which lab, or --all.")
        desk.test(contents.all_labs() if every else [desk.lab(name)])
    elif verb == "start":
        desk.start(desk.lab(name), exam)
    else:
        {"check": desk.check, "hint": desk.hint, "solve": desk.solve, "reset": desk.reset, "report": desk.report}[verb](name)


def _list(out: Output, labs: list[Lab]) -> None:
    rows = [{"id": lab.id, "title": lab.title, "level": [*lab.level], "minutes": lab.minutes, "services": [*lab.services]}
            for lab in labs]
    out.show(rows, lambda: "\n".join(
        f"{lab.id:32} {lab.title:48} {lab.minutes:3} min  {' '.join(lab.level)}" for lab in labs) or "There are no labs.")


class _Desk:
    """The one who learns: the attempt under way, and the server that it is on."""

    def __init__(self, out: Output, endpoint: str | None) -> None:
        self.out = out
        self._endpoint = endpoint
        self.file = Path(folder_of(resolve({}).settings)) / "lab.json"

    @property
    def server(self) -> Remote:
        return remote(self._endpoint)

    def lab(self, name: str | None) -> Lab:
        from ...labs import contents

        found = contents.find(name) if name else None
        if found is None:
            raise Failure(f"There is no lab {name!r}." if name else "Say which lab.", "See them:  cumulet labs list")
        return found

    def attempt(self) -> Attempt:
        from ...labs import attempt

        found = attempt.load(self.file)
        if found is None:
            raise Failure("No lab is under way.", "Begin one:  cumulet labs start ID")
        return found

    def start(self, lab: Lab, exam: bool) -> None:
        from ...labs import attempt

        if (before := attempt.load(self.file)) is not None:
            raise Failure(f"{before.lab} is under way.", "End it first:  cumulet labs reset")
        endpoint = self.server.endpoint
        made = attempt.begin(lab, endpoint, exam)
        attempt.save(self.file, made)
        goals = "\n".join(f" {number}. {task.goal}" for number, task in enumerate(lab.tasks, 1))
        lines = [f"cumulet env --account {account}" for account in made.accounts]
        text = "" if exam else lab.text + "\n"
        self.out.show({"lab": lab.id, "accounts": [*made.accounts], "endpoint": endpoint}, lambda: (
            f"{lab.title}\n\n{text}{goals}\n\nYour account{'s' if len(lines) > 1 else ''}:\n"
            + "\n".join(f'  eval "$({line})"' for line in lines) + "\nThen: cumulet labs check"))

    def check(self, task: str | None) -> None:
        from ...labs import attempt

        made = self.attempt()
        lab = self.lab(made.lab)
        found = attempt.check(lab, attempt.room_of(made, self.server.endpoint), [task] if task else [])
        attempt.note(made, found)
        attempt.save(self.file, made)
        self.out.show(_told(lab, made, found), lambda: _progress(lab, made, found))
        if not all(finding.holds for finding in found):
            raise CheckFailed(f"{sum(not f.holds for f in found)} of {len(found)} do not hold yet.")

    def hint(self, task: str | None) -> None:
        from ...labs import attempt

        made = self.attempt()
        lab = self.lab(made.lab)
        if made.exam:
            raise Failure("There are no hints in an exam.")
        chosen = next((t for t in lab.tasks if (t.id == task if task else t.id not in made.done)), None)
        if chosen is None:
            raise Failure(f"{lab.id} has no task {task!r}." if task else "All is done.")
        shown = min(made.hints.get(chosen.id, 0), len(chosen.hints) - 1)
        made.hints[chosen.id] = shown + 1
        attempt.save(self.file, made)
        self.out.show({"task": chosen.id, "hint": chosen.hints[shown]}, lambda: f"{chosen.goal}\n  {chosen.hints[shown]}")

    def solve(self, _: str | None) -> None:
        from ...labs import attempt
        from ...labs.room import Wrong

        made = self.attempt()
        lab = self.lab(made.lab)
        try:
            attempt.solve(lab, attempt.room_of(made, self.server.endpoint))
        except Wrong as problem:
            raise Failure(str(problem), "The solution expects an untouched account:  cumulet labs reset") from None
        self.check(None)

    def reset(self, _: str | None) -> None:
        from ...labs import attempt

        made = self.attempt()
        attempt.end(made, self.server.endpoint)
        attempt.save(self.file, None)
        self.out.show({"ended": made.lab}, lambda: f"{made.lab} and its accounts are forgotten.")

    def report(self, _: str | None) -> None:
        made = self.attempt()
        lab = self.lab(made.lab)
        self.out.show(_told(lab, made, []), lambda: _progress(lab, made, []))

    def test(self, labs: list[Lab]) -> None:
        from ...labs import attempt

        wrong: dict[str, list[str]] = {}
        for lab in labs:
            began = time.monotonic()
            if problems := attempt.prove(lab, self.server.endpoint):
                wrong[lab.id] = problems
            self.out.say(f" {'✗' if lab.id in wrong else '✓'} {lab.id}  {time.monotonic() - began:.1f} s"
                         + "".join(f"\n     {problem}" for problem in problems))
        self.out.show({"labs": len(labs), "wrong": wrong}, lambda: f"{len(labs) - len(wrong)} of {len(labs)} labs hold.")
        if wrong:
            raise CheckFailed(f"{', '.join(wrong)} do not hold.")


def _minutes(made: Attempt) -> float:
    """By the wall clock, as `begin` noted it: the learner's time, not that of a cloud whose clock the lab moves."""
    return (time.time() - made.started) / 60


def _told(lab: Lab, made: Attempt, found: list[Finding]) -> dict[str, Any]:
    whys = {finding.task.id: finding.why for finding in found}
    minutes = round(_minutes(made), 1)
    return {"lab": lab.id, "accounts": [*made.accounts], "exam": made.exam, "minutes": minutes,
            "tasks": [{"id": t.id, "goal": t.goal, "done": t.id in made.done, "why": whys.get(t.id, ""),
                       "hints": made.hints.get(t.id, 0)} for t in lab.tasks]}


def _progress(lab: Lab, made: Attempt, found: list[Finding]) -> str:
    """`Lab … 3/6  ███░░░  11 min`, and a line a task."""
    whys = {finding.task.id: finding.why for finding in found}
    done = sum(task.id in made.done for task in lab.tasks)
    lines = [f"{lab.title}   {done}/{len(lab.tasks)}  {'█' * done}{'░' * (len(lab.tasks) - done)}  "
             f"{_minutes(made):.0f} min"]
    for number, task in enumerate(lab.tasks, 1):
        mark = "✓" if task.id in made.done else "✗" if whys.get(task.id) else "·"
        lines.append(f" {mark} {number} {task.id}: {task.goal}")
        if whys.get(task.id):
            lines.append(f"     {whys[task.id]}")
    return "\n".join(lines)
