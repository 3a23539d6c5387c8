"""Grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import grants, keys, policies
from ..resources import Grant, Key, Retirable


@operation
def create_grant(call: Call, KeyId: str, Operations: Sequence[str], GranteePrincipal: str | None = None,
                 RetiringPrincipal: str | None = None, Constraints: Mapping[str, Any] = {}, GrantTokens: Sequence[str] = (),
                 Name: str | None = None, DryRun: bool | None = None, GranteeServicePrincipal: str | None = None,
                 RetiringServicePrincipal: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html"""
    there, key = keys.find(call, KeyId, aliases=False)
    grants.check_tokens(call, GrantTokens)
    grants.check_parties(GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal, Constraints)
    for name in (GranteePrincipal, RetiringPrincipal):
        if name is not None and (name == "*" or not policies.is_principal(call, name)):
            raise error.InvalidArnException("ARN does not refer to a valid principal")
    keys.check_state(there, key, "Enabled")
    grants.check(key, Operations, Constraints)
    grant = Grant(key=key.KeyId, id=call.token(64), operations=list(Operations), created=call.now, issuer=call.account,
                  grantee=GranteePrincipal, grantee_service=GranteeServicePrincipal, retiring=RetiringPrincipal,
                  retiring_service=RetiringServicePrincipal, name=Name,
                  equals=Constraints.get("EncryptionContextEquals"), subset=Constraints.get("EncryptionContextSubset"),
                  source_arn=Constraints.get("SourceArn"))
    table = there.table(Grant)
    if Name is not None:
        grant = next((one for one in table.iterate(Name, key.KeyId, index="name") if grants.same(one, grant)), grant)
    if key.grants >= grants.MOST:
        raise error.LimitExceededException(f"The key {there.arn(key)} has reached its limit of {grants.MOST} grants.")
    keys.dry_run(DryRun)
    grants.keep(there, key, grant)
    return {"GrantToken": grants.token(there, grant), "GrantId": grant.id}


@operation
def list_grants(call: Call, KeyId: str, GrantId: str | None = None, GranteePrincipal: str | None = None,
                GranteeServicePrincipal: str | None = None, page: Page[Grant] = Page(50, 100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html"""
    if GranteePrincipal is not None and GranteeServicePrincipal is not None:
        raise error.ValidationException("You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
    call, key = keys.find(call, KeyId, aliases=False)
    table, limit = call.table(Grant), page.limit + 1
    if GrantId is not None:
        row = table.get(key.KeyId, GrantId)
        meant = row is not None and GranteePrincipal in (None, row.grantee) \
            and GranteeServicePrincipal in (None, row.grantee_service)
        found = [row] if row is not None and meant and page.after is None else []
    elif GranteePrincipal is not None:
        found = table.scan(GranteePrincipal, key.KeyId, index="grantee", after=page.after, limit=limit)
    elif GranteeServicePrincipal is not None:
        found = table.scan(GranteeServicePrincipal, key.KeyId, index="service", after=page.after, limit=limit)
    else:
        found = table.scan(key.KeyId, after=page.after, limit=limit)
    return {"Grants": [grants.as_listed(call, grant, key) for grant in page.cut(found, lambda grant: grant.id)]}


@operation
def list_retirable_grants(call: Call, RetiringPrincipal: str | None = None, RetiringServicePrincipal: str | None = None,
                          page: Page[Retirable] = Page(50, 100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html"""
    who = RetiringPrincipal or RetiringServicePrincipal
    if who is None or (RetiringPrincipal is not None and RetiringServicePrincipal is not None):
        raise error.ValidationException("You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")
    rows = page.cut(call.table(Retirable).scan(who, after=page.after, limit=page.limit + 1), lambda row: row.grant)
    told = []
    for row in rows:
        there = call.elsewhere(row.account)
        grant, key = there.table(Grant).get(row.key, row.grant), keys.look(there, row.key)
        if grant is not None and key is not None:
            told.append(grants.as_listed(there, grant, key))
    return {"Grants": told}


@operation
def retire_grant(call: Call, GrantToken: str | None = None, KeyId: str | None = None, GrantId: str | None = None,
                 DryRun: bool | None = None) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html"""
    if GrantToken is not None:
        there, key_id, grant_id = grants.by_token(call, GrantToken)
        if KeyId is not None or GrantId is not None:
            raise error.ValidationException("Specify either a grant token, or a key ARN and a grant ID, but not both.")
        key = keys.by_id(there, key_id)
    elif KeyId is not None and GrantId is not None:
        there, key = keys.find(call, KeyId, aliases=False)
        grant_id = GrantId
    else:
        raise error.ValidationException("Specify either a grant token, or both a key ARN and a grant ID.")
    _end(there, key, grant_id, DryRun)


@operation
def revoke_grant(call: Call, KeyId: str, GrantId: str, DryRun: bool | None = None) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html"""
    there, key = keys.find(call, KeyId, aliases=False)
    _end(there, key, GrantId, DryRun)


def _end(call: Call, key: Key, grant_id: str, dry: bool | None) -> None:
    grant = call.table(Grant).get(key.KeyId, grant_id)
    if grant is None:
        raise error.NotFoundException(f"Grant ID {grant_id} not found")
    keys.dry_run(dry)
    grants.forget(call, key, grant)
