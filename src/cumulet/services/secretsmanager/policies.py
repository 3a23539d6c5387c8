"""Resource policies: well-formed, not open to the public, not locking everybody out. No wire, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, principals

# A condition on one of these says who may come; what is open to all but for one of them is not public.
_NARROWING = frozenset({
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount",
    "aws:sourcearn", "aws:sourceorgid", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username",
    "aws:principaltag", "kms:calleraccount"})


def _malformed(message: str) -> AwsError:
    return error.MalformedPolicyDocumentException(message)


def read(text: str) -> dict[str, Any]:
    """A policy, if it is one."""
    try:
        found = principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise _malformed(f"This resource policy contains a syntax error: {problem}") from None
    for statement in _statements(found):
        _check(statement)
    return found


def check_named(call: Call, text: str) -> None:
    """Raises when a policy names somebody of this account who is not there."""
    if principals.named.missing(call, text) is not None:
        raise _malformed("This resource policy contains an unsupported principal.")


def _statements(policy: Mapping[str, Any]) -> Iterator[Any]:
    said = policy.get("Statement", [])
    yield from said if isinstance(said, list) else [said]


def _check(statement: Mapping[str, Any]) -> None:
    for one, other in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
        if (one in statement) == (other in statement):
            raise _malformed(f"This resource policy contains an unsupported element or is missing {one}.")
    for action in _listed(statement.get("Action", statement.get("NotAction"))):
        if action != "*" and not action.lower().startswith("secretsmanager:"):
            raise _malformed("This resource policy contains an invalid action.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_public(policy: Mapping[str, Any]) -> bool:
    """Does a statement let anybody in?"""
    return any(statement["Effect"] == "Allow" and _anybody(statement) and not _narrowed(statement)
               for statement in _statements(policy))


def _anybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    said = statement["Principal"]
    values = [said] if isinstance(said, str) else [one for kind in said.values() for one in _listed(kind)]
    return "*" in values


def _narrowed(statement: Mapping[str, Any]) -> bool:
    for operator, tests in (statement.get("Condition") or {}).items():
        negative = operator.lower().startswith(("stringnot", "arnnot", "notip", "null"))
        for key, values in tests.items():
            if key.lower().split("/")[0] in _NARROWING and not negative and "*" not in _listed(values):
                return True
    return False


def locks_out(policy: Mapping[str, Any]) -> bool:
    """Is everybody kept from ever changing this policy again?"""
    wanted = {"*", "secretsmanager:*", "secretsmanager:putresourcepolicy", "secretsmanager:put*"}
    return any(statement["Effect"] == "Deny" and not statement.get("Condition") and _anybody(statement)
               and any(str(action).lower() in wanted for action in _listed(statement.get("Action", [])))
               for statement in _statements(policy))
