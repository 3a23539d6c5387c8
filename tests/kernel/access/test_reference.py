"""The engine against the plain evaluator of reference.py, on random policies and requests.

`DECISIONS=200000` decides that many; each run of the suite some thousands.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from cumulet.kernel.access.contract import Principal
from cumulet.kernel.access.engine import Named, Question, Sets, evaluate
from cumulet.kernel.access.policy import compiled
from kernel.access import reference

DECISIONS = int(os.environ.get("DECISIONS", "6000"))
SEEDS = 4
HOME, AWAY = "111111111111", "222222222222"
ACTIONS = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "iam:PassRole"]
RESOURCES = ["arn:aws:s3:::b/ann/k", "arn:aws:s3:::b", f"arn:aws:sqs:us-east-1:{HOME}:q", f"arn:aws:iam::{HOME}:role/x:y", "*"]
KEYS: dict[str, list[list[str]]] = {
    "aws:username": [["ann"], ["ben"], ["*"]], "aws:PrincipalTag/team": [["a"], ["A"], ["b?"]],
    "aws:SourceIp": [["10.1.2.3"], ["2001:db8::1"]], "aws:CurrentTime": [["2026-01-01T00:00:00Z"]],
    "aws:MultiFactorAuthPresent": [["true"], ["false"]], "aws:SourceArn": [[f"arn:aws:sns:us-east-1:{HOME}:t"]],
    "aws:TagKeys": [["a"], ["a", "b"], ["c", "x"]], "s3:max-keys": [["10"], ["9.5"], ["many"]], "x:bin": [["QUJD"]]}
WANTED = ["ann", "a*", "*", "b?", "${aws:username}", "${aws:PrincipalTag/team, 'a'}", "${aws:none}", "10.0.0.0/8",
          "10.1.2.3/31", "2001:db8::/32", "2026-01-01", "1767225600", "10", "9.5", "true", "false", "QUJD",
          f"arn:aws:sns:*:{HOME}:*",
          "arn:*:sns:us-east-1:*:t", "a", "b", "A", "x"]
OPERATORS = [f"String{n}{o}" for n in ("", "Not") for o in ("Equals", "EqualsIgnoreCase", "Like")] + [
    f"{k}{o}" for k in ("Numeric", "Date") for o in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
                                                    "GreaterThanEquals")] + [
    "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
PRINCIPALS = [
    ("root", f"arn:aws:iam::{HOME}:root", f"arn:aws:iam::{HOME}:root"),
    ("user", f"arn:aws:iam::{HOME}:user/ann", f"arn:aws:iam::{HOME}:user/ann"),
    ("role", f"arn:aws:sts::{HOME}:assumed-role/r/one", f"arn:aws:iam::{HOME}:role/r"),
    ("federated", f"arn:aws:sts::{HOME}:federated-user/bob", f"arn:aws:iam::{HOME}:user/ann"),
    ("service", "sns.amazonaws.com", "sns.amazonaws.com"), ("anonymous", "*", "*")]
NAMES = [HOME, AWAY, f"arn:aws:iam::{HOME}:root", *(arn for _, one, two in PRINCIPALS[1:4] for arn in (one, two)), "*"]


class Maker:
    """Makes policies and requests by chance, out of few words, so that they often meet."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def some(self, words: list[Any], most: int = 3) -> Any:
        found = self.chance.sample(words, self.chance.randint(1, min(most, len(words))))
        return found[0] if len(found) == 1 and self.chance.random() < 0.5 else found

    def statement(self, aimed: bool) -> dict[str, Any]:
        chance = self.chance
        found: dict[str, Any] = {"Effect": "Deny" if chance.random() < 0.2 else "Allow"}
        found["NotAction" if chance.random() < 0.15 else "Action"] = self.some(
            [*ACTIONS, "s3:*", "S3:get*", "*", "sqs:Send?essage"])
        if not aimed or chance.random() < 0.8:
            found["NotResource" if chance.random() < 0.15 else "Resource"] = self.some(
                [*RESOURCES, "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:*:*:*:*", "arn:aws:sqs:*",
                 "arn:aws:s3:::b/${aws:none, 'ann'}/k", "arn:aws:iam::*:role/*", "arn:aws:s3:*", "arn:aws:*:1*1:q",
                 "arn:aws:sq?:us*1:*", f"arn:aws:s*s:us-*-1:{HOME}:?", "arn:aws:iam:*:x:y", f"arn:aws:sqs:*:{HOME}:q"])
        if aimed:
            who: Any = "*" if chance.random() < 0.15 else {"AWS": self.some(NAMES, 4)}
            if who != "*" and chance.random() < 0.2:
                who["Service"] = "sns.amazonaws.com"
            found["NotPrincipal" if chance.random() < 0.15 else "Principal"] = who
        if chance.random() < 0.4:
            found["Condition"] = dict(self.condition() for _ in range(chance.randint(1, 2)))
        return found

    def condition(self) -> tuple[str, dict[str, Any]]:
        chance = self.chance
        key = chance.choice([*KEYS, "aws:none"])
        if chance.random() < 0.1:
            return "Null", {key: chance.choice(["true", "false", True])}
        name = chance.choice(["", "", "", "ForAllValues:", "ForAnyValue:"]) + chance.choice(OPERATORS)
        return name + ("IfExists" if chance.random() < 0.2 else ""), {key: self.some(WANTED, 4)}

    def document(self, aimed: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = {"Statement": [self.statement(aimed) for _ in range(self.chance.randint(1, 3))]}
        if self.chance.random() < 0.9:
            found["Version"] = self.chance.choice(["2012-10-17"] * 9 + ["2008-10-17"])
        return found

    def documents(self, most: int, aimed: bool = False) -> list[dict[str, Any]]:
        return [self.document(aimed) for _ in range(self.chance.randint(0, most))]

    def levels(self, aimed: bool) -> list[list[dict[str, Any]]]:
        if self.chance.random() < 0.7:
            return []
        full = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
                                                       **({"Principal": "*"} if aimed else {})}}
        return [[full] if self.chance.random() < 0.6 else self.documents(2, aimed) for _ in range(self.chance.randint(1, 3))]

    def request(self) -> reference.Request:
        chance = self.chance
        kind, arn, entity = chance.choice(PRINCIPALS)
        context = {key.lower(): chance.choice(values) for key, values in KEYS.items() if chance.random() < 0.6}
        owner = chance.choice([HOME, HOME, HOME, AWAY, ""])
        account = "" if kind == "anonymous" else HOME
        return reference.Request(kind, account, arn, entity, chance.choice(ACTIONS), chance.choice(RESOURCES), owner, context)

    def policies(self, request: reference.Request) -> reference.Policies:
        chance = self.chance
        own = request.kind in ("user", "role", "federated")
        session = self.documents(2) or None if own and chance.random() < 0.3 else None
        return reference.Policies(
            identity=self.documents(3) if own else [], boundary=self.document() if own and chance.random() < 0.3 else None,
            session=[] if request.kind == "federated" and session is None else session,
            resource=self.documents(2, True) if chance.random() < 0.6 else [],
            scps=self.levels(False) if request.kind not in ("anonymous", "service") else [], rcps=self.levels(True),
            exclusive=chance.random() < 0.15, endpoint=self.document(True) if chance.random() < 0.15 else None)


def named(documents: list[dict[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(f"policy {n}", compiled(json.dumps(d))) for n, d in enumerate(documents))


def engine(request: reference.Request, policies: reference.Policies) -> str:
    principal = Principal(request.kind, request.account, request.arn, "AIDAX" if request.kind == "user" else "AROAX:one",  # type: ignore[arg-type]
                          request.entity)
    sets = Sets(named(policies.identity), named([policies.boundary]) if policies.boundary is not None else None,
                named(policies.session) if policies.session is not None else None, named(policies.resource),
                tuple(named(level) for level in policies.scps), tuple(named(level) for level in policies.rcps),
                policies.exclusive, named([policies.endpoint]) if policies.endpoint is not None else None)
    question = Question(principal, request.action, request.resource, request.owner,
                        lambda key: request.context.get(key.lower()))
    outcome = evaluate(question, sets, [])
    return "Allow" if outcome.allowed else "ExplicitDeny" if outcome.explicit else "ImplicitDeny"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_engine_agrees_with_the_reference(seed: int) -> None:
    maker = Maker(seed)
    seen = dict.fromkeys(("Allow", "ExplicitDeny", "ImplicitDeny"), 0)
    for _ in range(DECISIONS // SEEDS):
        request = maker.request()
        policies = maker.policies(request)
        wanted = reference.decide(request, policies)
        assert engine(request, policies) == wanted, f"{request}\n{json.dumps(policies.__dict__, indent=1)}"
        seen[wanted] += 1
    assert min(seen.values()) > DECISIONS // SEEDS // 20, seen           # every answer is given often enough to mean something
