"""Policy documents: read, checked, compiled once, and matched against an action, a resource and a context."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from . import conditions
from .conditions import Test
from .patterns import Lookup, any_of, arn_glob, fill


class Malformed(ValueError):
    """The document is not a policy; the text says why, as IAM does."""


class Statement(NamedTuple):
    """One statement. `actions` and `resources` are patterns; the `not_` ones say whether they are exceptions."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...]
    not_resource: bool
    principals: tuple[tuple[str, str], ...]        # (kind, who), kind being AWS, Service, Federated, CanonicalUser or *
    not_principal: bool
    tests: list[tuple[str, Test]]
    hits: Callable[[str], Any]                     # does one of `actions` match?
    places: tuple[tuple[str, Callable[[str], Any] | None], ...]    # `resources`, compiled; None with variables in them

    def does(self, action: str) -> bool:
        """Is the statement about this action?"""
        return bool(self.hits(action)) != self.not_action

    def at(self, resource: str, look: Lookup) -> bool:
        """Is it about this resource? A policy that belongs to a resource may leave it out."""
        if not self.places:
            return True
        hit = False
        for text, compiled in self.places:
            if compiled is not None:
                if compiled(resource):
                    hit = True
                    break
            elif (filled := fill(text, look)) is not None and arn_glob(filled)(resource):
                hit = True
                break
        return hit != self.not_resource

    def holds(self, look: Lookup) -> bool:
        """Do its conditions hold?"""
        return all(test(look) for _, test in self.tests)


_NOWHERE = ("",)             # an empty list of resources is none, where an element left out is the policy's own
_REMEMBERED = 256            # actions that a policy keeps its statements of


class Policy:
    """The statements of one document, by the actions that were asked for."""

    __slots__ = ("_by_action", "statements")

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements
        self._by_action: dict[str, tuple[Statement, ...]] = {}

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements whose Action element fits."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= _REMEMBERED:
                self._by_action = {}
            found = self._by_action[action] = tuple(s for s in self.statements if s.does(action))
        return found


@lru_cache(4096)
def compiled(text: str) -> Policy:
    """A stored document, ready to be asked. It was checked when it was stored."""
    return from_document(json.loads(text))


def from_document(document: dict[str, Any]) -> Policy:
    """A document as JSON gives it, ready to be asked."""
    variables = document.get("Version") == "2012-10-17"
    return Policy(tuple(_statement(s, n, variables) for n, s in enumerate(_listed(document.get("Statement")))))


def _statement(raw: dict[str, Any], number: int, variables: bool) -> Statement:
    not_action, not_resource, not_principal = (k in raw for k in ("NotAction", "NotResource", "NotPrincipal"))
    actions = tuple(_listed(raw.get("NotAction" if not_action else "Action")))
    resources = tuple(_listed(raw.get("NotResource" if not_resource else "Resource")))
    if not resources and (not_resource or "Resource" in raw):
        resources, not_resource = _NOWHERE, False
    return Statement(
        str(raw.get("Sid") or f"statement {number + 1}"), raw["Effect"] == "Allow", actions, not_action, resources,
        not_resource, _principals(raw.get("NotPrincipal" if not_principal else "Principal")), not_principal,
        conditions.compile_block(raw.get("Condition") or {}, variables), any_of(actions, True),
        tuple((r, None if variables and "${" in r else arn_glob(r)) for r in resources))


def _principals(raw: Any) -> tuple[tuple[str, str], ...]:
    if raw is None:
        return ()
    if isinstance(raw, str):
        return (("*", raw),)
    return tuple((kind, str(who)) for kind, names in raw.items() for who in _listed(names))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# --- what IAM checks when a document is given to it ---------------------------------------------------------------------

_KEYS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_SYNTAX = "Syntax errors in policy."
_NO_JSON = "This policy contains invalid Json"


def check(text: str, trust: bool = False) -> None:
    """Raise Malformed when a document is no identity policy (or, with `trust`, no trust policy)."""
    document = _document(text, _NO_JSON if trust else _SYNTAX)
    if not document.keys() <= {"Version", "Id", "Statement"}:
        raise Malformed(_SYNTAX)
    statements = _listed(document.get("Statement"))
    sids = [s["Sid"] for s in statements if isinstance(s, dict) and s.get("Sid")]
    if len(sids) != len(set(map(str, sids))):
        raise Malformed("Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        _check_statement(statement, trust)


def check_resource(text: str, empty: bool = False) -> dict[str, Any]:
    """A resource's own policy; raises Malformed for what the engine could not decide by. Services ask more of theirs: here it
    is only certain that each statement says who, what and under which conditions in the right forms. empty: one without
    statements will do."""
    document = _document(text, _NO_JSON, empty)
    for raw in _listed(document.get("Statement")):
        if not isinstance(raw, dict) or raw.get("Effect") not in ("Allow", "Deny") \
                or not isinstance(raw.get("Sid", ""), str) \
                or any(name in raw and "Not" + name in raw for name in ("Principal", "Action", "Resource")):
            raise Malformed(_SYNTAX)
        who = raw.get("Principal", raw.get("NotPrincipal"))
        if not isinstance(who, (str, dict)) or not who:
            raise Malformed("Missing required field Principal")
        for name in _listed(who) if isinstance(who, str) else [n for names in who.values() for n in _listed(names)]:
            if not isinstance(name, str):
                raise Malformed(_SYNTAX)
        for element, needed in (("Action", True), ("Resource", False)):
            there = element in raw or "Not" + element in raw
            said = _listed(raw.get(element, raw.get("Not" + element)))
            if ((needed or there) and not said) or not all(isinstance(one, str) for one in said):
                raise Malformed(f"Missing required field {element}")
        _check_condition(raw.get("Condition"))
    return document


def _document(text: str, unreadable: str, empty: bool = False) -> dict[str, Any]:
    """What every kind of policy is: an object of a known version with statements."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Malformed(unreadable) from None
    if not isinstance(document, dict) or document.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17") \
            or not (empty or _listed(document.get("Statement"))):
        raise Malformed(_SYNTAX)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _check_statement(raw: Any, trust: bool) -> None:
    if not isinstance(raw, dict) or not raw.keys() <= _KEYS or raw.get("Effect") not in ("Allow", "Deny"):
        raise Malformed(_SYNTAX)
    if "Sid" in raw and not (isinstance(raw["Sid"], str) and (raw["Sid"] == "" or raw["Sid"].isalnum())):
        raise Malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression"
                        " [0-9A-Za-z]*")
    for name in ("Action", "Resource", "Principal"):
        if name in raw and "Not" + name in raw:
            raise Malformed(_SYNTAX)
    _check_actions(raw.get("Action", raw.get("NotAction")), trust)
    if trust:
        if "Resource" in raw or "NotResource" in raw:
            raise Malformed("Has prohibited field Resource")
        if not isinstance(raw.get("Principal", raw.get("NotPrincipal")), (dict, str)):
            raise Malformed("Missing required field Principal")
        _check_principals(raw)
    else:
        if "Principal" in raw or "NotPrincipal" in raw:
            raise Malformed("Policy document should not specify a principal.")
        _check_resources(raw.get("Resource", raw.get("NotResource")))
    _check_condition(raw.get("Condition"))


def _check_actions(given: Any, trust: bool) -> None:
    actions = _listed(given)
    if not actions or not all(isinstance(a, str) for a in actions):
        raise Malformed("Missing required field Action" if trust else "Policy statement must contain actions.")
    for action in actions:
        vendor, colon, name = action.partition(":")
        if action == "*" and not trust:
            continue
        if not colon or not name:
            raise Malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        if not vendor.replace("-", "").isalnum():
            raise Malformed(f"Vendor {vendor} is not valid")
        if trust and vendor.lower() != "sts":
            raise Malformed("AssumeRole policy may only specify STS AssumeRole actions.")


def _check_resources(given: Any) -> None:
    resources = _listed(given)
    if not resources or not all(isinstance(r, str) for r in resources):
        raise Malformed("Policy statement must contain resources.")
    for resource in resources:
        if resource == "*":
            continue
        if not resource.startswith("arn:"):
            raise Malformed(f'Resource {resource} must be in ARN format or "*".')
        if resource.count(":") < 5 and "*" not in resource:
            raise Malformed("The policy failed legacy parsing")


def _check_principals(raw: dict[str, Any]) -> None:
    for kind, who in _principals(raw.get("Principal", raw.get("NotPrincipal"))):
        if kind not in ("*", "AWS", "Service", "Federated", "CanonicalUser"):
            raise Malformed(_SYNTAX)
        wrong = kind == "*" and who != "*"
        if kind == "AWS" and who != "*" and not (len(who) == 12 and who.isdigit()):
            wrong = not who.startswith("arn:") and not who.startswith(("AIDA", "AROA"))
        if wrong:
            raise Malformed(f'Invalid principal in policy: "{kind}":"{who}"')


def _check_condition(block: Any) -> None:
    if block is None:
        return
    if not isinstance(block, dict) or not all(isinstance(pairs, dict) for pairs in block.values()):
        raise Malformed(_SYNTAX)
    for value in (value for pairs in block.values() for values in pairs.values() for value in _listed(values)):
        if isinstance(value, (dict, list)):
            raise Malformed(_SYNTAX)
    try:
        conditions.compile_block(block)
    except conditions.Unsupported:
        raise Malformed(_SYNTAX) from None
