"""Key policies: the default one, what is refused, and the check that nobody locks himself out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from cumulet.kernel import AwsError, Call, error, principals

_LARGEST = 32_768


def default(call: Call) -> str:
    """The account's IAM policies decide."""
    return f"""{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{call.account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"""


def checked(call: Call, policy: Any, bypass: bool) -> str:
    """A key policy as it is kept; raises for one that AWS refuses. (CloudFormation gives it as a structure.)"""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    if len(text) > _LARGEST:
        raise error.LimitExceededException("The key policy exceeds the size limit of 32768 bytes.")
    try:
        document = principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise malformed(str(problem)) from None
    statements = list(_statements(document))
    for statement in statements:
        for name in _named(statement):
            _check_principal(call, name)
    if not bypass and not _may_put(call, statements):
        raise malformed("The new key policy will not allow you to update the key policy in the future.")
    return text


def malformed(message: str) -> AwsError:
    return error.MalformedPolicyDocumentException(message)


def _statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = document.get("Statement", [])
    yield from found if isinstance(found, list) else [found]


def _named(statement: dict[str, Any]) -> list[str]:
    """The AWS principals of a statement; `*` for everybody."""
    said = statement.get("Principal", {})
    if isinstance(said, str):
        return [said]
    found = said.get("AWS", [])
    return [found] if isinstance(found, str) else list(found)


def _check_principal(call: Call, name: str) -> None:
    """Principals must exist. Of other accounts we know only that they may."""
    if name != "*" and not is_principal(call, name):
        raise malformed("Policy contains a statement with one or more invalid principals.")


def is_principal(call: Call, name: str) -> bool:
    """Is this an account, or a user or role that may exist?"""
    if re.fullmatch(r"\d{12}", name):
        return True
    found = re.fullmatch(r"arn:aws[\w-]*:(?:iam|sts)::\d{12}:(?:root|user/.+|role/.+|assumed-role/.+|federated-user/.+)", name)
    if found is None:
        return re.fullmatch(r"A(IDA|ROA)[A-Z0-9]{12,}", name) is not None          # an entity that has been deleted
    return principals.named.exists(call, name)


def _may_put(call: Call, statements: list[dict[str, Any]]) -> bool:
    """Could the caller put a policy again? Conditions are taken as met."""
    if call.principal.kind == "service":
        return True
    allowed = False
    for statement in statements:
        if not _is_caller(call, statement) or not _covers(statement, "kms:PutKeyPolicy"):
            continue
        if statement["Effect"] == "Allow":
            allowed = True
        elif "Condition" not in statement:
            return False
    return allowed


def _is_caller(call: Call, statement: dict[str, Any]) -> bool:
    me = call.principal
    mine = {"*", me.arn, me.subject, me.account, f"arn:aws:iam::{me.account}:root"}
    if "NotPrincipal" in statement:
        said = statement["NotPrincipal"]
        return mine.isdisjoint(_named({"Principal": said}))
    return not mine.isdisjoint(_named(statement))


def _covers(statement: dict[str, Any], action: str) -> bool:
    for member, wanted in (("Action", True), ("NotAction", False)):
        if member in statement:
            said = statement[member]
            patterns = [said] if isinstance(said, str) else said
            return any(fnmatchcase(action.lower(), p.lower()) for p in patterns) == wanted
    return False
