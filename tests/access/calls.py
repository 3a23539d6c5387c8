"""Real calls for actions of the corpus: what a client sends so that this action is asked for on this resource.

Only whether a call is refused counts, not what it does afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from access.corpus import Ask, Case

Sent = tuple[str, str, dict[str, Any]]              # service, operation, members
# Condition keys that a listing can be given, and their values; tags of users are made.
_MORE = {"s3:prefix": re.compile(".*"), "s3:max-keys": re.compile("[0-9]+")}
_REGION = "us-east-1"
_TAG = re.compile(r"[\w .:/=+@-]*")


def _bucket(operation: str) -> Callable[[str, Ask], Sent | None]:
    def sent(rest: str, ask: Ask) -> Sent | None:
        more: dict[str, Any] = {}
        if "s3:prefix" in ask.keys:
            more["Prefix"] = ask.keys["s3:prefix"][0]
        if "s3:max-keys" in ask.keys:
            more["MaxKeys"] = int(ask.keys["s3:max-keys"][0])
        return None if not rest or "/" in rest or "*" in rest else ("s3", operation, {"Bucket": rest, **more})

    return sent


def _object(operation: str, **more: Any) -> Callable[[str, Ask], Sent | None]:
    def sent(rest: str, ask: Ask) -> Sent | None:
        bucket, _, key = rest.partition("/")
        return ("s3", operation, {"Bucket": bucket, "Key": key, **more}) if key else None

    return sent


def _queue(operation: str, **more: Any) -> Callable[[str, Ask], Sent | None]:
    return lambda rest, _: ("sqs", operation, {"QueueUrl": rest, **more}) if rest else None


def _of_user(operation: str, **more: Any) -> Callable[[str, Ask], Sent | None]:
    """Users without a path: the call gives the name alone."""
    def sent(rest: str, ask: Ask) -> Sent | None:
        kind, _, name = rest.partition("/")
        return ("iam", operation, {"UserName": name, **more}) if kind == "user" and "/" not in name else None

    return sent


def _of_all(service: str, operation: str) -> Callable[[str, Ask], Sent | None]:
    return lambda rest, ask: (service, operation, {}) if ask.resource == "*" else None


_CALLS: dict[str, Callable[[str, Ask], Sent | None]] = {
    "s3:GetObject": _object("get_object"), "s3:PutObject": _object("put_object", Body=b""),
    "s3:DeleteObject": _object("delete_object"), "s3:GetObjectAcl": _object("get_object_acl"),
    "s3:ListBucket": _bucket("list_objects_v2"), "s3:GetBucketLocation": _bucket("get_bucket_location"),
    "s3:GetBucketLogging": _bucket("get_bucket_logging"), "s3:GetBucketPolicy": _bucket("get_bucket_policy"),
    "sqs:SendMessage": _queue("send_message", MessageBody="m"), "sqs:ReceiveMessage": _queue("receive_message"),
    "sqs:ListQueues": _of_all("sqs", "list_queues"), "sns:ListTopics": _of_all("sns", "list_topics"),
    "iam:GetUser": _of_user("get_user"), "iam:ListAccessKeys": _of_user("list_access_keys"),
    "iam:ListMFADevices": _of_user("list_mfa_devices"),
    "iam:ListUsers": _of_all("iam", "list_users"), "iam:ListGroups": _of_all("iam", "list_groups"),
    "iam:GetAccountSummary": _of_all("iam", "get_account_summary"),
    "dynamodb:ListTables": _of_all("dynamodb", "list_tables"),
}


_IN_PART = re.compile(r"arn:aws:s3:::[A-Za-z0-9_-]+[$*?]")


def fits(case: Case) -> bool:
    """Can this case be played with real users, roles and buckets? (Not with parts of names.)"""
    if any(map(_IN_PART.search, (*case.identity, case.resource, case.endpoint))) or ":user/*" in case.resource:
        return False
    return case.caller.split()[0] in ("user", "role", "root") and not (case.exclusive or case.scps or case.rcps)


def sent(case: Case, ask: Ask) -> Sent | None:
    """The call that asks this; None when none does."""
    parts = ask.resource.split(":", 5)
    rest = parts[5] if len(parts) == 6 else ""
    make = _CALLS.get(ask.action)
    if make is None or "EXAMPLE" in ask.resource or (rest and parts[4] not in ("", case.account)):
        return None
    for key, values in ask.keys.items():
        allowed = _TAG if key.startswith("aws:PrincipalTag/") else _MORE.get(key) if ask.action == "s3:ListBucket" else None
        if allowed is None or not all(map(allowed.fullmatch, values)):
            return None
    if rest and parts[2] != "s3" and (parts[2] == "sqs" and parts[3] != _REGION):
        return None
    if case.resource and not (parts[2:3] == ["s3"] and buckets_of(case)):
        return None
    return make(rest, ask)


def buckets_of(case: Case) -> set[str]:
    """The buckets that the case's questions name."""
    return {ask.resource[13:].partition("/")[0] for ask in case.asks if ask.resource.startswith("arn:aws:s3:::")}


def objects_of(case: Case, bucket: str) -> set[str]:
    """The keys of this bucket that somebody wants to read."""
    start = f"arn:aws:s3:::{bucket}/"
    return {ask.resource.removeprefix(start) for ask in case.asks
            if ask.action in ("s3:GetObject", "s3:GetObjectAcl") and ask.resource.startswith(start)} - {""}


def nameable(bucket: str) -> bool:
    return re.fullmatch("[a-z0-9-]{3,63}", bucket) is not None


_NAMED = re.compile(r'arn:aws:s3:::([A-Za-z0-9_-]+)(?=["/\s]|$)')


def moved(case: Case, account: str, owner: str) -> Case:
    """The case in accounts of its own, with buckets whose names a bucket can have and nobody else has."""
    def bucket(found: re.Match[str]) -> str:
        return f"arn:aws:s3:::{re.sub('[^a-z0-9]', '', found[1].lower())}-{account}"

    def text(given: str) -> str:
        given = _NAMED.sub(bucket, given)
        return (given.replace(case.owner, owner) if case.owner else given).replace(case.account, account)

    def texts(given: Iterable[str] | None) -> Any:
        return None if given is None else tuple(map(text, given))

    return case._replace(
        account=account, owner=owner, identity=texts(case.identity), boundary=texts(case.boundary), session=texts(case.session),
        resource=text(case.resource), endpoint=text(case.endpoint),
        asks=tuple(ask._replace(resource=text(ask.resource)) for ask in case.asks))
