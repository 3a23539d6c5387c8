"""A second evaluator of policies, written plainly from AWS's pages: nothing compiled, nothing remembered.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Request:
    """Who asks for what, and what is known of the request. `kind`: root, user, role, federated, service, anonymous.

    arn: of the session, user, root, or the service's name.  entity: of the role behind a session, the user behind a federated
    one; else as arn.
    """

    kind: str
    account: str
    arn: str
    entity: str
    action: str
    resource: str
    owner: str
    context: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Policies:
    """All that may count. None: there is no such limit."""

    identity: list[Json] = field(default_factory=list)
    boundary: Json | None = None
    session: list[Json] | None = None
    resource: list[Json] = field(default_factory=list)
    scps: list[list[Json]] = field(default_factory=list)
    rcps: list[list[Json]] = field(default_factory=list)
    exclusive: bool = False
    endpoint: Json | None = None


def decide(request: Request, policies: Policies) -> str:
    """ "Allow", "ExplicitDeny" or "ImplicitDeny"."""
    everything = [*policies.identity, *policies.resource, *(policies.session or []),
                  *(document for level in (*policies.scps, *policies.rcps) for document in level)]
    everything += [one for one in (policies.boundary, policies.endpoint) if one is not None]
    for document in everything:
        for statement in statements(document):
            if statement["Effect"] == "Deny" and applies(statement, document, request) \
                    and (not has_principal(statement) or denied_by_name(statement, request, policies.boundary is not None)):
                return "ExplicitDeny"
    for level in policies.scps:
        if not any(allows(document, request) for document in level):
            return "ImplicitDeny"
    for level in policies.rcps:
        if not any(named_by(document, request) for document in level):
            return "ImplicitDeny"
    if policies.endpoint is not None and not named_by(policies.endpoint, request):
        return "ImplicitDeny"
    grants = set().union(*[named_by(document, request) for document in policies.resource]) if policies.resource else set()
    identity = request.kind == "root" or any(allows(document, request) for document in policies.identity)
    bounded = policies.boundary is None or allows(policies.boundary, request)
    in_session = policies.session is None or any(allows(document, request) for document in policies.session)
    if request.kind in ("anonymous", "service"):
        return "Allow" if grants else "ImplicitDeny"
    if request.owner not in ("", request.account):
        # Cross-account: the trusted account's policies must allow, and so must the trusting account's.
        return "Allow" if grants and identity and bounded and in_session else "ImplicitDeny"
    if policies.exclusive and not grants:
        return "ImplicitDeny"
    if "directly" in grants:
        return "Allow"
    if ("entity" in grants or identity) and bounded and in_session:
        return "Allow"
    return "ImplicitDeny"


def statements(document: Json) -> list[Json]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def allows(document: Json, request: Request) -> bool:
    return any(s["Effect"] == "Allow" and applies(s, document, request) for s in statements(document))


# --- principals -----------------------------------------------------------------------------------------------------------


def has_principal(statement: Json) -> bool:
    return "Principal" in statement or "NotPrincipal" in statement


def named_by(document: Json, request: Request) -> set[str]:
    """How the allowing statements of a resource's policy name the caller: "directly", by its "entity", by its "account"."""
    found: set[str] = set()
    for statement in statements(document):
        if statement["Effect"] == "Allow" and applies(statement, document, request):
            if "NotPrincipal" in statement:
                if not kinds_of_match(statement["NotPrincipal"], request):
                    found.add("directly")
            else:
                found |= kinds_of_match(statement["Principal"], request)
    return found


def denied_by_name(statement: Json, request: Request, bounded: bool) -> bool:
    if "Principal" in statement:
        return bool(kinds_of_match(statement["Principal"], request))
    if bounded:
        return True              # AWS: such a statement always denies whoever has a permissions boundary
    excepted = statement["NotPrincipal"]
    if excepted == "*" or "*" in listed(excepted.get("AWS", [])):
        return False
    if request.kind in ("anonymous", "service"):
        return request.arn not in listed(excepted.get("Service", [])) or request.kind == "anonymous"
    # The account is validated first, then the user or role.
    names = listed(excepted.get("AWS", []))
    account = request.account in names or f"arn:aws:iam::{request.account}:root" in names
    known = {"root": True, "user": request.entity in names, "role": request.entity in names,
             "federated": request.entity in names or request.arn in names}[request.kind]
    return not (account and known)


def kinds_of_match(principal: Any, request: Request) -> set[str]:
    if principal == "*":
        return {"directly"}
    found: set[str] = set()
    for name in listed(principal.get("AWS", [])):
        if name == "*":
            found.add("directly")
        elif request.kind in ("anonymous", "service"):
            continue
        elif name == request.arn:
            found.add("directly")
        elif name in (request.account, f"arn:aws:iam::{request.account}:root"):
            found.add("directly" if request.kind == "root" else "account")
        elif name == request.entity:
            found.add("entity")
    if request.kind == "service" and request.arn in listed(principal.get("Service", [])):
        found.add("directly")
    return found


# --- action, resource, conditions ----------------------------------------------------------------------------------------


def applies(statement: Json, document: Json, request: Request) -> bool:
    if "Action" in statement:
        if not any(like(a.lower(), request.action.lower()) for a in listed(statement["Action"])):
            return False
    elif any(like(a.lower(), request.action.lower()) for a in listed(statement["NotAction"])):
        return False
    modern = document.get("Version") == "2012-10-17"
    if "Resource" in statement:
        if not any(arn_fits(r, request, modern) for r in listed(statement["Resource"])):
            return False
    elif "NotResource" in statement and any(arn_fits(r, request, modern) for r in listed(statement["NotResource"])):
        return False
    for operator, block in statement.get("Condition", {}).items():
        for key, wanted in block.items():
            if not condition(operator, key, listed(wanted), request, modern):
                return False
    return True


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# A pattern is a list of letters; these two stand for "any text" and "any letter", so that letters from variables do not.
MANY, ONE = "<many>", "<one>"
# The same, but not over a colon.
FEW, OTHER = "<few>", "<other>"


def letters(text: str, request: Request, modern: bool) -> list[str] | None:
    """The letters of a pattern, with its variables filled in; None when one of them has no value."""
    out: list[str] = []
    at = 0
    while at < len(text):
        if modern and text.startswith("${", at) and "}" in text[at:]:
            end = text.index("}", at)
            inside = text[at + 2:end]
            at = end + 1
            name, comma, default = inside.partition(",")
            if name.strip() in ("*", "?", "$"):
                out.append(name.strip())
                continue
            values = request.context.get(name.strip().lower())
            if values:
                out += list(values[0])
            elif comma:
                out += list(default.strip().strip("'"))
            else:
                return None
        else:
            out.append({"*": MANY, "?": ONE}.get(text[at], text[at]))
            at += 1
    return out


def fits(pattern: list[str], text: str) -> bool:
    """Letter by letter; a star tries every length."""
    reachable = {0}
    for piece in pattern:
        if piece == MANY:
            reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
        elif piece == FEW:
            reachable = {end for n in reachable for end in range(n, len(text) + 1) if ":" not in text[n:end]}
        else:
            reachable = {n + 1 for n in reachable if n < len(text) and (piece in (ONE, text[n]) or (
                piece == OTHER and text[n] != ":"))}
    return len(text) in reachable


def like(pattern: str, text: str) -> bool:
    return fits([{"*": MANY, "?": ONE}.get(c, c) for c in pattern], text)


def arn_fits(pattern: str, request: Request, modern: bool) -> bool:
    """Wildcards stay within their part of the ARN, but for a star at the end of its part, and for the last part."""
    found = letters(pattern, request, modern)
    if found is None:
        return False
    parts = split_letters(found)
    if len(parts) == 6:
        found = []
        for part in parts[:-1]:
            found += [{MANY: FEW, ONE: OTHER}.get(p, p) for p in part[:-1]]
            found += [{ONE: OTHER}.get(p, p) for p in part[-1:]] + [":"]
        found += parts[-1]
    return fits(found, request.resource)


def split_letters(pattern: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for piece in pattern:
        if piece == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def condition(operator: str, key: str, wanted: list[Any], request: Request, modern: bool) -> bool:
    values = request.context.get(key.lower())
    every = operator.startswith("ForAllValues:")
    some = operator.startswith("ForAnyValue:")
    name = operator.split(":")[-1]
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    texts = [str(w).lower() if isinstance(w, bool) else str(w) for w in wanted]
    if name == "Null":
        return any((t == "true") == (not values) for t in texts)
    negated = "Not" in name
    if values is None:
        if optional or every:
            return True
        return negated and not some
    patterns = [p for p in (letters(t, request, modern) for t in texts) if p is not None]
    results = [any(one(name.replace("Not", ""), value, p) for p in patterns) != negated for value in values]
    if every or (negated and not some):
        return all(results)
    return any(results)


def one(operator: str, value: str, pattern: list[str]) -> bool:
    """One value against one wanted text; a value of another type fits nothing."""
    text = "".join({MANY: "*", ONE: "?"}.get(p, p) for p in pattern)
    try:
        if operator == "StringEquals":
            return value == text
        if operator == "StringEqualsIgnoreCase":
            return value.lower() == text.lower()
        if operator == "StringLike":
            return fits(pattern, value)
        if operator in ("ArnEquals", "ArnLike"):
            parts, others = split_letters(pattern), value.split(":", 5)
            return len(parts) == len(others) == 6 and all(fits(p, o) for p, o in zip(parts, others, strict=True))
        if operator == "Bool":
            return value.lower() == text.lower()
        if operator == "BinaryEquals":
            return base64.b64decode(value, validate=True) == base64.b64decode(text, validate=True)
        if operator == "IpAddress":
            return ipaddress.ip_address(value) in ipaddress.ip_network(text, strict=False)
        number = float if operator.startswith("Numeric") else moment
        left, right = number(value), number(text)
        return {"Equals": left == right, "LessThan": left < right, "LessThanEquals": left <= right,
                "GreaterThan": left > right, "GreaterThanEquals": left >= right}[operator.removeprefix("Numeric")
                                                                               .removeprefix("Date")]
    except ValueError:
        return False


def moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()
