"""May they? Explicit denials win, something must allow, and boundaries and session policies must allow as well.

Identity policies (inline, managed, of groups), permission boundaries, session policies and the trust policies of roles
count. Other resource-based policies do not yet. `Decision.trace` tells each statement that mattered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from . import actions, managed
from .context import Context
from .contract import Decision, Principal
from .policy import Policy, compiled
from .tables import Attachment, InlinePolicy, ManagedPolicy, Membership, Role, User

if TYPE_CHECKING:
    from ..call import Call

_ROOT = Decision(True, reason="root")
_OFF = Decision(True, reason="off")
_SERVICE = Decision(True, reason="service principal")
# Operations that nobody needs a permission for.
_FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
_FREE_DECISION = Decision(True, reason="needs no permission")


class Named(NamedTuple):
    """A policy and where it is from, as `explain` tells it."""

    origin: str
    policy: Policy


class Verdict(NamedTuple):
    """What one set of policies says: "allow", "deny" or "" (nothing), and by which statement."""

    effect: str
    by: str


def authorize(call: Call, op: Any, members: Mapping[str, Any]) -> Decision:
    """The decision on this call. The pipeline applies the mode: `audit` lets refused calls pass and notes them."""
    principal = call.principal
    service, operation = call.service, call.operation
    if principal.kind == "root" and operation != "AssumeRole":
        return _ROOT
    if call.cloud.settings.iam == "off":
        return _OFF
    if principal.kind == "service":
        return _SERVICE
    action = actions.action_of(service, operation, members)
    if action in _FREE or getattr(op, "unsigned", False):
        return _FREE_DECISION
    return _decide(call, members, action)


def _decide(call: Call, members: Mapping[str, Any], action: str) -> Decision:
    principal = call.principal
    resource = actions.resource_of(call, members)
    look = Context(call, members)
    trace: list[str] = []
    if principal.kind == "root":
        identity = Verdict("allow", "root")
    elif principal.kind == "federated" and not principal.session_policies:
        identity = Verdict("", "")
    else:
        identity = weigh(_identity_policies(call, principal), action, resource, look, trace)
    if identity.effect == "deny":
        return _refusal(call, action, resource, f"with an explicit deny in {_article(identity.by)}", "explicit deny", trace)
    for kind, policies in _limits(call, principal):
        verdict = weigh(policies, action, resource, look, trace)
        if verdict.effect == "deny":
            return _refusal(call, action, resource, f"with an explicit deny in a {kind}", "explicit deny", trace)
        if not verdict.effect:
            return _refusal(call, action, resource, f"because no {kind} allows the {action} action", "implicit deny", trace)
    if action == "sts:AssumeRole":
        return _trusted(call, principal, identity, resource, look, trace)
    if not identity.effect:
        kind = "resource-based" if principal.kind == "anonymous" else "session" if principal.kind == "federated" and \
            not principal.session_policies else "identity-based"
        return _refusal(call, action, resource, f"because no {kind} policy allows the {action} action", "implicit deny", trace)
    return Decision(True, reason=f"allowed by {identity.by}", trace=tuple(trace))


def weigh(policies: Iterable[Named], action: str, resource: str, look: Context, trace: list[str],
          principal: Principal | None = None) -> Verdict:
    """One set of policies: a denial wins at once, else the first statement that allows. With a principal, the statements
    must name it (resource-based policies)."""
    allowed = ""
    for origin, policy in policies:
        for statement in policy.statements:
            if principal is not None and not statement.names(lambda kind, name: is_named(principal, kind, name)):
                continue
            if not statement.covers(action, resource, look):
                continue
            told = f"{origin}, {statement.sid}"
            trace.append(("allow: " if statement.allows else "deny: ") + told)
            if not statement.allows:
                return Verdict("deny", told)
            allowed = allowed or told
    return Verdict("allow", allowed) if allowed else Verdict("", "")


def is_named(principal: Principal, kind: str, name: str) -> bool:
    """Does an entry of a Principal element name this principal?"""
    if kind == "*" or (kind == "AWS" and name == "*"):
        return True
    if kind == "Service":
        return principal.kind == "service" and principal.arn == name
    if kind != "AWS" or principal.kind == "anonymous":
        return False
    if name == principal.account or name.endswith(f":iam::{principal.account}:root"):
        return True
    return name in (principal.arn, principal.subject, principal.id.partition(":")[0])


# --- which policies count ------------------------------------------------------------------------------------------------


def _identity_policies(call: Call, principal: Principal) -> Iterable[Named]:
    """Of the user, their groups, or the role. (A federated user has those of the one who made the session.)"""
    if principal.kind == "anonymous":
        return
    entity = principal.id.partition(":")[0]
    if principal.kind == "federated":
        if principal.subject.endswith(":root"):
            yield Named("the account's root", _ALL)
            return
        row = call.tx.table(User, principal.account, "").get(principal.subject.rpartition("/")[2])
        entity = row.UserId if row else ""
    tx, account = call.tx, principal.account
    entities = [entity]
    if principal.kind != "role":
        entities += [m.group for m in tx.table(Membership, account, "").scan(entity)]
    for one in entities:
        for inline in tx.table(InlinePolicy, account, "").scan(one):
            yield Named(f"inline policy {inline.name}", compiled(inline.document))
        for attached in tx.table(Attachment, account, "").scan(one):
            if (text := document_of(call, attached.policy)) is not None:
                yield Named(f"policy {attached.policy}", compiled(text))


_ALL = compiled('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')


def document_of(call: Call, arn: str) -> str | None:
    """The text of a managed policy's default version."""
    account = account_of(arn)
    row = call.tx.table(ManagedPolicy, account, "").get(arn) if account else None
    return row.PolicyDocument if row else managed.document(arn)


def account_of(arn: str) -> str:
    """The account that an ARN names; "" when it names none (AWS's own policies)."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else ""


def _limits(call: Call, principal: Principal) -> Iterable[tuple[str, list[Named]]]:
    """What must allow as well: the boundary of the user or role, and the policies of the session."""
    if principal.kind in ("user", "role"):
        name, kind = principal.subject.rpartition("/")[2], User if principal.kind == "user" else Role
        row: Any = call.tx.table(kind, principal.account, "").get(name)
        if row is not None and row.PermissionsBoundary:
            text = document_of(call, row.PermissionsBoundary)
            yield "permissions boundary", [Named("permissions boundary", compiled(text))] if text else []
    if principal.session_policies:
        yield "session policy", [Named("session policy", compiled(text)) for text in principal.session_policies]


def _trusted(call: Call, principal: Principal, identity: Verdict, resource: str, look: Context,
             trace: list[str]) -> Decision:
    """AssumeRole: the role must trust the caller; being trusted by name is enough in one account, else both must allow."""
    account = account_of(resource)
    role = call.tx.table(Role, account, "").get(resource.rpartition("/")[2]) if account else None
    if role is None:
        return Decision(True, reason="the role is unknown", trace=tuple(trace))      # the operation says so
    trust = compiled(role.AssumeRolePolicyDocument)
    verdict = weigh([Named("trust policy", trust)], "sts:AssumeRole", resource, look, trace, principal)
    if verdict.effect == "allow":
        named = account == principal.account and any(
            s.allows and any(name in (principal.arn, principal.subject) for _, name in s.principals) for s in trust.statements)
        if identity.effect or named:
            return Decision(True, reason=f"allowed by {verdict.by}", trace=tuple(trace))
    reason = "explicit deny" if verdict.effect == "deny" else "implicit deny"
    return Decision(False, "AccessDenied", reason, _sentence(principal, "sts:AssumeRole", resource), tuple(trace))


# --- refusals ---------------------------------------------------------------------------------------------------------------


def _article(by: str) -> str:
    return "an identity-based policy" if by else "a policy"


def _sentence(principal: Principal, action: str, resource: str) -> str:
    who = "anonymous is" if principal.kind == "anonymous" else f"{principal.arn} is"
    return f"User: {who} not authorized to perform: {action} on resource: {resource}"


def _refusal(call: Call, action: str, resource: str, because: str, reason: str, trace: list[str]) -> Decision:
    message = f"{_sentence(call.principal, action, resource)} {because}"
    code = "AccessDenied"
    if call.service == "ec2":
        code, message = "UnauthorizedOperation", "You are not authorized to perform this operation. " + message
    elif call.service == "sns":
        code = "AuthorizationError"
    elif call.service not in _XML:
        code = "AccessDeniedException"
    return Decision(False, code, reason, message, tuple(trace))


# Services of the query and XML protocols; the others say AccessDeniedException.
_XML = frozenset({
    "autoscaling", "cloudformation", "cloudfront", "cloudsearch", "cloudwatch", "docdb", "elasticache", "elasticbeanstalk",
    "elb", "elbv2", "iam", "neptune", "rds", "redshift", "route53", "s3", "s3control", "sdb", "ses", "sqs", "sts"})
