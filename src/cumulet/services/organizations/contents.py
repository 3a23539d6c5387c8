"""What the text of a policy must be, by its type."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import AwsError, error, principals

from .delegation import listed, statements
from .inheritance import ALL, APPEND, CONTROL, REMOVE
from .standing import constraint

_CONTROLS = ALL | {"@@all", "@@none"}
# type → (longest text, most attached to one target, most in an organization)
_LARGE = (10_000, 10, 1000)
LIMITS = {"SERVICE_CONTROL_POLICY": (5120, 5, 10_000), "RESOURCE_CONTROL_POLICY": (5120, 5, 1000),
          "AISERVICES_OPT_OUT_POLICY": (2500, 5, 1000), "CHATBOT_POLICY": (10_000, 5, 1000)}
# What the whole policy stands under.
_TOP = {"TAG_POLICY": "tags", "BACKUP_POLICY": "plans", "AISERVICES_OPT_OUT_POLICY": "services", "CHATBOT_POLICY": "chatbots",
        "DECLARATIVE_POLICY_EC2": "ec2_attributes"}


def limits(kind: str) -> tuple[int, int, int]:
    return LIMITS.get(kind, _LARGE)


def check(kind: str, given: Any) -> str:
    """The text, when it is a policy of this type. (Peers may give it as a value.)"""
    content = given if isinstance(given, str) else json.dumps(given)
    longest = limits(kind)[0]
    if len(content) > longest:
        raise constraint("POLICY_CONTENT_LIMIT_EXCEEDED",
                         f"You have exceeded the maximum size of a policy document: {longest} characters.")
    if kind == "SERVICE_CONTROL_POLICY":
        _check_identity(content)
    elif kind == "RESOURCE_CONTROL_POLICY":
        _check_resource(content)
    else:
        document = _parsed(content)
        if kind in _TOP and document.keys() != {_TOP[kind]}:
            raise malformed()
        _check_settings(document)
    return content


def malformed() -> AwsError:
    return error.MalformedPolicyDocumentException(
        "The provided policy document does not meet the requirements of the specified policy type.")


def _parsed(content: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise malformed() from None
    if not isinstance(document, dict):
        raise malformed()
    return document


def _check_identity(content: str) -> None:
    try:
        principals.check_policy(content)
    except principals.MalformedPolicy:
        raise malformed() from None


def _check_resource(content: str) -> None:
    """A resource control policy denies, to everybody, actions of named services."""
    try:
        document = principals.check_resource_policy(content)
    except principals.MalformedPolicy:
        raise malformed() from None
    if document.keys() - {"Version", "Id", "Statement"} or document.get("Version") != "2012-10-17":
        raise malformed()
    for one in statements(content):
        if one["Effect"] != "Deny" or "NotAction" in one or "NotPrincipal" in one or \
                one["Principal"] not in ("*", {"AWS": "*"}) or not ("Resource" in one or "NotResource" in one):
            raise malformed()
        if any(":" not in action for action in listed(one["Action"])):
            raise malformed()


def _check_settings(value: Any, depth: int = 0) -> None:
    """A management policy: settings in settings, values only behind operators."""
    if not isinstance(value, dict) or not value or depth > 20:
        raise malformed()
    for key, said in value.items():
        if key == CONTROL:
            if not isinstance(said, list) or not said or not set(map(str, said)) <= _CONTROLS:
                raise malformed()
        elif key in ALL:
            if isinstance(said, dict) or (key in (APPEND, REMOVE) and not isinstance(said, list)):
                raise malformed()
        elif key.startswith("@@"):
            raise malformed()
        else:
            _check_settings(said, depth + 1)
