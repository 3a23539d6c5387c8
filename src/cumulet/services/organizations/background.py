"""What happens unasked: accounts come into being, close, and are gone in the end."""

from __future__ import annotations

import json

from cumulet.kernel import Call, forget, organization, task, timer

from . import standing, tree
from .resources import Account, CreateAccountRequest, DelegatedAdministrator, Handshake, Organization, PolicyAttachment

_POST_CLOSURE = 90 * 86_400.0
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@task()
def make_account(call: Call, request: str) -> None:
    """A new account, and in it the role by which the management account gets in."""
    asked = call.table(CreateAccountRequest).get(request)
    within = call.table(Organization).get(asked.organization) if asked else None
    if asked is None or within is None or asked.state != "IN_PROGRESS":
        return
    asked.completed = call.now
    if call.table(Account).find("email", asked.email) is not None:
        asked.state, asked.failure = "FAILED", "EMAIL_ALREADY_EXISTS"
        call.put(asked)
        return
    standing.touch(call, within)
    id = _free_id(call)
    row = Account(account=id, name=asked.name, email=asked.email, created=call.now, tags=asked.tags)
    tree.join(call, within, row, "CREATED")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"AWS": f"arn:aws:iam::{within.account}:root"}}]}
    there = call.as_service(account=id)
    there.iam.create_role(RoleName=asked.role, AssumeRolePolicyDocument=json.dumps(trust))
    there.iam.attach_role_policy(RoleName=asked.role, PolicyArn=_ADMINISTRATOR)
    asked.state, asked.made = "SUCCEEDED", id
    call.put(asked)


def _free_id(call: Call) -> str:
    while True:
        id = call.token(1, "123456789") + call.token(11, "0123456789")
        if call.table(Account).get(id) is None:
            return id


@task()
def close(call: Call, member: str) -> None:
    """Nobody gets into the account any more; in ninety days it is gone."""
    row = call.table(Account).get(member)
    if row is None or row.state != "PENDING_CLOSURE":
        return
    row.state = "SUSPENDED"
    _put(call, row)
    call.at(row.closed + _POST_CLOSURE, end, name=f"end-{member}", member=member)


@timer
def end(call: Call, member: str) -> None:
    """The time to come back is over: the account leaves the organization, closed for good."""
    row = call.table(Account).get(member)
    if row is None or row.state != "SUSPENDED":
        return
    if row.organization:
        call.table(DelegatedAdministrator).delete_all(row.organization, member)
    row.state = "CLOSED"
    _put(call, row)
    tree.part(call, row)


def _put(call: Call, row: Account) -> None:
    organization.changed(call.tx, row.organization or "", call.uuid())
    call.put(row)


@timer
def forget_handshake(call: Call, handshake: str) -> None:
    """Answered and expired handshakes are told for a month."""
    call.table(Handshake).delete(handshake)


@forget
def ties_go(call: Call) -> None:
    """A member that is reset leaves its organization. With a manager go the accounts that it made; the others stand alone."""
    if call.region:
        return
    call.table(PolicyAttachment).delete_all(call.account)
    row = call.table(Account).get(call.account)
    if row is not None and row.organization:
        call.table(DelegatedAdministrator).delete_all(row.organization, call.account)
    within = call.table(Organization).find("account", call.account)
    for one in list(call.table(Account).iterate(within.id, index="organization")) if within is not None else ():
        if one.method == "CREATED":
            call.table(Account).delete(one.account)
        elif one.account != call.account:
            tree.part(call, one)
