"""What each statement of each policy said to a question, part by part: for `explain` and for IAM's simulator.

The parts are asked by the same functions that decide (`Statement.does`, `at`, the tests); nothing is weighed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from . import who
from .engine import Named, Question, Sets
from .policy import Statement


class Tested(NamedTuple):
    """One condition: its words, the values that the call gave (None: it has no such key), and whether it held."""

    words: str
    values: tuple[str, ...] | None
    held: bool


class Finding(NamedTuple):
    """One statement. number: its place in the document, from 0. It matched when all its parts did."""

    kind: str
    origin: str
    number: int
    sid: str
    effect: str
    named: bool
    action: bool
    resource: bool
    conditions: tuple[Tested, ...]

    @property
    def matched(self) -> bool:
        return self.named and self.action and self.resource and all(t.held for t in self.conditions)


def examine(question: Question, sets: Sets) -> list[Finding]:
    """All statements of all policies that count, kind by kind in the order of the algorithm."""
    found: list[Finding] = []
    for kind, levels in (("scp", sets.scps), ("rcp", sets.rcps)):
        for level in levels:
            found += _of(kind, level, question, kind == "rcp", sets.boundary is not None)
    found += _of("vpce", sets.endpoint or (), question, True, sets.boundary is not None)
    found += _of("resource", sets.guards, question, True, sets.boundary is not None)
    for kind, policies in (("identity", sets.identity), ("boundary", sets.boundary), ("session", sets.session)):
        found += _of(kind, policies or (), question, False)
    return found


def _of(kind: str, policies: Iterable[Named], question: Question, guards: bool,
        bounded: bool = False) -> Iterable[Finding]:
    for origin, policy in policies:
        for number, statement in enumerate(policy.statements):
            named = not guards or who.grade(statement, question.principal, bounded) != who.NOBODY
            yield Finding(kind, origin, number, statement.sid, "Allow" if statement.allows else "Deny", named,
                          statement.does(question.action), statement.at(question.resource, question.look),
                          tuple(_tested(statement, question)))


def _tested(statement: Statement, question: Question) -> Iterable[Tested]:
    for words, test in statement.tests:
        values = question.look(words.partition(" ")[2])
        yield Tested(words, None if values is None else tuple(values), test(question.look))
