"""ValidatePolicy: grammar, names, and what is allowed too widely.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import catalogue
from .elements import Issue, Path, conditions, resources
from .positions import Broken, Node, parse, position
from .widely import too_widely

_TOP = {"Version", "Id", "Statement"}
_STATEMENT = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_VERSIONS = ("2012-10-17", "2008-10-17")
_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
_WORDS = {"ERROR": "error", "WARNING": "general-warning", "SUGGESTION": "suggestion", "SECURITY_WARNING": "security-warning"}


def findings(text: str, kind: str, resource_type: str | None) -> list[dict[str, Any]]:
    """All findings, those that break the policy first."""
    try:
        root = parse(text)
    except Broken as problem:
        at = position(text, problem.at)
        return [_told(text, Issue("ERROR", "JSON_SYNTAX_ERROR", f"Fix the JSON syntax error at index {problem.at} line "
                                  f"{at['line']} column {at['column']}.", (), problem.at, problem.at))]
    if not isinstance(root.value, dict):
        return [_told(text, _mismatch((), root, "object"))]
    order = list(_WORDS)
    found = sorted(_document(root, kind, resource_type), key=lambda issue: order.index(issue.type))
    return [_told(text, issue) for issue in found]


def _told(text: str, issue: Issue) -> dict[str, Any]:
    return {
        "findingType": issue.type, "issueCode": issue.code, "findingDetails": issue.text,
        "learnMoreLink": f"{_PAGE}#access-analyzer-reference-policy-checks-{_WORDS[issue.type]}-"
                         + issue.code.lower().replace("_", "-"),
        "locations": [{"path": [{"index": step} if isinstance(step, int) else {"value": step} for step in issue.path],
                       "span": {"start": position(text, issue.start), "end": position(text, issue.end)}}]}


def _mismatch(path: Path, node: Node, wanted: str) -> Issue:
    return Issue("ERROR", "DATA_TYPE_MISMATCH", f"The text does not match the expected JSON data type {wanted}.", path,
                 node.start, node.end)


def _document(root: Node, kind: str, resource_type: str | None) -> Iterator[Issue]:
    yield from _elements(root, (), _TOP)
    version = root.child("Version")
    if version is None:
        yield Issue.at((), root, "WARNING", "MISSING_VERSION",
                       "We recommend that you specify the Version element to help you with debugging permission issues.")
    elif version.value not in _VERSIONS:
        yield Issue.at(("Version",), version, "ERROR", "INVALID_VERSION",
                       f"The version {version.value} is not valid. Use one of the following versions: {', '.join(_VERSIONS)}")
    statements = root.child("Statement")
    if statements is None or statements.value == []:
        yield Issue.at((), root, "ERROR", "MISSING_STATEMENT", "Add a statement to the policy")
        return
    sids: set[str] = set()
    for path, node in statements.items():
        place = ("Statement", *path)
        if not isinstance(node.value, dict):
            yield _mismatch(place, node, "object")
            continue
        yield from _sid(place, node, sids)
        yield from _statement(place, node, kind, resource_type)


def _elements(node: Node, path: Path, known: set[str]) -> Iterator[Issue]:
    for name, child in node.inside:
        if name not in known:
            yield Issue.at((*path, name), child, "ERROR", "INVALID_POLICY_ELEMENT", f"The policy element {name} is not valid.")


def _sid(path: Path, node: Node, sids: set[str]) -> Iterator[Issue]:
    sid = node.child("Sid")
    if sid is None or not isinstance(sid.value, str):
        return
    if not sid.value:
        yield Issue.at((*path, "Sid"), sid, "SUGGESTION", "EMPTY_SID_VALUE",
                       "Add a value to the empty string in the Sid element.")
    elif sid.value in sids:
        yield Issue.at((*path, "Sid"), sid, "WARNING", "UNIQUE_SIDS_RECOMMENDED",
                       "We recommend that you use statement IDs that are unique to your policy. Update the Sid value.")
    sids.add(sid.value)


def _statement(path: Path, node: Node, kind: str, resource_type: str | None) -> Iterator[Issue]:
    yield from _elements(node, path, _STATEMENT)
    effect = node.child("Effect")
    if effect is None:
        yield Issue.at(path, node, "ERROR", "MISSING_EFFECT",
                       "Add an Effect element to the policy statement with a value of Allow or Deny.")
    elif effect.value not in ("Allow", "Deny"):
        yield Issue.at((*path, "Effect"), effect, "ERROR", "INVALID_EFFECT",
                       f"The effect {effect.value} is not valid. Use Allow or Deny.")
    for one, other in _PAIRS:
        if node.child(one) is not None and node.child(other) is not None:
            yield Issue.at(path, node, "ERROR", "UNSUPPORTED_ELEMENT_COMBINATION",
                           f"The policy elements {one} and {other} can not be used in the same statement. "
                           "Remove one of these elements.")
    if node.child("Action") is None and node.child("NotAction") is None:
        yield Issue.at(path, node, "ERROR", "MISSING_ACTION", "Add an Action or NotAction element to the policy statement.")
    if node.child("Resource") is None and node.child("NotResource") is None \
            and resource_type != "AWS::IAM::AssumeRolePolicyDocument":
        yield Issue.at(path, node, "ERROR", "MISSING_RESOURCE",
                       "Add a Resource or NotResource element to the policy statement.")
    yield from _principal(path, node, kind)
    yield from _actions(path, node)
    yield from resources(path, node)
    yield from conditions(path, node)
    yield from too_widely(path, node)


def _principal(path: Path, node: Node, kind: str) -> Iterator[Issue]:
    name, said = next(((n, c) for n in ("Principal", "NotPrincipal") if (c := node.child(n)) is not None), ("", None))
    if kind in ("IDENTITY_POLICY", "SERVICE_CONTROL_POLICY"):
        if said is not None:
            yield Issue.at((*path, name), said, "ERROR", "UNSUPPORTED_PRINCIPAL",
                           f"The policy type {kind} does not support the Principal element. Remove the Principal element.")
        return
    if said is None:
        yield Issue.at(path, node, "ERROR", "MISSING_PRINCIPAL", "Add a Principal element to the policy statement.")
    elif not isinstance(said.value, dict) and said.value != "*":
        yield Issue.at((*path, name), said, "ERROR", "INVALID_PRINCIPAL_FORMAT",
                       "The Principal element contents are not valid. Specify a key-value pair in the Principal element.")
    else:
        for key, child in said.inside:
            if key not in _PRINCIPALS:
                yield Issue.at((*path, name, key), child, "ERROR", "INVALID_PRINCIPAL_KEY",
                               f"The principal key {key} is not valid.")


def _actions(path: Path, node: Node) -> Iterator[Issue]:
    for name in ("Action", "NotAction"):
        said = node.child(name)
        if said is None:
            continue
        if said.value == []:
            yield Issue.at((*path, name), said, "SUGGESTION", "EMPTY_ARRAY_ACTION",
                           "This statement includes no actions and does not affect the policy. Specify actions.")
        for more, one in said.items():
            place = (*path, name, *more)
            if not isinstance(one.value, str):
                yield _mismatch(place, one, "string")
            elif (issue := _action(place, one)) is not None:
                yield issue


def _action(place: Path, one: Node) -> Issue | None:
    if one.value == "*":
        return None
    service, colon, name = one.value.partition(":")
    if not colon or not name:
        return Issue.at(place, one, "ERROR", "INVALID_ACTION", f"The action {one.value} does not exist.")
    if "*" in service or "?" in service:
        return Issue.at(place, one, "ERROR", "INVALID_SERVICE_IN_ACTION",
                        f"The service {service} specified in the action does not exist.")
    if service.lower() not in catalogue.services():
        return Issue.at(place, one, "ERROR", "INVALID_SERVICE_IN_ACTION",
                        f"The service {service} specified in the action does not exist.")
    if not catalogue.has_action(service.lower(), name):
        return Issue.at(place, one, "ERROR", "INVALID_ACTION", f"The action {one.value} does not exist.")
    return None
