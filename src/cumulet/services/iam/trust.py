"""Whom trust policies name: users and roles of the account that exist, and never a later one of the same name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json

from cumulet.kernel import Call, error, principals

from .resources import Role


def check(call: Call, text: str) -> None:
    """Raise when a trust policy names a user or role of this account that does not exist."""
    name = principals.named.missing(call, text)
    if name is not None:
        raise error.MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{name}"')


def follow(call: Call, old: str, new: str) -> None:
    """The account's trust policies name an entity that was renamed by its new ARN; one that is gone by its unique id, as AWS
    shows it."""
    before, after = json.dumps(old), json.dumps(new)
    for role in call.table(Role).iterate():
        if before in role.AssumeRolePolicyDocument:
            text = role.AssumeRolePolicyDocument.replace(before, after)
            call.table(Role).change(role.RoleName, AssumeRolePolicyDocument=text)
