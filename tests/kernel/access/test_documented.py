"""Decisions that AWS's pages tell, each with its page: engine, plain evaluator and simulator give the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call, principals
from cumulet.kernel.access.contract import Principal, root_of
from cumulet.kernel.access.engine import Named, Question, Sets, evaluate
from cumulet.kernel.access.policy import compiled
from kernel.access import reference

FOLDER = Path(__file__).parent / "documented"
ACCOUNT = "111122223333"
ANN = ["user", f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:user/ann"]
SIMULATED = {"Allow": "allowed", "ExplicitDeny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entry in json.loads((FOLDER / f"{name}.json").read_text()):
        for case in entry["cases"]:
            yield entry, case


def context_of(case: dict[str, Any]) -> dict[str, list[str]]:
    return {key.lower(): value if isinstance(value, list) else [value] for key, value in case["context"].items()}


def named(documents: list[Any]) -> tuple[Named, ...]:
    return tuple(Named("policy", compiled(json.dumps(d))) for d in documents)


def sets_of(entry: dict[str, Any]) -> Sets:
    return Sets(named(entry["identity"]), named([entry["boundary"]]) if "boundary" in entry else None,
                named(entry["session"]) if "session" in entry else None, named(entry.get("resource_policies", [])),
                tuple(named(level) for level in entry.get("scps", [])), tuple(named(level) for level in entry.get("rcps", [])),
                entry.get("exclusive", False))


def principal_of(entry: dict[str, Any]) -> Principal:
    kind, arn, entity = entry.get("principal", ANN)
    return Principal(kind, "" if kind == "anonymous" else ACCOUNT, arn, "AIDAX", entity)


@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.json")))
def test_the_engine_and_the_reference_say_what_the_page_says(name: str) -> None:
    for entry, case in cases(name):
        who, context = principal_of(entry), context_of(case)
        owner = entry.get("owner", ACCOUNT)
        question = Question(who, case["action"], case["resource"], owner, lambda key, c=context: c.get(key.lower()))
        outcome = evaluate(question, sets_of(entry), [])
        found = "Allow" if outcome.allowed else "ExplicitDeny" if outcome.explicit else "ImplicitDeny"
        request = reference.Request(who.kind, who.account, who.arn, who.subject, case["action"], case["resource"], owner,
                                    context)
        plain = reference.decide(request, reference.Policies(
            entry["identity"], entry.get("boundary"), entry.get("session"), entry.get("resource_policies", []),
            entry.get("scps", []), entry.get("rcps", []), entry.get("exclusive", False)))
        assert (found, plain) == (case["expected"],) * 2, f"{entry['page']}\n{case}"


@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.json")))
def test_the_simulator_agrees(cloud: Cloud, name: str) -> None:
    kernel = cloud.kernel

    def work(tx: Any) -> None:
        call = Call(kernel, tx, "iam", "SimulateCustomPolicy", ACCOUNT, "us-east-1", root_of(ACCOUNT), kernel.clock.now())
        for entry, case in cases(name):
            if {"session", "scps", "rcps", "exclusive"} & entry.keys() or len(entry.get("resource_policies", [])) > 1:
                continue
            context = context_of(case)
            for key in ("aws:currenttime", "aws:username", "aws:requestedregion", "aws:securetransport", "aws:tokenissuetime"):
                context.setdefault(key, [])              # what a real call would have, and these cases have not
            guards = entry.get("resource_policies") or [None]
            found = principals.simulate(
                call, principal_of(entry), [("p", json.dumps(d)) for d in entry["identity"]],
                [("b", json.dumps(entry["boundary"]))] if "boundary" in entry else [], case["action"], case["resource"],
                json.dumps(guards[0]) if guards[0] else "", context, entry.get("owner", ACCOUNT))
            assert found.decision == SIMULATED[case["expected"]], f"{entry['page']}\n{case}\n{found}"

    cloud.thread.call(kernel.store.run(work))
