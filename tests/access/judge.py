"""Asks the engine about a case of the corpus: by the simulator, and by `explain`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from access.corpus import Ask, Case
from cumulet.kernel import Call, principals
from cumulet.kernel.access import endpoints, explain, gather
from cumulet.kernel.access.contract import ANONYMOUS, Guard, Principal, root_of, service_principal
from cumulet.kernel.access.organization import SCP

ROLE_ID, USER_ID = "AROAEXAMPLEROLE", "AIDAEXAMPLEUSER"


def principal_of(case: Case) -> Principal:
    """The caller, with the policies of its session."""
    kind, _, name = case.caller.partition(" ")
    account, policies = case.account, case.session or ()
    if kind == "root":
        return root_of(account)
    if kind == "service":
        return service_principal(name, account)
    if kind == "user":
        arn = f"arn:aws:iam::{account}:user/{name}"
        return Principal("user", account, arn, USER_ID, arn, "AKIAEXAMPLE")
    if kind == "role":
        role, _, session = name.rpartition("/")
        return Principal("role", account, f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}",
                         f"{ROLE_ID}:{session}", f"arn:aws:iam::{account}:role/{role}", "ASIAEXAMPLE", policies)
    if kind == "federated":
        bob, _, ann = name.partition(" of ")
        return Principal("federated", account, f"arn:aws:sts::{account}:federated-user/{bob}", f"{account}:{bob}",
                         f"arn:aws:iam::{account}:user/{ann}", "ASIAEXAMPLE", policies)
    assert kind == "nobody", case.caller
    return ANONYMOUS


class Judge:
    """Answers as "allowed", "implicit" or "explicit"."""

    def __init__(self, call: Call, case: Case) -> None:
        self._call = call
        self._case = case
        self._caller = principal_of(case)

    def simulated(self, ask: Ask) -> str:
        """The simulator's answer. It knows of no policies that alone count."""
        case = self._case
        found = principals.simulate(self._call, self._caller, _named(case.identity), _named(case.boundary or ()), ask.action,
                                    ask.resource, case.resource, ask.keys, case.owner)
        return {"allowed": "allowed", "implicitDeny": "implicit", "explicitDeny": "explicit"}[found.decision]

    def explained(self, ask: Ask) -> str:
        """What `explain` says, after a look whether its steps say the same."""
        told = explain.explain(self._call, self._caller, ask.action, ask.resource, {**ask.keys})
        denied = any(s["verdict"] == "denies" for s in told["steps"])
        assert denied == told["explicit"], told
        if told["decision"] == "allowed":
            assert any(s["verdict"] in ("allows", "the root may do all") for s in told["steps"]), told
            return "allowed"
        return "explicit" if told["explicit"] else "implicit"


def _named(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("given", text) for text in texts]


@contextmanager
def placed(case: Case) -> Iterator[None]:
    """The policies of a case, where the engine's questions about them are answered."""
    owner = case.owner or case.account

    def controls(tx: Any, account: str, kind: str) -> Any:
        levels = case.scps if kind == SCP else case.rcps
        if account != (case.account if kind == SCP else owner):
            return ()
        return tuple(tuple(_named(level)) for level in levels)

    def guard(call: Call, action: str, arn: str, principal: Principal) -> Guard:
        whose = case.owner or gather.account_of(arn) or case.account
        return Guard(whose, (("resource policy", case.resource),) if case.resource else (), case.exclusive)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "control_policies", controls)
        patch.setattr(gather, "own_policies", lambda tx, principal: gather.guards(_named(case.identity)))
        patch.setattr(gather, "boundary_of", lambda tx, principal: None if case.boundary is None
                      else gather.guards(_named(case.boundary)))
        patch.setattr(explain, "guard_of", guard)
        patch.setattr(endpoints, "policies", lambda endpoint, action: gather.guards(_named((case.endpoint,)))
                      if case.endpoint else None)
        yield
