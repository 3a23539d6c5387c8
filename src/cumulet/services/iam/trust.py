"""Whom trust policies name: users and roles of the account that exist, and never a later one of the same name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cumulet.kernel import Call, error, parse_arn

from .resources import Role, User


def check(call: Call, text: str) -> None:
    """Raise when a trust policy names a user or role of this account that does not exist."""
    for name in _named(text):
        arn = parse_arn(name)
        if arn is None or arn.service != "iam" or arn.account != call.account:
            continue
        kind, _, rest = arn.resource.partition("/")
        table: Any = {"user": User, "role": Role}.get(kind)
        if table is None:
            continue
        row = call.table(table).get(rest.rpartition("/")[2])
        if row is None or call.arn(row) != name:
            raise error.MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{name}"')


def _named(text: str) -> Iterable[str]:
    """What stands behind "AWS" in the Principal elements."""
    said = json.loads(text).get("Statement")
    for statement in said if isinstance(said, list) else [said]:
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        names = principal.get("AWS") if isinstance(principal, dict) else None
        yield from names if isinstance(names, list) else [names] if names else []


def follow(call: Call, old: str, new: str) -> None:
    """The account's trust policies name an entity that was renamed by its new ARN; one that is gone by its unique id, as AWS
    shows it."""
    before, after = json.dumps(old), json.dumps(new)
    for role in call.table(Role).iterate():
        if before in role.AssumeRolePolicyDocument:
            text = role.AssumeRolePolicyDocument.replace(before, after)
            call.table(Role).change(role.RoleName, AssumeRolePolicyDocument=text)
