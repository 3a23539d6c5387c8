"""Looking at what there is: resources with policies of their own, for ways in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cumulet.kernel import Call, principals

from .external import Zone, ways_in
from .resources import Analyzer

ACCOUNT, ORGANIZATION = "ACCOUNT", "ORGANIZATION"
EXTERNAL = (ACCOUNT, ORGANIZATION)
_TYPES = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Lambda::Function", "AWS::KMS::Key",
          "AWS::SecretsManager::Secret")
ROLE = "AWS::IAM::Role"


class Looked(NamedTuple):
    """One resource with its policies. public_blocked: nobody gets in as everybody, whatever they say."""

    arn: str
    type: str
    owner: str
    policies: tuple[str, ...]
    public_blocked: bool = False


class Found(NamedTuple):
    """What a finding will be made of. mark: what tells findings of one resource apart."""

    resource: str
    type: str
    owner: str
    kind: str
    mark: str
    principal: dict[str, str] = {}
    action: list[str] = []
    condition: dict[str, str] = {}
    public: bool = False
    used: float | None = None
    key_id: str = ""
    services: list[tuple[str, float | None]] = []


def zone(call: Call, analyzer: Analyzer) -> Zone:
    """The account itself, or all of its organization. Raises what Organizations says to those who may not ask."""
    if not analyzer.Type.startswith(ORGANIZATION):
        return Zone(frozenset({call.account}))
    organizations = call.as_service(call.arn(analyzer)).organizations
    accounts: set[str] = set()
    answer: dict[str, Any] = {"NextToken": None}
    while "NextToken" in answer:
        answer = organizations.list_accounts(NextToken=answer["NextToken"])
        accounts |= {one["Id"] for one in answer["Accounts"]}
    return Zone(frozenset(accounts), organizations.describe_organization()["Organization"]["Id"])


def resources(call: Call, within: Zone) -> Iterator[Looked]:
    """All of the zone's accounts, in this region, that policies of their own guard."""
    for account in sorted(within.accounts):
        yield from _of_account(call if account == call.account else call.elsewhere(account))


def _of_account(call: Call) -> Iterator[Looked]:
    known = call.cloud.catalog.types()
    for kind in _TYPES:
        if kind in known:
            yield from _of_type(call, kind, known[kind])
    for role in call.table(principals.Role).scan():
        yield Looked(call.arn(role), ROLE, call.account, (role.AssumeRolePolicyDocument,))


def _of_type(call: Call, kind: str, service: str) -> Iterator[Looked]:
    declared: Any = call.cloud.catalog.resource(kind)
    access: Any = call.cloud.catalog.load(service).access          # a module that may not be there
    guard, given = access.guard, getattr(access, "given", None)
    for row in call.table(declared).scan():
        if getattr(row, "account", call.account) != call.account or getattr(row, "region", call.region) != call.region:
            continue
        arn = call.arn(row)
        guarded = guard(call, arn)
        if guarded is not None:
            blocked = (getattr(row, "PublicAccessBlockConfiguration", None) or {}).get("RestrictPublicBuckets", False)
            policies = (*guarded.policies, *(given(call, arn, None) if given is not None else ()))
            yield Looked(arn, kind, call.account, tuple(text for _, text in policies), bool(blocked))


def external(call: Call, looked: Looked, within: Zone) -> list[Found]:
    """The ways into one resource."""
    return [
        Found(looked.arn, looked.type, looked.owner, "ExternalAccess", repr((way.principal, way.condition, way.public)),
              {way.principal[0]: way.principal[1]}, list(way.actions), dict(way.condition), way.public)
        for text in looked.policies for way in ways_in(call, text, looked.arn, within, looked.public_blocked)]
