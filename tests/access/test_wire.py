"""A part of the corpus over the wire: callers and buckets are made, the calls are sent, and refused or not as documented."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from access import calls, corpus, doors
from conftest import Cloud, Start, new_account

MOST = 16                   # cases of a file
REFUSALS = ("AccessDenied", "AccessDeniedException", "AuthorizationError")


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


class Stage:
    """An account where one case is played."""

    def __init__(self, thread: Any, case: corpus.Case, account: str = "") -> None:
        account = account or new_account()
        self.case = calls.moved(case, account, account if case.owner in ("", case.account) else new_account())
        self.cloud = Cloud(thread, account)
        self.owner = Cloud(thread, self.case.owner)
        self.iam = self.cloud.client("iam")
        self.clients: dict[str, Any] = {}

    def caller(self, tags: dict[str, str]) -> dict[str, str]:
        """The keys of the case's caller, who is made with the case's policies."""
        kind, _, name = self.case.caller.partition(" ")
        if kind == "root":
            return {}
        boundary = {}
        if self.case.boundary is not None:
            boundary = {"PermissionsBoundary": self.iam.create_policy(
                PolicyName="edge", PolicyDocument=self.case.boundary[0])["Policy"]["Arn"]}
        more = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()], **boundary}
        return self._user(name, more) if kind == "user" else self._session(name, more)

    def _user(self, name: str, more: dict[str, Any]) -> dict[str, str]:
        self.iam.create_user(UserName=name, **more)
        if self.case.identity:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=self.case.identity[0])
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    def _session(self, name: str, more: dict[str, Any]) -> dict[str, str]:
        role, _, session = name.rpartition("/")
        trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": self.case.account}}}
        arn = self.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust), **more)["Role"]["Arn"]
        if self.case.identity:
            self.iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=self.case.identity[0])
        policy = {"Policy": self.case.session[0]} if self.case.session else {}
        made = self.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName=session, **policy)["Credentials"]
        return {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}

    def buckets(self) -> None:
        """The buckets of the case, each with its part of the resource policy."""
        s3 = self.owner.client("s3")
        for bucket in calls.buckets_of(self.case):
            if not calls.nameable(bucket):
                continue
            s3.create_bucket(Bucket=bucket)
            for key in calls.objects_of(self.case, bucket):      # a missing one may be kept secret by a refusal
                s3.put_object(Bucket=bucket, Key=key, Body=b"")
            if self.case.resource:
                self._people(policy := self._part(bucket))
                s3.delete_public_access_block(Bucket=bucket)
                s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    def _people(self, policy: str) -> None:
        """Whom a policy names in its own account must be there."""
        iam = self.owner.client("iam")
        named = re.findall(rf'"arn:aws:iam::{self.case.owner}:(user|role)(/(?:[\w/-]*/)?)([\w.-]+)"', policy)
        for kind, path, name in sorted(set(named)):
            with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
                if kind == "user":
                    iam.create_user(UserName=name, Path=path)
                else:
                    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps({"Statement": {
                        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": self.case.owner}}}))

    def _part(self, bucket: str) -> str:
        own = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        policy = json.loads(self.case.resource)
        for statement in policy["Statement"]:
            given = statement["Resource"]
            named = own if given == "*" else [r for r in ([given] if isinstance(given, str) else given) if r.startswith(own[0])]
            statement["Resource"] = named
        policy["Statement"] = [s for s in policy["Statement"] if s["Resource"]]
        if not policy["Statement"]:                         # nothing about this bucket: its account alone is let in
            account = {"AWS": self.case.owner}
            policy["Statement"] = [{"Effect": "Allow", "Principal": account, "Action": "s3:*", "Resource": own}]
        return json.dumps(policy)

    def _client(self, service: str, keys: dict[str, str]) -> Any:
        """By a VPC endpoint, where the case has one."""
        if not self.case.endpoint:
            return self.cloud.client(service, **keys)
        return doors.door(self.cloud, service, self.case.endpoint).client(service, keys=keys)

    def refused(self, keys: dict[str, str], sent: calls.Sent) -> str:
        """The code of a refusal, else nothing."""
        service, operation, members = sent
        if "QueueUrl" in members:
            members = members | {"QueueUrl": f"{self.cloud.endpoint}/{self.cloud.account}/{members['QueueUrl']}"}
        if service not in self.clients:
            self.clients[service] = self._client(service, keys)
        try:
            getattr(self.clients[service], operation)(**members)
        except ClientError as problem:
            code = str(problem.response["Error"]["Code"])
            return code if code in REFUSALS else ""
        return ""


def played(thread: Any, case: corpus.Case) -> tuple[int, list[str]]:
    """How many calls were sent, and what was not as documented."""
    sent, problems = 0, []
    stages: dict[str, tuple[Stage, dict[str, str]]] = {}
    for number, first in enumerate(case.asks):
        if calls.sent(case, first) is None:
            continue
        tags = {key.partition("/")[2]: values[0] for key, values in first.keys.items() if "/" in key}
        if str(tags) not in stages:                       # the tags of the caller are a part of the question
            stage = Stage(thread, case)
            stages[str(tags)] = stage, stage.caller(tags)
            stage.buckets()
        stage, keys = stages[str(tags)]
        call = calls.sent(stage.case, stage.case.asks[number])
        if call is None:
            continue
        sent += 1
        code = stage.refused(keys, call)
        if bool(code) == (first.answer == "allowed"):
            problems.append(f"{case.page}\n  {case.it}, {case.caller}\n  {first}\n  {call}: {code or 'let in'}")
    return sent, problems


def can_be_put(case: corpus.Case) -> bool:
    """A policy that names nobody, by a star or by the caller's name in other letters, is refused before it decides anything."""
    named = re.findall(r'"arn:aws:iam::\d+:(?:user|role)/([^"]+)"', case.resource or "")
    caller = case.caller.partition(" ")[2]
    return not any("*" in name or (name != caller and name.lower() == caller.lower()) for name in named)


@pytest.mark.parametrize("name", [name for name in corpus.files() if name != "organizations"])
def test_calls_are_decided_as_documented(enforcing: Any, name: str) -> None:
    fitting = [c for c in corpus.cases(name)
               if calls.fits(c) and can_be_put(c) and any(calls.sent(c, ask) for ask in c.asks)]
    step = max(1, len(fitting) // MOST)
    with doors.resolved():
        found = [played(enforcing, case) for case in fitting[::step]]
    problems = [p for _, some in found for p in some]
    assert not problems, f"{len(problems)} calls\n" + "\n".join(problems[:8])
    assert sum(count for count, _ in found) >= 3, name
