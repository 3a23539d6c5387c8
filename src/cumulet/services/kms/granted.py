"""Which grants of a key matter to one call: those of its caller, by index; of many that permit the same, the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cumulet.kernel import Call, Principal

from .grants import WITH_CONTEXT
from .resources import Grant

# The member that holds the encryption context, where it has another name.
_CONTEXTS = {"ReEncryptFrom": "SourceEncryptionContext", "ReEncryptTo": "DestinationEncryptionContext"}
MOST = 100                             # grants to one principal that are told of when it is not known what was asked


def relevant(call: Call, key: str, principal: Principal, action: str, members: Mapping[str, Any] | None) -> list[Grant]:
    """The grants to this principal: when the request is known, those that could permit it."""
    found = []
    for index, name in _names(principal):
        for grant in call.table(Grant).iterate(name, key, index=index):
            if members is None:
                found.append(grant)
                if len(found) == MOST:
                    return found
            elif _could(grant, action.removeprefix("kms:"), members):
                found.append(grant)
                if _suffices(grant, action):
                    break
    return found


def _names(principal: Principal) -> Iterator[tuple[str, str]]:
    """What grants call this principal, most direct first: (index, name)."""
    if principal.kind == "service":
        yield "service", principal.arn
        return
    partition = principal.arn.partition("arn:")[2].partition(":")[0]
    unique = principal.id.partition(":")[0]
    account = principal.account
    for name in dict.fromkeys((principal.arn, principal.subject, unique, account, f"arn:{partition}:iam::{account}:root")):
        yield "grantee", name


def _could(grant: Grant, operation: str, members: Mapping[str, Any]) -> bool:
    """Does the grant name this operation, and does the request have the context that it asks for?"""
    if operation not in grant.operations:
        return False
    if operation not in WITH_CONTEXT or not (grant.equals or grant.subset):
        return True
    context = {k.lower(): v for k, v in (members.get(_CONTEXTS.get(operation, "EncryptionContext")) or {}).items()}
    wanted = {k.lower(): v for k, v in {**(grant.subset or {}), **(grant.equals or {})}.items()}
    return wanted.items() <= context.items() and (grant.equals is None or len(context) == len(wanted))


def _suffices(grant: Grant, action: str) -> bool:
    """Is nothing left to be asked of what the request holds? Then no other grant to the same name can permit more."""
    return grant.source_arn is None and action != "kms:CreateGrant"
