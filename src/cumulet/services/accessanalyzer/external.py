"""Ways in from outside: each principal that a resource's own policy lets in from beyond the zone of trust."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cumulet.kernel import Call, Principal, principals

from .statements import Condition, Statement, Unreadable, read

_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):(.+)")
# Conditions on these say who comes: values from within the zone of trust keep everybody else out.
_ACCOUNTS = ("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount")
_ARNS = ("aws:principalarn", "aws:sourcearn")
# A condition that fixes one of these makes that access is not public, though anybody's account may meet it.
_NARROW = (*_ACCOUNTS, *_ARNS, "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths",
           "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username",
           "aws:principaltag")
_EVERYTHING = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
_STRANGER = "999999999999"


class Zone(NamedTuple):
    """What is trusted: accounts, and the organization that they are ("" none)."""

    accounts: frozenset[str]
    organization: str = ""


class Way(NamedTuple):
    """One way in, as a finding tells it."""

    principal: tuple[str, str]
    actions: tuple[str, ...]
    condition: tuple[tuple[str, str], ...]
    public: bool


def ways_in(call: Call, text: str, resource: str, zone: Zone, public_blocked: bool = False) -> list[Way]:
    """The ways into a resource through one policy; what a denial closes is none."""
    try:
        statements = read(text)
    except Unreadable:
        return []
    merged: dict[tuple[tuple[str, str], tuple[tuple[str, str], ...], bool], dict[str, None]] = {}
    for statement in statements:
        for way in _of_statement(call, statement, text, resource, zone):
            if not (way.public and public_blocked):
                key = (way.principal, way.condition, way.public)
                merged.setdefault(key, {}).update(dict.fromkeys(way.actions))
    return [Way(principal, tuple(sorted(actions)), condition, public)
            for (principal, condition, public), actions in merged.items()]


def _of_statement(call: Call, statement: Statement, text: str, resource: str, zone: Zone) -> Iterator[Way]:
    if not statement.allows or any(_keeps_inside(one, zone) for one in statement.conditions):
        return
    condition = tuple(sorted((one.key, ",".join(one.values)) for one in statement.conditions if one.fixes))
    context = {one.key: [_meeting(one.values[0])] for one in statement.conditions if one.fixes and one.values}
    everybody = (("AWS", "*"),) if statement.not_principal else statement.principals
    for kind, name in everybody:
        caller = _outsider(kind, name, zone)
        if caller is None:
            continue
        actions = ["*"] if statement.not_action else statement.actions
        open_ones = tuple(action for action in actions if _allowed(call, caller, action, resource, text, context))
        if open_ones:
            public = kind == "AWS" and name == "*" and not any(
                one.fixes and one.key.partition("/")[0] in _NARROW and not _anywhere(one) for one in statement.conditions)
            yield Way((kind, name), open_ones, condition, public)


def _allowed(call: Call, caller: Principal, action: str, resource: str, text: str, context: Mapping[str, list[str]]) -> bool:
    """By the engine that decides on calls: a pattern of actions stands for itself, so that what denies all of it counts."""
    owner = resource.split(":")[4] or call.account
    told = principals.simulate(call, caller, [("", _EVERYTHING)], [], action, resource, text, context, owner)
    return told.decision == "allowed"


def _keeps_inside(one: Condition, zone: Zone) -> bool:
    """A condition that only callers from within the zone of trust meet."""
    if not one.fixes or not one.values:
        return False
    if one.key in _ACCOUNTS:
        return all(value in zone.accounts for value in one.values)
    if one.key in _ARNS:
        return all(value.count(":") >= 5 and value.split(":")[4] in zone.accounts for value in one.values)
    if one.key in ("aws:principalorgid", "aws:sourceorgid"):
        return bool(zone.organization) and all(value == zone.organization for value in one.values)
    return False


def _outsider(kind: str, name: str, zone: Zone) -> Principal | None:
    """Somebody whom this Principal element means; None for those within the zone of trust, and for services of AWS."""
    if kind == "AWS" and name == "*":
        arn = f"arn:aws:iam::{_STRANGER}:user/stranger"
        return Principal("user", _STRANGER, arn, "AIDASTRANGER", arn)
    if kind == "AWS":
        found = _PRINCIPAL_ARN.fullmatch(name)
        account = found[1] if found else name if _ACCOUNT.fullmatch(name) else ""
        if not account or account in zone.accounts:
            return None
        if found is None or found[2] == "root":
            arn = f"arn:aws:iam::{account}:root"
            return Principal("root", account, arn, account, arn)
        return Principal("user" if found[2].startswith("user/") else "role", account, name, name, name)
    if kind == "Federated":
        return Principal("federated", "", name, name, ":root", session_policies=(_EVERYTHING,))
    return None


def _meeting(value: str) -> str:
    """A value that meets a listed one: the first address of a network, a pattern as itself."""
    return value.partition("/")[0] if re.fullmatch(r"[0-9a-fA-F.:]+/\d+", value) else value


def _anywhere(one: Condition) -> bool:
    """Values that leave nobody out."""
    return any(value in ("*", "0.0.0.0/0", "::/0") for value in one.values)
