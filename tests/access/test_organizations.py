"""The corpus's control policies over the wire: a real organization with units, members and their callers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from access import calls, corpus
from access.test_wire import Stage
from conftest import Cloud, Start, new_account

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
# What a question about "*" asks for in an account.
PLACES = {"s3:GetObject": "arn:aws:s3:::x-{account}/k", "s3:PutObject": "arn:aws:s3:::x-{account}/k",
          "sqs:SendMessage": "arn:aws:sqs:us-east-1:{account}:q", "iam:GetUser": "arn:aws:iam::{account}:user/ann"}
LEAST = 20


class Tree:
    """An organization with one member, whose place has as many levels as the policies."""

    def __init__(self, thread: Any, depth: int) -> None:
        manager = Cloud(thread, new_account())
        self.client = manager.client("organizations")
        self.client.create_organization()
        root = self.client.list_roots()["Roots"][0]["Id"]
        self.client.enable_policy_type(RootId=root, PolicyType=RCP)
        asked = self.client.create_account(Email=f"m@{manager.account}.example.com", AccountName="m")["CreateAccountStatus"]
        manager.clock.idle()
        told = self.client.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
        self.member = str(told["AccountId"])
        unit = self.client.create_organizational_unit(ParentId=root, Name="u")["OrganizationalUnit"]["Id"]
        self.client.move_account(AccountId=self.member, SourceParentId=root, DestinationParentId=unit)
        self.levels = [root, unit, self.member] if depth == 3 else [root, self.member][:depth]

    def rule(self, kind: str, texts: tuple[tuple[str, ...], ...]) -> None:
        """A level's own policy in the place of the one that allows all (which stays for resource control policies)."""
        for target, (text,) in zip(self.levels, texts, strict=False):
            document = json.loads(text)
            if kind == RCP:
                document["Statement"] = [s for s in document["Statement"] if s["Effect"] == "Deny"]
            if not document["Statement"]:
                continue
            made = self.client.create_policy(Content=json.dumps(document), Description="", Name=f"{kind}-{target}", Type=kind)
            self.client.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)
            if kind == SCP:
                self.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=target)


def fitting() -> Iterator[corpus.Case]:
    for case in corpus.cases("organizations"):
        plain = case.caller.split()[0] in ("user", "root") and not case.owner and not case.resource
        if plain and any(ask.action in PLACES and not ask.keys for ask in case.asks):
            yield case


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


def prepare(stage: Stage) -> None:
    """What is asked for must be there: the rules of an account are for its resources."""
    s3 = stage.cloud.client("s3")
    s3.create_bucket(Bucket=f"x-{stage.cloud.account}")
    s3.put_object(Bucket=f"x-{stage.cloud.account}", Key="k", Body=b"")
    stage.cloud.client("sqs").create_queue(QueueName="q")


def test_control_policies_are_enforced_as_documented(enforcing: Any) -> None:
    problems, sent = [], 0
    for case in fitting():
        tree = Tree(enforcing, max(len(case.scps), len(case.rcps)))
        stage = Stage(enforcing, case, tree.member)
        keys = stage.caller({})
        prepare(stage)
        tree.rule(SCP, case.scps)
        tree.rule(RCP, case.rcps)
        for ask in case.asks:
            place = PLACES.get(ask.action)
            call = calls.sent(stage.case, ask._replace(resource=place.format(account=tree.member))) if place else None
            if call is None or ask.keys:
                continue
            sent += 1
            code = stage.refused(keys, call)
            if bool(code) == (ask.answer == "allowed"):
                problems.append(f"{case.it}, {case.caller}\n  {ask}\n  {call}: {code or 'let in'}")
    assert not problems, "\n".join(problems)
    assert sent >= LEAST, sent
